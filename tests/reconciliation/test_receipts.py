"""Issues of receipts that are planted into a month that agrees: each is found, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from smartkasa_async.models import TransactionType
from smartkasa_async.reports import DifferenceKind
from smartkasa_async.stores.schema import (
    PAYMENTS,
    PRODUCT_SALES,
    RECEIPT_ITEMS,
    RECEIPTS,
)
from tests.support.edited_ledger import KOPECK, PAID, SALE, EditedLedger, is_sale, names, payments_of

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from tests.support.edited_ledger import EditedLedger

CASH_IN, REFUND, CANCELLATION, WITHDRAWAL = 1, 3, 4, 5


async def test_a_missing_receipt_entails_sums_taxes_and_product_sales(ledger: EditedLedger) -> None:
    deleted = await ledger.middle(*is_sale(RECEIPTS.c.shop_id == 37901, RECEIPTS.c.tax_a > 0, payments_of(1)))
    sold = await ledger.all(select(RECEIPT_ITEMS).where(RECEIPT_ITEMS.c.receipt_id == deleted.id))
    await ledger.remove(deleted.id)

    one = await ledger.only()

    assert (one.kind, one.cause, one.shift_id) == (DifferenceKind.RECEIPT_MISSING, "receipt_missing", deleted.shift_id)
    assert one.figures[0].name == "sale_total"
    assert {"sale_receipts_count", "sale_tax_a_total", "turnover_amount"} <= names(one)
    assert {f"product_sales {item.product_id}" for item in sold} <= names(one)
    assert deleted.registrar_local_number in one.explain("en")
    assert deleted.registrar_local_number in one.explain("uk")


@pytest.mark.parametrize(
    ("type_", "figure"), [(CASH_IN, "service_input"), (WITHDRAWAL, "cash_total"), (REFUND, "refund_total")]
)
async def test_a_missing_operation_is_found(ledger: EditedLedger, type_: int, figure: str) -> None:
    deleted = await ledger.middle(RECEIPTS.c.type == type_)
    await ledger.remove(deleted.id)

    one = await ledger.only()

    assert (one.kind, one.details["numbers"]) == (DifferenceKind.RECEIPT_MISSING, deleted.registrar_local_number)
    assert figure in names(one)


async def test_a_missing_cancellation_is_a_notice(ledger: EditedLedger) -> None:
    deleted = await ledger.middle(RECEIPTS.c.type == CANCELLATION)
    await ledger.remove(deleted.id)

    result = await ledger.reconciled()

    assert result.ok
    assert [(one.cause, one.details["numbers"]) for one in result.notices] == [
        ("number_without_effect", deleted.registrar_local_number)
    ]


async def test_without_local_numbers_the_count_tells(ledger: EditedLedger) -> None:
    deleted = await ledger.middle(*is_sale(RECEIPTS.c.shop_id == 37902))
    await ledger.remove(deleted.id)
    await ledger.run(update(RECEIPTS).values(registrar_local_number=None))

    one = await ledger.only()

    assert (one.kind, one.cause) == (DifferenceKind.RECEIPT_MISSING, "receipts_missing_by_count")
    assert one.amount == -deleted.total_amount


async def test_wrong_taxes_are_found(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(RECEIPTS.c.type == SALE, RECEIPTS.c.state == PAID, RECEIPTS.c.tax_a > 0)
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == receipt.id).values(tax_a=receipt.tax_a + KOPECK))

    one = await ledger.only()

    assert (one.kind, one.receipt_ids, one.amount) == (DifferenceKind.TAXES, (receipt.id,), KOPECK)
    assert names(one) == {"tax_a", "sale_tax_a_total"}


async def test_taxes_in_hryvnias_are_told(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(RECEIPTS.c.type == SALE, RECEIPTS.c.state == PAID, RECEIPTS.c.tax_a > 0)
    taxes = {name: value / 100 for name in ("tax_a", "tax_b", "tax_z") if (value := getattr(receipt, name))}
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == receipt.id).values(taxes))

    one = await ledger.only()

    assert (one.cause, one.receipt_ids) == ("taxes_in_hryvnias", (receipt.id,))


async def test_a_lost_part_of_a_split_payment_is_found(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(*is_sale(payments_of(2)))
    lost = (await ledger.all(select(PAYMENTS).where(PAYMENTS.c.receipt_id == receipt.id)))[0]
    await ledger.run(delete(PAYMENTS).where(PAYMENTS.c.receipt_id == receipt.id, PAYMENTS.c.position == lost.position))

    one = await ledger.only()

    assert (one.kind, one.receipt_ids, one.amount) == (DifferenceKind.PAYMENTS, (receipt.id,), -lost.amount)
    assert names(one) == {"payments", "sale_cash_total" if lost.transaction_type_id == 0 else "sale_cashless_total"}


async def test_a_lost_discount_is_found(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(*is_sale(RECEIPTS.c.discount_amount > 0, RECEIPTS.c.discount_percentage > 0))
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == receipt.id).values(discount_amount=Decimal(0)))

    one = await ledger.only()

    assert (one.kind, one.cause, one.receipt_ids) == (DifferenceKind.DISCOUNT, "discount_percent", (receipt.id,))
    assert one.amount == -receipt.discount_amount


async def test_a_lost_item_is_found_with_its_product_sales(ledger: EditedLedger) -> None:
    lost = (await ledger.all(select(RECEIPT_ITEMS).where(RECEIPT_ITEMS.c.position == 2)))[0]
    await ledger.run(
        delete(RECEIPT_ITEMS).where(RECEIPT_ITEMS.c.receipt_id == lost.receipt_id, RECEIPT_ITEMS.c.position == 2)
    )

    one = await ledger.only()

    assert (one.kind, one.receipt_ids) == (DifferenceKind.ITEMS, (lost.receipt_id,))
    assert f"product_sales {lost.product_id}" in names(one)


async def test_a_refund_that_is_taken_for_a_sale_is_found(ledger: EditedLedger) -> None:
    refund = await ledger.middle(RECEIPTS.c.type == REFUND)
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == refund.id).values(type=SALE, state=PAID))

    one = await ledger.only()

    assert (one.kind, one.receipt_ids) == (DifferenceKind.RECEIPT_TYPE, (refund.id,))
    assert one.amount == 2 * refund.total_amount


def deleted(*ids: str) -> Executable:
    return update(RECEIPTS).where(RECEIPTS.c.id.in_(ids)).values(deleted_at=datetime(2026, 4, 1, tzinfo=UTC))


async def test_a_receipt_that_is_no_longer_listed_is_told_to_be_gone(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(*is_sale())
    await ledger.run(deleted(receipt.id))

    one = await ledger.only()

    assert (one.kind, one.cause) == (DifferenceKind.RECEIPT_MISSING, "receipt_deleted")
    assert (one.receipt_ids, one.amount) == ((receipt.id,), -receipt.total_amount)
    assert f"once listed receipt {receipt.id} (local number {receipt.registrar_local_number} of" in one.explanation


@pytest.mark.parametrize("kept", [0, 3])
async def test_receipts_of_a_shift_that_are_no_longer_listed_are_told_to_be_gone(
    ledger: EditedLedger, kept: int
) -> None:
    shift = (await ledger.z_report()).shift_id
    sales = await ledger.all(select(RECEIPTS).where(RECEIPTS.c.shift_id == shift))
    await ledger.run(deleted(*(row.id for row in sales[kept:])))

    one = await ledger.only()

    counted = {row.id for row in sales[kept:] if row.type in {SALE, REFUND, CASH_IN, 2, WITHDRAWAL}}
    assert (one.cause, set(one.receipt_ids)) == ("receipts_deleted", counted)


async def test_of_two_missing_receipts_one_that_is_gone_leaves_the_numbers_of_both(ledger: EditedLedger) -> None:
    shift = (await ledger.z_report()).shift_id
    first, second, *_ = await ledger.all(
        select(RECEIPTS).where(*is_sale(RECEIPTS.c.shift_id == shift)).order_by(RECEIPTS.c.created_at).offset(2)
    )
    await ledger.run(deleted(first.id))
    await ledger.remove(second.id)

    assert (await ledger.only()).cause == "receipts_missing"


async def test_a_cancellation_that_is_no_longer_listed_is_a_notice(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(RECEIPTS.c.type == CANCELLATION)
    await ledger.run(deleted(receipt.id))

    (one,) = (await ledger.reconciled()).notices

    assert (one.cause, one.receipt_ids) == ("number_deleted", (receipt.id,))


async def test_two_issues_in_one_shift_are_two_differences(ledger: EditedLedger) -> None:
    shift = (await ledger.z_report()).shift_id
    sales = await ledger.all(select(RECEIPTS).where(*is_sale(RECEIPTS.c.shift_id == shift, payments_of(1))))
    deleted, paid = sales[1], sales[2]
    await ledger.remove(deleted.id)
    await ledger.run(update(PAYMENTS).where(PAYMENTS.c.receipt_id == paid.id).values(amount=PAYMENTS.c.amount - 5))

    found = await ledger.differences()

    assert {(one.kind, one.amount) for one in found} == {
        (DifferenceKind.PAYMENTS, Decimal(-5)),
        (DifferenceKind.RECEIPT_MISSING, -deleted.total_amount),
    }


async def test_receipts_that_are_not_fiscal_are_told_only_where_the_z_report_leaves_them_out(
    ledger: EditedLedger,
) -> None:
    receipt = await ledger.middle(*is_sale())
    await ledger.copy(receipt, "without")
    await ledger.run(
        update(RECEIPTS).where(RECEIPTS.c.id == "without").values(fiscal_number=None, registrar_local_number=None)
    )

    found = await ledger.differences()

    assert found[0].kind is DifferenceKind.RECEIPT_NOT_FISCAL
    assert found[0].receipt_ids == ("without",)


@pytest.mark.parametrize("change", ["0.01", "-0.02", "10", "-10"])
async def test_an_amount_that_is_not_price_times_quantity(ledger: EditedLedger, change: str) -> None:
    receipt = await ledger.middle(*is_sale(RECEIPTS.c.rounding_amount != 0, RECEIPTS.c.tax_a > 0))
    await ledger.run(
        update(RECEIPT_ITEMS)
        .where(RECEIPT_ITEMS.c.receipt_id == receipt.id, RECEIPT_ITEMS.c.position == 1)
        .values(amount=RECEIPT_ITEMS.c.amount + Decimal(change))
    )

    one = await ledger.only()

    assert (one.kind, one.cause, one.receipt_ids) == (DifferenceKind.ITEMS, "items_price", (receipt.id,))
    assert one.amount == Decimal(change)
    assert any(figure.name.startswith("product_sales ") for figure in one.figures)


@pytest.mark.parametrize("tax_group", [None, 77])
async def test_taxes_of_unknown_groups_are_not_compared(ledger: EditedLedger, tax_group: int | None) -> None:
    await ledger.run(update(RECEIPT_ITEMS).values(tax_group_id=tax_group))

    assert await ledger.differences() == []


@pytest.mark.parametrize(
    ("means", "cause", "is_rounded"),
    [(TransactionType.CARD, "means_cash", True), (TransactionType.CASH, "means_cashless", False)],
)
async def test_a_payment_by_other_means(
    ledger: EditedLedger, means: TransactionType, cause: str, is_rounded: bool
) -> None:
    rounding = RECEIPTS.c.rounding_amount
    sales = await ledger.all(
        select(RECEIPTS).where(*is_sale(payments_of(1), rounding != 0 if is_rounded else rounding == 0))
    )
    receipt = next(sale for sale in sales if is_rounded or sale.total_amount * 10 % 1)
    await ledger.run(update(PAYMENTS).where(PAYMENTS.c.receipt_id == receipt.id).values(transaction_type_id=int(means)))

    one = await ledger.only()

    assert (one.kind, one.cause, one.receipt_ids) == (DifferenceKind.PAYMENTS, cause, (receipt.id,))
    assert names(one) == {"payments_cash", "sale_cash_total", "sale_cashless_total"}
    assert abs(one.amount) == receipt.total_amount


async def test_all_parts_of_a_split_payment(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(*is_sale(payments_of(2)))
    await ledger.run(delete(PAYMENTS).where(PAYMENTS.c.receipt_id == receipt.id))

    one = await ledger.only()

    assert (one.kind, one.receipt_ids, one.amount) == (DifferenceKind.PAYMENTS, (receipt.id,), -receipt.total_amount)
    assert names(one) == {"payments", "sale_cash_total", "sale_cashless_total"}


async def test_all_payments_of_a_shift(ledger: EditedLedger) -> None:
    shift = (await ledger.z_report()).shift_id
    sales = await ledger.all(select(RECEIPTS).where(*is_sale(RECEIPTS.c.shift_id == shift)))
    await ledger.run(delete(PAYMENTS).where(PAYMENTS.c.receipt_id.in_([sale.id for sale in sales])))

    found = await ledger.differences()

    assert {one.cause for one in found} == {"payments_less"}
    assert {one.receipt_ids for one in found} == {(sale.id,) for sale in sales}


async def test_empty_fiscal_numbers_are_no_copies_of_each_other(ledger: EditedLedger) -> None:
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.fiscal_number.is_(None)).values(fiscal_number=""))

    assert await ledger.differences() == []


async def test_a_missing_receipt_hides_no_other_difference(ledger: EditedLedger) -> None:
    deleted = await ledger.middle(*is_sale(RECEIPTS.c.shop_id == 37901))
    await ledger.remove(deleted.id)
    of_day = (PRODUCT_SALES.c.shop_id == deleted.shop_id, PRODUCT_SALES.c.business_date == deleted.business_date)
    product = (await ledger.all(select(PRODUCT_SALES.c.product_id).where(*of_day)))[0].product_id
    await ledger.run(
        update(PRODUCT_SALES)
        .where(*of_day, PRODUCT_SALES.c.product_id == product)
        .values(total_amount=PRODUCT_SALES.c.total_amount + Decimal(50_000))
    )

    found = await ledger.differences()

    assert [one.kind for one in found] == [DifferenceKind.RECEIPT_MISSING, DifferenceKind.PRODUCT_SALES]


@pytest.mark.parametrize("shop_id", [37902, None])
async def test_a_shift_is_compared_where_its_z_report_is(ledger: EditedLedger, shop_id: int | None) -> None:
    before = (await ledger.reconciled()).totals
    stray = await ledger.middle(*is_sale(RECEIPTS.c.shop_id == 37901))
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == stray.id).values(shop_id=shop_id))

    result = await ledger.reconciled()

    assert {one.kind for one in result.differences} == {DifferenceKind.PRODUCT_SALES}
    assert result.totals == before
