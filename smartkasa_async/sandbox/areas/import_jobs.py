"""Import jobs of products, which stay pending."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from smartkasa_async.sandbox.areas.resource import Resource, require_existing
from smartkasa_async.sandbox.validation import Form, refuse_fields
from smartkasa_async.sandbox.views import View

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call


_FIELDS = "id created_at created_count filename products_count {}state updated_at updated_count"
_PENDING: dict[str, Any] = {"created_count": 0, "products_count": 0, "results": {}, "state": 0, "updated_count": 0}


class _Imports(Resource):
    path = "/api/v1/inventory/import_products"
    envelope = "import"
    form = Form("Inventory::ImportProductsForm", "url:text! category_id:text!")
    filters = Form("Inventory::ImportProductsForm", "url:text category_id:uuid")
    order = "id DESC"
    listed = created = View("import_jobs", _FIELDS.format(""))
    shown = View("import_jobs", _FIELDS.format("results "))

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        del before
        require_existing(call, "categories", values, "category_id")
        try:
            name = PurePosixPath(unquote(urlsplit(values["url"]).path)).name
        except ValueError:
            raise refuse_fields(url="invalid") from None
        return values | _PENDING | {"filename": name or None}


_RESOURCE = _Imports()
ENDPOINTS = tuple(_RESOURCE.endpoint(name) for name in ("create", "index", "show"))
