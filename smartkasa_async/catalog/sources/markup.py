"""What a file that begins with `<` is: a feed, other XML, a web page, a sheet, or a table after all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._i18n.message import msg
from smartkasa_async.catalog.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECLARED = re.compile(rb"<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([\w.:-]{1,40})", re.ASCII)
_DECLARATION = ("<?xml ", "<?xml\t", "<?xml\n", "<?xml\r")
_BEFORE_ROOT = re.compile(
    r"[\s\ufeff]+|<!--.*?-->|<\?.*?\?>|<!DOCTYPE\b(?:[^\[<>\"']|\"[^\"]*\"|'[^']*')*(?:\[.*?\]\s*)?>",
    re.DOTALL | re.IGNORECASE,
)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)", re.IGNORECASE)
_ROOT = re.compile(r"<([^\W\d][\w:.-]*)(?=[\s/>])")
_CELL = re.compile(r"<[^<>\n]*>(?:[^<>\n]*</[^<>\n]*>)?[;\t,|][^\S\n]*[^\s<]")
_PAGE = frozenset(
    {
        "html", "head", "body", "meta", "title", "style", "script", "link", "table", "thead", "tbody", "tr", "td", "th",
        "div", "span", "p", "br", "b", "i", "h1", "h2", "h3", "center", "font", "form", "img", "a", "ul", "ol", "pre",
    }
)  # fmt: skip
_SHEET = "urn:schemas-microsoft-com:office:spreadsheet"


class Markup(NamedTuple):
    """What text that begins with `<` begins with.

    Attributes:
        root: Its first element; empty where none is to be seen yet.
        is_page: Whether it is a web page, or a part of one.
        is_sheet: Whether it is a sheet of Excel 2003.
    """

    root: str
    is_page: bool
    is_sheet: bool


def find_markup(text: str) -> Markup | None:
    """Find out what a text is that begins with `<`.

    Args:
        text: Its beginning.

    Returns:
        What it is; None for a table whose first cell begins so.
    """
    position = max((before.end() for before in _before_root(text)), default=0)
    found = _ROOT.match(text, position)
    if _CELL.match(text, position):
        return None
    root = found[1] if found else ""
    return Markup(root, is_page=root.lower() in _PAGE or _is_doctype_of_page(text), is_sheet=_SHEET in text.lower())


def _before_root(text: str) -> Iterator[re.Match[str]]:
    """Find what stands before the first element: blanks, comments, instructions, the document type."""
    position = 0
    while before := _BEFORE_ROOT.match(text, position):
        yield before
        position = before.end()


def _is_doctype_of_page(text: str) -> bool:
    found = _DOCTYPE.search(text)
    return found is not None and found[1].lower() == "html"


def declared_encoding(head: bytes) -> str | None:
    """Find the encoding that an XML declaration names.

    Args:
        head: The first bytes of a file.
    """
    found = _DECLARED.search(head)
    return found[1].decode() if found else None


def without_declaration(text: str) -> str:
    """Take the XML declaration out of the beginning of a text, so that blank lines and comments may stand before it.

    Args:
        text: The beginning of a file; its lines stay as many.
    """
    start = end = lines = 0
    for before in _before_root(text):
        if before[0].startswith(_DECLARATION):
            start, end, lines = before.start(), before.end(), before[0].count("\n")
    return f"{text[:start]}{chr(10) * lines}".replace("\ufeff", "") + text[end:].removeprefix("\ufeff")


def not_a_feed(file: str, root: str) -> SourceError:
    """Say that XML is no feed.

    Args:
        file: Name of the file.
        root: Its first element.
    """
    return SourceError(
        msg(
            "{file} is XML with the root <{root}> and not <yml_catalog>; give a feed in the YML form, or CSV or XLSX",
            file=file,
            root=root,
        )
    )
