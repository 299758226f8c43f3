"""Receipts that are stored with their payments, and found again by their numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.calling import uuid

if TYPE_CHECKING:
    from tests.support.calling import Caller


def _receipt(**fields: Any) -> dict[str, Any]:
    item = {"name": "Кава", "price": 10.1, "amount": 20.2, "quantity": 2}
    return {"total_amount": 20.2, "state": 2, "type": 0, "shop_id": 1, "items": [item]} | fields


def _paid() -> dict[str, Any]:
    cash = {"amount": 15.2, "payment_type_id": 0, "transaction_type_id": 0, "deposit_amount": 20, "change_amount": 4.8}
    card = {"amount": 5, "payment_type_id": 0, "transaction_type_id": 2, "timestamp": "2026-10-05T12:00:00+03:00"}
    bank = {"payload": {"merchant": "M7", "terminal": "T7"}, "rrn": "012345678901", "pan": "414949******0011"}
    return _receipt(payment_transactions=[cash, card | bank])


async def test_payments_come_with_their_receipt(stocked: Caller) -> None:
    first = await stocked.data("POST", "/pos/receipts", _paid(), status=201)
    second, unpaid = await stocked.data("POST", "/pos/receipts/batch", {"receipts": [_paid(), _receipt()]}, status=201)
    for receipt in (first, second):
        (listed,) = await stocked.data("GET", "/pos/receipts", id=receipt["id"])
        cash, card = listed["payment_transactions"]
        assert (cash["amount"], cash["deposit_amount"], cash["change_amount"]) == ("15.2", "20.0", "4.8")
        assert (cash["rrn"], cash["timestamp"], cash["payload"]) == (None, None, None)
        assert (card["amount"], card["transaction_type_id"], card["rrn"]) == ("5.0", 2, "012345678901")
        assert card["timestamp"] == "2026-10-05T09:00:00.000+00:00"
        assert card["payload"] == {"merchant": "M7", "terminal": "T7"}
        assert [row["state"] for row in stocked.box.rows("payments", receipt_id=receipt["id"])] == [1, 1]
    assert stocked.box.rows("payments", receipt_id=unpaid["id"]) == []


async def test_what_a_payment_and_an_item_say_of_themselves_is_kept(stocked: Caller) -> None:
    paid = _paid()
    paid["payment_transactions"][0] |= {"id": uuid(77), "receipt_id": uuid(78), "state": 2}
    paid["items"][0] |= {
        "classifier_code": "2203000100",
        "classifier_type_id": 1,
        "discount_amount": 0.2,
        "is_free_price": True,
        "sold_by_weight": True,
        "unit_type_name": "шт",
    }
    receipt = await stocked.data("POST", "/pos/receipts", paid, status=201)
    (listed,) = await stocked.data("GET", "/pos/receipts", id=receipt["id"])
    assert (listed["payment_transactions"][0]["state"], listed["payment_transactions"][0]["receipt_id"]) == (
        2,
        receipt["id"],
    )
    assert {name: listed["items"][0][name] for name in list(paid["items"][0])[4:]} == {
        **dict(list(paid["items"][0].items())[4:]),
        "discount_amount": "0.2",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"shift_id": "today"},
        {"shift_id": 7},
        {"tax_amount": {"А": "much"}},
        {"tax_amount": {"А": None}},
        {"tax_amount": {"А": [1]}},
        {"tax_amount": [1]},
        {"payment_transactions": [{"amount": 1, "id": "x"}]},
        {"payment_transactions": [{"amount": 1, "receipt_id": "x"}]},
        {"items": ["x"]},
    ],
)
async def test_contents_of_a_receipt_are_of_their_types(stocked: Caller, fields: dict[str, Any]) -> None:
    for method, path, body in (
        ("POST", "/pos/receipts", _receipt(**fields)),
        ("POST", "/pos/receipts/batch", {"receipts": [_receipt(**fields)]}),
        ("PUT", f"/pos/receipts/{uuid(1)}", fields),
    ):
        assert "invalid type" in (await stocked(method, path, body, status=422))["errors"]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"total_amount": ...}, {"total_amount": [{"error": "blank"}]}),
        ({"state": ..., "type": ...}, {"state": [{"error": "blank"}], "type": [{"error": "blank"}]}),
        ({"items": [{"name": "Кава"}]}, {"items": [{"error": "invalid"}]}),
        ({"payment_transactions": [{"amount": 1}]}, {"payment_transactions": [{"error": "invalid"}]}),
    ],
)
async def test_what_a_receipt_owes_is_asked_for(stocked: Caller, fields: dict[str, Any], errors: Any) -> None:
    given = {name: value for name, value in _receipt(**fields).items() if value is not ...}
    assert await stocked("POST", "/pos/receipts", given, status=422) == {"errors": errors}
    assert len(stocked.box.rows("receipts")) == 2


async def test_a_payment_of_a_wrong_type_refuses_the_receipt(stocked: Caller) -> None:
    wrong = _receipt(payment_transactions=[{"amount": "much"}])
    answer = await stocked("POST", "/pos/receipts", wrong, status=422)
    assert '[Pos::PaymentTransactionForm.new] "much" (String) has invalid type for :amount' in answer["errors"]
    assert len(stocked.box.rows("receipts")) == 2


async def test_an_update_of_a_receipt_replaces_the_payments_that_it_names(stocked: Caller) -> None:
    path = f"/pos/receipts/{(await stocked.data('POST', '/pos/receipts', _paid(), status=201))['id']}"
    key = path.rpartition("/")[2]
    await stocked("PUT", path, {"title": "Інша"})
    assert len(stocked.box.rows("payments", receipt_id=key)) == 2
    await stocked("PUT", path, {"payment_transactions": _paid()["payment_transactions"][1:]})
    (payment,) = stocked.box.rows("payments", receipt_id=key)
    assert (payment["amount"], payment["position"]) == (Decimal(5), 0)
    await stocked("PUT", path, {"payment_transactions": []})
    assert stocked.box.rows("payments", receipt_id=key) == []


async def test_a_receipt_is_found_by_registrar_and_fiscal_number(stocked: Caller) -> None:
    for registrar in ("4000000001", "4000000002"):
        for number in ("777", "7777"):
            numbers = {"registrar_fiscal_number": registrar, "fiscal_number": number}
            await stocked("POST", "/pos/receipts", _receipt(**numbers), status=201)
    assert len(await stocked.data("GET", "/pos/receipts", fiscal_number="777")) == 2
    assert len(await stocked.data("GET", "/pos/receipts", registrar_fiscal_number="4000000001")) == 2
    (found,) = await stocked.data("GET", "/pos/receipts", fiscal_number="777", registrar_fiscal_number="4000000002")
    assert (found["fiscal_number"], found["registrar_fiscal_number"]) == ("777", "4000000002")
