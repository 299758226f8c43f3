"""The catalogue: unit types, categories, products with their taxes, subgroups, and import jobs, which stay pending."""

from __future__ import annotations

import uuid
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

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
from smartkasa_async.sandbox.calls import Answer, Call, Endpoint
from smartkasa_async.sandbox.schema import UNIT_TYPES
from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sandbox.validation import BLANK_TEXT, INVALID_TEXT, Form, Refused, refuse_fields
from smartkasa_async.sandbox.views import View
from smartkasa_async.sandbox.wire import encode_json, utc_as_kyiv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.sandbox.calls import Call

_UNIT_TYPE = View("unit_types", "id code is_visible is_weighted name short_name")


def _list(call: Call) -> Answer:
    units = call.storage.show(_UNIT_TYPE, tail="ORDER BY name, id")
    return Answer(units, {"total_count": len(units)})


_UNIT_TYPES_ENDPOINTS = (Endpoint("GET", "/api/v1/inventory/unit_types", _list),)

_EXCISE_PERCENT = 5

_LETTERS: dict[int, tuple[str | None, str | None]] = {
    1: (None, "А"),
    2: (None, "Б"),
    3: (None, "В"),
    4: (None, "Д"),
    5: ("З", None),
    6: ("З", "А"),
    7: ("З", "В"),
    8: ("Г", None),
    9: ("Г", "А"),
    10: ("Г", "В"),
}
"""The excise letter and the VAT letter of each tax group; Д for goods without VAT is inferred."""

_VAT_PERCENTS = {"А": 20, "Б": 7, "В": 0, "Д": 0}


@lru_cache(maxsize=16384)
def tax_amount(amount: str, tax_group_id: int | None) -> dict[str, int]:
    """Return the taxes inside an amount in hryvnias, in kopecks by letter; excise first, VAT on the rest.

    Args:
        amount: Hryvnias, taxes included.
        tax_group_id: The code of the tax group; None, 0 and unknown codes have no tax.

    Returns:
        Kopecks by tax letter.
    """
    excise_letter, vat_letter = _LETTERS.get(tax_group_id or 0, (None, None))
    taxes = {}
    rest = Decimal(amount)
    if excise_letter is not None:
        excise = _inside(rest, _EXCISE_PERCENT if excise_letter == "З" else 0)
        taxes[excise_letter] = excise
        rest -= Decimal(excise) / 100
    if vat_letter is not None:
        taxes[vat_letter] = _inside(rest, _VAT_PERCENTS[vat_letter])
    return dict(sorted(taxes.items()))


def _inside(amount: Decimal, percent: int) -> int:
    return int((amount * 100 * percent / (100 + percent)).quantize(Decimal(1), ROUND_HALF_UP))


_SUBGROUP = View("subgroups", "id created_at title updated_at")


class _Subgroups(Resource):
    path = "/api/v1/inventory/product_subgroups"
    envelope = "subgroup"
    form = Form("Inventory::ProductSubgroupForm", "id:integer title:text!")
    filters = Form("Inventory::ProductSubgroupForm", "id:integer title:text")
    order = "id"
    paged = False
    listed = created = updated = deleted = _SUBGROUP

    def update_related(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        if before and after is None:
            call.storage.execute("UPDATE products SET subgroup_id = NULL WHERE subgroup_id = ?", (before["id"],))


_SUBGROUPS_RESOURCE = _Subgroups()
_SUBGROUPS_ENDPOINTS = tuple(_SUBGROUPS_RESOURCE.endpoint(name) for name in ("index", "create", "update", "delete"))

_CATEGORIES_FIELDS = "id color_id created_at parent_id partner_id products_count shop_ids title updated_at"
_CATEGORIES_PARTNER = View("partners", "id code created_at name partner_type_id state title updated_at")
_CATEGORIES_BATCH_FORM = Form(
    "Inventory::CategoryBatchItemForm",
    "title:text! parent_id:text partner_id:integer? color_id:integer? shop_ids:integers",
)


class _Categories(Resource):
    path = "/api/v1/inventory/categories"
    envelope = "category"
    form = Form(
        "Inventory::CategoryForm",
        "id:uuid title:text! parent_id:text partner_id:integer? color_id:integer? shop_ids:integers",
    )
    filters = Form("Inventory::CategoryForm", "id:uuid title:text parent_id:uuid color_id:integer? shop_ids:integers")
    order = "created_at DESC, id"
    listed = View(
        "categories",
        "id color_id created_at parent_id partner partner_id products_count shop_ids title updated_at",
    )
    created = View("categories", _CATEGORIES_FIELDS, time=utc_as_kyiv)
    updated = View("categories", _CATEGORIES_FIELDS)
    deleted = View("categories", _CATEGORIES_FIELDS)

    def narrow(self, where: Where, name: str, value: Any) -> None:
        del name  # shop_ids is the one filter that is a list
        clause = "EXISTS (SELECT 1 FROM json_each(shop_ids) WHERE value IN (SELECT value FROM json_each(?)))"
        where.add(clause, encode_json(value).decode())

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        require_existing(call, "categories", values, "parent_id")
        return values if before else {"products_count": 0, "shop_ids": []} | values

    def update_related(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        if before and after is None:
            call.storage.execute("UPDATE products SET category_id = NULL WHERE category_id = ?", (before["id"],))
            call.storage.execute("UPDATE categories SET parent_id = NULL WHERE parent_id = ?", (before["id"],))

    def complete(self, call: Call, view: View, rows: list[dict[str, Any]]) -> None:
        if view is self.listed:
            embed(call, rows, _CATEGORIES_PARTNER, field="partner", key="partner_id")
        elif view is self.updated:
            for row in rows:
                row["updated_at"] = utc_as_kyiv(_stored_time(call, row["id"]))

    def create_batch(self, call: Call) -> Answer:
        """Create all categories or none."""
        ids = []
        for row in batch_rows(call, "categories"):
            values = _CATEGORIES_BATCH_FORM.read(row)
            if _CATEGORIES_BATCH_FORM.errors(values, creating=True):
                raise refuse_batch("categories")
            try:
                ids.append(self.insert(call, values))
            except Refused:
                raise refuse_batch("categories") from None
        created = call.storage.show_by_id(self.created, ids)
        return Answer([created[key] for key in ids], status=201)

    def delete_batch(self, call: Call) -> Answer:
        """Delete all named categories or none."""
        return Answer([self.remove(call, row) for row in doomed_rows(call, self.deleted.table)])


def _stored_time(call: Call, key: str) -> str:
    return str(call.storage.query("SELECT updated_at FROM categories WHERE id = ?", (key,))[0][0])


_CATEGORIES_RESOURCE = _Categories()
_CATEGORIES_ENDPOINTS = (
    Endpoint("POST", f"{_CATEGORIES_RESOURCE.path}/batch", _CATEGORIES_RESOURCE.create_batch, envelope="batch"),
    Endpoint("DELETE", f"{_CATEGORIES_RESOURCE.path}/batch", _CATEGORIES_RESOURCE.delete_batch, envelope="batch"),
    *(_CATEGORIES_RESOURCE.endpoint(name) for name in ("index", "create", "update", "delete")),
)

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
_PRODUCTS_PARTNER = View("partners", "id title")
_PARTNER_STUB = dict.fromkeys(
    ("id", "code", "created_at", "name", "partner_type_id", "state", "title", "updated_at"),
)

UNIT_NAMES: dict[Any, str] = {unit["code"]: unit["short_name"] for unit in UNIT_TYPES}

_PRODUCTS_FIELDS = (
    "title:text! number:text alter_title:text alter_number:text remote_id:text category_id:text "
    "category_type_id:integer? classifier_code:text classifier_type_id:integer? is_free_price:flag "
    "is_without_number:flag partner_id:integer? portion_amount:integer? portion_type_id:integer? price:float+ "
    "procurement_price:float?+ sold_by_weight:flag subgroup_id:integer? tax_group_id:integer? unit_type_id:integer? "
    "bookmark_ids:keys owner_id:integer? user_id:integer?"
)
_PRODUCTS_BATCH_FORM = Form("Inventory::ProductBatchItemForm", _PRODUCTS_FIELDS, picture=UPLOADED_FILE_FORM)
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
    form = Form("Inventory::ProductForm", f"id:uuid {_PRODUCTS_FIELDS}", picture=UPLOADED_FILE_FORM)
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
        products = [_PRODUCTS_BATCH_FORM.read(row) for row in batch_rows(call, "products")]
        wanted = {product.get("category_id") for product in products} - {None}
        known = call.storage.show_by_id(_CATEGORY, wanted).keys()
        for product in products:
            errors = _PRODUCTS_BATCH_FORM.errors(product, creating=True)
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
    embed(call, rows, _PRODUCTS_PARTNER, field="partner", key="partner_id")
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


_PRODUCTS_RESOURCE = _Products()
_PRODUCTS_ENDPOINTS = (
    Endpoint("POST", f"{_PRODUCTS_RESOURCE.path}/batch", _PRODUCTS_RESOURCE.create_batch, envelope="batch"),
    Endpoint("DELETE", f"{_PRODUCTS_RESOURCE.path}/batch", _PRODUCTS_RESOURCE.delete_batch, envelope="batch"),
    *(_PRODUCTS_RESOURCE.endpoint(name) for name in ("index", "create", "show", "update", "delete")),
)

_IMPORTS_FIELDS = "id created_at created_count filename products_count {}state updated_at updated_count"
_PENDING: dict[str, Any] = {"created_count": 0, "products_count": 0, "results": {}, "state": 0, "updated_count": 0}


class _Imports(Resource):
    path = "/api/v1/inventory/import_products"
    envelope = "import"
    form = Form("Inventory::ImportProductsForm", "url:text! category_id:text!")
    filters = Form("Inventory::ImportProductsForm", "url:text category_id:uuid")
    order = "id DESC"
    listed = created = View("import_jobs", _IMPORTS_FIELDS.format(""))
    shown = View("import_jobs", _IMPORTS_FIELDS.format("results "))

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        del before
        require_existing(call, "categories", values, "category_id")
        try:
            name = PurePosixPath(unquote(urlsplit(values["url"]).path)).name
        except ValueError:
            raise refuse_fields(url="invalid") from None
        return values | _PENDING | {"filename": name or None}


_IMPORTS_RESOURCE = _Imports()
_IMPORTS_ENDPOINTS = tuple(_IMPORTS_RESOURCE.endpoint(name) for name in ("create", "index", "show"))

ENDPOINTS = (
    *_UNIT_TYPES_ENDPOINTS,
    *_CATEGORIES_ENDPOINTS,
    *_PRODUCTS_ENDPOINTS,
    *_SUBGROUPS_ENDPOINTS,
    *_IMPORTS_ENDPOINTS,
)
