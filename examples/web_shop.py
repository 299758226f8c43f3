"""A web shop in step with the stock: an order waits at the till as a deferred receipt, and sales are followed.

With SMARTKASA_… set, `python -m examples.web_shop` follows the account's first shop; else it shows this in a sandbox.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async import SmartKasa, models
from smartkasa_async.records import KYIV
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sync import watch_receipts

if TYPE_CHECKING:
    from smartkasa_async.sync import ReceiptChange

TODAY = datetime.now(KYIV).date()  # orders that are open since then are known again after a restart
DEFERRED, PAID = models.ReceiptState.DEFERRED, models.ReceiptState.PAID


class WebShop:
    def __init__(self, kasa: SmartKasa, shop_id: int) -> None:
        self.kasa, self.shop_id = kasa, shop_id
        self.counts: dict[str, Decimal] = {}
        self.orders: dict[str, dict[str, Decimal]] = {}  # those that are open, by receipt: pieces by product

    def available(self, product_id: str) -> Decimal:
        """What the site may sell: the count of the stock card, less what open orders have promised."""
        return self.counts.get(product_id, Decimal(0)) - sum(order.get(product_id, 0) for order in self.orders.values())

    async def read_counts(self, product_id: str | None = None) -> None:
        async for card in self.kasa.cards.list(shop_id=self.shop_id, product_id=product_id, counting_enabled=True):
            self.counts[card.product_id] = card.count or Decimal(0)

    async def sell(self, it: models.Product, pieces: Decimal, state: models.ReceiptState = DEFERRED) -> str:
        """Put an order aside for the till, where it is paid; PAID sells as the till does. The watch tells of both."""
        amount = it.price * pieces
        line = models.ReceiptItemCreate(name=it.title, price=it.price, quantity=pieces, amount=amount, product_id=it.id)
        kind = models.ReceiptType.SALE
        sale = models.ReceiptCreate(total_amount=amount, state=state, type=kind, shop_id=self.shop_id, items=[line])
        return (await self.kasa.receipts.create(sale)).id

    async def take(self, change: ReceiptChange) -> None:
        """Keep the orders that are open still, and read the counts anew that the receipt may have moved."""
        items = change.receipt.items or () if change.receipt else ()
        pieces = {item.product_id: item.quantity for item in items if item.product_id}
        self.orders.pop(change.receipt_id, None)
        if change.receipt and change.receipt.state == DEFERRED:
            self.orders[change.receipt_id] = pieces
        for product_id in pieces:
            await self.read_counts(product_id)
            print(f"{change.kind:7} {product_id[:8]}: {self.available(product_id):.0f} available")  # tell the site here


async def main() -> None:
    if os.environ.get("SMARTKASA_API_KEY"):
        async with SmartKasa() as kasa:
            shop = WebShop(kasa, (await kasa.shops.list()).data[0].id)
            await shop.read_counts()
            async for change in watch_receipts(kasa, checkpoint=None, shops=[shop.shop_id], start=TODAY):
                await shop.take(change)
    async with Sandbox() as box, SmartKasa(**box.credentials) as kasa:
        box.load(simulate(Simulation(shops=1, days=1)))
        shop, it = WebShop(kasa, (await kasa.shops.list()).data[0].id), (await kasa.products.list()).data[0]
        await shop.read_counts()
        changes = watch_receipts(kasa, checkpoint=None, interval=0.2, start=TODAY)
        order = await shop.sell(it, Decimal(2))  # a customer orders
        await shop.take(await anext(changes))
        await shop.sell(it, Decimal(3), PAID)  # the till sells some of the same
        await shop.take(await anext(changes))
        await kasa.receipts.update(order, models.ReceiptUpdate(state=PAID))  # the order is fetched and paid
        await shop.take(await anext(changes))


if __name__ == "__main__":
    asyncio.run(main())
