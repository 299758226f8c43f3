"""The client of this package, with its settings as they are."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from benchmarks.peers.calls import BATCH, PAGE, SMALL
from benchmarks.peers.calls.requests import PRODUCTS
from smartkasa_async import SmartKasa
from smartkasa_async.models import ProductCreate, Session, TaxGroup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.peers.calls import Calls

__all__ = ["open_calls"]


@asynccontextmanager
async def open_calls(address: str) -> AsyncIterator[Calls]:
    far = datetime.now(UTC) + timedelta(days=1)
    session = Session(access="token", access_expires_at=far, refresh="token", refresh_expires_at=far)
    products = [
        ProductCreate(
            **{
                **fields,
                "price": Decimal(fields["price"]),
                "procurement_price": Decimal(fields["procurement_price"]),
                "tax_group_id": TaxGroup(fields["tax_group_id"]),
            }
        )
        for fields in PRODUCTS
    ]
    async with SmartKasa(api_key="key", base_url=address, session=session) as kasa:

        async def small() -> object:
            return await kasa.shops.get(37971)

        async def page() -> object:
            return (await kasa.receipts.list(shop_id=13, per_page=100)).data

        async def batch() -> object:
            return await kasa.products.create_batch(products)

        yield {SMALL: small, PAGE: page, BATCH: batch}
