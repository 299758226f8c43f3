"""Layouts of price lists that were confirmed, remembered by the headers of their files."""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._support.files import replace_file
from smartkasa_async.catalog import SourceInfo, with_choices
from smartkasa_async.catalog.sources.header_matcher import mapping_of
from smartkasa_async.cli.credentials import state_folder

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.catalog import Doubt, Layout, Preview


_MARKS = ("encoding", "decimal", "thousands")
"""Attributes of a layout that answer a doubt; otherwise they are detected for each file."""


class SavedLayout(msgspec.Struct, frozen=True, kw_only=True):
    """A layout that was confirmed.

    Attributes:
        mapping: Columns that the user chose.
        preset: Preset that the user chose.
        marks: Other choices of the user, by the attributes of `Layout`; they only answer the same doubt.
        source_info: What was shown.
    """

    mapping: dict[str, Any]
    preset: str | None
    marks: dict[str, str]
    source_info: SourceInfo

    def added_to(self, layout: Layout, doubts: tuple[Doubt, ...]) -> Layout:
        """Add the saved choices to a layout, which takes precedence."""
        mapping = self.mapping | mapping_of(layout.mapping)
        saved = msgspec.structs.replace(
            layout, mapping=mapping or None, preset=self.preset if layout.preset is None else layout.preset
        )
        answers = [
            choice
            for doubt in doubts
            for choice in doubt.choices
            if choice.layout.items() <= self.marks.items()
            and all(getattr(layout, name) is None for name in choice.layout)
        ]
        return with_choices(saved, answers)


class SavedLayouts:
    """Layouts that were confirmed for a command.

    Args:
        command: Name of the command; what is clear to one may be in doubt for another.
    """

    def __init__(self, command: str) -> None:
        self._command = command
        self._folder = state_folder() / "layouts"

    def any(self) -> bool:
        """Return whether any layout is saved."""
        return self._folder.is_dir() and next(self._folder.iterdir(), None) is not None

    def find(self, source_info: SourceInfo) -> SavedLayout | None:
        """Return the layout saved for files with these headers; None if there is none that can be read."""
        with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return msgspec.json.decode(self._path(source_info).read_bytes(), type=SavedLayout)
        return None

    def save(self, source_info: SourceInfo, shown: Preview) -> None:
        """Save a confirmed layout.

        Args:
            source_info: The source as detected with the options of the command alone; its headers are the key.
            shown: What was shown and confirmed.
        """
        layout = shown.layout
        marks = {name: value for name in _MARKS if (value := getattr(layout, name)) is not None}
        saved = SavedLayout(
            mapping=mapping_of(layout.mapping),
            preset=layout.preset,
            marks=marks,
            source_info=msgspec.structs.replace(shown.source_info, doubts=(), notes=()),
        )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self._path(source_info), msgspec.json.encode(saved))

    def forget(self, source_info: SourceInfo) -> None:
        """Delete the layout saved for files with these headers."""
        self._path(source_info).unlink(missing_ok=True)

    def _path(self, source_info: SourceInfo) -> Path:
        headers = [self._command, *(column.header.strip() for column in source_info.columns)]
        name = blake2b("\0".join(headers).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return self._folder / f"{name}.json"


def is_like(one: SourceInfo, other: SourceInfo) -> bool:
    """Return whether two files are read alike: same columns for the same fields, encoding and number format.

    A separator that only one of them has is no difference, nor is the row of the headers.
    """
    marks = ((one.decimal, other.decimal), (one.thousands, other.thousands))
    return (one.columns, one.encoding, one.sheet) == (other.columns, other.encoding, other.sheet) and all(
        mine is None or yours is None or mine == yours for mine, yours in marks
    )
