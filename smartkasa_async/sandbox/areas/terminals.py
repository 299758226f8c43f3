"""The terminals of shops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.resource import Resource, adjust_count, require_existing
from smartkasa_async.sandbox.validation import Form, refuse_fields
from smartkasa_async.sandbox.views import View

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call


_FORM = Form("Pos::TerminalForm", "id:integer? name:text shop_id:integer?")
_TERMINAL = View(
    "terminals",
    "id activated_at core_terminal_id created_at name picture? properties serial_number shop_id state updated_at",
)


class _Terminals(Resource):
    path = "/api/v1/pos/terminals"
    envelope = "terminal"
    form = filters = _FORM
    order = "id"
    listed = shown = updated = _TERMINAL
    deleted = View(
        "terminals",
        "id activated_at core_terminal_id created_at name properties serial_number shop_id state updated_at",
    )

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        del before
        require_existing(call, "shops", values, "shop_id")
        return values

    def remove(self, call: Call, before: dict[str, Any]) -> dict[str, Any]:
        if call.storage.query("SELECT 1 FROM shifts WHERE terminal_id = ? AND state = 0", (before["id"],)):
            raise refuse_fields(id="invalid")
        return super().remove(call, before)

    def update_related(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        left, joined = ((row or {}).get("shop_id") for row in (before, after))
        adjust_count(call, "shops", "terminals_count", before=left, after=joined)


_RESOURCE = _Terminals()
ENDPOINTS = tuple(_RESOURCE.endpoint(name) for name in ("index", "show", "update", "delete"))
