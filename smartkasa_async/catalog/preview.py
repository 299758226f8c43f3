"""`preview_source`: what would be made of a source, before anything is sent and without the service."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003  (msgspec resolves annotations)
from typing import TYPE_CHECKING, get_args

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support.arguments import check_choice, check_flags, check_whole
from smartkasa_async.catalog.checks.check import Checker, ProductDraft
from smartkasa_async.catalog.checks.counts import CountReader, CountRow
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.problems import Problem  # noqa: TC001  (likewise)
from smartkasa_async.catalog.source_location import KeyField
from smartkasa_async.catalog.sources.fields import REQUIRED, Field
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, check_layout
from smartkasa_async.catalog.sources.source import open_source
from smartkasa_async.catalog.sources.source_info import SourceInfo  # noqa: TC001  (likewise)
from smartkasa_async.models import UnitType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.questions import Doubt
    from smartkasa_async.catalog.sources.rows import Row
    from smartkasa_async.catalog.sources.source import Source
    from smartkasa_async.client import SmartKasa

_MOST_READ = 100
"""Rows among which good ones are looked for."""


class PreviewRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it would arrive.

    Attributes:
        line: Line of the file on which it begins; the row's number where the source is not a file.
        title: Title.
        price: Sale price, hryvnias.
        number: Barcode.
        alter_number: Article.
        remote_id: Id in the user's own system.
        count: Quantity in stock; only `sync_stock` uses it.
        unit: Unit of measure as the source names it; the service's own units are compared when the import begins.
        tax: Rate of tax, or tax letter, as the source names it.
        category: Path of the category, such as `Напої / Кава`.
        problems: What would keep the row out; empty for one that would arrive.
    """

    line: int
    title: str | None = None
    price: Decimal | None = None
    number: str | None = None
    alter_number: str | None = None
    remote_id: str | None = None
    count: Decimal | None = None
    unit: str | None = None
    tax: str | None = None
    category: str | None = None
    problems: tuple[Problem, ...] = ()


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What was detected about a source, and what its first rows would be.

    Attributes:
        source_info: Its form, which column is what, and the columns that are left alone.
        layout: The layout that it was opened with.
        rows: Rows as they would arrive; those that would be rejected come after those that would not.
    """

    source_info: SourceInfo
    layout: Layout
    rows: tuple[PreviewRow, ...]

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What may be read in several ways, with the choices; an import is refused while there are any."""
        return self.source_info.doubts

    @property
    def unused(self) -> tuple[str, ...]:
        """Headers of the columns that are left alone, each once."""
        return self.source_info.unmapped

    @property
    def notes(self) -> tuple[Problem, ...]:
        """What its owner should know besides, such as a column of barcodes that nothing uses."""
        return self.source_info.notes

    def describe(self, language: Language = "en") -> str:
        """Describe all of it, the rows last."""
        return "\n".join([self.source_info.describe(language), *(_line(row, language) for row in self.rows)])

    def __str__(self) -> str:
        return visible(self.describe())


async def preview_source(
    source: Source,
    *,
    key: KeyField = "number",
    counts: bool = False,
    layout: Layout | None = None,
    rows: int = 3,
    kasa: SmartKasa | None = None,
) -> Preview:
    """Show what `import_products` or `sync_stock` would make of a source, without calling the service.

    Args:
        source: As for `import_products`. Of an iterable that can be iterated once only, the rows shown are used up.
        key: What products are known by.
        counts: Whether it is shown as `sync_stock` would read it.
        layout: What is known about its form; `with_choices` adds the choices that were made.
        rows: Maximum number of rows that are shown.
        kasa: Client by whose proxy and certificates a link is fetched; None for the environment's.

    Returns:
        What was detected, the doubts with their choices, and the rows.

    Raises:
        OSError: The file cannot be opened.
        SourceError: The source is not a price list; `LinkError` where it could not be fetched.
        SourceDoubtfulError: Not even its headers can be read before a doubt about its letters is resolved.
        InvalidRequestError: The layout names a preset that does not exist, or its mapping is malformed.
        ConfigurationError: The package that reads such files is not installed.
    """
    check_layout(layout)
    check_choice("key", key, get_args(KeyField))
    check_flags(counts=counts)
    check_whole("rows", rows, least=0)
    required = (Field(key), Field.COUNT) if counts else REQUIRED
    network = None if kasa is None else kasa.network
    async with open_source(source, layout, required=required, network=network) as reader:
        read = await reader.read(_MOST_READ if rows else 0)
        look = _Look(reader.location, key, counts=counts)
        seen = [look.at(row) for row in read]
        chosen = sorted(seen, key=lambda row: bool(row.problems))[:rows]
        return Preview(source_info=reader.source_info, layout=layout or UNKNOWN_LAYOUT, rows=tuple(chosen))


class _AnyUnits(Units):
    """Takes any name for a unit, since only the service knows its own."""

    def find(self, text: str) -> UnitType:
        """Find a unit; what it is does not show."""
        return UnitType(id=0, name=text)


class _Look:
    """Reads rows as an import or a stock sync does, but for what only the service knows."""

    def __init__(self, location: SourceLocation, key: KeyField, *, counts: bool) -> None:
        self._positions = location.columns.positions
        self._checker = None if counts else Checker(location, _AnyUnits(()), key)
        self._counts = CountReader(location, key)

    def at(self, row: Row) -> PreviewRow:
        if self._checker is None:
            return self._count(row)
        checked = self._checker.check(row, is_exported=bool(self._checker.exported_id(row)))
        cells: Sequence[str] = row.content if isinstance(row.content, list) else ()
        if not isinstance(checked, ProductDraft):
            return PreviewRow(line=row.line, title=self._cell(cells, Field.TITLE), problems=checked.problems)
        product = checked.product
        counted = self._counts.read(row) if Field.COUNT in self._positions else None
        return PreviewRow(
            line=row.line,
            title=product.title,
            price=None if isinstance(product.price, msgspec.UnsetType) else product.price,
            number=product.number or None,
            alter_number=product.alter_number or None,
            remote_id=product.remote_id or None,
            count=counted.count if isinstance(counted, CountRow) else None,
            unit=self._cell(cells, Field.UNIT),
            tax=self._cell(cells, Field.TAX),
            category=None if checked.category is None else " / ".join(checked.category),
        )

    def _count(self, row: Row) -> PreviewRow:
        counted = self._counts.read(row)
        cells: Sequence[str] = row.content if isinstance(row.content, list) else ()
        return PreviewRow(
            line=row.line,
            title=self._cell(cells, Field.TITLE),
            number=self._cell(cells, Field.NUMBER),
            alter_number=self._cell(cells, Field.ALTER_NUMBER),
            remote_id=self._cell(cells, Field.REMOTE_ID),
            count=counted.count if isinstance(counted, CountRow) else None,
            problems=() if isinstance(counted, CountRow) else counted.problems,
        )

    def _cell(self, cells: Sequence[str], field: Field) -> str | None:
        position = self._positions.get(field, len(cells))
        return cells[position].strip() or None if position < len(cells) else None


def _line(row: PreviewRow, language: Language) -> str:
    if row.problems:
        described = "; ".join(problem.describe_in_row(language) for problem in row.problems)
        return in_language(msg("  line {line}: {row}", line=row.line, row=described), language)
    names = ("title", "price", "number", "alter_number", "count", "unit", "tax", "category")
    values = (getattr(row, name) for name in names)
    described = ", ".join(str(value) for value in values if value is not None)
    return in_language(msg("  line {line}: {row}", line=row.line, row=described), language)
