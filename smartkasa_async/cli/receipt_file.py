"""Receipts to be pushed, from a file of JSON lines that is checked before its first receipt is sent."""

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

__all__ = ["ReceiptFile"]

_MOST_SAID = 10


class ReceiptFile:
    """Gives the receipts of a file, one after another, as often as it is iterated.

    Args:
        path: The file: JSON lines with the fields of `ReceiptCreate`; blank lines do not count.

    Attributes:
        count: Number of receipts.
        unknown: How many receipts have each field that no receipt to create has; such fields are not sent.

    Raises:
        OSError: It cannot be read.
        CommandError: Lines of it are no receipts; names them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._decoder = msgspec.json.Decoder(ReceiptCreate)
        fields, unknown, faults = set(ReceiptCreate.__struct_encode_fields__), Counter[str](), list[str]()
        names = msgspec.json.Decoder(dict[str, msgspec.Raw])
        self.count = 0
        for number, line in self._lines():
            self.count += 1
            try:
                self._decoder.decode(line)
                unknown.update(names.decode(line).keys() - fields)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                faults.append(_("{file}, line {line}: {reason}", file=path.name, line=number, reason=error))
        if faults:
            text = n_("{count} line is no receipt", "{count} lines are no receipts", len(faults))
            message = "\n".join([f"{text}:", *faults[:_MOST_SAID], *(["…"] if len(faults) > _MOST_SAID else [])])
            raise CommandError(message, hint=_("Nothing was sent. Mend the lines, and push again"))
        self.unknown = dict(unknown)

    def __iter__(self) -> Iterator[ReceiptCreate]:
        for _number, line in self._lines():
            yield self._decoder.decode(line)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        with self._path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
