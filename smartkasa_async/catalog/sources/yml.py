"""YML feeds, the XML of Prom and Rozetka, read offer by offer with the package defusedxml of the extra `feeds`.

Entities are forbidden and nothing outside the file is read; a DOCTYPE is accepted, since real feeds have one. Other
files that begin with `<` are recognised here too: web pages, other XML, sheets, tables.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.extras import naming_extras
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.records import LocatedRecord, RecordFile
from smartkasa_async.catalog.sources.rows import UnreadableRow
from smartkasa_async.catalog.sources.text_file import doubting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from smartkasa_async.catalog.sources.fields import Field
    from smartkasa_async.catalog.sources.layout import Layout

_DECLARED = re.compile(rb"<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([\w.:-]{1,40})", re.ASCII)
_DECLARATION = ("<?xml ", "<?xml\t", "<?xml\n", "<?xml\r")
_BEFORE_FIRST_ELEMENT = re.compile(
    r"[\s\ufeff]+|<!--.*?-->|<\?.*?\?>|<!DOCTYPE\b(?:[^\[<>\"']|\"[^\"]*\"|'[^']*')*(?:\[.*?\]\s*)?>",
    re.DOTALL | re.IGNORECASE,
)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)", re.IGNORECASE)
_FIRST_ELEMENT = re.compile(r"<([^\W\d][\w:.-]*)(?=[\s/>])")
_CELL = re.compile(r"<[^<>\n]*>(?:[^<>\n]*</[^<>\n]*>)?[;\t,|][^\S\n]*[^\s<]")
_PAGE = frozenset(
    {
        "html", "head", "body", "meta", "title", "style", "script", "link", "table", "thead", "tbody", "tr", "td", "th",
        "div", "span", "p", "br", "b", "i", "h1", "h2", "h3", "center", "font", "form", "img", "a", "ul", "ol", "pre",
    }
)  # fmt: skip
_SHEET = "urn:schemas-microsoft-com:office:spreadsheet"

_CHUNK_SIZE = 64 * 1024
_LONGEST_OFFER = 1 << 20
_MOST_CATEGORIES = 1_000_000
_ROOT = "yml_catalog"
_CATEGORY = "categoryId"
_PATH_SIGNS = re.compile(r"\s*[>»→]\s*|\s+[/|\\]\s+")


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
    """Determine what a text is that begins with `<`.

    Returns:
        What it is; None for a table whose first cell begins so.
    """
    position = max((before.end() for before in _before_root(text)), default=0)
    found = _FIRST_ELEMENT.match(text, position)
    if _CELL.match(text, position):
        return None
    root = found[1] if found else ""
    return Markup(root, is_page=root.lower() in _PAGE or _is_doctype_of_page(text), is_sheet=_SHEET in text.lower())


def _before_root(text: str) -> Iterator[re.Match[str]]:
    """Find what stands before the first element: blanks, comments, instructions, the document type."""
    position = 0
    while before := _BEFORE_FIRST_ELEMENT.match(text, position):
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
    """Make the error that XML is no feed."""
    return SourceError(
        msg(
            "{file} is XML with the root <{root}> and not <yml_catalog>; give a feed in the YML form, or CSV or XLSX",
            file=file,
            root=root,
        )
    )


class YmlFile(RecordFile):
    """An open feed; iterating it gives its offers once."""

    def _open(self, layout: Layout, required: Collection[Field]) -> None:
        self._text = self._file.open("")
        with doubting(self.name, self._file.doubts):
            self._begin(self._read(), layout, required, format="YML")

    @staticmethod
    def _declared_encoding(head: bytes) -> str | None:
        return declared_encoding(head)

    def _read(self) -> Iterator[LocatedRecord]:
        offers = _Offers(self.name)
        parser, errors, forbidden = _make_parser(offers)
        offers.parser = parser.parser
        try:
            # The parser is given letters, so that it believes no declaration of how they are encoded.
            chunk = without_declaration(self._text.read(_CHUNK_SIZE))
            while chunk:
                parser.feed(chunk)
                yield from offers.take()
                chunk = self._text.read(_CHUNK_SIZE)
            self._close(parser, errors)
        except forbidden as error:
            raise SourceError(
                msg(
                    "{file} declares entities, which a feed has no need of; it may be an attack, ask who made it",
                    file=self.name,
                )
            ) from error
        except (errors, LookupError, ValueError) as error:
            raise SourceError(
                msg(
                    "{file} is not well-formed XML: {reason}; export the feed anew",
                    file=self.name,
                    reason=external_message(error),
                )
            ) from error
        yield from offers.take()
        if not offers.is_feed:
            raise not_a_feed(self.name, offers.root)

    def _close(self, parser: Any, errors: type[Exception]) -> None:
        try:
            parser.close()
        except errors as error:
            raise SourceError(
                msg(
                    "{file} was cut off: it ends before its last tag is closed ({reason}); export or upload the feed"
                    " anew",
                    file=self.name,
                    reason=external_message(error),
                )
            ) from error


class _Offers:
    """What the parser sends its events to; keeps the categories, and the offers until they are taken."""

    def __init__(self, file: str) -> None:
        self.parser: Any = None
        self.is_feed = False
        self.root = ""
        self._file = file
        self._path: list[str] = []
        self._text: list[str] = []
        self._size = 0
        self._offer: dict[str, object] | None = None
        self._line = 0
        self._category: tuple[str, str | None] | None = None
        self._categories: dict[str, tuple[str, str | None]] = {}
        self._done: list[LocatedRecord] = []

    def take(self) -> list[LocatedRecord]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag)
        self._text.clear()
        if len(self._path) == 1:
            self.is_feed = tag == _ROOT
            self.root = tag
        elif tag == "offer" and self._offer is None:
            self._offer = dict(attributes)
            self._line = self.parser.CurrentLineNumber
            self._size = 0
        elif tag == "category" and self._offer is None:
            self._category = attributes.get("id", ""), attributes.get("parentId")

    def data(self, text: str) -> None:
        if self._offer is None and self._category is None:
            return
        self._size += len(text)
        if self._size > _LONGEST_OFFER:
            raise SourceError(
                msg(
                    "{file}, line {line}: an offer of more than {count} characters; export the feed anew",
                    file=self._file,
                    line=self.parser.CurrentLineNumber,
                    count=_LONGEST_OFFER,
                )
            )
        self._text.append(text)

    def end(self, tag: str) -> None:
        self._path.pop()
        if self._offer is not None:
            if tag == "offer":
                self._done.append(LocatedRecord(self._line, self._complete(self._offer), self._offer))
                self._offer = None
            elif self._path[-1] == "offer" and tag != "param":
                self._offer.setdefault(tag, "".join(self._text).strip())
        elif tag == "category" and self._category is not None:
            number, parent = self._category
            self._categories[number] = "".join(self._text).strip(), parent
            self._category, self._size = None, 0
            if len(self._categories) > _MOST_CATEGORIES:
                raise SourceError(
                    msg(
                        "{file} has more than {count} categories; export the feed anew",
                        file=self._file,
                        count=_MOST_CATEGORIES,
                    )
                )
        self._text.clear()

    def close(self) -> None:
        """Note that the file is complete."""

    def _complete(self, offer: dict[str, object]) -> dict[str, object] | UnreadableRow:
        """Put the path of its category instead of the category's number, and a name together where there is none."""
        if not any(key.startswith("name") for key in offer) and "model" in offer:
            parts = (str(offer.get(key, "")) for key in ("typePrefix", "vendor", "model"))
            offer["name"] = " ".join(filter(None, parts))
        number = str(offer.get(_CATEGORY, ""))
        if number:
            path = self._category_path(number)
            if not path:
                return UnreadableRow(number, "category_undefined")
            offer[_CATEGORY] = path
        return offer

    def _category_path(self, number: str) -> str:
        """Join a category's title to those above it; signs that would divide a title are taken out of it."""
        titles: list[str] = []
        met: set[str] = set()
        current: str | None = number
        while current in self._categories and current not in met:
            met.add(current)
            title, current = self._categories[current]
            titles.append(_PATH_SIGNS.sub("/", title))
        return " / ".join(filter(None, reversed(titles)))


def _make_parser(target: _Offers) -> tuple[Any, type[Exception], type[Exception]]:
    with naming_extras():
        from defusedxml.common import DefusedXmlException  # noqa: PLC0415  (an optional package)
        from defusedxml.ElementTree import DefusedXMLParser, ParseError  # noqa: PLC0415  (an optional package)
    return DefusedXMLParser(target=target), ParseError, DefusedXmlException
