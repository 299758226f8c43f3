"""The sums that a store makes for a reconciliation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async.models import PaymentType, Receipt, ReceiptState, ReceiptType, TransactionType, ZReport
from smartkasa_async.receipts import Window
from smartkasa_async.reports import reconcile
from smartkasa_async.reports.takings import NOTHING, Takings
from smartkasa_async.stores import Store, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OCTOBER = Window(date(2026, 10, 1), date(2026, 10, 31))
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
LATE = datetime(2026, 10, 31, 20, tzinfo=UTC)  # ten in the evening in Kyiv
NEXT_DAY = datetime(2026, 10, 31, 23, tzinfo=UTC)  # already November in Kyiv


@dataclass
class Books:
    """Writes receipts and Z-reports in few words."""

    store: Store
    _number: int = field(default=0)

    async def receipt(
        self,
        total: str,
        *payments: tuple[TransactionType, str],
        type: ReceiptType = ReceiptType.SALE,
        state: ReceiptState = ReceiptState.PAID,
        kind: PaymentType = PaymentType.PAYMENT,
        shift: str | None = "s1",
        shop: int = 13,
        at: datetime = NOON,
    ) -> None:
        self._number += 1
        record = {
            "id": f"r{self._number}",
            "created_at": at,
            "updated_at": at,
            "state": state,
            "type": type,
            "total_amount": total,
            "shift_id": shift,
            "shop_id": shop,
            "items": [],
            "payment_transactions": [
                {
                    "id": f"p{self._number}-{number}",
                    "amount": amount,
                    "payment_type_id": kind,
                    "transaction_type_id": means,
                    "created_at": at,
                    "updated_at": at,
                }
                for number, (means, amount) in enumerate(payments)
            ],
        }
        await self.store.write_receipts([msgspec.convert(record, Receipt)])

    async def z_report(self, *, shift: str | None = "s1", shop: int = 13, at: datetime = NOON, **figures: Any) -> None:
        self._number += 1
        record = {
            "id": self._number,
            "created_at": at,
            "fiscal_number": str(self._number),
            "shift_id": shift,
            "shop_id": shop,
            **figures,
        }
        await self.store.write_z_reports([msgspec.convert(record, ZReport)])

    async def takings(self, shift: str | None = "s1", shop: int = 13) -> Takings:
        (found,) = [
            one for one in await self.store.shift_takings(OCTOBER) if (one.shop_id, one.shift_id) == (shop, shift)
        ]
        return found.receipts


@pytest.fixture
async def books() -> AsyncIterator[Books]:
    async with open_store("sqlite+aiosqlite://") as store:
        yield Books(store)


CASH, CARD, BANK = TransactionType.CASH, TransactionType.ACQUIRING, TransactionType.BANK_DETAILS


async def test_sales_and_refunds_are_summed_by_means_of_payment(books: Books) -> None:
    await books.receipt("100.10", (CASH, "100.10"))
    await books.receipt("50.05", (CASH, "20.00"), (CARD, "30.05"))
    await books.receipt("7.01", (BANK, "7.01"))
    await books.receipt(
        "20.02", (CARD, "20.02"), type=ReceiptType.REFUND, state=ReceiptState.REFUND, kind=PaymentType.REFUND
    )

    assert await books.takings() == Takings(
        sale_receipts_count=3,
        sale_total=Decimal("157.16"),
        sale_cash_total=Decimal("120.10"),
        sale_cashless_total=Decimal("37.06"),
        refund_receipts_count=1,
        refund_total=Decimal("20.02"),
        refund_cash_total=Decimal(0),
        refund_cashless_total=Decimal("20.02"),
    )


@pytest.mark.parametrize(
    ("type", "state"),
    [
        (ReceiptType.SALE, ReceiptState.DEFERRED),
        (ReceiptType.SERVICE_CASH_IN, ReceiptState.PAID),
        (ReceiptType.SERVICE_CASH_OUT, ReceiptState.PAID),
        (ReceiptType.CANCELLATION, ReceiptState.PAID),
        (ReceiptType.CASH_WITHDRAWAL, ReceiptState.PAID),
        (ReceiptType.OFFLINE_START, ReceiptState.PAID),
        (ReceiptType(77), ReceiptState.PAID),
    ],
)
async def test_nothing_else_is_a_sale_or_a_refund(books: Books, type: ReceiptType, state: ReceiptState) -> None:
    await books.receipt("500.00", (CASH, "500.00"), type=type, state=state)
    assert await books.takings() == NOTHING


async def test_a_payment_that_was_cancelled_is_taken_off(books: Books) -> None:
    await books.receipt("10.00", (CASH, "10.00"))
    await books.receipt("0.00", (CARD, "10.00"), kind=PaymentType.CANCELLATION)
    takings = await books.takings()
    assert (takings.sale_cash_total, takings.sale_cashless_total) == (Decimal(10), Decimal(-10))


async def test_a_shift_over_midnight_is_summed_whole(books: Books) -> None:
    await books.receipt("1.00", (CASH, "1.00"), at=LATE)
    await books.receipt("2.00", (CASH, "2.00"), at=NEXT_DAY)
    assert (await books.takings()).sale_total == Decimal(3)


async def test_shifts_outside_the_window_are_left_out(books: Books) -> None:
    await books.receipt("2.00", shift="s2", at=NEXT_DAY)
    await books.z_report(shift="s2", at=NEXT_DAY, sale_total="2.00")
    assert await books.store.shift_takings(OCTOBER) == []


async def test_several_z_reports_of_one_shift_are_added_up(books: Books) -> None:
    await books.receipt("30.00", (CASH, "30.00"))
    await books.z_report(sale_total="10.10", sale_receipts_count=1)
    await books.z_report(sale_total="19.90", sale_receipts_count=0, at=NEXT_DAY)

    (shift,) = await books.store.shift_takings(OCTOBER)
    assert shift.z_reports == 2
    assert shift.z_report == Takings(sale_total=Decimal(30), sale_receipts_count=1)
    assert all(shop.agrees for shop in await reconcile(books.store, start=OCTOBER.start, end=OCTOBER.end))


async def test_shops_with_the_same_shift_id_are_kept_apart(books: Books) -> None:
    await books.receipt("1.00", shop=13)
    await books.receipt("2.00", shop=14)
    assert (await books.takings(shop=13)).sale_total == Decimal(1)
    assert (await books.takings(shop=14)).sale_total == Decimal(2)


async def test_receipts_without_a_shift_count_by_their_own_day(books: Books) -> None:
    await books.receipt("1.00", shift=None)
    await books.receipt("2.00", shift=None, at=NEXT_DAY)

    assert (await books.takings(shift=None)).sale_total == Decimal(1)
    (shop,) = await reconcile(books.store, start=OCTOBER.start, end=OCTOBER.end)
    assert [str(difference) for difference in shop.differences] == [
        "shop 13, shift None: shift_missing: receipts 1.00 UAH, Z-report 0.00 UAH, difference +1.00 UAH"
    ]


async def test_a_z_report_without_receipts_is_compared_with_nothing(books: Books) -> None:
    await books.z_report(sale_total="5.00")
    (shift,) = await books.store.shift_takings(OCTOBER)
    assert shift.receipts == NOTHING
    assert shift.z_report == Takings(sale_total=Decimal(5))
