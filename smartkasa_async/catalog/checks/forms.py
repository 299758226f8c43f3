"""Rows that are none of a product, told by their form: headers once more, a section's title, a total, a signature."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smartkasa_async.catalog.sources.columns import PRICES, Columns, Field, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

_CODES = (Field.NUMBER, Field.ALTER_NUMBER, Field.REMOTE_ID)
_TOTAL = re.compile(
    r"(?:разом|всього|усього|загалом|підсумок|итого|всего|total|subtotal|grand total|сума|сумма)"
    r"(?:\s*[:.=…-]+.*"
    r"|\s+(?:за|по)\s+(?:груп|розділ|раздел|категор|документ|накладн|склад|сторін|стран|аркуш|лист).*"
    r"|\s+(?:до|к)\s+(?:сплат|оплат).*|\s+на\s+сум.*|\s+(?:без|з|із|с)\s+(?:пдв|ндс).*"
    r"|\s+(?:найменуван|наименован|позиці|позици|товарів|товаров|рядків|строк|items|rows).*"
    r"|\s+\d[\d\s.,]*(?:грн|uah|шт)?\.?)?",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"(?:(?:головний|гол\.?|главный|гл\.?)\s+)?"
    r"(?:директор|бухгалтер|керівник|руководитель|відповідальн\w+|ответственн\w+|підпис|подпись|м\.\s?п|склав|склала"
    r"|составил\w*|затвердив|затверджую|утверждаю|перевірив|проверил|видав|отримав|прийняв|здав)(?![^\W\d_])",
    re.IGNORECASE,
)
_LINE_TO_SIGN_ON = re.compile(r"_{3,}|\.{5,}|…{2,}")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")


def form_of(cells: Sequence[str], columns: Columns) -> str | None:
    """Tell what a row is that lacks what a product needs.

    A row with a code is never taken for anything but a product, nor is one with a price, except for totals. A section's
    title stands alone in its row.

    Args:
        cells: The row.
        columns: Where the table has which field.

    Returns:
        Name of the problem that says it: `header_repeated`, `total_row`, `signature_row` or `section_title`; None for a
        row that may be a product's.
    """
    filled = [(position, text) for position, cell in enumerate(cells) if (text := cell.strip())]
    if _are_headers(filled, columns.headers):
        return "header_repeated"
    codes = {columns.positions.get(field) for field in _CODES}
    if not filled or any(
        position in codes and not _is_first_words(position, text, filled) for position, text in filled
    ):
        return None
    first = filled[0][1]
    if _TOTAL.fullmatch(first):
        return "total_row"
    prices = {columns.positions.get(field) for field in PRICES}
    if any(position in prices for position, _ in filled):
        return None
    if _SIGNATURE.match(first) or any(_LINE_TO_SIGN_ON.search(text) for _, text in filled):
        return "signature_row"
    return "section_title" if len(filled) == 1 and _LETTER.search(first) else None


def _are_headers(filled: Sequence[tuple[int, str]], headers: Sequence[str]) -> bool:
    """Tell the headers, or one of their rows, that programs print again on each page."""
    return len(filled) > 1 and all(
        position < len(headers) and _LETTER.search(text) is not None and plain(text) in plain(headers[position])
        for position, text in filled
    )


def _is_first_words(position: int, text: str, filled: Sequence[tuple[int, str]]) -> bool:
    """Tell whether a cell is the first of its row, and no code: titles of sections begin in the first column."""
    return position == filled[0][0] and _LETTER.search(text) is not None and _DIGIT.search(text) is None
