"""Stock cards, and what receipts do to them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.products import CARD_FIELDS, PRODUCT_EMBEDDED, complete_products
from smartkasa_async.sandbox.areas.resource import SHOP_FIELDS, Resource, embed
from smartkasa_async.sandbox.schema import TABLES
from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sandbox.validation import Form, refuse_fields
from smartkasa_async.sandbox.views import View

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


_SHOP = View("shops", SHOP_FIELDS)
_FIELDS = "counting_enabled:flag? count:float?"
_DEFAULTS: dict[str, Any] = {"count": Decimal(0), "counting_enabled": False}


class _Cards(Resource):
    path = "/api/v1/inventory/cards"
    envelope = "card"
    form = Form("Inventory::CardForm", f"id:integer product_id:text! shop_id:integer?! {_FIELDS}")
    filters = Form("Inventory::CardForm", f"id:integer product_id:uuid shop_id:integer {_FIELDS}")
    order = "id DESC"
    paged = False
    listed = shown = View(
        "cards", CARD_FIELDS.replace("product_id", "product product_id").replace("shop_id", "shop shop_id")
    )
    created = View("cards", CARD_FIELDS)
    updated = deleted = View("cards", "id")

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        unknown = {
            field: "invalid"
            for field, table in (("product_id", "products"), ("shop_id", "shops"))
            if field in values and not call.storage.exists(TABLES[table], values[field])
        }
        if unknown:
            raise refuse_fields(**unknown)
        given = {name: _DEFAULTS.get(name) if value is None else value for name, value in values.items()}
        return given if before else _DEFAULTS | given

    def complete(self, call: Call, view: View, rows: list[dict[str, Any]]) -> None:
        if view is self.listed:
            embed(call, rows, _SHOP, field="shop", key="shop_id")
            embed(call, rows, PRODUCT_EMBEDDED, field="product", key="product_id")
            products = {row["product_id"]: row["product"] for row in rows if "product" in row}
            complete_products(list(products.values()))


_RESOURCE = _Cards()
ENDPOINTS = tuple(_RESOURCE.endpoint(name) for name in ("index", "create", "show", "update", "delete"))
