"""What was detected about a source, for its owner to look at, and the answers that resolve what is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.message import argument, join_messages, msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async.catalog.errors import SourceDoubtfulError
from smartkasa_async.catalog.problems import Problem  # noqa: TC001  (likewise)
from smartkasa_async.catalog.sources.fields import (
    Field,
    name_of_field,
)
from smartkasa_async.catalog.sources.header_matcher import mapping_of, quoted
from smartkasa_async.catalog.sources.layout import Layout, load_presets
from smartkasa_async.catalog.sources.questions import (
    Choice,
    Doubt,
)
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from smartkasa_async._i18n.message import Message
    from smartkasa_async.catalog.sources.columns import Columns

Answer = Layout | Choice | Sequence[Choice] | None
"""An answer to what was detected: another layout, a choice or choices, or nothing."""


class FoundColumn(msgspec.Struct, frozen=True):
    """A column and what it was taken for.

    Attributes:
        position: Number of the column, from 1.
        header: Header above it.
        fields: Fields that it holds, or may hold while there is a doubt; empty for a column that is left alone.
    """

    position: int
    header: str
    fields: tuple[Field, ...]


class SourceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was detected about a source, or was given by the caller.

    Attributes:
        file: Name of the file; empty where the source is not one.
        format: `CSV`, `XLSX`, `XLS`, `ODS`, `JSONL`, `YML`, `table` or `items`.
        encoding: Encoding of its letters; None for formats that fix it.
        delimiter: Character between the fields of a CSV file.
        decimal: Decimal mark of the prices; None where none of the first rows shows it.
        thousands: Mark between thousands, a space for any kind of space; None where none of the first rows shows it.
        header_row: Number of the row with the headers, from 1; 0 for a table without, None where there are no rows.
        first_row: Line on which the first product begins; None where none is known.
        last_row: Last row of a sheet or a table in memory; None where only reading to the end would show it.
        sheet: Name of the workbook's sheet.
        other_sheets: Names of its other visible sheets, where none was given; nothing of them is imported.
        hidden_sheets: Names of its hidden sheets, likewise.
        hidden_rows: Numbers of the rows below the headers that are hidden, by hand, by a filter or in a closed group.
        hidden_rows_skipped: Whether these are left out.
        hidden_columns: Headers of hidden columns that hold a field; they are used all the same.
        preset: Name of the preset that decided about headers; None for none.
        columns: All columns in their order; empty where nothing is read before the import begins.
        doubts: What may be read in several ways; nothing is sent while one is open.
        notes: What its owner should know besides: what was chosen among several columns, what is left alone.
    """

    file: str
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    header_row: int | None = None
    first_row: int | None = None
    last_row: int | None = None
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_rows_skipped: bool = False
    hidden_columns: tuple[str, ...] = ()
    preset: str | None = None
    columns: tuple[FoundColumn, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    notes: tuple[Problem, ...] = ()

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Headers of the columns that are left alone, each once."""
        headers = (column.header.strip() for column in self.columns if not column.fields)
        return tuple(dict.fromkeys(filter(None, headers)))

    def describe(self, language: Language = "en") -> str:
        """Describe all of it, a line for the form and a line for each field."""
        source = f"{self.file}: {self.format}" if self.file else self.format
        lines: list[str] = [join_messages([source, *self._of_file(), *self._of_rows()])]
        doubtful = {doubt.field for doubt in self.doubts}
        for column in self.columns:
            for field in column.fields:
                name = name_of_field(field, language) + (" ?" if field in doubtful else "")
                header = column.header.strip()
                lines.append(
                    msg("  column {number} «{header}» → {field}", number=column.position, header=header, field=name)
                )
        if self.unmapped:
            lines.append(msg("  left alone: {columns}", columns=quoted(self.unmapped)))
        if self.other_sheets:
            lines.append(msg("  other sheets, left alone: {sheets}", sheets=quoted(self.other_sheets)))
        if self.hidden_sheets:
            lines.append(msg("  hidden sheets, left alone: {sheets}", sheets=quoted(self.hidden_sheets)))
        lines += [f"  {note.describe_in_row(language)}" for note in self.notes]
        lines += [f"  ? {doubt.question(language)}" for doubt in self.doubts]
        return "\n".join(in_language(line, language) for line in lines)

    def _of_file(self) -> list[Message]:
        form = []
        if self.encoding is not None:
            form.append(msg("encoding {encoding}", encoding=self.encoding))
        if self.delimiter is not None:
            form.append(msg("fields separated by {mark}", mark=_named(self.delimiter)))
        if self.sheet is not None:
            form.append(msg("sheet «{sheet}»", sheet=self.sheet))
        if self.preset:
            form.append(msg("exported from {program}", program=load_presets()[self.preset].title))
        return form

    def _of_rows(self) -> list[Message]:
        form = []
        if self.header_row:
            form.append(msg("headers in row {row}", row=self.header_row))
        if self.first_row is not None:
            form.append(msg("products from line {line} on", line=self.first_row))
        if self.decimal is not None:
            form.append(msg("decimal mark «{mark}»", mark=self.decimal))
        if self.thousands is not None:
            form.append(msg("thousands separated by {mark}", mark=_named(self.thousands)))
        if self.header_row == 0:
            form.append(msg("no headers"))
        if self.first_row is None and (self.columns or self.encoding):
            form.append(msg("no products"))
        return form

    def __str__(self) -> str:
        return visible(self.describe())


def _named(mark: str) -> Message:
    """Name a character that separates others; a space and a tab are not to be seen."""
    if mark == "\t":
        return msg("a tab")
    return msg("a space") if mark == " " else msg("«{mark}»", mark=mark)


def require_clear(source_info: SourceInfo) -> None:
    """Refuse a source of which something is still in doubt.

    Raises:
        SourceDoubtfulError: There is a doubt.
    """
    if source_info.doubts:
        raise doubtful(source_info.file or source_info.format, source_info.doubts)


def doubtful(source: str, doubts: tuple[Doubt, ...]) -> SourceDoubtfulError:
    """Make the error that a source may be read in several ways."""
    message = msg(
        "{file}: {questions}. Nothing was sent: choose by {layout}",
        layout=argument("layout"),
        file=source,
        questions=join_messages([doubt.with_choices() for doubt in doubts], "; "),
    )
    return SourceDoubtfulError(message, doubts=doubts)


def found_columns(columns: Columns, count: int | None = None) -> tuple[FoundColumn, ...]:
    """List what a source's columns were taken for.

    Args:
        columns: Where the source has which field.
        count: How many of its headers the source has itself; None for all.
    """
    fields: dict[int, list[Field]] = {}
    for field, position in columns.positions.items():
        for each in columns.rivals.get(field, (position,)):
            fields.setdefault(each, []).append(field)
    return tuple(
        FoundColumn(position + 1, header, tuple(fields.get(position, ())))
        for position, header in enumerate(columns.headers[:count])
    )


OnSourceDetected = Callable[[SourceInfo], Answer]
"""Takes what was detected about a source, and may answer."""


def answered(layout: Layout, answer: Answer) -> Layout:
    """Return the layout that an answer makes.

    Args:
        layout: The layout that the source was opened with.
        answer: The answer: a layout stands instead of the one before, choices are added to it.

    Raises:
        InvalidRequestError: The answer is none of these, or a choice is no part of a layout.
        OSError: The mapping's file cannot be read.
    """
    match answer:
        case None:
            return layout
        case Layout():
            return answer
        case Choice():
            return with_choices(layout, [answer])
        case Sequence() if all(isinstance(choice, Choice) for choice in answer):
            return with_choices(layout, answer)
    message = msg(
        "on_source_detected answered {answer}; return a Layout, a Choice or choices of a doubt, or None",
        answer=type(answer).__name__,
    )
    raise InvalidRequestError(message, field="on_source_detected")


def with_choices(layout: Layout, choices: Sequence[Choice]) -> Layout:
    """Add choices to a layout; theirs come before its own.

    Raises:
        InvalidRequestError: A choice is no part of a layout.
        OSError: The mapping's file cannot be read.
    """
    changes: dict[str, Any] = {}
    mapping: dict[str, Any] = {}
    for choice in choices:
        changes |= choice.layout
        mapping |= choice.layout.get("mapping", {})
    if mapping:
        changes["mapping"] = mapping_of(layout.mapping) | mapping
    return msgspec.structs.replace(layout, **changes) if changes else layout
