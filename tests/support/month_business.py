"""October of two shops with all that a month can have, and what it comes to, counted from its own rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.stores.schema import RECEIPTS
from tests.support.agent_business import OCTOBER, REFUND, SALE, Counted, kyiv_day, write_month
from tests.support.stored import changing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from smartkasa_async.records import Window
    from smartkasa_async.sandbox import Business
    from smartkasa_async.stores import Store

__all__ = ["AFTER_MIDNIGHT", "EXCISE", "NOW", "VAT", "business", "counted", "deleted", "sums", "taxes", "write_october"]

NOW = datetime(2026, 11, 4, 7, tzinfo=UTC)
AFTER_MIDNIGHT = datetime(2026, 10, 10, 21, 20, tzinfo=UTC)
VAT, EXCISE = "АБВД", "ГЗ"

Money = dict[Any, list[Decimal]]


@cache
def business() -> Business:
    """Two shops with two registrars each; a sale is made after midnight, and a product costs more than its price."""
    made = simulate(Simulation(seed=3, shops=2, terminals_per_shop=2, products=60, receipts_per_day=12))
    made = replace(made, rows=deepcopy(made.rows))
    sale = next(
        row for row in made.rows["receipts"][600:] if row["type"] == SALE and kyiv_day(row) == date(2026, 10, 10)
    )
    sale["created_at"] = AFTER_MIDNIGHT
    ((dear, _),) = Counter(item["product_id"] for item in made.rows["receipt_items"]).most_common(1)
    for product in made.rows["products"]:
        if product["id"] == dear:
            product["procurement_price"] = product["price"] + 1
    return made


@cache
def deleted() -> str:
    """The id of a sale that the service no longer lists."""
    found = [row for row in business().rows["receipts"] if row["type"] == SALE and row["state"] == 2]
    id_: str = found[len(found) // 2]["id"]
    return id_


@cache
def counted() -> Counted:
    """The month without the receipt that was deleted."""
    rows = dict(business().rows)
    rows["receipts"] = [row for row in rows["receipts"] if row["id"] != deleted()]
    return Counted(replace(business(), rows=rows))


async def write_october(store: Store, read: Window = OCTOBER) -> None:
    """Write what a sync would have brought that read some days, some weeks later."""
    await write_month(store, business(), read)
    async with changing(store) as connection:
        await connection.execute(update(RECEIPTS).where(RECEIPTS.c.id == deleted()).values(deleted_at=NOW))


def sums(rows: Iterable[dict[str, Any]], key: Callable[[dict[str, Any]], Any]) -> Money:
    """Sales and refunds by a key."""
    found: Money = defaultdict(lambda: [Decimal("0.00"), Decimal("0.00")])
    for row in rows:
        found[key(row)][row["type"] == REFUND] += row["total_amount"]
    return dict(found)


def taxes(rows: Iterable[dict[str, Any]], letters: str) -> Decimal:
    """Taxes that receipts state, refunds taken off."""
    found = Decimal("0.00")
    for row in rows:
        sign = -1 if row["type"] == REFUND else 1
        found += sign * sum((Decimal(row["tax_amount"].get(letter, 0)) for letter in letters), Decimal(0)) / 100
    return found
