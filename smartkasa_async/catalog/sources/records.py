"""Records, whose values have names, turned into rows: those of iterables, JSON lines and feeds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.cells import cell_text, number_text, without_invisible
from smartkasa_async.catalog.sources.columns import Columns
from smartkasa_async.catalog.sources.ending import End, Ending
from smartkasa_async.catalog.sources.fields import NUMBERS, Field
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher, header_missing
from smartkasa_async.catalog.sources.rows import Row, UnreadableRow
from smartkasa_async.catalog.sources.sampling import look_at
from smartkasa_async.catalog.sources.source_file import file_empty
from smartkasa_async.catalog.sources.source_info import SourceInfo
from smartkasa_async.catalog.sources.text_file import TextRowFile, doubting
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.models import ProductCreate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from smartkasa_async.catalog.sources.layout import Layout


Record = Mapping[str, object]
"""What a row is called where its values have names of their own."""

_SAMPLE_RECORDS = 100

_SAMPLE_SIZE = 64 * 1024
_LONGEST_LINE = 1 << 20


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
    """Where the value of a key goes; of two values for one field, that with the lower rank is taken."""

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

    def __init__(self, matcher: HeaderMatcher, sample: Columns | None = None) -> None:
        """Lay out the columns.

        Args:
            matcher: The rules for keys.
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
        self._matcher = matcher
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
            _Slot(self.columns.positions[candidate.field], candidate.rank, candidate.field in NUMBERS)
            for candidate in self._matcher.field_matches(key)
        ]
        own = self._own.get(key)
        if own is not None and all(slot.position != own for slot in slots):
            slots.append(_Slot(own, 0, is_number=False))
        return tuple(slots)

    def _field_at(self, position: int) -> Field:
        return next(field for field, own in self.columns.positions.items() if own == position)


def row_from_item(number: int, item: object, records: RecordReader) -> Row:
    """Make a row of what a caller's iterable gives.

    Args:
        number: Number of the item, from 1.
        item: A product, or a mapping from headers or names of fields to values. Other keys are left alone.
        records: What turns mappings into cells.

    Raises:
        InvalidRequestError: The item is neither, or two keys of the mapping mean one field.
    """
    if isinstance(item, ProductCreate):
        return Row(number, number, item)
    if not isinstance(item, Mapping):
        kind = type(item).__name__
        message = msg(
            "Item {number} of the source is {type}; give ProductCreate or a mapping", number=number, type=kind
        )
        raise InvalidRequestError(message, field="source")
    try:
        return Row(number, number, records.cells(item))
    except KeysConflictError as error:
        message = msg(
            "Item {number} of the source: keys «{first}» and «{second}» both mean {field}; leave one of them",
            number=number,
            first=error.first,
            second=error.second,
            field=error.field,
        )
        raise InvalidRequestError(message, field="source") from error


class LocatedRecord(NamedTuple):
    """A record and where it stands.

    Attributes:
        line: Line of the file on which it begins.
        record: The record, or what is wrong with it.
        known: The values of one that is wrong; None where they could not be separated.
    """

    line: int
    record: Record | UnreadableRow
    known: Record | None = None


class RecordFile(TextRowFile):
    """A file that gives records; its columns are the keys of the first ones, and all other fields."""

    def _begin(
        self,
        records: Iterator[LocatedRecord],
        layout: Layout,
        required: Collection[Field],
        *,
        format: str,
    ) -> None:
        """Determine what the first records show.

        Raises:
            SourceError: Two keys claim one field, or the first records lack a required one.
        """
        matcher = HeaderMatcher.of(layout, required)
        sample = list(islice(records, _SAMPLE_RECORDS))
        readable = [record for _, record, _ in sample if not isinstance(record, UnreadableRow)]
        headers = tuple(dict.fromkeys(str(key) for record in readable for key in record))
        matcher = matcher.recognised(headers, format)
        if matcher.positions:
            raise SourceError(
                msg(
                    "{file}: {mapping} gives {fields} the number of a column; {format} has none, give the keys",
                    mapping=argument("mapping"),
                    file=self.name,
                    fields=", ".join(matcher.positions),
                    format=format,
                )
            )
        if not readable and sample:
            first = next(record for _, record, _ in sample if isinstance(record, UnreadableRow))
            detail = msg(
                "read as {format}, {encoding}: {reason}",
                format=format,
                encoding=self._file.encoding,
                reason=first.reason,
            )
            raise header_missing(self.name, [], matcher, detail)
        found = matcher.match(headers, file=self.name) if readable else None
        self._reader = RecordReader(matcher, found)
        cells = [self._cells_or_nothing(record) for record in readable]
        self.columns, facts = look_at(
            self._reader.columns, cells, layout, matcher, file=self.name, own=len(found.headers) if found else 0
        )
        self._records = chain(sample, records)
        self.source_info: SourceInfo = SourceInfo(
            file=self.name,
            format=format,
            encoding=self._file.encoding,
            first_row=sample[0].line if sample else None,
            **facts | {"doubts": self._file.doubts + facts["doubts"]},
        )

    def _cells_or_nothing(self, record: Record) -> list[str]:
        try:
            return self._reader.cells(record)
        except KeysConflictError:
            return []

    def __iter__(self) -> Iterator[Row]:
        for number, (line, record, known) in enumerate(self._records, start=1):
            if isinstance(record, UnreadableRow):
                cells = record.content if known is None else self._cells_or_nothing(known)
                yield Row(number, line, msgspec.structs.replace(record, content=cells))
                continue
            try:
                yield Row(number, line, self._reader.cells(record))
            except KeysConflictError as error:
                yield Row(number, line, UnreadableRow(f"«{error.first}», «{error.second}»", "keys_conflict"))


class JsonlFile(RecordFile):
    """An open file of JSON lines; iterating it gives its rows once."""

    def _open(self, layout: Layout, required: Collection[Field]) -> None:
        self._text = self._file.open("\n")
        self._check_beginning()
        with doubting(self.name, self._file.doubts):
            self._begin(self._read(), layout, required, format="JSONL")

    def _check_beginning(self) -> None:
        beginning = self._text.read(_SAMPLE_SIZE).removeprefix("\ufeff").lstrip()
        if not beginning:
            raise file_empty(self.name)
        self._file.rewind(self._text)

    def _read(self) -> Iterator[LocatedRecord]:
        decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
        number = 0
        while line := self._text.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                text = line
                while line and not line.endswith("\n"):
                    line = self._text.readline(_LONGEST_LINE)
                if not line:
                    self.ending = Ending(End.CUT)
                reason = msg("longer than {count} characters", count=_LONGEST_LINE)
                yield LocatedRecord(number, UnreadableRow.of_text(reason, text, "record_unreadable"))
                continue
            is_ended = line.endswith("\n")
            line = line.removeprefix("\ufeff").strip()
            if not line:
                continue
            try:
                yield LocatedRecord(number, decoder.decode(line))
            except msgspec.MsgspecError as error:
                if not is_ended:
                    self.ending = Ending(End.CUT)
                code = "record_unreadable" if is_ended else "row_cut"
                yield LocatedRecord(number, UnreadableRow.of_text(external_message(error), line, code))
