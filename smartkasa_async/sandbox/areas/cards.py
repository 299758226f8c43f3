"""Stock cards: how much of a product a shop has."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.embedded import SHOP_FIELDS, embed
from smartkasa_async.sandbox.areas.products import CARD_FIELDS, PRODUCT_EMBEDDED, complete_products
from smartkasa_async.sandbox.areas.resource import Resource
from smartkasa_async.sandbox.schema import TABLES
from smartkasa_async.sandbox.validation import Form, refuse_fields
from smartkasa_async.sandbox.views import View

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call

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
