"""`reconcile`: do the synced receipts agree with the synced Z-reports?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.receipts.days import Window
from smartkasa_async.reports.agreement import compare

if TYPE_CHECKING:
    from datetime import date

    from smartkasa_async.reports.agreement import ShopAgreement
    from smartkasa_async.reports.takings import TakingsSource

__all__ = ["reconcile"]


async def reconcile(store: TakingsSource, *, start: date, end: date) -> list[ShopAgreement]:
    """Compare receipts and their payments with the Z-reports, shift by shift.

    A shift counts when a receipt or a Z-report of it falls into the span, and then with all its receipts in the store:
    a day can have several Z-reports, and one can close a shift of two days, so days are never compared. A shift with
    service operations only owes no Z-report. Sync a day beyond both ends where shifts run over midnight.

    Args:
        store: What was synced.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included.

    Returns:
        A line for each shop, with every difference named, in hryvnias.
    """
    window = Window(start, end)
    return compare(await store.shift_takings(window), await store.shop_titles())
