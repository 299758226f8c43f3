"""A shop with stock cards for the tests of counts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.models import (
    ReceiptCreate,
    ReceiptItemCreate,
    ReceiptState,
    ReceiptType,
    ShopCreate,
    StockCardCreate,
)
from smartkasa_async.stock import StockOutcome, sync_stock
from tests.support.catalogue import barcode, goods

if TYPE_CHECKING:
    from smartkasa_async import SmartKasa
    from smartkasa_async.models import StockCard
    from smartkasa_async.sandbox import Sandbox

__all__ = ["CARD", "CARDS", "Store", "outcomes_of"]

CARD = "/api/v1/inventory/cards/{id}"
CARDS = "/api/v1/inventory/cards"


class Store:
    """A shop with six products, of which the first four have cards: 1, 2, 3 and 4 pieces."""

    def __init__(self, box: Sandbox, kasa: SmartKasa) -> None:
        self.box = box
        self.kasa = kasa
        self.shop_id = 0
        self.products: dict[int, str] = {}

    async def open(self) -> None:
        self.shop_id = (await self.kasa.shops.create(ShopCreate(title="Крамниця"))).id
        ids = await self.kasa.products.create_batch(goods(6))
        self.products = {number: answer.id for number, answer in enumerate(ids, start=1)}
        for number in range(1, 5):
            await self.add_card(number, number)
        self.box.calls.clear()

    async def add_card(self, number: int, count: int) -> StockCard:
        new = StockCardCreate(
            product_id=self.products[number], shop_id=self.shop_id, counting_enabled=True, count=Decimal(count)
        )
        return await self.kasa.cards.create(new)

    async def sell(self, number: int) -> None:
        """Sell one piece at the till."""
        item = ReceiptItemCreate(
            name="Товар",
            price=Decimal(5),
            amount=Decimal(5),
            quantity=Decimal(1),
            is_product=True,
            product_id=self.products[number],
        )
        receipt = ReceiptCreate(
            shop_id=self.shop_id,
            total_amount=Decimal(5),
            state=ReceiptState(2),
            type=ReceiptType.SALE,
            items=[item],
        )
        await self.kasa.receipts.create(receipt)

    @property
    def counts(self) -> dict[int, Decimal]:
        """The counts of the shop's cards by the product's number; each product has one at most."""
        numbers = {product_id: number for number, product_id in self.products.items()}
        cards = self.box.rows("cards", shop_id=self.shop_id)
        counts = {numbers[card["product_id"]]: card["count"] for card in cards}
        assert len(counts) == len(cards)
        return counts

    @property
    def cards(self) -> list[tuple[Any, ...]]:
        """All cards, but for the time of their last change."""
        return sorted((c["id"], c["product_id"], c["shop_id"], c["count"]) for c in self.box.rows("cards"))

    def sync(self, counts: dict[int, object], **options: Any) -> Any:
        rows = [{"number": barcode(number), "count": count} for number, count in counts.items()]
        return self.sync_rows(rows, **options)

    def sync_rows(self, rows: Any, **options: Any) -> Any:
        return sync_stock(self.kasa, rows, **{"shop_id": self.shop_id, "late_write_window": 0, **options})

    def writes(self) -> dict[str, int]:
        return {name: count for name, count in self.box.calls.items() if not name.startswith("GET")}


async def outcomes_of(sync: Any) -> dict[int, StockOutcome]:
    return {outcome.row: outcome async for outcome in sync}
