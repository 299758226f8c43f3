"""JSON lines: one object a line, its keys named like headers or fields."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async.catalog.sources.columns import REQUIRED
from smartkasa_async.catalog.sources.ending import End, Ending
from smartkasa_async.catalog.sources.layout import FOUND_OUT, Layout
from smartkasa_async.catalog.sources.records_file import PlacedRecord, RecordFile
from smartkasa_async.catalog.sources.rows import UnreadableRow, file_empty
from smartkasa_async.catalog.sources.text_file import TextFile, doubting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from smartkasa_async.catalog.sources.columns import Field
    from smartkasa_async.catalog.sources.source_file import SourceFile

_SAMPLE_SIZE = 64 * 1024
_LONGEST_LINE = 1 << 20


class JsonlFile(RecordFile):
    """An open file of JSON lines; iterating it gives its rows once."""

    def __init__(self, path: Path, layout: Layout = FOUND_OUT, required: Collection[Field] = REQUIRED) -> None:
        """Open a file and find out what its keys mean.

        Args:
            path: The file.
            layout: What the caller knows.
            required: Fields without which the file is of no use.

        Raises:
            OSError: The file cannot be opened.
            SourceError: The file is empty, or its first objects lack the required fields.
        """
        self.name: str = visible(path.name)
        self._file = file = TextFile(path, layout.encoding)
        self.source: SourceFile = file.source
        try:
            self._text = file.open("\n")
            self._check_beginning()
            with doubting(self.name, file.doubts):
                self._begin(self._read(), layout, required, format="JSONL", encoding=file.encoding, doubts=file.doubts)
        except BaseException:
            file.close()
            raise

    def _check_beginning(self) -> None:
        beginning = self._text.read(_SAMPLE_SIZE).removeprefix("\ufeff").lstrip()
        if not beginning:
            raise file_empty(self.name)
        self._file.rewind(self._text)

    def _read(self) -> Iterator[PlacedRecord]:
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
                yield PlacedRecord(number, UnreadableRow.of_text(reason, text, "record_unreadable"))
                continue
            is_ended = line.endswith("\n")
            line = line.removeprefix("\ufeff").strip()
            if not line:
                continue
            try:
                yield PlacedRecord(number, decoder.decode(line))
            except msgspec.MsgspecError as error:
                if not is_ended:
                    self.ending = Ending(End.CUT)
                code = "record_unreadable" if is_ended else "row_cut"
                yield PlacedRecord(number, UnreadableRow.of_text(external_message(error), line, code))

    @property
    def fraction(self) -> float:
        """Share of the file that has been read, 0 to 1."""
        return self._file.fraction

    def close(self) -> None:
        """Close the file."""
        self._file.close()
