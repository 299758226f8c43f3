"""The morning's digest: the business day before, summed up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import msg, nmsg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.money import hryvnias
from smartkasa_async.jobs.results import plain_values
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.relay.events import Event, EventKind
from smartkasa_async.relay.outbox import dead_messages
from smartkasa_async.relay.rules import findings_to_report
from smartkasa_async.reports.compliance.check import check_compliance
from smartkasa_async.reports.coverage import coverage_of_days
from smartkasa_async.reports.reconciliation.comparing import reconcile
from smartkasa_async.reports.sales import SalesGroup, sum_sales

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from smartkasa_async.relay.rules import Wording
    from smartkasa_async.reports.sales import SalesRow, SalesSummary
    from smartkasa_async.stores.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A business day, summed up; money in hryvnias.

    Attributes:
        day: The day.
        sales: Its sales by shop.
        breaches: Number of breaches of fiscal rules, and of those that are near.
        differences: Number of differences between its receipts, Z-reports and product sales.
        dead: Number of messages that were given up.
        is_complete: Whether its receipts were all read.
    """

    day: date
    sales: SalesSummary
    breaches: int
    differences: int
    dead: int
    is_complete: bool


async def read_digest(store: Store, day: date, shops: Collection[int] | None, now: datetime) -> Digest:
    """Sum a business day up.

    Args:
        store: The store.
        day: The day.
        shops: Ids of the shops; None for all.
        now: The present moment, in UTC.

    Raises:
        StoreError: The store could not be read.
    """
    window = Window(day, day)
    found = await check_compliance(store, shops=shops, start=day, now=now)
    compared = await reconcile(store, shops=shops, start=day, end=day, now=now)
    async with store.reading() as connection:
        coverage = await coverage_of_days(connection, [RecordKind.RECEIPTS], [window], shops, now)
    return Digest(
        day=day,
        sales=await sum_sales(store, window, shops, SalesGroup.SHOP),
        breaches=len(findings_to_report(found.findings)),
        differences=len(compared.differences),
        dead=len(await dead_messages(store)),
        is_complete=coverage.is_complete,
    )


def event_of_digest(digest: Digest, low_stock: int | None, now: datetime, wording: Wording) -> Event:
    """Make the event of a digest.

    Args:
        digest: The digest.
        low_stock: Number of products below their minimum; None where no product has one.
        now: The present moment, in UTC.
        wording: How the text is written.
    """
    lines = [_line(row, row.name, wording) for row in digest.sales.rows]
    if len(lines) != 1:
        lines.append(_line(digest.sales.total, in_language(msg("All shops"), wording.language), wording))
    counts = [
        msg("breaches of fiscal rules: {number}", number=digest.breaches),
        msg("differences: {number}", number=digest.differences),
    ]
    if low_stock is not None:
        counts.append(msg("products below the minimum: {number}", number=low_stock))
    lines.append(", ".join(in_language(count, wording.language) for count in counts))
    if not digest.is_complete:
        lines.append(msg("Not all receipts of the day were read."))
    if digest.dead:
        dead = nmsg("{count} message could not be delivered.", "{count} messages could not be delivered.", digest.dead)
        lines.append(dead)
    return Event(
        kind=EventKind.DIGEST,
        subject=f"digest:{digest.day}",
        at=now,
        shop_id=None,
        text=wording.translate(msg("Digest of {day}", day=f"{digest.day}"), *lines),
        data=plain_values(
            {
                "day": digest.day,
                "complete": digest.is_complete,
                "shops": [
                    {"shop_id": int(row.key) if row.key.isdecimal() else None, "title": row.name, **_figures(row)}
                    for row in digest.sales.rows
                ],
                "total": _figures(digest.sales.total),
                "breaches": digest.breaches,
                "differences": digest.differences,
                "low_stock": low_stock,
                "dead": digest.dead,
            }
        ),
    )


def _figures(row: SalesRow) -> dict[str, object]:
    return {
        "sales": row.sales,
        "sale_receipts": row.sale_receipts,
        "refunds": row.refunds,
        "refund_receipts": row.refund_receipts,
        "net": row.net,
    }


def _line(row: SalesRow, name: str, wording: Wording) -> str:
    line = msg(
        "{name}: sales {sales} UAH ({sale_receipts}), refunds {refunds} UAH ({refund_receipts}), net {net} UAH",
        name=name,
        sales=hryvnias(row.sales),
        sale_receipts=row.sale_receipts or 0,
        refunds=hryvnias(row.refunds),
        refund_receipts=row.refund_receipts or 0,
        net=hryvnias(row.net),
    )
    return in_language(line, wording.language)
