"""The categories of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.resource import (
    Resource,
    batch_rows,
    doomed_rows,
    embed,
    refuse_batch,
    require_existing,
)
from smartkasa_async.sandbox.calls import Answer, Endpoint
from smartkasa_async.sandbox.validation import Form, Refused
from smartkasa_async.sandbox.views import View
from smartkasa_async.sandbox.wire import encode_json, utc_as_kyiv

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call
    from smartkasa_async.sandbox.storage import Where


_FIELDS = "id color_id created_at parent_id partner_id products_count shop_ids title updated_at"
_PARTNER = View("partners", "id code created_at name partner_type_id state title updated_at")
_BATCH_FORM = Form(
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
    created = View("categories", _FIELDS, time=utc_as_kyiv)
    updated = View("categories", _FIELDS)
    deleted = View("categories", _FIELDS)

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
            embed(call, rows, _PARTNER, field="partner", key="partner_id")
        elif view is self.updated:
            for row in rows:
                row["updated_at"] = utc_as_kyiv(_stored_time(call, row["id"]))

    def create_batch(self, call: Call) -> Answer:
        """Create all categories or none."""
        ids = []
        for row in batch_rows(call, "categories"):
            values = _BATCH_FORM.read(row)
            if _BATCH_FORM.errors(values, creating=True):
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


_RESOURCE = _Categories()
ENDPOINTS = (
    Endpoint("POST", f"{_RESOURCE.path}/batch", _RESOURCE.create_batch, envelope="batch"),
    Endpoint("DELETE", f"{_RESOURCE.path}/batch", _RESOURCE.delete_batch, envelope="batch"),
    *(_RESOURCE.endpoint(name) for name in ("index", "create", "update", "delete")),
)
