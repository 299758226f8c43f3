"""The products of the catalogue, with what the service computes for them."""

from __future__ import annotations

import uuid
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.product_taxes import tax_amount
from smartkasa_async.sandbox.areas.resource import (
    UPLOADED_FILE_FORM,
    Resource,
    adjust_count,
    batch_rows,
    doomed_rows,
    embed,
    make_picture,
    refuse_batch,
    require_existing,
)
from smartkasa_async.sandbox.auth import OWNER_ID
from smartkasa_async.sandbox.calls import Answer, Endpoint
from smartkasa_async.sandbox.schema import UNIT_TYPES
from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sandbox.validation import BLANK_TEXT, INVALID_TEXT, Form
from smartkasa_async.sandbox.views import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.sandbox.calls import Call


_HEAD = (
    "id alter_number alter_title bookmark_ids {}category_id {}category_type_id classifier_code classifier_type_id "
    "created_at is_free_price is_without_number number owner_id"
)
_TAIL = "tax_amount tax_group_id title unit_type_id unit_type_name updated_at user_id"
_PRICES = "portion_amount portion_type_id price procurement_price sold_by_weight"
PRODUCT_EMBEDDED = View("products", f"{_HEAD.format('', '')} {_PRICES} subgroup_id {_TAIL}")
"""A product inside a stock card."""


CARD_FIELDS = "id count counting_enabled created_at owner_id product_id shop_id updated_at"
_CARD = View("cards", CARD_FIELDS)
_CATEGORY = View("categories", "id color_id created_at parent_id partner_id products_count title updated_at")
_PARTNER = View("partners", "id title")
_PARTNER_STUB = dict.fromkeys(
    ("id", "code", "created_at", "name", "partner_type_id", "state", "title", "updated_at"),
)


UNIT_NAMES: dict[Any, str] = {unit["code"]: unit["short_name"] for unit in UNIT_TYPES}
_FIELDS = (
    "title:text! number:text alter_title:text alter_number:text remote_id:text category_id:text "
    "category_type_id:integer? classifier_code:text classifier_type_id:integer? is_free_price:flag "
    "is_without_number:flag partner_id:integer? portion_amount:integer? portion_type_id:integer? price:float+ "
    "procurement_price:float?+ sold_by_weight:flag subgroup_id:integer? tax_group_id:integer? unit_type_id:integer? "
    "bookmark_ids:keys owner_id:integer? user_id:integer?"
)
_BATCH_FORM = Form("Inventory::ProductBatchItemForm", _FIELDS, picture=UPLOADED_FILE_FORM)
_MESSAGES = {"blank": BLANK_TEXT, "invalid": INVALID_TEXT}
_DEFAULTS: dict[str, Any] = {
    "bookmark_ids": [],
    "classifier_type_id": 0,
    "is_free_price": False,
    "is_without_number": False,
    "owner_id": OWNER_ID,
    "price": Decimal(0),
    "sold_by_weight": False,
    "tax_group_id": 0,
    "unit_type_id": 0,
    "user_id": OWNER_ID,
}


class _Products(Resource):
    path = "/api/v1/inventory/products"
    envelope = "product"
    update_method = "PATCH"
    form = Form("Inventory::ProductForm", f"id:uuid {_FIELDS}", picture=UPLOADED_FILE_FORM)
    filters = Form("Inventory::ProductForm", "q:text number:text shop_id:integer subgroup_id:integer category_id:uuid")
    order = "created_at DESC, id"
    listed = View(
        "products",
        f"{_HEAD.format('', '')} partner partner_id partner_title picture? {_PRICES} stock subgroup_id subgroup_title "
        f"{_TAIL}",
    )
    shown = View(
        "products", f"{_HEAD.format('cards category ', 'category_type ')} picture? {_PRICES} subgroup_id {_TAIL}"
    )
    created = updated = deleted = View("products", "id")

    def narrow(self, where: Where, name: str, value: Any) -> None:
        if name == "q":
            columns = ("title", "alter_title", "number", "alter_number")
            text = " OR ".join(f'contains("{column}", ?)' for column in columns)
            where.add(f"({text})", *[value.casefold()] * len(columns))
        else:
            where.add("id IN (SELECT product_id FROM cards WHERE shop_id = ?)", value)

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        require_existing(call, "categories", values, "category_id")
        return _columns(values) if before else _DEFAULTS | _columns(values)

    def update_related(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        left, joined = ((row or {}).get("category_id") for row in (before, after))
        adjust_count(call, "categories", "products_count", before=left, after=joined)
        if before and after is None:
            call.storage.execute("DELETE FROM cards WHERE product_id = ?", (before["id"],))

    def complete(self, call: Call, view: View, rows: list[dict[str, Any]]) -> None:
        if view is self.listed:
            _complete_listed(call, rows)
        elif view is self.shown:
            _complete_shown(call, rows)

    def create_batch(self, call: Call) -> Answer:
        """Create all products or none; rows that exist already are created again."""
        products = [_BATCH_FORM.read(row) for row in batch_rows(call, "products")]
        wanted = {product.get("category_id") for product in products} - {None}
        known = call.storage.show_by_id(_CATEGORY, wanted).keys()
        for product in products:
            errors = _BATCH_FORM.errors(product, creating=True)
            if product.get("category_id") in wanted - known:
                errors.setdefault("category_id", "invalid")
            if errors:
                field, code = next(iter(errors.items()))
                raise refuse_batch("products", f"{field}: {_MESSAGES[code]}")
        stamps = {"created_at": call.now, "updated_at": call.now}
        rows = [{"id": str(uuid.uuid4())} | _DEFAULTS | _columns(product) | stamps for product in products]
        call.storage.insert_rows("products", rows)
        for category, products_count in Counter(row.get("category_id") for row in rows).items():
            sql = "UPDATE categories SET products_count = products_count + ? WHERE id = ?"
            call.storage.execute(sql, (products_count, category))
        return Answer([{"id": row["id"]} for row in rows], status=201)

    def delete_batch(self, call: Call) -> Answer:
        """Delete all named products or none."""
        return Answer([self.remove(call, row) for row in doomed_rows(call, self.deleted.table)])


def complete_products(rows: Sequence[dict[str, Any]]) -> None:
    """Fill in what the service computes: the taxes inside the price, and the unit's name."""
    for row in rows:
        row["tax_amount"] = tax_amount(row["price"], row["tax_group_id"])
        row["unit_type_name"] = UNIT_NAMES.get(row["unit_type_id"])


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    if "picture" in values:
        values["picture"] = make_picture(values["picture"])
    if values.get("bookmark_ids", ...) is None:
        values["bookmark_ids"] = []
    return values


def _complete_listed(call: Call, rows: list[dict[str, Any]]) -> None:
    complete_products(rows)
    embed(call, rows, _PARTNER, field="partner", key="partner_id")
    subgroups = call.storage.show_by_id(View("subgroups", "id title"), (row["subgroup_id"] for row in rows))
    for row in rows:
        row["stock"] = {}
        if partner := row.get("partner"):
            row["partner"] = _PARTNER_STUB | partner
            row["partner_title"] = partner["title"]
        row["subgroup_title"] = subgroups.get(row["subgroup_id"], {}).get("title")


def _complete_shown(call: Call, rows: list[dict[str, Any]]) -> None:
    complete_products(rows)
    embed(call, rows, _CATEGORY, field="category", key="category_id")
    for row in rows:
        where = Where()
        where.add("product_id = ?", row["id"])
        row["cards"] = call.storage.show(_CARD, where, "ORDER BY id")
        if (number := row["category_type_id"]) is None:
            del row["category_type"]
        else:
            row["category_type"] = {"id": number, "parent_id": None, "title": f"Тип {number}"}


_RESOURCE = _Products()
ENDPOINTS = (
    Endpoint("POST", f"{_RESOURCE.path}/batch", _RESOURCE.create_batch, envelope="batch"),
    Endpoint("DELETE", f"{_RESOURCE.path}/batch", _RESOURCE.delete_batch, envelope="batch"),
    *(_RESOURCE.endpoint(name) for name in ("index", "create", "show", "update", "delete")),
)
