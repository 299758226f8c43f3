"""Payments of receipts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.resource import RECEIPT_FIELDS, Resource, embed
from smartkasa_async.sandbox.validation import Form
from smartkasa_async.sandbox.views import View
from smartkasa_async.sandbox.wire import utc_time

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call


_TAIL = "result_code rrn signature stan state timestamp transaction_type_id updated_at"
PAYMENT_LISTED = View(
    "payments",
    "id amount approval_code batch change_amount created_at deposit_amount description pan pan_hash payload "
    f"payment_type_id receipt_id {_TAIL}",
    time=utc_time,
)
PAYMENT_FORM = Form(
    "Pos::PaymentTransactionForm",
    "id:uuid receipt_id:uuid state:integer? "
    "amount:float! payment_type_id:integer! transaction_type_id:integer! deposit_amount:float? change_amount:float? "
    "approval_code:text batch:text description:text pan:text pan_hash:text payload:hash result_code:text rrn:text "
    "signature:flag stan:text timestamp:time",
)
"""A payment that comes with its receipt (inferred)."""


PAYMENT_DEFAULTS: dict[str, Any] = {
    "amount": Decimal(0),
    "payment_type_id": 0,
    "signature": False,
    "state": 1,
    "transaction_type_id": 0,
}
_RECEIPT = View("receipts", RECEIPT_FIELDS)


class _Payments(Resource):
    path = "/api/v1/pos/payment_transactions"
    shown = View(
        "payments",
        "id amount approval_code batch created_at description pan pan_hash payload payment_type_id receipt receipt_id "
        f"{_TAIL}",
    )

    def complete(self, call: Call, view: View, rows: list[dict[str, Any]]) -> None:
        del view
        embed(call, rows, _RECEIPT, field="receipt", key="receipt_id")


ENDPOINTS = (_Payments().endpoint("show"),)
