"""A file of receipts to push: checked once, and read again while it stays as it was."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _, n_
from smartkasa_async.models import ReceiptCreate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_SHOWN = 10
_LINES_BETWEEN_CHECKS = 100


class ReceiptFile:
    """The receipts of a file, which can be iterated again while the file stays as it was checked.

    Args:
        path: The file: JSON lines with the fields of `ReceiptCreate`; blank lines do not count.

    Attributes:
        count: Number of receipts.
        unknown: Number of receipts with each unknown field; such fields are not sent.

    Raises:
        OSError: It cannot be read.
        SourceChangedError: It changed while it was checked; iterating raises it too, and `SourceError` if the file
            cannot be read to its end.
        CommandError: Lines of it are no receipts; names them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest: str | None = None
        self._decoder = msgspec.json.Decoder(ReceiptCreate)
        fields, unknown, faults = set(ReceiptCreate.__struct_encode_fields__), Counter[str](), list[str]()
        names = msgspec.json.Decoder(dict[str, msgspec.Raw])
        self.count: int = 0
        for number, line in self._lines():
            self.count += 1
            try:
                self._decoder.decode(line)
                unknown.update(names.decode(line).keys() - fields)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                faults.append(_("{file}, line {line}: {reason}", file=path.name, line=number, reason=error))
        if faults:
            text = n_("{count} line is no receipt", "{count} lines are no receipts", len(faults))
            message = "\n".join([f"{text}:", *faults[:_MOST_SHOWN], *(["…"] if len(faults) > _MOST_SHOWN else [])])
            raise CommandError(message, hint=_("Nothing was sent. Fix the lines, and push again"))
        self.unknown: dict[str, int] = dict(unknown)

    def __iter__(self) -> Iterator[ReceiptCreate]:
        for _number, line in self._lines():
            yield self._decoder.decode(line)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        from smartkasa_async.catalog.sources.source_file import SourceFile  # noqa: PLC0415  (help pages need none of it)

        if not self._path.stat().st_size and self._digest is None:
            return
        source = SourceFile(self._path)
        with source.buffer as file:
            self._digest = self._digest or source.digest
            if source.digest != self._digest:
                raise source.changed()
            try:
                for number, line in enumerate(file, start=1):
                    if number % _LINES_BETWEEN_CHECKS == 0:
                        source.check()
                    if line.strip():
                        yield number, line
                source.check_read()
            except OSError as error:
                raise source.unreadable(error) from error
