"""Rows of a source as they stand in it, before any check."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.cells import cell_text, number_text
from smartkasa_async.catalog.sources.columns import NUMBERS, Columns, Field
from smartkasa_async.catalog.sources.ending import WHOLE, Ending
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.catalog.sources.invisible import without_invisible
from smartkasa_async.models import ProductCreate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from smartkasa_async.catalog.sources.source_file import SourceFile
    from smartkasa_async.catalog.sources.source_info import SourceInfo

Record = Mapping[str, object]
"""What a row is called where its values have names of their own."""

_LONGEST_CELL = 32_767


class UnreadableRow(msgspec.Struct, frozen=True):
    """Stands for a row that cannot be checked field by field.

    Attributes:
        reason: What the reader stumbled on.
        code: Code of the problem.
        content: Its cells as far as they are known; one with its text where they could not be told apart.
    """

    reason: str
    code: str = "row_unreadable"
    content: Sequence[str] = ()

    @classmethod
    def of_text(cls, reason: str, text: str, code: str = "row_unreadable") -> Self:
        """Keep the text of a row; of a very long one, as much as a cell of a spreadsheet holds."""
        return cls(reason, code, (text.rstrip("\r\n")[:_LONGEST_CELL],))


class Row(NamedTuple):
    """One row of a source.

    Attributes:
        number: Number of the row, from 1, headers and blank lines not counted.
        line: Line of the file on which the row begins; the row's number where the source is not a file.
        content: Cells in the order of the source's columns, or a product that the caller has made.
    """

    number: int
    line: int
    content: Sequence[str] | ProductCreate | UnreadableRow


class RowFile(ABC):
    """An open file or table; iterating it gives its rows once.

    Attributes:
        name: Name of the file without its folder; empty where there is no file.
        columns: Where it has which field.
        findings: What was found out about it.
        source: The file that it is read from; None where there is no file.
        ending: Whether it ends as a whole file does; known when all rows have been read.
    """

    name: str
    columns: Columns
    findings: SourceInfo
    source: SourceFile | None = None
    ending: Ending = WHOLE

    @abstractmethod
    def __iter__(self) -> Iterator[Row]: ...

    @property
    @abstractmethod
    def fraction(self) -> float | None:
        """Share that has been read, 0 to 1; None where the size is not known."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def file_empty(name: str) -> SourceError:
    """Say that there is nothing in a file."""
    return SourceError(msg("{file} is empty; export the price list anew", file=name))


class KeysConflictError(ValueError):
    """Two keys of one record stand for the same field.

    Attributes:
        first: The one key.
        second: The other key.
        field: What both mean.
    """

    def __init__(self, first: str, second: str, field: Field) -> None:
        super().__init__(f"keys «{first}» and «{second}» both mean {field}")
        self.first = first
        self.second = second
        self.field = field


class _Slot(NamedTuple):
    """Where the value of a key goes; of two values for one place, that with the lower rank is taken."""

    position: int
    rank: int
    is_number: bool


class RecordReader:
    """Turns records, whose values have names, into rows with columns.

    All fields have a column, since a field may come up in later records only.

    Attributes:
        columns: The columns of the rows: those of the sample, then the fields that it does not have.
        keys_cleaned: Other keys from which something invisible was removed.
    """

    def __init__(self, naming: HeaderMatcher, sample: Columns | None = None) -> None:
        """Lay out the columns.

        Args:
            naming: The rules for keys.
            sample: The keys of the first records as columns; None where no record was seen yet.
        """
        headers = sample.headers if sample else ()
        positions = dict(sample.positions) if sample else {}
        rest = tuple(field for field in Field if field not in positions)
        positions |= {field: len(headers) + number for number, field in enumerate(rest)}
        self.columns: Columns = Columns(
            headers + rest,
            positions,
            sample.unused if sample else (),
            sample.numbers if sample else {},
            sample.rivals if sample else {},
            sample.cleaned if sample else 0,
        )
        self.keys_cleaned: int = 0
        self._naming = naming
        self._own = {header: position for position, header in enumerate(headers)}
        self._slots: dict[object, tuple[_Slot, ...]] = {}

    def cells(self, record: Mapping[Any, object]) -> list[str]:
        """Put a record's values into their columns. Keys that mean nothing and were not in the sample are left alone.

        Raises:
            KeysConflictError: Two keys that are equally good for a field both have a value.
        """
        cells = [""] * len(self.columns.headers)
        taken: dict[int, tuple[int, object]] = {}
        for key, value in record.items():
            slots = self._slots.get(key)
            if slots is None:
                slots = self._slots[key] = self._find_slots(self._plain(str(key)))
            for slot in slots:
                text = number_text(value) if slot.is_number else cell_text(value)
                if not text or text.isspace():
                    continue
                rank, rival = taken.get(slot.position, (slot.rank + 1, None))
                if rank == slot.rank:
                    raise KeysConflictError(str(rival), str(key), self._field_at(slot.position))
                if slot.rank < rank:
                    taken[slot.position] = slot.rank, key
                    cells[slot.position] = text
        return cells

    def _plain(self, key: str) -> str:
        plain = without_invisible(key)
        self.keys_cleaned += plain != key and plain not in self._own
        return plain

    def _find_slots(self, key: str) -> tuple[_Slot, ...]:
        slots = [
            _Slot(self.columns.positions[claim.field], claim.rank, claim.field in NUMBERS)
            for claim in self._naming.claims(key)
        ]
        own = self._own.get(key)
        if own is not None and all(slot.position != own for slot in slots):
            slots.append(_Slot(own, 0, is_number=False))
        return tuple(slots)

    def _field_at(self, position: int) -> Field:
        return next(field for field, own in self.columns.positions.items() if own == position)


_PLAIN_RECORDS = RecordReader(HeaderMatcher(recognises=False))

MAPPING_COLUMNS: Columns = _PLAIN_RECORDS.columns
"""Columns of rows that are made from mappings: all fields in their own order."""


def row_from_item(number: int, item: object, records: RecordReader = _PLAIN_RECORDS) -> Row:
    """Make a row of what a caller's iterable gives.

    Args:
        number: Number of the item, from 1.
        item: A product, or a mapping from headers or names of fields to values. Other keys are left alone.
        records: What turns mappings into cells.

    Raises:
        TypeError: The item is neither.
        ValueError: Two keys of the mapping mean one field.
    """
    if isinstance(item, ProductCreate):
        return Row(number, number, item)
    if not isinstance(item, Mapping):
        raise TypeError(f"Item {number} of the source is {type(item).__name__}; give ProductCreate or a mapping")
    try:
        return Row(number, number, records.cells(item))
    except KeysConflictError as error:
        raise ValueError(f"Item {number} of the source: {error}; leave one of them") from error
