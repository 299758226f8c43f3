"""The simulated business: what receipts of each type look like, refunds, payments, offline sessions."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from smartkasa_async.sandbox.business import Business, Simulation, simulate

Row = dict[str, Any]
CARDS = (1, 2)


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(Simulation(shops=4, days=62))


@pytest.fixture(scope="module")
def items(business: Business) -> dict[str, list[Row]]:
    return by_receipt(business.rows["receipt_items"])


@pytest.fixture(scope="module")
def payments(business: Business) -> dict[str, list[Row]]:
    return by_receipt(business.rows["payments"])


def by_receipt(rows: list[Row]) -> dict[str, list[Row]]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[row["receipt_id"]].append(row)
    assert all([row["position"] for row in group] == list(range(len(group))) for group in grouped.values()), (
        "positions count from 0"
    )
    return grouped


def test_every_type_and_state_happens_and_no_other(business: Business) -> None:
    kinds = Counter((row["type"], row["state"]) for row in business.rows["receipts"])
    assert set(kinds) == {(0, 1), (0, 2), (1, 2), (2, 2), (3, 3), (4, 2), (5, 2), (102, 2), (103, 2)}
    assert kinds[0, 2] > 0.8 * sum(kinds.values())
    assert kinds[102, 2] == kinds[103, 2]


def test_ids_and_fiscal_numbers_are_unique(business: Business) -> None:
    rows = business.rows
    numbers = [row["fiscal_number"] for table in ("receipts", "z_reports", "shifts") for row in rows[table]]
    fiscal = [number for number in numbers if number]
    assert len(set(fiscal)) == len(fiscal)
    ids = [row["id"] for table in ("shifts", "receipts", "receipt_items", "payments") for row in rows[table]]
    assert len(set(ids)) == len(ids)


def test_only_deferred_receipts_have_no_fiscal_number(business: Business) -> None:
    for row in business.rows["receipts"]:
        assert (row["fiscal_number"] is None) == (row["registrar_local_number"] is None) == (row["state"] == 1)


def test_refunds_name_an_earlier_sale_of_the_shop_and_never_exceed_it(
    business: Business, items: dict[str, list[Row]], payments: dict[str, list[Row]]
) -> None:
    sales = {row["fiscal_number"]: row for row in business.rows["receipts"] if row["type"] == 0 and row["state"] == 2}
    refunds = [row for row in business.rows["receipts"] if row["type"] == 3]
    partial = 0
    for refund in refunds:
        sale = sales.pop(refund["related_fiscal_number"])
        assert sale["shop_id"] == refund["shop_id"]
        assert sale["created_at"] < refund["created_at"]
        sold = {(row["product_id"], row["quantity"]) for row in items[sale["id"]]}
        back = {(row["product_id"], row["quantity"]) for row in items[refund["id"]]}
        assert back <= sold
        partial += back < sold
        assert (
            refund["total_amount"] < sale["total_amount"]
            if back < sold
            else refund["total_amount"] == sale["total_amount"]
        )
        assert {row["payment_type_id"] for row in payments[refund["id"]]} == {2}
        means = [[row["transaction_type_id"] for row in payments[receipt["id"]]] for receipt in (sale, refund)]
        assert means[0] == means[1]
    assert 0 < partial < len(refunds)
    assert all(row["related_fiscal_number"] is None for row in business.rows["receipts"] if row["type"] != 3)


def test_cancellations_pay_and_unpay(business: Business, payments: dict[str, list[Row]]) -> None:
    for receipt in business.rows["receipts"]:
        if receipt["type"] == 4:
            kinds = Counter[int]()
            for row in payments[receipt["id"]]:
                kinds[row["payment_type_id"]] += int(row["amount"] * 100)
            assert kinds == {0: receipt["total_amount"] * 100, 1: receipt["total_amount"] * 100}


def test_cash_is_handed_out_against_a_card(business: Business, payments: dict[str, list[Row]]) -> None:
    handed = [row for row in business.rows["receipts"] if row["type"] == 5]
    assert {row["shop_id"] for row in handed} == {business.rows["shops"][0]["id"], business.rows["shops"][2]["id"]}
    for receipt in handed:
        (payment,) = payments[receipt["id"]]
        assert payment["transaction_type_id"] in CARDS
        assert payment["amount"] == receipt["total_amount"]


def test_customers_pay_by_all_means_and_some_by_two(business: Business, payments: dict[str, list[Row]]) -> None:
    assert {row["transaction_type_id"] for row in business.rows["payments"]} == {0, 1, 2, 3, 4}
    sales = [payments[row["id"]] for row in business.rows["receipts"] if row["type"] == 0 and row["state"] == 2]
    split = [group for group in sales if len(group) == 2]
    assert {len(group) for group in sales} == {1, 2}
    assert all(group[0]["transaction_type_id"] == 0 and group[1]["transaction_type_id"] in CARDS for group in split)
    assert any(group[0]["change_amount"] > 0 for group in sales)


def test_only_card_payments_carry_what_the_bank_says(business: Business) -> None:
    for row in business.rows["payments"]:
        said = [
            row[key] for key in ("rrn", "approval_code", "pan", "pan_hash", "stan", "batch", "result_code", "payload")
        ]
        if row["transaction_type_id"] in CARDS:
            assert all(said)
            assert row["pan"][6:12] == "******"
            assert len(row["rrn"]) == 12
        else:
            assert not any(said)
        assert row["change_amount"] == 0 or row["transaction_type_id"] == 0


def test_discounts_come_on_lines_and_receipts_in_percent_and_as_amounts(business: Business) -> None:
    sales = [row for row in business.rows["receipts"] if row["type"] == 0]
    kinds = {(row["discount_type_id"], bool(row["discount_percentage"]), bool(row["discount_amount"])) for row in sales}
    assert kinds == {(0, False, False), (0, True, True), (1, False, True)}
    assert any(row["discount_amount"] for row in business.rows["receipt_items"])
    assert all(row["total_amount"] > 0 for row in sales)


def test_rounding_goes_both_ways(business: Business) -> None:
    amounts = {row["rounding_amount"] for row in business.rows["receipts"]}
    assert min(amounts) < 0 < max(amounts)
    assert max(amounts) == Decimal("0.25")


def test_quantities_are_whole_unless_the_unit_is_divided(business: Business) -> None:
    for row in business.rows["receipt_items"]:
        assert row["quantity"] > 0
        if row["unit_type_name"] in {"шт", "пляшка", "порція"}:
            assert row["quantity"] % 1 == 0
        assert row["sold_by_weight"] == (row["unit_type_name"] == "кг")


def test_offline_sessions_are_chains(business: Business) -> None:
    sessions = defaultdict(list)
    for row in business.rows["receipts"]:
        if row["offline_local_number"] is not None:
            sessions[row["offline_id"]].append(row)
    assert len(sessions) > 10
    for session, receipts in sessions.items():
        assert [row["type"] for row in receipts] == [102, *[0] * (len(receipts) - 2), 103]
        assert [row["offline_local_number"] for row in receipts] == list(range(1, len(receipts) + 1))
        assert len({(row["shift_id"], row["offline_seed"]) for row in receipts}) == 1
        assert {row["updated_at"] for row in receipts} == {receipts[-1]["created_at"]}
        assert receipts[-1]["created_at"] - receipts[0]["created_at"] < timedelta(hours=36)
        previous = None
        for row in receipts:
            assert row["previous_receipt_hash"] == previous
            assert row["fiscal_number"].startswith(f"{session}.{row['offline_local_number']}.")
            parts = row["registrar_fiscal_number"], row["fiscal_number"], str(int(row["total_amount"] * 100))
            text = "|".join([*parts, row["created_at"].isoformat(timespec="milliseconds")])
            previous = sha256(text.encode()).hexdigest()


def test_offline_receipts_are_paid_in_cash_and_others_are_not_in_a_session(
    business: Business, payments: dict[str, list[Row]]
) -> None:
    for row in business.rows["receipts"]:
        if row["offline_local_number"]:
            assert {payment["transaction_type_id"] for payment in payments[row["id"]]} <= {0}
        else:
            assert not row["offline_id"]
            assert not row["offline_seed"]
            assert row["previous_receipt_hash"] is None
            assert row["updated_at"] == row["created_at"]


def test_shifts_begin_with_service_cash_in_and_mostly_end_with_cash_out(business: Business) -> None:
    ordered = defaultdict(list)
    for row in business.rows["receipts"]:
        ordered[row["shift_id"]].append(row["type"])
    assert all(1 not in types[1:] and 2 not in types[:-1] for types in ordered.values())
    assert sum(types[-1] == 2 for types in ordered.values()) > 0.6 * len(ordered)
    assert sum(types[0] == 1 for types in ordered.values()) > 0.4 * len(ordered)


def test_cash_is_rounded_to_ten_kopecks_before_october_2025() -> None:
    rows = simulate(Simulation(start=date(2025, 9, 27), days=8, receipts_per_day=80)).rows["receipts"]
    first_day = datetime(2025, 9, 30, 21, tzinfo=UTC)
    before = {abs(row["rounding_amount"]) for row in rows if row["created_at"] < first_day}
    after = {abs(row["rounding_amount"]) for row in rows if row["created_at"] >= first_day}

    assert max(before) == Decimal("0.05")
    assert max(after) > Decimal("0.20")
