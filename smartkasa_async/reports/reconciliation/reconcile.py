"""`reconcile`: do the synced receipts agree with their payments, the Z-reports and the product sales?"""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from smartkasa_async.receipts.days import Window
from smartkasa_async.reports.reconciliation.moves import join_moves
from smartkasa_async.reports.reconciliation.product_check import check_product_sales
from smartkasa_async.reports.reconciliation.result import (
    Reconciliation,
    ShiftReconciliation,
    ShopReconciliation,
    Totals,
)
from smartkasa_async.reports.reconciliation.till_check import TillCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from smartkasa_async.reports.reconciliation.till_check import CheckedShift
    from smartkasa_async.stores import Store
    from smartkasa_async.stores.books import Books

__all__ = ["reconcile"]

_ZERO = Decimal(0)


async def reconcile(
    store: Store,
    *,
    start: date,
    end: date,
    shops: Iterable[int] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Reconciliation:
    """Compare receipts, their payments, the Z-reports and the product sales, shift by shift.

    A shift counts when a receipt or a Z-report of it falls into the span, and then with all its receipts in the store:
    a day can have several Z-reports, and one can close two days, so days are never compared. What names no shift is
    placed by its registrar. A shift with service operations only owes no Z-report, nor does one that is still open.
    Figures that a Z-report leaves out are not compared, nor are product sales of days that were not harvested. Sync a
    day beyond both ends where shifts run over midnight. One shop is held in memory at a time, without its receipts.

    Args:
        store: What was synced.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included.
        shops: Ids of the shops; None for all that the store has.
        on_progress: Told after each shift how many were compared so far, and of how many; shifts that no record names
            are counted as they are found.

    Returns:
        Every difference with its cause and what it entails, in hryvnias, and the sums of both sides.

    Raises:
        InvalidRequestError: The span of days is none.
        StoreError: The store could not be read.

    Z-reports close shifts: law of Ukraine № 265/95, article 3.
    """
    from smartkasa_async.stores.books import open_books  # noqa: PLC0415  (an extra)

    window = Window(start, end)
    chosen = None if shops is None else frozenset(shops)
    numbers = count(1)
    async with open_books(store, window) as books:
        named = 0 if on_progress is None else await books.count_shifts(chosen)

        def tell() -> None:
            if on_progress is not None:
                done = next(numbers)
                on_progress(done, max(done, named))

        titles = await books.shop_titles(chosen)
        found = [
            await _reconcile_shop(books, shop_id, titles[shop_id], tell) for shop_id in sorted(titles, key=_none_last)
        ]
    return Reconciliation(window=window, shops=tuple(found))


async def _reconcile_shop(
    books: Books, shop_id: int | None, title: str | None, tell: Callable[[], None]
) -> ShopReconciliation:
    copies = await books.copies(shop_id)
    checked: list[CheckedShift] = []
    for heads in await books.tills(shop_id):
        till: list[CheckedShift] = []
        check = TillCheck(copies, await books.numbers(shop_id, heads[0].registrar))
        async for shift in books.shifts(heads):
            till += check.add(shift)
            tell()
        till += check.end()
        join_moves(till)
        checked += till
    sold = await books.sold_products(shop_id)
    unsold = list(check_product_sales(sold, [fault for shift in checked for fault in shift.faults]))
    return ShopReconciliation(
        shop_id=shop_id,
        title=title,
        shifts=tuple(map(_shift, checked)),
        found=(
            *(
                fault.at(shop_id, shift.sums.head.registrar, shift.sums.head.shift_id)
                for shift in checked
                for fault in shift.faults
            ),
            *(fault.at(shop_id) for fault in unsold),
        ),
    )


def _shift(checked: CheckedShift) -> ShiftReconciliation:
    sums, stated = checked.sums, checked.stated or {}
    days = {*sums.days, *(report.day for report in sums.head.z_reports)}
    return ShiftReconciliation(
        shop_id=sums.head.shop_id,
        registrar=sums.head.registrar,
        shift_id=sums.head.shift_id,
        days=tuple(sorted(days)),
        totals=Totals(
            receipts=sums.receipts,
            sales=sums.figures.get("sale_total", _ZERO),
            refunds=sums.figures.get("refund_total", _ZERO),
            z_reports=len(sums.head.z_reports),
            z_sales=stated.get("sale_total", _ZERO),
            z_refunds=stated.get("refund_total", _ZERO),
        ),
        agrees=all(fault.is_notice for fault in checked.faults),
    )


def _none_last(shop_id: int | None) -> tuple[bool, int]:
    return shop_id is None, shop_id or 0
