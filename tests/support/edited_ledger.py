"""A store to spoil: what the reconciliation's tests plant into a business that agrees."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from smartkasa_async.reports import reconcile
from smartkasa_async.sandbox import Simulation
from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS, Z_REPORTS
from tests.support.stored import changing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Executable, Row

    from smartkasa_async.reports import Difference, Reconciliation
    from smartkasa_async.stores import Store

__all__ = ["KOPECK", "MARCH", "PAID", "SALE", "SPRING", "EditedLedger", "cover_both", "is_sale", "names", "payments_of"]

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
SALE, PAID = 0, 2
KOPECK = Decimal("0.01")

SPRING = Simulation(seed=7, shops=2, terminals_per_shop=1, products=40, start=MARCH[0], days=31, receipts_per_day=10)


class EditedLedger:
    """A store to spoil."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def run(self, *statements: Executable) -> None:
        async with changing(self.store) as connection:
            for statement in statements:
                await connection.execute(statement)

    async def all(self, statement: Any) -> Sequence[Row[Any]]:
        async with self.store.reading() as connection:
            return (await connection.execute(statement)).all()

    async def middle(self, *conditions: Any) -> Row[Any]:
        """A receipt amid those that fulfil the conditions, of a shift amid the others."""
        found = await self.all(select(RECEIPTS).where(*conditions).order_by(RECEIPTS.c.created_at, RECEIPTS.c.id))
        return found[len(found) // 2]

    async def z_report(self, place: int = 40) -> Row[Any]:
        found = await self.all(select(Z_REPORTS).order_by(Z_REPORTS.c.created_at))
        return found[place]

    async def remove(self, receipt_id: str) -> None:
        await self.run(
            delete(RECEIPTS).where(RECEIPTS.c.id == receipt_id),
            delete(RECEIPT_ITEMS).where(RECEIPT_ITEMS.c.receipt_id == receipt_id),
            delete(PAYMENTS).where(PAYMENTS.c.receipt_id == receipt_id),
        )

    async def copy(self, receipt: Row[Any], new_id: str) -> None:
        await self.run(insert(RECEIPTS).values({**receipt._mapping, "id": new_id}))
        for table in (RECEIPT_ITEMS, PAYMENTS):
            rows = await self.all(select(table).where(table.c.receipt_id == receipt.id))
            await self.run(*(insert(table).values({**row._mapping, "receipt_id": new_id}) for row in rows))

    async def reconciled(self) -> Reconciliation:
        return await reconcile(self.store, start=MARCH[0], end=MARCH[1])

    async def differences(self) -> list[Difference]:
        result = await self.reconciled()
        assert not result.notices
        return list(result.differences)

    async def only(self) -> Difference:
        (one,) = await self.differences()
        return one


def is_sale(*others: Any) -> tuple[Any, ...]:
    return (RECEIPTS.c.type == SALE, RECEIPTS.c.state == PAID, *others)


def payments_of(number: int) -> Any:
    return (
        select(func.count()).where(PAYMENTS.c.receipt_id == RECEIPTS.c.id).correlate(RECEIPTS).scalar_subquery()
        == number
    )


def names(one: Difference) -> set[str]:
    return {figure.name for figure in one.figures}


def cover_both(first: Row[Any], second: Row[Any]) -> list[Executable]:
    """Let the later Z-report state the figures of both shifts, after a power cut."""
    summed = [
        column.name
        for column in Z_REPORTS.c
        if column.name.endswith(("_total", "_count", "_input", "_output", "turnover_amount"))
    ]
    values = {name: getattr(first, name) + getattr(second, name) for name in summed}
    return [
        delete(Z_REPORTS).where(Z_REPORTS.c.id == first.id),
        update(Z_REPORTS).where(Z_REPORTS.c.id == second.id).values(values),
    ]
