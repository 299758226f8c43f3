"""The reconciliation that examines everything: every receipt of every shift is read, and nothing is cleared by sums.

It is the oracle for the one that clears: from the same store, both must say the same.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import select

from smartkasa_async.models import ReceiptState, ReceiptType
from smartkasa_async.reports import reconcile
from smartkasa_async.reports.quarantine import read_unreadable
from smartkasa_async.reports.reconciliation import comparing
from smartkasa_async.reports.reconciliation.ledger import SoldProduct
from smartkasa_async.reports.reconciliation.queries import Ledger, local_number
from smartkasa_async.stores.schema import PRODUCT_SALES, RECEIPT_ITEMS, RECEIPTS
from smartkasa_async.stores.sync_state import read_days_read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from datetime import date

    from smartkasa_async.records.days import Window
    from smartkasa_async.reports import Reconciliation
    from smartkasa_async.stores import Store

__all__ = ["examine"]

_AROUND = 31


async def examine(store: Store, **options: Any) -> Reconciliation:
    """Reconcile a store by reading all of it; the arguments are those of `reconcile`."""
    with patch.object(comparing, "open_ledger", _opened):
        return await reconcile(store, **options)


@asynccontextmanager
async def _opened(store: Store, window: Window, tax_tolerance: Decimal) -> AsyncIterator[Ledger]:
    async with store.reading() as connection:
        read, unreadable = await read_days_read(connection), await read_unreadable(connection)
        yield _ExaminedLedger(connection, window, read, unreadable, tax_tolerance)


class _ExaminedLedger(Ledger):
    async def sum_up(self, shops: Collection[int | None], chosen: Collection[int] | None) -> None:
        """Sum up nothing, so that every shift is read."""

    async def numbers(self, shop_id: int | None) -> dict[str | None, list[int]]:
        columns, found = RECEIPTS.c, defaultdict(list)
        query = select(
            columns.shop_id, columns.registrar_fiscal_number, columns.business_date, columns.registrar_local_number
        ).where(columns.deleted_at.is_(None))
        for of, registrar, day, number in await self._connection.execute(query):
            is_near = (self._window.start - day).days <= _AROUND and (day - self._window.end).days <= _AROUND
            if of == shop_id and is_near and (known := local_number(number)) is not None:
                found[registrar].append(known)
        return found

    async def sold_products(self, shop_id: int | None) -> list[SoldProduct]:
        """Compare line by line what was sold on each day and what the product sales state."""
        ours: defaultdict[tuple[date, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        columns, items, stated = RECEIPTS.c, RECEIPT_ITEMS.c, PRODUCT_SALES.c
        query = (
            select(columns.type, columns.state, columns.business_date, items.product_id, items.amount, items.quantity)
            .join(RECEIPT_ITEMS, items.receipt_id == columns.id)
            .where(columns.shop_id == shop_id, columns.deleted_at.is_(None), items.product_id.is_not(None))
        )
        for type_, state, day, product_id, amount, count in await self._connection.execute(query):
            if type_ == ReceiptType.REFUND or (type_, state) == (ReceiptType.SALE, ReceiptState.PAID):
                sign = -1 if type_ == ReceiptType.REFUND else 1
                ours[day, product_id][0] += sign * amount
                ours[day, product_id][1] += sign * count
        theirs = {
            (row.business_date, row.product_id): [row.total_amount, row.total_count]
            for row in await self._connection.execute(select(PRODUCT_SALES).where(stated.shop_id == shop_id))
        }
        nothing = [Decimal(0), Decimal(0)]
        return [
            SoldProduct(
                day=key[0],
                product_id=key[1],
                amount=ours.get(key, nothing)[0],
                count=ours.get(key, nothing)[1],
                stated_amount=theirs.get(key, nothing)[0],
                stated_count=theirs.get(key, nothing)[1],
            )
            for key in sorted(ours.keys() | theirs.keys())
            if shop_id is not None
            and self._window.start <= key[0] <= self._window.end
            and self._is_comparable(shop_id, key[0])
            and ours.get(key, nothing) != theirs.get(key, nothing)
        ]
