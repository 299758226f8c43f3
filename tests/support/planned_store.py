"""A shop whose prices, counts and catalogue are planned, and what the sandbox has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.plans import apply_plan, plan_changes, undo_plan
from tests.support.catalogue import barcode
from tests.support.stock_store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async import SmartKasa
    from smartkasa_async.plans import Plan, PlanKind
    from smartkasa_async.sandbox import Sandbox

__all__ = ["PlannedStore", "state_of"]

_TABLES = ("products", "cards", "categories", "receipts", "shops", "employees", "terminals")


class PlannedStore(Store):
    """A shop, and a folder for its plans."""

    def __init__(self, box: Sandbox, kasa: SmartKasa, folder: Path) -> None:
        super().__init__(box, kasa)
        self.folder = folder

    @property
    def file(self) -> Path:
        return self.folder / "plan.json"

    async def plan(self, kind: PlanKind, rows: Any, **options: Any) -> Plan:
        if kind == "stock":
            options = {"shop_id": self.shop_id, **options}
        plan = await plan_changes(self.kasa, rows, kind, **options)
        plan.write(self.file)
        return plan

    async def plan_prices(self, prices: dict[int, object]) -> Plan:
        return await self.plan("prices", [{"number": barcode(n), "price": price} for n, price in prices.items()])

    async def plan_counts(self, counts: dict[int, object]) -> Plan:
        return await self.plan("stock", [{"number": barcode(n), "count": count} for n, count in counts.items()])

    def apply(self, **options: Any) -> Any:
        return apply_plan(self.kasa, self.file, **{"late_write_window": 0, **options})

    def undo(self, **options: Any) -> Any:
        return undo_plan(self.kasa, self.file, **{"late_write_window": 0, **options})

    @property
    def prices(self) -> dict[int, str]:
        found = {row["id"]: f"{row['price']:.2f}" for row in self.box.rows("products")}
        return {number: found[product_id] for number, product_id in self.products.items()}

    @property
    def on_hand(self) -> dict[int, str]:
        return {number: f"{count.normalize():f}" for number, count in self.counts.items()}

    @property
    def state(self) -> dict[str, list[dict[str, Any]]]:
        return state_of(self.box)


def state_of(box: Sandbox) -> dict[str, list[dict[str, Any]]]:
    """All that plans might touch, but for the times of last changes."""
    return {
        table: [{name: value for name, value in row.items() if name != "updated_at"} for row in box.rows(table)]
        for table in _TABLES
    }
