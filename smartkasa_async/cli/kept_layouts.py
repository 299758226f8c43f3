"""Layouts that the user has confirmed, remembered by the headers of the files that they hold for."""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._support.files import replace_file
from smartkasa_async.catalog import SourceInfo, with_choices
from smartkasa_async.catalog.sources.header_matcher import mapping_of
from smartkasa_async.cli.secrets import state_folder

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.catalog import Doubt, Layout, Preview

_MARKS = ("encoding", "decimal", "thousands")
"""Attributes of a layout that answer a doubt, and are otherwise found out anew for each file."""


class KeptLayout(msgspec.Struct, frozen=True, kw_only=True):
    """A layout that was confirmed.

    Attributes:
        mapping: Which columns the user has said.
        preset: Which preset the user has said.
        marks: What else the user has said, by the attributes of `Layout`; it only answers the same doubt.
        findings: What was shown.
    """

    mapping: dict[str, Any]
    preset: str | None
    marks: dict[str, str]
    findings: SourceInfo

    def added_to(self, layout: Layout, doubts: tuple[Doubt, ...]) -> Layout:
        """Add what was said then to what the command says now, which goes before it.

        Args:
            layout: What the command says.
            doubts: What is in doubt about the file now.
        """
        mapping = self.mapping | mapping_of(layout.mapping)
        kept = msgspec.structs.replace(
            layout, mapping=mapping or None, preset=self.preset if layout.preset is None else layout.preset
        )
        answers = [
            choice
            for doubt in doubts
            for choice in doubt.choices
            if choice.layout.items() <= self.marks.items()
            and all(getattr(layout, name) is None for name in choice.layout)
        ]
        return with_choices(kept, answers)


class KeptLayouts:
    """The layouts that were confirmed for one command.

    Args:
        command: Name of the command: what is clear to one may be in doubt for another.
    """

    def __init__(self, command: str) -> None:
        self._command = command
        self._folder = state_folder() / "layouts"

    def any(self) -> bool:
        """Tell whether any layout is remembered."""
        return self._folder.is_dir() and next(self._folder.iterdir(), None) is not None

    def find(self, findings: SourceInfo) -> KeptLayout | None:
        """Find what was confirmed for files with the headers of this one; a file that cannot be read holds nothing."""
        with suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return msgspec.json.decode(self._path(findings).read_bytes(), type=KeptLayout)
        return None

    def keep(self, findings: SourceInfo, shown: Preview) -> None:
        """Remember what was confirmed.

        Args:
            findings: What was found out by the options of the command alone, by which it is found next time.
            shown: What was shown and confirmed.
        """
        layout = shown.layout
        marks = {name: value for name in _MARKS if (value := getattr(layout, name)) is not None}
        kept = KeptLayout(
            mapping=mapping_of(layout.mapping),
            preset=layout.preset,
            marks=marks,
            findings=msgspec.structs.replace(shown.findings, doubts=(), notes=()),
        )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self._path(findings), msgspec.json.encode(kept))

    def forget(self, findings: SourceInfo) -> None:
        """Forget what was confirmed for files with the headers of this one."""
        self._path(findings).unlink(missing_ok=True)

    def _path(self, findings: SourceInfo) -> Path:
        headers = [self._command, *(column.header.strip() for column in findings.columns)]
        name = blake2b("\0".join(headers).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return self._folder / f"{name}.json"


def is_like(one: SourceInfo, other: SourceInfo) -> bool:
    """Tell whether two files are read alike: the same columns for the same fields, letters and marks.

    A mark that only one of them shows is no difference, nor is where the headers stand.
    """
    marks = ((one.decimal, other.decimal), (one.thousands, other.thousands))
    return (one.columns, one.encoding, one.sheet) == (other.columns, other.encoding, other.sheet) and all(
        mine is None or yours is None or mine == yours for mine, yours in marks
    )
