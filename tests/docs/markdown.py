"""The parts of a Markdown file that can be checked: code blocks, tables, headings, links."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

__all__ = ["PROJECT", "Block", "Document"]

PROJECT = Path(__file__).parent.parent.parent

_FENCE = re.compile(
    r"(?:^<!-- file: (?P<file>\S+)(?: (?P<encoding>[\w-]+))? -->\n)?"
    r"^ *```(?P<language>\w+)\n(?P<code>.*?)^ *```$",
    re.DOTALL | re.MULTILINE,
)
_TOOLS = ("make ", "python -m ", "pip ", "smartkasa ")
_ROW = re.compile(r"^ *\| (.+) \|$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


class Block(NamedTuple):
    """A fenced block.

    Attributes:
        language: Word behind the fence.
        code: What stands in it, without the indentation that it shares.
        line: Line of the file on which the code begins.
        file: Name of the file that it shows, by the comment above the fence; None for none.
        encoding: Encoding of that file.
    """

    language: str
    code: str
    line: int
    file: str | None = None
    encoding: str = "utf-8"

    @property
    def padded(self) -> str:
        """The code below as many empty lines as stand before it, so that a traceback names the file's own lines."""
        return "\n" * (self.line - 1) + self.code


class Document:
    """A Markdown file of the project.

    Args:
        name: Its path below the project's folder.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = (PROJECT / name).read_text("utf-8")
        self.blocks = [
            Block(
                match["language"],
                dedent(match["code"]),
                self.text.count("\n", 0, match.start("code")) + 1,
                match["file"],
                match["encoding"] or "utf-8",
            )
            for match in _FENCE.finditer(self.text)
        ]
        self._prose = _FENCE.sub("", self.text)

    def blocks_in(self, language: str) -> list[Block]:
        """List the blocks in one language."""
        return [block for block in self.blocks if block.language == language]

    def table(self, heading: str) -> list[list[str]]:
        """Give the cells of the rows of the tables below a heading, headers left out."""
        section = re.split(r"^#+ ", self._prose.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
        rows = [row.split(" | ") for row in _ROW.findall(section)]
        return [row for row in rows[1:] if set("".join(row)) - set("-: ")]

    @property
    def anchors(self) -> set[str]:
        """What a link within the file can name."""
        headings = re.findall(r"^#+ (.+)$", self._prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    @property
    def links(self) -> list[str]:
        """The targets of all links."""
        return re.findall(r"\]\(([^)\s]+)\)", self._prose)

    @property
    def snippets(self) -> list[str]:
        """All pieces of code inside sentences and tables."""
        return _CODE.findall(self._prose)

    @property
    def commands(self) -> list[str]:
        """The lines of the shell blocks, and the commands inside sentences."""
        lines = [line for block in self.blocks_in("sh") for line in block.code.splitlines() if line.strip()]
        return lines + [snippet for snippet in self.snippets if snippet.startswith(_TOOLS)]
