"""Issues of receipts that are planted into a month that agrees: each is found, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from smartkasa_async.reports import DifferenceKind
from smartkasa_async.stores.schema import (
    PAYMENTS,
    RECEIPT_ITEMS,
    RECEIPTS,
)
from tests.support.spoilt_books import KOPECK, PAID, SALE, Books, is_sale, names, payments_of

if TYPE_CHECKING:
    from sqlalchemy import Executable

CASH_IN, REFUND, CANCELLATION, WITHDRAWAL = 1, 3, 4, 5


async def test_a_missing_receipt_entails_sums_taxes_and_product_sales(books: Books) -> None:
    deleted = await books.middle(*is_sale(RECEIPTS.c.shop_id == 37901, RECEIPTS.c.tax_a > 0, payments_of(1)))
    sold = await books.all(select(RECEIPT_ITEMS).where(RECEIPT_ITEMS.c.receipt_id == deleted.id))
    await books.remove(deleted.id)

    one = await books.only()

    assert (one.kind, one.cause, one.shift_id) == (DifferenceKind.RECEIPT_MISSING, "receipt_missing", deleted.shift_id)
    assert one.figures[0].name == "sale_total"
    assert {"sale_receipts_count", "sale_tax_a_total", "turnover_amount"} <= names(one)
    assert {f"product_sales {item.product_id}" for item in sold} <= names(one)
    assert deleted.registrar_local_number in one.explain("en")
    assert deleted.registrar_local_number in one.explain("uk")


@pytest.mark.parametrize(
    ("type_", "figure"), [(CASH_IN, "service_input"), (WITHDRAWAL, "cash_total"), (REFUND, "refund_total")]
)
async def test_a_missing_operation_is_found(books: Books, type_: int, figure: str) -> None:
    deleted = await books.middle(RECEIPTS.c.type == type_)
    await books.remove(deleted.id)

    one = await books.only()

    assert (one.kind, one.details["numbers"]) == (DifferenceKind.RECEIPT_MISSING, deleted.registrar_local_number)
    assert figure in names(one)


async def test_a_missing_cancellation_is_a_notice(books: Books) -> None:
    deleted = await books.middle(RECEIPTS.c.type == CANCELLATION)
    await books.remove(deleted.id)

    result = await books.reconciled()

    assert result.agrees
    assert [(one.cause, one.details["numbers"]) for one in result.notices] == [
        ("number_without_effect", deleted.registrar_local_number)
    ]


async def test_without_local_numbers_the_count_tells(books: Books) -> None:
    deleted = await books.middle(*is_sale(RECEIPTS.c.shop_id == 37902))
    await books.remove(deleted.id)
    await books.run(update(RECEIPTS).values(registrar_local_number=None))

    one = await books.only()

    assert (one.kind, one.cause) == (DifferenceKind.RECEIPT_MISSING, "receipts_missing_by_count")
    assert one.amount == -deleted.total_amount


async def test_wrong_taxes_are_found(books: Books) -> None:
    receipt = await books.middle(RECEIPTS.c.type == SALE, RECEIPTS.c.state == PAID, RECEIPTS.c.tax_a > 0)
    await books.run(update(RECEIPTS).where(RECEIPTS.c.id == receipt.id).values(tax_a=receipt.tax_a + KOPECK))

    one = await books.only()

    assert (one.kind, one.receipt_ids, one.amount) == (DifferenceKind.TAXES, (receipt.id,), KOPECK)
    assert names(one) == {"tax_a", "sale_tax_a_total"}


async def test_taxes_in_hryvnias_are_told(books: Books) -> None:
    receipt = await books.middle(RECEIPTS.c.type == SALE, RECEIPTS.c.state == PAID, RECEIPTS.c.tax_a > 0)
    taxes = {name: value / 100 for name in ("tax_a", "tax_b", "tax_z") if (value := getattr(receipt, name))}
    await books.run(update(RECEIPTS).where(RECEIPTS.c.id == receipt.id).values(taxes))

    one = await books.only()

    assert (one.cause, one.receipt_ids) == ("taxes_in_hryvnias", (receipt.id,))


async def test_a_lost_part_of_a_split_payment_is_found(books: Books) -> None:
    receipt = await books.middle(*is_sale(payments_of(2)))
    lost = (await books.all(select(PAYMENTS).where(PAYMENTS.c.receipt_id == receipt.id)))[0]
    await books.run(delete(PAYMENTS).where(PAYMENTS.c.receipt_id == receipt.id, PAYMENTS.c.position == lost.position))

    one = await books.only()

    assert (one.kind, one.receipt_ids, one.amount) == (DifferenceKind.PAYMENTS, (receipt.id,), -lost.amount)
    assert names(one) == {"payments", "sale_cash_total" if lost.transaction_type_id == 0 else "sale_cashless_total"}


async def test_a_lost_discount_is_found(books: Books) -> None:
    receipt = await books.middle(*is_sale(RECEIPTS.c.discount_amount > 0, RECEIPTS.c.discount_percentage > 0))
    await books.run(update(RECEIPTS).where(RECEIPTS.c.id == receipt.id).values(discount_amount=Decimal(0)))

    one = await books.only()

    assert (one.kind, one.cause, one.receipt_ids) == (DifferenceKind.DISCOUNT, "discount_percent", (receipt.id,))
    assert one.amount == -receipt.discount_amount


async def test_a_lost_item_is_found_with_its_product_sales(books: Books) -> None:
    lost = (await books.all(select(RECEIPT_ITEMS).where(RECEIPT_ITEMS.c.position == 2)))[0]
    await books.run(
        delete(RECEIPT_ITEMS).where(RECEIPT_ITEMS.c.receipt_id == lost.receipt_id, RECEIPT_ITEMS.c.position == 2)
    )

    one = await books.only()

    assert (one.kind, one.receipt_ids) == (DifferenceKind.ITEMS, (lost.receipt_id,))
    assert f"product_sales {lost.product_id}" in names(one)


async def test_a_refund_that_is_taken_for_a_sale_is_found(books: Books) -> None:
    refund = await books.middle(RECEIPTS.c.type == REFUND)
    await books.run(update(RECEIPTS).where(RECEIPTS.c.id == refund.id).values(type=SALE, state=PAID))

    one = await books.only()

    assert (one.kind, one.receipt_ids) == (DifferenceKind.RECEIPT_TYPE, (refund.id,))
    assert one.amount == 2 * refund.total_amount


def deleted(*ids: str) -> Executable:
    return update(RECEIPTS).where(RECEIPTS.c.id.in_(ids)).values(deleted_at=datetime(2026, 4, 1, tzinfo=UTC))


async def test_a_receipt_that_is_no_longer_listed_is_told_to_be_gone(books: Books) -> None:
    receipt = await books.middle(*is_sale())
    await books.run(deleted(receipt.id))

    one = await books.only()

    assert (one.kind, one.cause) == (DifferenceKind.RECEIPT_MISSING, "receipt_deleted")
    assert (one.receipt_ids, one.amount) == ((receipt.id,), -receipt.total_amount)
    assert f"once listed receipt {receipt.id} (local number {receipt.registrar_local_number} of" in one.explanation


@pytest.mark.parametrize("kept", [0, 3])
async def test_receipts_of_a_shift_that_are_no_longer_listed_are_told_to_be_gone(books: Books, kept: int) -> None:
    shift = (await books.z_report()).shift_id
    sales = await books.all(select(RECEIPTS).where(RECEIPTS.c.shift_id == shift))
    await books.run(deleted(*(row.id for row in sales[kept:])))

    one = await books.only()

    counted = {row.id for row in sales[kept:] if row.type in {SALE, REFUND, CASH_IN, 2, WITHDRAWAL}}
    assert (one.cause, set(one.receipt_ids)) == ("receipts_deleted", counted)


async def test_of_two_missing_receipts_one_that_is_gone_leaves_the_numbers_of_both(books: Books) -> None:
    shift = (await books.z_report()).shift_id
    first, second, *_ = await books.all(
        select(RECEIPTS).where(*is_sale(RECEIPTS.c.shift_id == shift)).order_by(RECEIPTS.c.created_at).offset(2)
    )
    await books.run(deleted(first.id))
    await books.remove(second.id)

    assert (await books.only()).cause == "receipts_missing"


async def test_a_cancellation_that_is_no_longer_listed_is_a_notice(books: Books) -> None:
    receipt = await books.middle(RECEIPTS.c.type == CANCELLATION)
    await books.run(deleted(receipt.id))

    (one,) = (await books.reconciled()).notices

    assert (one.cause, one.receipt_ids) == ("number_deleted", (receipt.id,))


async def test_two_issues_in_one_shift_are_two_differences(books: Books) -> None:
    shift = (await books.z_report()).shift_id
    sales = await books.all(select(RECEIPTS).where(*is_sale(RECEIPTS.c.shift_id == shift, payments_of(1))))
    deleted, paid = sales[1], sales[2]
    await books.remove(deleted.id)
    await books.run(update(PAYMENTS).where(PAYMENTS.c.receipt_id == paid.id).values(amount=PAYMENTS.c.amount - 5))

    found = await books.differences()

    assert {(one.kind, one.amount) for one in found} == {
        (DifferenceKind.PAYMENTS, Decimal(-5)),
        (DifferenceKind.RECEIPT_MISSING, -deleted.total_amount),
    }


async def test_receipts_that_are_not_fiscal_are_told_only_where_the_z_report_leaves_them_out(books: Books) -> None:
    receipt = await books.middle(*is_sale())
    await books.copy(receipt, "without")
    await books.run(
        update(RECEIPTS).where(RECEIPTS.c.id == "without").values(fiscal_number=None, registrar_local_number=None)
    )

    found = await books.differences()

    assert found[0].kind is DifferenceKind.RECEIPT_NOT_FISCAL
    assert found[0].receipt_ids == ("without",)
