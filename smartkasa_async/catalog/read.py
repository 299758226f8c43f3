"""Opens a source, whatever it is, and reads its rows a few at a time."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sized
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from anyio import to_thread

from smartkasa_async.catalog.check import Origin
from smartkasa_async.catalog.csv_file import CsvFile
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.rows import MAPPING_COLUMNS, Row, row_from_item
from smartkasa_async.models import ProductCreate

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Item", "Reader", "Source", "open_source"]

Item = ProductCreate | Mapping[str, object]
"""One element of a caller's iterable: a product, or a mapping from headers or names of fields to values."""

Source = str | os.PathLike[str] | Iterable[Item] | AsyncIterable[Item]
"""What products can be imported from: the path of a CSV file, or an iterable of items."""


class Reader(Protocol):
    """An open source."""

    @property
    def origin(self) -> Origin:
        """Where the rows come from."""

    @property
    def fraction(self) -> float | None:
        """Share of the source that has been read, 0 to 1; None where its size is not known."""

    async def read(self, count: int) -> list[Row]:
        """Read the next rows, `count` at most; none are left when the list is empty."""


@asynccontextmanager
async def open_source(source: Source) -> AsyncIterator[Reader]:
    """Open a source and find out its form.

    Args:
        source: Path of a CSV file, or an iterable or async iterable of `ProductCreate` or mappings.

    Raises:
        OSError: The file cannot be opened.
        SourceError: The source is not a price list.
    """
    if isinstance(source, str | os.PathLike):
        file = await to_thread.run_sync(CsvFile, Path(source))
        try:
            yield _FileReader(file)
        finally:
            file.close()
    elif isinstance(source, AsyncIterable):
        yield _AsyncItemReader(source)
    elif isinstance(source, Iterable):
        yield _ItemReader(source)
    else:
        raise SourceError(
            f"The source is {type(source).__name__}; give the path of a CSV file, or an iterable of products"
        )


class _FileReader:
    """Reads a file in a worker thread, since a disk or a network drive may be slow."""

    def __init__(self, file: CsvFile) -> None:
        self.origin = Origin(file.name, file.columns)
        self._file = file
        self._rows: Iterator[Row] = iter(file)

    @property
    def fraction(self) -> float:
        return self._file.fraction

    async def read(self, count: int) -> list[Row]:
        return await to_thread.run_sync(lambda: list(islice(self._rows, count)))


class _ItemReader:
    def __init__(self, items: Iterable[Item]) -> None:
        self.origin = Origin("", MAPPING_COLUMNS)
        self._size = len(items) if isinstance(items, Sized) else None
        self._items = enumerate(items, start=1)
        self._done = 0

    @property
    def fraction(self) -> float | None:
        return self._done / self._size if self._size else None

    async def read(self, count: int) -> list[Row]:
        rows = [row_from_item(number, item) for number, item in islice(self._items, count)]
        self._done += len(rows)
        return rows


class _AsyncItemReader:
    fraction = None

    def __init__(self, items: AsyncIterable[Item]) -> None:
        self.origin = Origin("", MAPPING_COLUMNS)
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
            rows.append(row_from_item(self._done, item))
        return rows
