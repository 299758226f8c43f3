"""Files of records whose values have names: the names are matched like headers, the records become rows."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher, header_missing
from smartkasa_async.catalog.sources.rows import KeysConflictError, Record, RecordReader, Row, RowFile, UnreadableRow
from smartkasa_async.catalog.sources.sampling import look_at
from smartkasa_async.catalog.sources.source_info import SourceInfo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from smartkasa_async.catalog.sources.columns import Field
    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.questions import Doubt

_SAMPLE_RECORDS = 100


class PlacedRecord(NamedTuple):
    """A record and where it stands.

    Attributes:
        line: Line of the file on which it begins.
        record: The record, or what is wrong with it.
        known: The values of one that is wrong; None where they could not be told apart.
    """

    line: int
    record: Record | UnreadableRow
    known: Record | None = None


class RecordFile(RowFile):
    """A file that gives records; its columns are the keys of the first ones, and all other fields."""

    def _begin(
        self,
        records: Iterator[PlacedRecord],
        layout: Layout,
        required: Collection[Field],
        *,
        format: str,
        encoding: str,
        doubts: tuple[Doubt, ...] = (),
    ) -> None:
        """Find out what the first records show.

        Args:
            records: The file's records.
            layout: What the caller knows.
            required: Fields without which the file is of no use.
            format: Format of the file.
            encoding: Its encoding.
            doubts: What is in doubt about it already.

        Raises:
            SourceError: Two keys claim one field, or the first records lack a required one.
        """
        naming = HeaderMatcher.of(layout, required)
        sample = list(islice(records, _SAMPLE_RECORDS))
        readable = [record for _, record, _ in sample if not isinstance(record, UnreadableRow)]
        headers = tuple(dict.fromkeys(str(key) for record in readable for key in record))
        naming = naming.recognised(headers, format)
        if naming.positions:
            raise SourceError(
                msg(
                    "{file}: {mapping} gives {fields} the number of a column; {format} has none, give the keys",
                    mapping=argument("mapping"),
                    file=self.name,
                    fields=", ".join(naming.positions),
                    format=format,
                )
            )
        if not readable and sample:
            first = next(record for _, record, _ in sample if isinstance(record, UnreadableRow))
            detail = msg(
                "read as {format}, {encoding}: {reason}", format=format, encoding=encoding, reason=first.reason
            )
            raise header_missing(self.name, [], naming, detail)
        found = naming.match(headers, file=self.name) if readable else None
        self._reader = RecordReader(naming, found)
        cells = [self._cells_or_nothing(record) for record in readable]
        self.columns, facts = look_at(
            self._reader.columns, cells, layout, naming, file=self.name, own=len(found.headers) if found else 0
        )
        self._records = chain(sample, records)
        self.findings: SourceInfo = SourceInfo(
            file=self.name,
            format=format,
            encoding=encoding,
            first_row=sample[0].line if sample else None,
            **facts | {"doubts": doubts + facts["doubts"]},
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
