"""Which kind of file a path stands for: its first bytes tell, not its name."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from smartkasa_async._phrases import phrase
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.reading.csv_file import CsvFile
from smartkasa_async.catalog.reading.encodings import detect_encoding
from smartkasa_async.catalog.reading.source_file import require_regular

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from smartkasa_async.catalog.reading.columns import Field
    from smartkasa_async.catalog.reading.layout import Layout
    from smartkasa_async.catalog.reading.rows import RowFile

__all__ = ["open_file"]

_HEAD_SIZE = 4096
_PACKAGE = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON_LINES = (".jsonl", ".ndjson", ".jl", ".json")
_REFUSED = (
    (b"%PDF", phrase("a PDF document; ask for the price list as XLSX or CSV")),
    (b"PAR1", phrase("a Parquet file; read it with polars or pandas and give the table")),
    (b"\x1f\x8b", phrase("a gzip archive; unpack it")),
    (b"Rar!", phrase("a RAR archive; unpack it")),
    (b"7z\xbc\xaf\x27\x1c", phrase("a 7z archive; unpack it")),
    (b"PK\x05\x06", phrase("an empty ZIP archive; export the price list anew")),
    (b"SQLite format 3\0", phrase("a database; export the price list as CSV")),
    (b"{\\rtf", phrase("a text document; save the table as XLSX or CSV")),
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
    with path.open("rb") as file:
        head = file.read(_HEAD_SIZE)
    for mark, kind in _REFUSED:
        if head.startswith(mark):
            raise SourceError(phrase("{file} is {kind}", file=path.name, kind=kind))
    if head.startswith((_PACKAGE, _COMPOUND)):
        from smartkasa_async.catalog.reading.sheets import SheetFile  # noqa: PLC0415  (needs an optional package)

        return SheetFile(path, layout, required)
    text = _beginning(head, layout)
    if text.startswith("<"):
        _check_markup(path, text)
        from smartkasa_async.catalog.reading.yml import YmlFile  # noqa: PLC0415  (needs an optional package)

        return YmlFile(path, layout, required)
    if text.startswith("{") or path.suffix.lower() in _JSON_LINES:
        from smartkasa_async.catalog.reading.jsonl import JsonlFile  # noqa: PLC0415  (rarely needed)

        return JsonlFile(path, layout, required)
    return CsvFile(path, layout, required)


def _beginning(head: bytes, layout: Layout) -> str:
    text = head.decode(layout.encoding or detect_encoding([head]), "replace")
    return text.removeprefix(codecs.BOM_UTF8.decode()).lstrip()


def _check_markup(path: Path, text: str) -> None:
    """Refuse what has the form of XML and is no feed: pages and sheets of old spreadsheet programs."""
    lowered = text.casefold()
    if lowered.startswith(("<html", "<!doctype html", "<table", "<meta", "<style")) or "<html" in lowered:
        raise SourceError(
            phrase(
                "{file} is a web page, as some programs save their tables; open it in a spreadsheet program and save it"
                " as XLSX",
                file=path.name,
            )
        )
    if "urn:schemas-microsoft-com:office:spreadsheet" in lowered:
        raise SourceError(
            phrase(
                "{file} is an XML sheet of Excel 2003; open it in a spreadsheet program and save it as XLSX",
                file=path.name,
            )
        )
