"""What writes do: stored values, kept counts, stock, batches, and the quirks of their answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from smartkasa_async.sandbox.wire import KYIV
from tests.support.calling import Caller, Rows, two_of_each, uuid


def _row(caller: Caller, table: str, key: Any) -> dict[str, Any]:
    (row,) = caller.box.rows(table, id=key)
    return row


def _receipt(product: str | None, quantity: float = 2, **fields: Any) -> dict[str, Any]:
    item = {"name": "Кава", "price": 10.1, "amount": 20.2, "quantity": quantity, "product_id": product}
    return {"total_amount": 20.2, "state": 2, "type": 0, "shop_id": 1, "items": [item]} | fields


async def test_a_phone_number_is_stored_with_the_country(caller: Caller) -> None:
    shop = await caller.data("POST", "/rsn/shops", {"title": "А", "phone_number": "0971234567"}, status=201)
    assert shop["phone_number"] == "380971234567"
    await caller.data("PUT", f"/rsn/shops/{shop['id']}", {"phone_number": "0501112233"})
    assert _row(caller, "shops", shop["id"])["phone_number"] == "380501112233"
    body = {"first_name": "Віра", "phone_number": "380971234567", "additional_phone_number": "0971234568"}
    employee = await caller.data("POST", "/rsn/employees", body, status=201)
    assert (employee["phone_number"], employee["additional_phone_number"]) == ("380971234567", "380971234568")


async def test_an_update_leaves_what_it_does_not_name_and_clears_null(stocked: Caller) -> None:
    before = _row(stocked, "shops", 1)
    await stocked("PUT", "/rsn/shops/1", {"email": None})
    after = _row(stocked, "shops", 1)
    assert after["updated_at"] > before["updated_at"]
    assert {**after, "updated_at": None} == {**before, "email": None, "updated_at": None}


async def test_an_address_keeps_its_id(stocked: Caller) -> None:
    shop = await stocked.data("PUT", "/rsn/shops/1", {"address": {"city_name": "Львів"}})
    before = two_of_each().rows["shops"][0]["address"]
    changed = {"city_name": "Львів", "updated_at": shop["address"]["updated_at"]}
    assert shop["address"] == before | changed
    assert "address" not in await stocked.data("PUT", "/rsn/shops/1", {"address": None})


async def test_what_is_absent_has_no_key(stocked: Caller) -> None:
    with_picture, without = (
        await stocked.data("GET", "/inventory/products", q="Ґ1"),
        await stocked.data("GET", "/inventory/products", q="Ґ2"),
    )
    assert with_picture[0]["picture"]["size"] == 8132
    assert "picture" not in without[0]


async def test_several_blank_fields_are_named_together(caller: Caller) -> None:
    answer = await caller("POST", "/inventory/import_products", {}, status=422)
    assert answer == {"errors": {"url": [{"error": "blank"}], "category_id": [{"error": "blank"}]}}


def _type_error(form: str, value: str, field: str, reason: str) -> str:
    return f"[{form}.new] {value} has invalid type for :{field} violates constraints ({reason} failed)"


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (
            "/rsn/shops",
            {"title": 5},
            _type_error("Rsn::ShopForm", "5 (Integer)", "title", "type?(String, 5)"),
        ),
        (
            "/rsn/shops",
            {"title": "А", "state": None},
            _type_error("Rsn::ShopForm", "nil (NilClass)", "state", "can't convert NilClass into Integer"),
        ),
        (
            "/rsn/shops",
            {"title": "А", "fiscalization_enabled": "so"},
            _type_error("Rsn::ShopForm", '"so" (String)', "fiscalization_enabled", 'type?(FalseClass, "so")'),
        ),
        (
            "/rsn/shops",
            {"title": "А", "address": []},
            _type_error("Rsn::ShopForm", "[] (Array)", "address", "type?(Hash, [])"),
        ),
        (
            "/rsn/shops",
            {"title": "А", "address": {"zip_code": 8800}},
            _type_error("Rsn::ShopAddressForm", "8800 (Integer)", "zip_code", "type?(String, 8800)"),
        ),
        (
            "/rsn/employees",
            {"first_name": "А", "birthday": "soon"},
            _type_error("Rsn::EmployeeForm", '"soon" (String)', "birthday", 'type?(DateTime, "soon")'),
        ),
        (
            "/pos/receipts",
            {"total_amount": True},
            _type_error("Pos::ReceiptForm", "true (TrueClass)", "total_amount", "can't convert TrueClass into Float"),
        ),
        (
            "/pos/receipts",
            {"items": [1]},
            _type_error("Pos::ReceiptForm", "1 (Integer)", "items", "type?(Hash, 1)"),
        ),
        (
            "/pos/receipts",
            {"seller_id": 2**64},
            _type_error("Pos::ReceiptForm", f"{2**64} (Integer)", "seller_id", f"invalid value for Integer(): {2**64}"),
        ),
    ],
)
async def test_wrong_types_are_refused_in_the_recorded_words(
    caller: Caller, path: str, body: dict[str, Any], message: str
) -> None:
    assert await caller("POST", path, body, status=422) == {"errors": message}


@pytest.mark.parametrize("amount", ["1e999999999", "-1e16", "1e-31", "NaN"])
async def test_amounts_out_of_all_reason_are_refused(caller: Caller, amount: str) -> None:
    body = f'{{"total_amount": "{amount}"}}' if amount == "NaN" else f'{{"total_amount": {amount}}}'
    url = f"{caller.box.url}/api/v1/pos/receipts"
    async with caller.session.post(url, data=body, headers=caller.headers) as response:
        assert response.status == 422
    assert caller.box.rows("receipts") == []


async def test_product_rules(stocked: Caller) -> None:
    async def errors(**fields: Any) -> Any:
        return (await stocked("POST", "/inventory/products", {"title": "Кава"} | fields, status=422))["errors"]

    assert await errors(price=-1) == {"price": [{"error": "invalid"}]}
    assert await errors(category_id=uuid(9)) == {"category_id": [{"error": "invalid"}]}
    assert await errors(title=" ", procurement_price=-0.01) == {
        "title": [{"error": "blank"}],
        "procurement_price": [{"error": "invalid"}],
    }


async def test_amounts_are_exact(caller: Caller) -> None:
    price = "1299.123456789"
    url = f"{caller.box.url}/api/v1/inventory/products"
    body = f'{{"title": "А", "price": {price}, "procurement_price": 100.00}}'
    async with caller.session.post(url, data=body, headers=caller.headers) as response:
        key = (await response.json())["data"]["id"]
    product = await caller.data("GET", f"/inventory/products/{key}")
    assert (product["price"], product["procurement_price"]) == (price, "100.0")
    assert _row(caller, "products", key)["price"] == Decimal(price)


@pytest.mark.parametrize(
    ("group", "taxes"),
    [
        (0, {}),
        (1, {"А": 20000}),
        (2, {"Б": 7850}),
        (4, {"Д": 0}),
        (5, {"З": 5714}),
        (6, {"А": 19048, "З": 5714}),
        (77, {}),
    ],
)
async def test_taxes_inside_a_price(caller: Caller, group: int, taxes: dict[str, int]) -> None:
    body = {"title": "А", "price": 1200, "tax_group_id": group}
    key = (await caller.data("POST", "/inventory/products", body, status=201))["id"]
    assert (await caller.data("GET", f"/inventory/products/{key}"))["tax_amount"] == taxes


async def test_products_are_counted_in_their_category(caller: Caller) -> None:
    first, second = [
        (await caller.data("POST", "/inventory/categories", {"title": title}, status=201))["id"] for title in "АБ"
    ]

    def counts() -> tuple[int, int]:
        return tuple(_row(caller, "categories", key)["products_count"] for key in (first, second))

    body = {"title": "Кава", "category_id": first}
    key = (await caller.data("POST", "/inventory/products", body, status=201))["id"]
    batch = await caller.data("POST", "/inventory/products/batch", {"products": [body] * 3}, status=201)
    assert counts() == (4, 0)
    await caller("PATCH", f"/inventory/products/{key}", {"category_id": second})
    assert counts() == (3, 1)
    await caller("DELETE", f"/inventory/products/{key}")
    await caller("DELETE", "/inventory/products/batch", {"ids": [row["id"] for row in batch[:2]]})
    assert counts() == (1, 0)
    await caller("DELETE", f"/inventory/categories/{first}")
    assert caller.box.rows("products", id=batch[2]["id"])[0]["category_id"] is None


async def test_terminals_and_employees_are_counted_in_their_shop(stocked: Caller) -> None:
    await stocked("PUT", "/pos/terminals/1", {"shop_id": 2})
    assert [shop["terminals_count"] for shop in stocked.box.rows("shops")] == [0, 2]
    await stocked("DELETE", "/pos/terminals/2")
    await stocked("DELETE", "/rsn/employees/2")
    assert [(s["terminals_count"], s["employees_count"]) for s in stocked.box.rows("shops")] == [(0, 1), (1, 0)]
    answer = await stocked("PUT", "/pos/terminals/1", {"shop_id": 9}, status=422)
    assert answer == {"errors": {"shop_id": [{"error": "invalid"}]}}


async def test_a_terminal_with_an_open_shift_stays(stocked: Caller) -> None:
    shift = two_of_each().rows["shifts"][0] | {"state": 0}
    stocked.box.load(Rows({"shifts": [shift]}))
    assert await stocked("DELETE", "/pos/terminals/1", status=422) == {"errors": {"id": [{"error": "invalid"}]}}
    await stocked("DELETE", "/pos/terminals/2")


async def test_a_batch_of_products_is_all_or_nothing(caller: Caller) -> None:
    rows = [{"title": "А"}, {"title": "Б", "price": -1}, {"title": ""}]
    answer = await caller("POST", "/inventory/products/batch", {"products": rows}, status=422)
    assert answer == {"errors": {"products": [{"error": "invalid", "messages": "price: Невірне значення"}]}}
    assert caller.box.rows("products") == []
    nothing: tuple[dict[str, Any], ...] = ({}, {"products": []})
    for body in nothing:
        answer = await caller("POST", "/inventory/products/batch", body, status=422)
        assert answer == {"errors": {"products": [{"error": "blank"}]}}
    answer = await caller("POST", "/inventory/products/batch", {"products": [1]}, status=422)
    assert answer == {"errors": {"products": [{"error": "invalid"}]}}


async def test_a_batch_of_products_creates_the_same_ones_again(caller: Caller) -> None:
    rows = [{"title": "Кава", "number": "4820000000017"}] * 3
    ids = [row["id"] for row in await caller.data("POST", "/inventory/products/batch", {"products": rows}, status=201)]
    assert len(set(ids)) == 3
    found = await caller.data("GET", "/inventory/products", number="4820000000017")
    assert {row["id"] for row in found} == set(ids)


async def test_an_enveloped_batch(caller: Caller) -> None:
    body = {"batch": {"categories": [{"title": "А"}, {"title": "Б"}]}}
    created = await caller.data("POST", "/inventory/categories/batch", body, status=201)
    assert [row["title"] for row in created] == ["А", "Б"]
    ids = [row["id"] for row in created]
    deleted = await caller.data("DELETE", "/inventory/categories/batch", {"batch": {"ids": ids}})
    assert [row["id"] for row in deleted] == ids


async def test_a_batch_delete_with_an_unknown_id_deletes_nothing(stocked: Caller) -> None:
    for ids in ([uuid(1), uuid(9)], [1]):
        answer = await stocked("DELETE", "/inventory/products/batch", {"ids": ids}, status=422)
        assert answer == {"errors": {"ids": [{"error": "invalid"}]}}
    assert len(stocked.box.rows("products")) == 2


async def test_receipts_move_counted_stock(stocked: Caller) -> None:
    def counts() -> list[Decimal]:
        return [card["count"] for card in stocked.box.rows("cards")]

    assert counts() == [Decimal("1.25"), Decimal("2.25")]
    sale = await stocked.data("POST", "/pos/receipts", _receipt(uuid(1), 0.5), status=201)
    assert counts()[0] == Decimal("0.75")
    await stocked("POST", "/pos/receipts", _receipt(uuid(1), 3, type=3), status=201)
    assert counts()[0] == Decimal("3.75")
    await stocked("PUT", f"/pos/receipts/{sale['id']}", {"items": _receipt(uuid(1), 2)["items"]})
    assert counts()[0] == Decimal("2.25")
    await stocked("DELETE", f"/pos/receipts/{sale['id']}")
    assert counts()[0] == Decimal("4.25")
    for still in ({"state": 1}, {"type": 1}, {"shop_id": None}):
        await stocked("POST", "/pos/receipts", _receipt(uuid(1), **still), status=201)
    await stocked("POST", "/pos/receipts", _receipt(uuid(2), shop_id=2), status=201)
    assert counts() == [Decimal("4.25"), Decimal("2.25")], "the second card is not counted"


async def test_a_card_s_count_is_set_absolutely(stocked: Caller) -> None:
    assert await stocked.data("PUT", "/inventory/cards/1", {"count": 9.99}) == {"id": 1}
    assert (await stocked.data("GET", "/inventory/cards/1"))["count"] == "9.99"


async def test_products_come_before_cards_and_cards_before_receipts(stocked: Caller) -> None:
    answer = await stocked("POST", "/inventory/cards", {"product_id": uuid(9), "shop_id": 9}, status=422)
    assert answer == {"errors": {"product_id": [{"error": "invalid"}], "shop_id": [{"error": "invalid"}]}}
    for product, message in (
        (uuid(9), "product_id: Не існує"),
        (uuid(2), "product_id: Немає картки обліку в торговій точці"),
    ):
        answer = await stocked("POST", "/pos/receipts", _receipt(product), status=422)
        assert answer == {"errors": {"items": [{"error": "invalid", "messages": message}]}}
        assert answer == await stocked("POST", "/pos/receipts/batch", {"receipts": [_receipt(product)]}, status=422)
    assert len(stocked.box.rows("receipts")) == 2
    await stocked("POST", "/pos/receipts", _receipt(None), status=201)
    await stocked("POST", "/pos/receipts", _receipt(uuid(2), shop_id=None), status=201)


async def test_an_update_of_a_receipt_replaces_its_items(stocked: Caller) -> None:
    receipt = await stocked.data("POST", "/pos/receipts", _receipt(None), status=201)
    items = [{"name": name, "price": 1, "amount": 2, "quantity": 2} for name in ("Чай", "Цукор")]
    changed = await stocked.data("PUT", f"/pos/receipts/{receipt['id']}", {"title": "Інша", "items": items})
    assert [item["name"] for item in changed["items"]] == ["Чай", "Цукор"]
    assert (changed["title"], changed["total_amount"]) == ("Інша", "20.2")
    assert [item["name"] for item in stocked.box.rows("receipt_items", receipt_id=receipt["id"])] == ["Чай", "Цукор"]


async def test_one_deleted_receipt_is_an_object_and_several_are_a_list(stocked: Caller) -> None:
    first, *others = [(await stocked.data("POST", "/pos/receipts", _receipt(None), status=201))["id"] for _ in range(3)]
    assert (await stocked.data("DELETE", "/pos/receipts/batch", {"ids": [first]}))["id"] == first
    deleted = await stocked.data("DELETE", "/pos/receipts/batch", {"ids": others})
    assert [row["id"] for row in deleted] == others


async def test_a_deleted_product_takes_its_cards_along(stocked: Caller) -> None:
    await stocked("DELETE", f"/inventory/products/{uuid(1)}")
    assert [card["product_id"] for card in stocked.box.rows("cards")] == [uuid(2)]


async def test_a_deleted_shop_takes_its_cards_and_leaves_its_terminals(stocked: Caller) -> None:
    await stocked("DELETE", "/rsn/shops/1")
    assert [card["shop_id"] for card in stocked.box.rows("cards")] == [2]
    assert [terminal["shop_id"] for terminal in stocked.box.rows("terminals")] == [None, 2]


async def test_an_import_stays_pending(stocked: Caller) -> None:
    body = {"url": "https://files.example.com/a/price%20list.json?x=1", "category_id": uuid(1)}
    job = await stocked.data("POST", "/inventory/import_products", body, status=201)
    assert (job["state"], job["products_count"], job["filename"]) == (0, 0, "price list.json")
    assert (await stocked.data("GET", f"/inventory/import_products/{job['id']}"))["results"] == {}


async def test_sales_by_product_add_up(stocked: Caller) -> None:
    await stocked("POST", "/pos/receipts", _receipt(uuid(1)), status=201)
    await stocked("POST", "/pos/receipts", _receipt(uuid(1), state=1), status=201)
    sales = await stocked.data("GET", "/stats/product_daily_sales/alter", shop_id=1)
    (line,) = sales["products"]
    assert (line["total_amount"], line["total_count"], line["popularity"]) == ("21.45", "3.25", "100.0")
    assert (sales["id"], sales["total_amount"], sales["total_count"]) == (1, 21.45, 3.25)
    everywhere = await stocked.data("GET", "/stats/product_daily_sales/alter")
    assert everywhere["total_amount"] == 21.45 - 2.25, "a refund is taken off"


async def test_quirk_items_of_listed_receipts_show_kyiv_time_as_utc(stocked: Caller) -> None:
    created = await stocked.data("POST", "/pos/receipts", _receipt(None), status=201)
    (listed,) = await stocked.data("GET", "/pos/receipts", id=created["id"])
    true = datetime.fromisoformat(created["created_at"])
    assert datetime.fromisoformat(created["items"][0]["created_at"]) == true
    assert datetime.fromisoformat(listed["created_at"]) == true
    assert listed["created_at"].endswith("+00:00")
    assert listed["items"][0]["created_at"][:23] == true.astimezone(KYIV).isoformat(timespec="milliseconds")[:23]
    assert listed["items"][0]["created_at"].endswith("+00:00")


async def test_quirk_new_categories_show_utc_as_kyiv_time(caller: Caller) -> None:
    (shown,) = await caller.data("POST", "/inventory/categories/batch", {"categories": [{"title": "А"}]}, status=201)
    stored = _row(caller, "categories", shown["id"])["created_at"]
    offset = stored.astimezone(KYIV).utcoffset()
    assert datetime.fromisoformat(shown["created_at"]) == stored - offset
    assert offset in {timedelta(hours=2), timedelta(hours=3)}
    updated = await caller.data("PUT", f"/inventory/categories/{shown['id']}", {"title": "Б"})
    assert datetime.fromisoformat(updated["created_at"]) == stored
    assert datetime.fromisoformat(updated["updated_at"]) < stored


async def test_quirk_an_update_answers_no_pin_code(stocked: Caller) -> None:
    assert (await stocked.data("PUT", "/rsn/employees/1", {"pin_code": "1123"}))["pin_code"] is None
    assert (await stocked.data("GET", "/rsn/employees/1"))["pin_code"] == "1123"


async def test_quirk_a_color_is_not_kept(caller: Caller) -> None:
    category = await caller.data("POST", "/inventory/categories", {"title": "А", "color": 2}, status=201)
    assert category["color_id"] is None


async def test_z_reports_have_numbers_and_other_money_strings(stocked: Caller) -> None:
    (report,) = await stocked.data("GET", "/reports/z-reports", shop_id=1)
    assert (report["sale_total"], report["payload"]["cash"]["total"]) == (1.25, 12276.25)
    assert report["shift"]["cash_balance"] == "1.25"
