"""Which kind of file a path stands for: its first bytes tell, not its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.csv_file import CsvFile
from smartkasa_async.catalog.sources.encodings import byte_order_mark, wide_encoding
from smartkasa_async.catalog.sources.invisible import trimmed
from smartkasa_async.catalog.sources.markup import Markup, find_markup
from smartkasa_async.catalog.sources.source_file import require_regular

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from smartkasa_async.catalog.sources.columns import Field
    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.rows import RowFile

_HEAD_SIZE = 64 * 1024
_TAR_PLACE = 257
_PACKAGE = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARRAY = re.compile(r"\[\s*(?:[{\[\"\]]|$)")
_DOCUMENT = re.compile(r'\{\s*(?:$|\n\s*"|"[^"\n]*"\s*:\s*[\[{]\s*\n)')
_JSON_LINES = (".jsonl", ".ndjson", ".jl", ".json")
_REFUSED = (
    (b"%PDF", msg("a PDF document; ask for the price list as XLSX or CSV")),
    (b"PAR1", msg("a Parquet file; read it with polars or pandas and give the table")),
    (b"\x1f\x8b", msg("a gzip archive; unpack it")),
    (b"Rar!", msg("a RAR archive; unpack it")),
    (b"7z\xbc\xaf\x27\x1c", msg("a 7z archive; unpack it")),
    (b"PK\x05\x06", msg("an empty ZIP archive; export the price list anew")),
    (b"SQLite format 3\0", msg("a database; export the price list as CSV")),
    (b"{\\rtf", msg("a text document; save the table as XLSX or CSV")),
)


def open_file(path: Path, layout: Layout, required: Collection[Field]) -> RowFile:
    """Open a file of any format.

    Args:
        path: The file.
        layout: What the caller knows.
        required: Fields without which the file is of no use.

    Raises:
        OSError: The file cannot be opened.
        SourceError: It is not a file, or not a price list that can be read.
        ConfigurationError: The package that reads such files is not installed.
    """
    require_regular(path)
    name = visible(path.name)
    with path.open("rb") as file:
        head = file.read(_HEAD_SIZE)
    for mark, kind in _REFUSED:
        if head.startswith(mark):
            raise SourceError(msg("{file} is {kind}", file=name, kind=kind))
    if head[_TAR_PLACE:].startswith(b"ustar"):
        raise SourceError(msg("{file} is {kind}", file=name, kind=msg("a tar archive; unpack it")))
    if head.startswith((_PACKAGE, _COMPOUND)):
        from smartkasa_async.catalog.sources.sheets import SheetFile  # noqa: PLC0415  (needs an optional package)

        return SheetFile(path, layout, required)
    text = _beginning(head)
    if text.startswith("<") and (markup := find_markup(text)) is not None:
        _require_feed(name, markup)
        from smartkasa_async.catalog.sources.yml import YmlFile  # noqa: PLC0415  (needs an optional package)

        return YmlFile(path, layout, required)
    if _is_json(text, path):
        _require_lines(name, text)
        from smartkasa_async.catalog.sources.jsonl import JsonlFile  # noqa: PLC0415  (rarely needed)

        return JsonlFile(path, layout, required)
    return CsvFile(path, layout, required)


def _beginning(head: bytes) -> str:
    """Read the first bytes well enough to tell signs of ASCII, behind what is blank."""
    mark = byte_order_mark(head)
    encoding = (mark and mark.encoding) or wide_encoding(head) or "utf-8"
    text = head[0 if mark is None or mark.encoding else mark.size :].decode(encoding, "replace")
    return trimmed(text)


def _require_feed(name: str, markup: Markup) -> None:
    """Refuse what has the form of XML and is no feed: pages and sheets of old spreadsheet programs."""
    if markup.is_page:
        raise SourceError(
            msg(
                "{file} is a web page, as some programs save their tables; open it in a spreadsheet program and save it"
                " as XLSX",
                file=name,
            )
        )
    if markup.is_sheet:
        raise SourceError(
            msg("{file} is an XML sheet of Excel 2003; open it in a spreadsheet program and save it as XLSX", file=name)
        )


def _is_json(text: str, path: Path) -> bool:
    """Tell JSON by its first sign, or by the name where one of the first lines is an object."""
    if text.startswith("{") or _ARRAY.match(text):
        return True
    return path.suffix.lower() in _JSON_LINES and any(line.lstrip().startswith("{") for line in text.splitlines())


def _require_lines(name: str, text: str) -> None:
    """Refuse one JSON document that takes several lines."""
    if _ARRAY.match(text):
        raise SourceError(msg("{file} is one JSON array; write one object a line (JSONL), or give the list", file=name))
    if _DOCUMENT.match(text):
        raise SourceError(
            msg("{file} is one JSON document over several lines; write one object a line (JSONL)", file=name)
        )
