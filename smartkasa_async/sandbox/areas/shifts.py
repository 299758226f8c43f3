"""Shifts at terminals."""

from __future__ import annotations

from smartkasa_async.sandbox.areas.resource import Resource
from smartkasa_async.sandbox.validation import Form
from smartkasa_async.sandbox.views import View

SHIFT_FIELDS = (
    "id cash_balance closed_at closed_by device_uid employee_id fiscal_number opened_at opened_by "
    "registrar_fiscal_number remote_shift_id state terminal_id terminal_user_id"
)


class _Shifts(Resource):
    path = "/api/v1/pos/shifts"
    filters = Form(
        "Pos::ShiftForm",
        "id:uuid remote_shift_id:text fiscal_number:text cash_balance:float device_uid:text "
        "registrar_fiscal_number:text opened_by:text closed_by:text state:integer? terminal_id:integer? "
        "terminal_user_id:integer? employee_id:integer?",
    )
    order = "id"
    listed = shown = View("shifts", SHIFT_FIELDS)


_RESOURCE = _Shifts()
ENDPOINTS = tuple(_RESOURCE.endpoint(name) for name in ("index", "show"))
