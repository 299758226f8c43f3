"""Headers that take two rows: one that stands over several columns, and what each of them is called below it."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from smartkasa_async.catalog.sources.columns import NUMBERS, Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher

_NAMES = (Field.TITLE, Field.NUMBER)


def read_headers(
    rows: Sequence[Sequence[str]], row: int, naming: HeaderMatcher, format: str
) -> tuple[tuple[str, ...], int]:
    """Read the headers of a table, those of two rows joined.

    `Ціна` over `закупівельна` and `роздрібна`, in merged cells, would by itself be taken for the price of the first.

    Args:
        rows: The table's first rows.
        row: Number of the header row, from 0; -1 for a table without, whose columns are called by their numbers.
        naming: The rules for headers.
        format: Format of the file, such as `CSV`.

    Returns:
        The headers, and how many rows they take, 1 or 2.
    """
    if row < 0:
        return tuple(str(number + 1) for number in range(max(map(len, rows)))), 1
    headers = tuple(rows[row])
    below = rows[row + 1] if row + 1 < len(rows) else ()
    if not _is_second_row(headers, below, naming.recognised(headers, format)):
        return headers, 1
    join_messages: list[str] = []
    above = ""
    for header, name in zip_longest(headers, below, fillvalue=""):
        above = header.strip() or (above if name.strip() else "")
        join_messages.append(f"{above} {name.strip()}".strip())
    return tuple(join_messages), 2


def _is_second_row(headers: Sequence[str], below: Sequence[str], naming: HeaderMatcher) -> bool:
    """Tell names of columns from a product, which has a title or a barcode and no words in place of numbers."""
    fields = [{claim.field for claim in naming.claims(header)} for header in headers]
    named = any(cell.strip() and not found.isdisjoint(_NAMES) for found, cell in zip(fields, below, strict=False))
    return not named and any(
        not found.isdisjoint(NUMBERS) and not right.strip() and name.strip()[:1].isalpha() and next_name.strip()
        for found, right, name, next_name in zip(fields, [*headers[1:], ""], below, [*below[1:], ""], strict=False)
    )
