"""What receipts do to stock cards."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.schema import TABLES
from smartkasa_async.sandbox.storage import Where

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call

_SALE, _REFUND = 0, 3
_DEFERRED = 1


def move_stock(call: Call, receipt: dict[str, Any], items: list[dict[str, Any]], *, undo: bool = False) -> None:
    """Take what a receipt sells from its shop's counted cards, put what it refunds back, or undo either.

    Deferred receipts and service operations move nothing.

    Args:
        call: The call.
        receipt: The receipt's row.
        items: The rows of its items.
        undo: Whether the receipt's effect is taken back, as before a change and on a delete.
    """
    step = {_SALE: -1, _REFUND: 1}.get(receipt["type"], 0)
    if not step or receipt["state"] == _DEFERRED or receipt.get("shop_id") is None:
        return
    moved: defaultdict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        if item.get("product_id") and item.get("quantity") is not None:
            moved[item["product_id"]] += item["quantity"] * (-step if undo else step)
    where = Where()
    where.within("product_id", list(moved))
    where.add("shop_id = ? AND counting_enabled", receipt["shop_id"])
    for card in call.storage.rows(TABLES["cards"], where):
        count = card["count"] + moved.pop(card["product_id"], 0)
        call.storage.update(TABLES["cards"], card["id"], {"count": count, "updated_at": call.now})
