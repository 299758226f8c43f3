"""What the first rows of a source show: the format of its numbers, doubts, and notes for its owner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.message import argument
from smartkasa_async.catalog.checks.codes import parse_barcode
from smartkasa_async.catalog.problems import Problem, RuleViolationError
from smartkasa_async.catalog.sources.cells import without_invisible
from smartkasa_async.catalog.sources.columns import UNKNOWN_FORMAT, Columns, find_numbers, main_number_format
from smartkasa_async.catalog.sources.fields import PRICES, Field, is_about
from smartkasa_async.catalog.sources.questions import Choice, Doubt
from smartkasa_async.catalog.sources.source_info import found_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
    from smartkasa_async.catalog.sources.layout import Layout

_EXAMPLES = 3
_LONGEST_EXAMPLE = 40
_EITHER_WAY = re.compile(r"(?:₴\s*)?([1-9]\d{0,2})([.,])(\d{3})\s*(?:₴|грн\.?|uah)?", re.ASCII | re.IGNORECASE)
_FEWEST_BARCODES = 2
_SHARE_OF_BARCODES = 0.9

_COULD_HOLD_BARCODES = frozenset({Field.ALTER_NUMBER, Field.REMOTE_ID})


def look_at(
    columns: Columns,
    rows: Sequence[Sequence[str]],
    layout: Layout,
    matcher: HeaderMatcher,
    *,
    file: str,
    own: int | None = None,
) -> tuple[Columns, dict[str, Any]]:
    """Look at a table's first rows.

    Args:
        columns: Where the table has which field.
        rows: Its first rows.
        layout: What the caller knows.
        matcher: The rules that the columns were found by.
        file: Name of the file, for notes.
        own: How many of the headers the table has itself; None for all.

    Returns:
        The columns with the forms of their numbers, and what `SourceInfo` contains of them, by its attributes.
    """
    numbers = find_numbers(columns, rows, layout)
    form = main_number_format(numbers)
    columns = msgspec.structs.replace(columns, numbers=numbers)
    doubts = [*_doubts_of_columns(columns, rows), *_doubts_of_numbers(columns, rows, layout, matcher)]
    facts = {
        "decimal": form.decimal,
        "thousands": form.thousands,
        "preset": matcher.preset,
        "columns": found_columns(columns, own),
        "doubts": tuple(doubts),
        "notes": tuple(_notes(columns, rows, matcher, file, own)),
    }
    return columns, facts


def _doubts_of_columns(columns: Columns, rows: Sequence[Sequence[str]]) -> Iterator[Doubt]:
    for field, positions in columns.rivals.items():
        choices = tuple(
            Choice(
                label=_label(columns.headers, position),
                layout={"mapping": {field.value: _target(columns.headers, position)}},
                examples=_examples(_cells(rows, position)),
            )
            for position in positions
        )
        yield Doubt(subject="column", field=field, choices=choices)


def _label(headers: Sequence[str], position: int) -> str:
    header = headers[position].strip()
    return f"«{header}»" if isinstance(_target(headers, position), str) else f"«{header}» ({position + 1})"


def _target(headers: Sequence[str], position: int) -> str | int:
    """Name a column by its header, or by its number from 1 where others have the same header."""
    header = headers[position].strip()
    return header if sum(other.strip() == header for other in headers) == 1 else position + 1


def _cells(rows: Sequence[Sequence[str]], position: int) -> list[str]:
    return [cell for row in rows if position < len(row) and (cell := without_invisible(row[position]).strip())]


def _examples(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(cell.split())[:_LONGEST_EXAMPLE] for cell in list(cells)[:_EXAMPLES])


def _doubts_of_numbers(
    columns: Columns, rows: Sequence[Sequence[str]], layout: Layout, matcher: HeaderMatcher
) -> Iterator[Doubt]:
    """Ask what a mark means in a column where half of the numbers and more may be read both ways, and none decides."""
    if layout.decimal is not None or layout.thousands is not None:
        return
    asked: set[str] = set()
    for field in (Field.COUNT,) if Field.COUNT in matcher.required else PRICES:
        position = columns.positions.get(field)
        if position is None or columns.numbers.get(field, UNKNOWN_FORMAT) != UNKNOWN_FORMAT:
            continue
        cells = [cell for cell in _cells(rows, position) if any(map(str.isdigit, cell))]
        found = [match for cell in cells if (match := _EITHER_WAY.fullmatch(cell))]
        marks = {match[2] for match in found} - asked
        if len(found) * 2 < len(cells) or len(marks) != 1:
            continue
        (mark,) = marks
        asked.add(mark)
        value = next(match for match in found if match[2] == mark)
        yield Doubt(
            subject="numbers",
            field=field,
            column=columns.headers[position].strip(),
            value=f"{value[1]}{mark}{value[3]}",
            choices=(
                _reading(found, mark, "decimal", "."),
                _reading(found, mark, "thousands", ""),
            ),
        )


def _reading(found: Sequence[re.Match[str]], mark: str, attribute: str, read_as: str) -> Choice:
    texts = [
        f"{whole}{mark}{digits} = {whole}{read_as}{digits}" for whole, _, digits in (each.groups() for each in found)
    ]
    return Choice(label=texts[0], layout={attribute: mark}, examples=_examples(texts[1:]))


def _notes(
    columns: Columns, rows: Sequence[Sequence[str]], matcher: HeaderMatcher, file: str, own: int | None
) -> Iterator[Problem]:
    used = set(columns.positions.values()) | {position for rivals in columns.rivals.values() for position in rivals}
    for field in matcher.required:
        others = [
            position
            for position, header in enumerate(columns.headers[:own])
            if position not in used and is_about(field, header)
        ]
        if others and field in columns.positions and field not in columns.rivals:
            listed = ", ".join(f"«{columns.headers[position].strip()}»" for position in others)
            option = argument("mapping", {field.value: _target(columns.headers, others[0])})
            error = RuleViolationError("column_chosen", option=option, others=listed)
            yield _note(error, file, field, columns.headers[columns.positions[field]])
    if Field.NUMBER in columns.positions and columns.positions[Field.NUMBER] < len(columns.headers[:own]):
        return
    for position, header in enumerate(columns.headers[:own]):
        fields = [field for field, taken in columns.positions.items() if taken == position]
        if _COULD_HOLD_BARCODES.issuperset(fields) and _are_barcodes(_cells(rows, position)):
            option = argument("mapping", {Field.NUMBER.value: _target(columns.headers, position)})
            yield _note(RuleViolationError("barcodes_unused", option=option), file, Field.NUMBER, header)


def _are_barcodes(cells: Sequence[str]) -> bool:
    """Return whether nearly all cells are barcodes by their check digits."""
    return len(cells) >= _FEWEST_BARCODES and sum(map(_is_barcode, cells)) >= _SHARE_OF_BARCODES * len(cells)


def _is_barcode(cell: str) -> bool:
    try:
        parse_barcode(cell)
    except RuleViolationError:
        return False
    return True


def _note(error: RuleViolationError, file: str, field: Field, header: str) -> Problem:
    return Problem.from_broken_rule(error, file=file, line=0, field=field, column=header.strip())
