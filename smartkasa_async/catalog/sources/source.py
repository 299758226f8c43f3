"""Opening of any source by its kind, which the first bytes of a file decide, and reading of its rows in batches."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sized
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from anyio import to_thread

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support.network import Network
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.archives import unpacked
from smartkasa_async.catalog.sources.cells import trimmed
from smartkasa_async.catalog.sources.csv_file import CsvFile
from smartkasa_async.catalog.sources.encodings import byte_order_mark, wide_encoding
from smartkasa_async.catalog.sources.ending import WHOLE
from smartkasa_async.catalog.sources.fields import REQUIRED
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.links import fetched, is_link
from smartkasa_async.catalog.sources.records import RecordFile, RecordReader, row_from_item
from smartkasa_async.catalog.sources.rows import Cleaner, Row, RowFile
from smartkasa_async.catalog.sources.source_file import require_regular
from smartkasa_async.catalog.sources.source_info import OnSourceDetected, SourceInfo, answered
from smartkasa_async.catalog.sources.tables import ArrowTable, DataFrame, PolarsFrame, TableRows, is_stream, is_table
from smartkasa_async.catalog.sources.yml import Markup, find_markup
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.models import ProductCreate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from smartkasa_async.catalog.sources.ending import Ending
    from smartkasa_async.catalog.sources.fields import Field
    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.rows import RowFile
    from smartkasa_async.catalog.sources.source_file import SourceFile

_HEAD_SIZE = 64 * 1024
_TAR_OFFSET = 257
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

ReadT = TypeVar("ReadT")

Item = ProductCreate | Mapping[str, object]
"""One element of a caller's iterable: a product, or a mapping from headers or names of fields to values."""

Source = str | os.PathLike[str] | PolarsFrame | DataFrame | ArrowTable | Iterable[Item] | AsyncIterable[Item]
"""What products can be imported from: path or link of a file, table of polars, pandas or Arrow, or items one by one."""


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
    if head[_TAR_OFFSET:].startswith(b"ustar"):
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
        from smartkasa_async.catalog.sources.records import JsonlFile  # noqa: PLC0415  (rarely needed)

        return JsonlFile(path, layout, required)
    return CsvFile(path, layout, required)


def _beginning(head: bytes) -> str:
    """Read the first bytes well enough to recognize signs of ASCII, behind what is blank."""
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
    """Recognise JSON by its first sign, or by the name where one of the first lines is an object."""
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


class Reader(Protocol):
    """An open source."""

    @property
    def location(self) -> SourceLocation:
        """Where the rows come from."""

    @property
    def source_info(self) -> SourceInfo:
        """What was detected about the source."""

    @property
    def fraction(self) -> float | None:
        """Share of the source that has been read, 0 to 1; None where its size is not known."""

    @property
    def digest(self) -> str | None:
        """What its contents are known by; None where it is no file."""

    @property
    def cleaner(self) -> Cleaner:
        """What removes from its rows what nobody sees."""

    @property
    def ending(self) -> Ending:
        """Whether it ends as a whole source does; known when all rows have been read."""

    async def read(self, count: int) -> list[Row]:
        """Read the next rows, `count` at most; none are left when the list is empty.

        Raises:
            SourceError: The source cannot be read to its end, or changed while it was read; these rows do not count.
        """

    async def compare(self) -> None:
        """Make sure that a file still has the contents that it was opened with; others are whole when they end.

        Raises:
            SourceError: It has others, or cannot be read.
        """


def check_source(source: object) -> None:
    """Check that an argument may be a source; what is in it is seen when it is opened.

    Raises:
        InvalidRequestError: It is not: a number, one row, one product, bytes.
    """
    is_path = isinstance(source, str | os.PathLike) and os.fspath(source)
    is_single = isinstance(source, str | os.PathLike | bytes | bytearray | Mapping | ProductCreate)
    if not is_path and (is_single or not (isinstance(source, Iterable | AsyncIterable) or _is_frame(source))):
        message = msg(
            "{field} is of type {type}; give the path or link of a price list, a table, or products or rows in a list",
            field=argument("source"),
            type=type(source).__name__,
        )
        raise InvalidRequestError(message, field="source")


def _is_frame(source: object) -> bool:
    return hasattr(source, "collect_schema") or is_table(source)  # of a LazyFrame, any look at its columns costs


@asynccontextmanager
async def open_source(
    source: Source,
    layout: Layout | None = None,
    *,
    required: Collection[Field] = REQUIRED,
    network: Network | None = None,
    on_source_detected: OnSourceDetected | None = None,
) -> AsyncIterator[Reader]:
    """Open a source and detect its format; its doubts are in `source_info`.

    Args:
        source: Path or link of a file (CSV, XLSX, XLS, ODS, JSONL, YML, also packed by gzip); a table of polars, pandas
            or Arrow; or an iterable or async iterable of `ProductCreate` or mappings.
        layout: What the caller knows about its form.
        required: Fields without which a file or a table is of no use.
        network: How a link is fetched; None for the environment's.
        on_source_detected: Called with what was detected; where it answers, the source is opened again by the answer.

    Raises:
        OSError: The file cannot be opened.
        SourceError: The source is not a price list.
        LinkError: It could not be fetched from its link.
        InvalidRequestError: The layout names a preset that does not exist, or its mapping is malformed.
        ConfigurationError: The package that reads such files is not installed.
    """
    check_source(source)
    layout = layout or UNKNOWN_LAYOUT
    if hasattr(source, "collect") and hasattr(source, "collect_schema"):
        raise SourceError(msg("The source is a LazyFrame of polars; call its .collect() first and give the table"))
    if is_link(source):
        async with (
            fetched(source, network or Network.of()) as path,
            open_source(path, layout, required=required, on_source_detected=on_source_detected) as reader,
        ):
            yield reader
        return
    if not (isinstance(source, str | os.PathLike) or is_table(source)):
        layout = answered(layout, None if on_source_detected is None else on_source_detected(_Items.source_info))
        matcher = await to_thread.run_sync(partial(HeaderMatcher.of, layout, required))
        yield _open_items(source, RecordReader(_for_keys(matcher)))
        return
    if isinstance(source, str | os.PathLike):
        async with unpacked(Path(source)) as path, _read(path, layout, required, on_source_detected) as reader:
            yield reader
        return
    async with _read(source, layout, required, on_source_detected) as reader:
        yield reader


@asynccontextmanager
async def _read(
    source: Path | PolarsFrame | DataFrame | ArrowTable,
    layout: Layout,
    required: Collection[Field],
    on_source_detected: OnSourceDetected | None,
) -> AsyncIterator[Reader]:
    file = await _opened(source, layout, required)
    try:
        if (
            on_source_detected is not None
            and (changed := answered(layout, on_source_detected(file.source_info))) != layout
        ):
            file.close()
            file = await _opened(source, changed, required, has_begun=True)
        yield _FileReader(file)
    finally:
        file.close()


async def _opened(
    source: Path | PolarsFrame | DataFrame | ArrowTable,
    layout: Layout,
    required: Collection[Field],
    *,
    has_begun: bool = False,
) -> RowFile:
    if isinstance(source, Path):
        return await to_thread.run_sync(open_file, source, layout, required)
    if has_begun and is_stream(source):
        raise SourceError(
            msg("The source is a stream of batches, which is read once only; give layout= instead of answering")
        )
    return await to_thread.run_sync(TableRows, source, layout, required)


def _open_items(source: Any, records: RecordReader) -> Reader:
    return _AsyncItemReader(source, records) if isinstance(source, AsyncIterable) else _ItemReader(source, records)


def _for_keys(matcher: HeaderMatcher) -> HeaderMatcher:
    if matcher.positions:
        raise SourceError(
            msg(
                "{mapping} gives {fields} the number of a column; items have none, give their keys",
                mapping=argument("mapping"),
                fields=", ".join(matcher.positions),
            )
        )
    return matcher


def _location(file: RowFile) -> SourceLocation:
    """Name a file as the location of problems; the rejected rows of a CSV file are written in its own form."""
    if isinstance(file, CsvFile):
        return SourceLocation(file.name, file.columns, file.encoding, file.header.delimiter)
    return SourceLocation(file.name, file.columns, is_grid=not isinstance(file, RecordFile))


class _FileReader:
    """Reads a file in a worker thread, since a disk or a network drive may be slow."""

    def __init__(self, file: RowFile) -> None:
        self.location = _location(file)
        self.source_info = file.source_info
        self.cleaner = Cleaner(self.location)
        self._file = file
        self._rows: Iterator[Row] = iter(file)

    @property
    def fraction(self) -> float | None:
        return self._file.fraction

    @property
    def digest(self) -> str | None:
        return None if self._file.source is None else self._file.source.digest

    @property
    def ending(self) -> Ending:
        return self._file.ending

    async def read(self, count: int) -> list[Row]:
        return await to_thread.run_sync(self._read, count)

    async def compare(self) -> None:
        if (source := self._file.source) is not None:
            await to_thread.run_sync(_in_words(source.compare, source))

    def _read(self, count: int) -> list[Row]:
        source = self._file.source
        if source is None:
            return self.cleaner.clean(list(islice(self._rows, count)))
        rows = _in_words(lambda: list(islice(self._rows, count)), source)()
        # What a change has brought is seen before it is handed on.
        _in_words(source.check if rows else source.check_read, source)()
        return self.cleaner.clean(rows)


def _in_words(read: Callable[[], ReadT], source: SourceFile) -> Callable[[], ReadT]:
    """Raise for a disk that fails, which is no end of a file."""

    def attempt() -> ReadT:
        try:
            return read()
        except OSError as error:
            raise source.unreadable(error) from error

    return attempt


class _Items:
    """What holds for sources that give items: they end by themselves or raise, and cannot be compared."""

    source_info = SourceInfo(file="", format="items")
    digest = None
    ending = WHOLE

    async def compare(self) -> None: ...


class _ItemReader(_Items):
    def __init__(self, items: Iterable[Item], records: RecordReader) -> None:
        self.location = SourceLocation("", records.columns, is_grid=False)
        self.cleaner = Cleaner(self.location, lambda: records.keys_cleaned)
        self._records = records
        self._size = len(items) if isinstance(items, Sized) else None
        self._items = enumerate(items, start=1)
        self._done = 0

    @property
    def fraction(self) -> float | None:
        return self._done / self._size if self._size else None

    async def read(self, count: int) -> list[Row]:
        rows = [row_from_item(number, item, self._records) for number, item in islice(self._items, count)]
        self._done += len(rows)
        return self.cleaner.clean(rows)


class _AsyncItemReader(_Items):
    fraction = None

    def __init__(self, items: AsyncIterable[Item], records: RecordReader) -> None:
        self.location = SourceLocation("", records.columns, is_grid=False)
        self.cleaner = Cleaner(self.location, lambda: records.keys_cleaned)
        self._records = records
        self._items = aiter(items)
        self._done = 0

    async def read(self, count: int) -> list[Row]:
        rows: list[Row] = []
        while len(rows) < count:
            try:
                item = await anext(self._items)
            except StopAsyncIteration:
                break
            self._done += 1
            rows.append(row_from_item(self._done, item, self._records))
        return self.cleaner.clean(rows)
