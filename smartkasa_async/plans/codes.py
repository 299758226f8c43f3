"""Whose each code of the catalogue is, so that no plan gives two products the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.catalog.checks.counts import read_key
from smartkasa_async.catalog.sending.catalogue import shown_fields
from smartkasa_async.catalog.source_location import KeyField, normalise_key
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.rows import UnreadableRow
from smartkasa_async.jobs.journal_sqlite import SqliteJournal
from smartkasa_async.models import ProductCreate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from smartkasa_async.catalog.sources.rows import Row
    from smartkasa_async.jobs.journal import KnownItem
    from smartkasa_async.models import Product

CODES: tuple[KeyField, ...] = ("number", "alter_number", "remote_id")
"""What a row can know a product by, besides its id."""


class IndexedCatalogue(SqliteJournal):
    """The service's catalogue in a temporary journal, and the products that have each code."""

    def __init__(self) -> None:
        super().__init__(None)
        self._owners: dict[tuple[KeyField, str], list[str]] = {}
        self._titles: dict[str, str] = {}

    async def forget_known(self) -> None:
        """Drop the products."""
        self._owners.clear()
        self._titles.clear()
        await super().forget_known()

    async def add_known(self, items: Sequence[KnownItem]) -> None:
        """Keep products."""
        for item in items:
            fields = shown_fields(item.fields)
            self._titles[item.id] = f"{fields.get(Field.TITLE, '')}"
            for code in CODES:
                if value := normalise_key(code, f"{fields.get(code) or ''}"):
                    self._owners.setdefault((code, value), []).append(item.id)
        await super().add_known(items)

    def owners(self, code: KeyField, value: str) -> Collection[str]:
        """Return the ids of the products that have a code, normalised as keys are."""
        return self._owners.get((code, value), ())

    def title(self, product_id: str) -> str:
        """Return the title of a product."""
        return self._titles.get(product_id, "")


def is_called(product: Product, key: str, after: Mapping[str, Any]) -> bool:
    """Return whether a product is what a planned change calls by its key, be it a code that it has or is to get.

    Args:
        product: The product.
        key: What the source calls it.
        after: What it is to have.
    """
    return key == product.id or any(
        value and normalise_key(code, f"{value}") == read_key(key, code)[1]
        for code in CODES
        for value in (getattr(product, code), after.get(code))
    )


def codes_of(row: Row, positions: Mapping[Field, int]) -> dict[KeyField, str]:
    """Read the codes in a row, normalised as keys are; those that it has none of are left out.

    Args:
        row: The row.
        positions: Where the fields are in it.
    """
    read = {code: read_key(text_of(row, positions, Field(code)), code)[1] for code in CODES}
    return {code: value for code, value in read.items() if value}


def text_of(row: Row, positions: Mapping[Field, int], field: Field) -> str:
    """Return what a row has in a field, without blanks around it; empty for nothing."""
    content, position = row.content, positions.get(field)
    if isinstance(content, ProductCreate):
        return f"{getattr(content, field, None) or ''}".strip()
    if isinstance(content, UnreadableRow) or position is None or position >= len(content):
        return ""
    return content[position].strip()
