"""The subgroups of products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.resource import Resource
from smartkasa_async.sandbox.validation import Form
from smartkasa_async.sandbox.views import View

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call


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


_RESOURCE = _Subgroups()
ENDPOINTS = tuple(_RESOURCE.endpoint(name) for name in ("index", "create", "update", "delete"))
