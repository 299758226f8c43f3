"""The units of measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.sandbox.calls import Answer, Endpoint
from smartkasa_async.sandbox.views import View

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call

_UNIT_TYPE = View("unit_types", "id code is_visible is_weighted name short_name")


def _list(call: Call) -> Answer:
    units = call.storage.show(_UNIT_TYPE, tail="ORDER BY name, id")
    return Answer(units, {"total_count": len(units)})


ENDPOINTS = (Endpoint("GET", "/api/v1/inventory/unit_types", _list),)
