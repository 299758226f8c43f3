"""Receipts with their items and payments."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.payments import PAYMENT_DEFAULTS, PAYMENT_FORM, PAYMENT_LISTED
from smartkasa_async.sandbox.areas.resource import RECEIPT_FIELDS, Resource, batch_rows, doomed_rows, narrow_by_days
from smartkasa_async.sandbox.areas.stock import move_stock
from smartkasa_async.sandbox.calls import Answer, Endpoint
from smartkasa_async.sandbox.schema import TABLES, Table
from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sandbox.validation import INVALID, Form, Refused
from smartkasa_async.sandbox.views import View
from smartkasa_async.sandbox.wire import kyiv_as_utc, utc_time

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call


_ITEMS = TABLES["receipt_items"]
_PAYMENTS = TABLES["payments"]

_ITEM_HEAD = (
    "id amount classifier_code classifier_type_id created_at description discount_amount is_free_price is_product name "
    "price product_id quantity receipt_id sku"
)
_ITEM_TAIL = "stock_item_id tax_group_id unit_type_id unit_type_name updated_at"
_ITEM_LISTED = View("receipt_items", f"{_ITEM_HEAD} sold_by_weight {_ITEM_TAIL}", time=kyiv_as_utc)
_ITEM_SHOWN = View("receipt_items", f"{_ITEM_HEAD} {_ITEM_TAIL}")

_RECEIPT_SHOWN = RECEIPT_FIELDS.replace("is_hidden", "is_hidden items")
_RECEIPT_LISTED = _RECEIPT_SHOWN.replace("discount_percentage", "discount_percentage discount_type_id").replace(
    "offline_seed", "offline_seed payment_transactions"
)

_FIELDS = (
    "id:uuid shift_id:uuid title:text total_amount:float{0} state:integer{0} type:integer{0} discount_type_id:integer? "
    "discount_amount:float? discount_percentage:float? seller_id:integer? shop_id:integer? terminal_id:integer? "
    "cashier_name:text description:text fiscal_number:text registrar_fiscal_number:text registrar_local_number:text "
    "rounding_amount:float? offline_id:integer? offline_seed:text offline_local_number:integer? "
    "previous_receipt_hash:text related_fiscal_number:text is_hidden:flag"
)
_ITEM_FORM = Form(
    "Pos::ReceiptItemForm",
    "name:text! price:float! amount:float! quantity:float! sku:text tax_group_id:integer? is_product:flag "
    "product_id:text stock_item_id:integer? unit_type_id:integer? unit_type_name:text description:text "
    "classifier_code:text classifier_type_id:integer? discount_amount:float? is_free_price:flag sold_by_weight:flag",
)
_PARTS: dict[str, list[Form]] = {"items": [_ITEM_FORM], "payment_transactions": [PAYMENT_FORM]}
_BATCH_FORM = Form("Pos::ReceiptBatchItemForm", f"{_FIELDS.format('!')} tax_amount:amounts", **_PARTS)
_DEFAULTS: dict[str, Any] = {
    "discount_type_id": 0,
    "is_hidden": False,
    "state": 1,
    "tax_amount": {},
    "total_amount": Decimal(0),
    "type": 0,
}
_ITEM_DEFAULTS: dict[str, Any] = {
    "classifier_type_id": 0,
    "is_free_price": False,
    "is_product": True,
    "sold_by_weight": False,
}


class _Receipts(Resource):
    path = "/api/v1/pos/receipts"
    envelope = "receipt"
    form = Form("Pos::ReceiptForm", f"{_FIELDS.format('!')} tax_amount:amounts", **_PARTS)
    filters = Form("Pos::ReceiptForm", f"{_FIELDS.format('')} date_start:text date_end:text")
    order = "created_at DESC, id"
    per_page = 10
    listed = View("receipts", _RECEIPT_LISTED, time=utc_time)
    shown = created = updated = View("receipts", _RECEIPT_SHOWN)
    deleted = View("receipts", RECEIPT_FIELDS)

    def narrow(self, where: Where, name: str, value: Any) -> None:
        narrow_by_days(where, name, value)

    def complete(self, call: Call, view: View, rows: list[dict[str, Any]]) -> None:
        if view is self.deleted:
            return
        _attach(call, rows, _ITEM_LISTED if view is self.listed else _ITEM_SHOWN, "items")
        if view is self.listed:
            _attach(call, rows, PAYMENT_LISTED, "payment_transactions")

    def update(self, call: Call) -> Answer:
        before = call.find(self.updated.table)
        values = self.form.check(call.fields(self.envelope), creating=False)
        values.pop("id", None)
        items, payments = values.pop("items", None), values.pop("payment_transactions", None)
        old_items = _stored_items(call, before["id"])
        after = before | {name: _DEFAULTS.get(name) if value is None else value for name, value in values.items()}
        move_stock(call, before, old_items, undo=True)
        if items is not None:
            _check_products(call, items, after["shop_id"])
            _delete_parts(call, _ITEMS, before["id"])
            _insert_parts(call, _ITEMS, before["id"], items, _ITEM_DEFAULTS)
        elif after["shop_id"] != before["shop_id"]:
            _check_products(call, old_items, after["shop_id"])
        if payments is not None:
            _delete_parts(call, _PAYMENTS, before["id"])
            _insert_parts(call, _PAYMENTS, before["id"], payments, PAYMENT_DEFAULTS)
        changed = {name: after[name] for name in values}
        call.storage.update(self.updated.table, before["id"], changed | {"updated_at": call.now})
        move_stock(call, after, old_items if items is None else items)
        return Answer(self.one(call, self.updated, before["id"]))

    def insert(self, call: Call, values: dict[str, Any]) -> Any:
        items, payments = values.pop("items", None) or [], values.pop("payment_transactions", None) or []
        values.pop("id", None)
        receipt = _DEFAULTS | {name: value for name, value in values.items() if value is not None}
        _check_products(call, items, receipt.get("shop_id"))
        stamps = {"created_at": call.now, "updated_at": call.now}
        key = call.storage.insert(self.created.table, receipt | stamps)
        _insert_parts(call, _ITEMS, key, items, _ITEM_DEFAULTS)
        _insert_parts(call, _PAYMENTS, key, payments, PAYMENT_DEFAULTS)
        move_stock(call, receipt, items)
        return key

    def update_related(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        if before and after is None:
            move_stock(call, before, _stored_items(call, before["id"]), undo=True)
            _delete_parts(call, _ITEMS, before["id"])
            _delete_parts(call, _PAYMENTS, before["id"])

    def create_batch(self, call: Call) -> Answer:
        """Create all receipts or none."""
        receipts = [_BATCH_FORM.check(row, creating=True) for row in batch_rows(call, "receipts")]
        ids = [self.insert(call, receipt) for receipt in receipts]
        created = call.storage.show_by_id(self.created, ids)
        rows = [created[key] for key in ids]
        self.complete(call, self.created, rows)
        return Answer(rows, status=201)

    def delete_batch(self, call: Call) -> Answer:
        """Delete all named receipts or none; one is answered as an object (recorded), several as a list (inferred)."""
        deleted = [self.remove(call, row) for row in doomed_rows(call, self.deleted.table)]
        return Answer(deleted if len(deleted) > 1 else deleted[0])


def _attach(call: Call, receipts: list[dict[str, Any]], view: View, field: str) -> None:
    """Put the items or payments of all receipts into them, in one query."""
    attached: dict[str, list[dict[str, Any]]] = {}
    for receipt in receipts:
        receipt[field] = attached[receipt["id"]] = []
    where = Where()
    where.within("receipt_id", list(attached))
    for row in call.storage.show(view, where, "ORDER BY receipt_id, position"):
        attached[row["receipt_id"]].append(row)


def _stored_items(call: Call, receipt_id: str) -> list[dict[str, Any]]:
    where = Where()
    where.add("receipt_id = ?", receipt_id)
    return call.storage.rows(_ITEMS, where, "ORDER BY position")


def _insert_parts(
    call: Call, table: Table, receipt_id: str, parts: list[dict[str, Any]], defaults: dict[str, Any]
) -> None:
    """Insert a receipt's items or payments; their ids are the service's own (inferred)."""
    stamps = {"created_at": call.now, "updated_at": call.now}
    for position, part in enumerate(parts):
        given = {name: value for name, value in part.items() if name != "id"}
        call.storage.insert(table, {**defaults, **given, **stamps, "receipt_id": receipt_id, "position": position})


def _delete_parts(call: Call, table: Table, receipt_id: str) -> None:
    call.storage.execute(f"DELETE FROM {table.name} WHERE receipt_id = ?", (receipt_id,))  # noqa: S608 names of our own schema


def _check_products(call: Call, items: list[dict[str, Any]], shop_id: int | None) -> None:
    """Refuse items of unknown products, and of products without a card in the receipt's shop (inferred)."""
    wanted = {item["product_id"] for item in items if item.get("product_id")}
    if not wanted:
        return
    where = Where()
    where.within("id", list(wanted))
    if call.storage.count(TABLES["products"], where) < len(wanted):
        raise _refuse_items("product_id: Не існує")
    if shop_id is None:
        return
    where = Where()
    where.within("product_id", list(wanted))
    where.add("shop_id = ?", shop_id)
    carded = call.storage.query(f"SELECT DISTINCT product_id FROM cards{where}", where.parameters)  # noqa: S608 names of our own schema
    if len(carded) < len(wanted):
        raise _refuse_items("product_id: Немає картки обліку в торговій точці")


def _refuse_items(messages: str) -> Refused:
    return Refused(422, {"errors": {"items": [INVALID | {"messages": messages}]}})


_RESOURCE = _Receipts()
ENDPOINTS = (
    Endpoint("POST", f"{_RESOURCE.path}/batch", _RESOURCE.create_batch, envelope="batch"),
    Endpoint("DELETE", f"{_RESOURCE.path}/batch", _RESOURCE.delete_batch, envelope="batch"),
    *(_RESOURCE.endpoint(name) for name in ("index", "create", "show", "update", "delete")),
)
