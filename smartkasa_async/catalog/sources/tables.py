"""Tables of polars, pandas and Arrow, recognised by what they can do, so that none of these packages is imported."""

from __future__ import annotations

from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, runtime_checkable

from smartkasa_async._i18n.message import msg
from smartkasa_async.catalog.sources.cells import cell_text, narrow_bits, narrow_text, number_text
from smartkasa_async.catalog.sources.fields import NUMBERS, REQUIRED
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.rows import Row, RowFile
from smartkasa_async.catalog.sources.sampling import look_at
from smartkasa_async.catalog.sources.source_info import SourceInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from smartkasa_async.catalog.sources.columns import Columns
    from smartkasa_async.catalog.sources.fields import Field

_CHUNK_ROWS = 10_000
_SAMPLE_ROWS = 200

_Values = tuple[Any, ...]


@runtime_checkable
class PolarsFrame(Protocol):
    """A DataFrame of polars."""

    @property
    def columns(self) -> Iterable[Any]:
        """Names of the columns."""

    @property
    def dtypes(self) -> Iterable[Any]:
        """Types of the columns."""

    @property
    def iter_slices(self) -> Callable[..., Any]:
        """Return the table in parts."""

    @property
    def iter_rows(self) -> Callable[..., Any]:
        """Return the rows one by one."""


@runtime_checkable
class DataFrame(Protocol):
    """A DataFrame of pandas."""

    @property
    def columns(self) -> Iterable[Any]:
        """Names of the columns."""

    @property
    def dtypes(self) -> Iterable[Any]:
        """Types of the columns."""

    @property
    def itertuples(self) -> Callable[..., Any]:
        """Return the rows one by one."""

    @property
    def iloc(self) -> Any:
        """Return parts by position."""


@runtime_checkable
class ArrowTable(Protocol):
    """A Table, RecordBatch or RecordBatchReader of Arrow."""

    @property
    def schema(self) -> Any:
        """Names and types of the columns."""


def is_table(source: object) -> TypeGuard[PolarsFrame | DataFrame | ArrowTable]:
    """Return whether a source is a table that can be read."""
    if isinstance(source, PolarsFrame | DataFrame):
        return True
    return isinstance(source, ArrowTable) and hasattr(source.schema, "names")


def is_stream(table: object) -> bool:
    """Return whether a table can be read once only, as a reader of Arrow's batches."""
    return not (isinstance(table, PolarsFrame | DataFrame) or hasattr(table, "num_rows"))


class TableRows(RowFile):
    """A table; iterating it gives its rows once, part by part."""

    name = ""

    def __init__(
        self,
        table: PolarsFrame | DataFrame | ArrowTable,
        layout: Layout = UNKNOWN_LAYOUT,
        required: Collection[Field] = REQUIRED,
    ) -> None:
        """Determine what the columns mean.

        Raises:
            SourceError: Two columns claim one field, or a required one is missing.
        """
        headers, dtypes, rows, self._size = _open(table)
        matcher = HeaderMatcher.of(layout, required).recognised(headers, "table")
        columns = matcher.match(headers, file=msg("table"))
        sample = list(islice(rows, _SAMPLE_ROWS))
        self._texts = _texts(columns, dtypes)
        self.columns, facts = look_at(columns, list(map(self._cells, sample)), layout, matcher, file="")
        self._rows = chain(sample, rows)
        self._done = 0
        self.source_info: SourceInfo = SourceInfo(
            file="",
            format="table",
            first_row=1 if sample else None,
            last_row=self._size,
            **facts,
        )

    def __iter__(self) -> Iterator[Row]:
        for values in self._rows:
            self._done += 1
            cells = self._cells(values)
            if any(map(str.strip, cells)):
                yield Row(self._done, self._done, cells)

    def _cells(self, values: _Values) -> list[str]:
        return [text(value) for text, value in zip(self._texts, values, strict=True)]

    @property
    def fraction(self) -> float | None:
        """Share of the table that has been read, 0 to 1; None for a stream of batches."""
        return self._done / self._size if self._size else None

    def close(self) -> None:
        """Leave the table to its owner."""


def _texts(columns: Columns, dtypes: Iterable[Any]) -> list[Callable[[Any], str]]:
    """Return for each column what writes its values."""
    numbers = {columns.positions[field] for field in NUMBERS if field in columns.positions}
    texts: list[Callable[[Any], str]] = []
    for position, dtype in enumerate(dtypes):
        bits = narrow_bits(dtype)
        if bits is not None:
            texts.append(partial(narrow_text, bits=bits, decimals=2 if position in numbers else None))
        else:
            texts.append(number_text if position in numbers else cell_text)
    return texts


def _open(
    table: PolarsFrame | DataFrame | ArrowTable,
) -> tuple[tuple[str, ...], list[Any], Iterator[_Values], int | None]:
    """Return the names and types of a table's columns, its rows, and how many there are, None for a stream."""
    if isinstance(table, PolarsFrame | DataFrame):
        rows = _polars_rows(table) if isinstance(table, PolarsFrame) else _pandas_rows(table)
        return _names(table.columns), list(table.dtypes), rows, _length(table)
    schema = table.schema
    types = list(getattr(schema, "types", [None] * len(schema.names)))
    return _names(schema.names), types, _arrow_rows(table), getattr(table, "num_rows", None)


def _names(columns: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(str, columns))


def _length(table: Any) -> int:
    return len(table)


def _polars_rows(table: PolarsFrame) -> Iterator[_Values]:
    for part in table.iter_slices(_CHUNK_ROWS):
        yield from part.iter_rows()


def _pandas_rows(table: DataFrame) -> Iterator[_Values]:
    for start in range(0, _length(table), _CHUNK_ROWS):
        part = table.iloc[start : start + _CHUNK_ROWS]
        filled = part.astype(object).where(part.notna(), None)
        yield from filled.itertuples(index=False, name=None)


def _arrow_rows(table: Any) -> Iterator[_Values]:
    if hasattr(table, "to_batches"):
        batches = table.to_batches(max_chunksize=_CHUNK_ROWS)
    elif hasattr(table, "columns"):
        batches = [table]
    else:
        batches = table
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        yield from zip(*columns, strict=True)
