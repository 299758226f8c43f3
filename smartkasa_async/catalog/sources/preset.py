"""Presets: what the exports of well-known programs call their columns, as TOML files in the folder `presets`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.catalog.sources.columns import Field, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

_FOLDER = Path(__file__).parent / "presets"


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one program's exports name their columns.

    Attributes:
        title: Name of the program.
        formats: Formats of files in which the preset is recognised.
        at_least: How many headers of the signature a file must have to be recognised.
        signature: Headers that tell the program's files from others; case and separators do not count.
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
