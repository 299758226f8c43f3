"""What the caller knows about a source, and the presets of well-known programs; the rest is detected."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.catalog.sources.fields import Field, is_hryvnia, plain
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async._i18n.message import Message

_MARKS = (",", ".")
_THOUSANDS = (" ", ",", ".")
_HIDDEN = ("take", "skip")

_FIELDS = frozenset(Field)

_FOLDER = Path(__file__).parent / "presets"


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How a price list is laid out. Each None is detected from the file itself.

    Attributes:
        encoding: Name of the encoding, such as `utf-8`, `cp1251`, `cp866` or `utf-16`; for every format but XLSX and
            ODS, which are Unicode.
        delimiter: Character between the fields of a CSV file.
        decimal: Decimal mark, `,` or `.`; decides numbers such as `12,345`, which may be read both ways.
        thousands: Mark between thousands, `,`, `.` or a space; decides the same numbers.
        currency: `UAH` where headers name another currency and the prices are in hryvnias all the same.
        header_row: Number of the row with the headers, from 1; 0 where there are none and `mapping` gives positions.
        sheet: Name of the sheet of a workbook; the first sheet with headers is taken otherwise.
        hidden: What happens to the hidden rows of a workbook: `take`, the default, reads them like all others, `skip`
            leaves them out. They are reported in either case.
        preset: Name of the program that wrote the file, such as `prom`; empty for none.
        mapping: Field to header, to headers in order of preference, to the column's number from 1, or to None for no
            column; or the path of a TOML file with such a table under `[fields]`. Other fields are found by their
            headers.
        units: What words for units of measure mean, as a name or code of the service's: `{"уп": "шт"}`.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    currency: str | None = None
    header_row: int | None = None
    sheet: str | None = None
    hidden: Literal["take", "skip"] | None = None
    preset: str | None = None
    mapping: Mapping[str, Any] | str | os.PathLike[str] | None = None
    units: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse what no file can have.

        Raises:
            InvalidRequestError: An attribute has a value that it cannot have.
        """
        if self.encoding is not None:
            _require(
                "encoding",
                self.encoding,
                msg("an encoding such as utf-8 or cp1251"),
                holds=_is_encoding(self.encoding),
            )
        if self.delimiter is not None:
            _require("delimiter", self.delimiter, msg("one character such as ;"), holds=_is_delimiter(self.delimiter))
        if self.decimal is not None:
            _require("decimal", self.decimal, msg("a comma or a point"), holds=self.decimal in _MARKS)
        if self.thousands is not None:
            distinct = self.thousands in _THOUSANDS and self.thousands != self.decimal
            wanted = msg("a space, comma or point, not the decimal mark")
            _require("thousands", self.thousands, wanted, holds=distinct)
        if self.currency is not None:
            wanted = msg("UAH, as the service keeps no other")
            _require("currency", self.currency, wanted, holds=is_hryvnia(self.currency))
        if self.header_row is not None:
            is_number = type(self.header_row) is int and self.header_row >= 0
            _require("header_row", self.header_row, msg("a number from 0"), holds=is_number)
        if self.hidden is not None:
            wanted = msg("one of {choices}", choices=", ".join(_HIDDEN))
            _require("hidden", self.hidden, wanted, holds=self.hidden in _HIDDEN)
        self._check_meanings()

    def _check_meanings(self) -> None:
        if self.sheet is not None:
            _require("sheet", self.sheet, msg("the name of a sheet"), holds=isinstance(self.sheet, str))
        if self.units is not None:
            wanted = msg("a mapping from words of the file to units of the service")
            _require("units", self.units, wanted, holds=isinstance(self.units, Mapping))
        if self.mapping is not None:
            wanted = msg("a mapping from fields to headers, or the path of a TOML file with one")
            _require("mapping", self.mapping, wanted, holds=isinstance(self.mapping, Mapping | str | os.PathLike))
        if isinstance(self.mapping, Mapping):
            wanted = msg("one of {choices}", choices=", ".join(Field))
            for field in self.mapping:
                _require("mapping", field, wanted, holds=field in _FIELDS)


def check_layout(layout: object) -> None:
    """Check that an argument is a layout, or None.

    Raises:
        InvalidRequestError: It is not.
    """
    if layout is not None and not isinstance(layout, Layout):
        message = msg(
            "{field} is of type {type}; give {wanted}",
            field=argument("layout"),
            type=type(layout).__name__,
            wanted=msg("a Layout, or None"),
        )
        raise InvalidRequestError(message, field="layout")


UNKNOWN_LAYOUT = Layout()
"""The layout of which nothing is known."""


def _require(name: str, value: object, wanted: Message, *, holds: bool) -> None:
    if not holds:
        message = msg("{name} is {value!r}; give {wanted}", name=argument(name), value=value, wanted=wanted)
        raise InvalidRequestError(message, field=name)


def _is_encoding(name: str) -> bool:
    """Return whether Python can decode text with it; codecs such as base64 make bytes of bytes."""
    try:
        TextIOWrapper(BytesIO(), encoding=name)
    except (LookupError, TypeError, ValueError):
        return False
    return True


def _is_delimiter(character: object) -> bool:
    return isinstance(character, str) and len(character) == 1 and character not in '\r\n"'


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one program's exports name their columns.

    Attributes:
        title: Name of the program.
        formats: Formats of files in which the preset is recognised.
        at_least: How many headers of the signature a file must have to be recognised.
        signature: Headers that distinguish the program's files from others; case and separators do not count.
        fields: Headers of each field, the preferred one first.
        ignored: Headers that stand for no field, though they may look so; they may be repeated.
    """

    title: str
    formats: tuple[str, ...]
    at_least: int
    signature: tuple[str, ...]
    fields: dict[Field, tuple[str, ...]]
    ignored: tuple[str, ...] = ()

    def matches(self, headers: frozenset[str]) -> int:
        """Count the headers of the signature that a file has, by their words; 0 where they are too few."""
        found = len(headers.intersection(self.signature))
        return found if found >= self.at_least else 0


@cache
def load_presets() -> dict[str, Preset]:
    """Read all presets, once.

    Returns:
        The presets by name, their headers reduced to what counts.
    """
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def _read(path: Path) -> Preset:
    preset = msgspec.toml.decode(path.read_bytes(), type=Preset)
    return msgspec.structs.replace(
        preset,
        signature=tuple(map(plain, preset.signature)),
        fields={field: tuple(map(plain, headers)) for field, headers in preset.fields.items()},
        ignored=tuple(map(plain, preset.ignored)),
    )


def recognise(headers: Iterable[str], format: str) -> str | None:
    """Find the preset whose signature a file's headers match best.

    Args:
        headers: The headers.
        format: Format of the file, such as `CSV`.

    Returns:
        Its name; None where none matches.
    """
    words = frozenset(map(plain, headers))
    found = {name: preset.matches(words) for name, preset in load_presets().items() if format in preset.formats}
    best = max(found, key=lambda name: found[name], default=None)
    return best if best is not None and found[best] else None
