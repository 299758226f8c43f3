"""Products and cards for the tests of counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.columns import Columns
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.models import Product, StockCard
from smartkasa_async.stock.index import KnownCard
from smartkasa_async.stock.plan import Change

__all__ = ["NOW", "ORIGIN", "SHOP", "card", "change", "known", "product"]

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHOP = 7
ORIGIN = SourceLocation("stock.csv", Columns(("Штрихкод", "Залишок"), {Field.NUMBER: 0, Field.COUNT: 1}, ()))


def product(id: str, number: str | None, **fields: Any) -> Product:
    return Product(
        id=id, title=f"Товар {id}", price=Decimal(1), created_at=NOW, updated_at=NOW, number=number, **fields
    )


def card(id: int, product_id: str, count: str | None, shop_id: int = SHOP) -> StockCard:
    return StockCard(
        id=id,
        product_id=product_id,
        shop_id=shop_id,
        created_at=NOW,
        updated_at=NOW,
        counting_enabled=True,
        count=None if count is None else Decimal(count),
    )


def known(count: str | None = "5", *, id: int = 1, minutes: int = 0) -> KnownCard:
    return KnownCard(id, None if count is None else Decimal(count), NOW + timedelta(minutes=minutes), True)


def change(before: KnownCard | None, count: str | None = "9", *, deletes: bool = False) -> Change:
    return Change(
        row=1,
        line=2,
        key="4820",
        title="Кава",
        product_id="p",
        shop_id=SHOP,
        card=before,
        count=None if count is None else Decimal(count),
        deletes=deletes,
    )
