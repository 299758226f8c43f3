"""Records to hold against the fiscal rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.records import KYIV
from smartkasa_async.reports.compliance.facts import (
    FiscalFacts,
    OfflineSession,
    ShiftRecord,
    ShopFact,
    Turnover,
    ZReportRecord,
)
from smartkasa_async.reports.compliance.rules import check_all

if TYPE_CHECKING:
    from smartkasa_async.reports import Finding

SHOPS = {13: ShopFact("Крамниця", fiscalized=True)}
REGISTRAR = "4000026885"
MOMENT = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)


def kyiv(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KYIV).astimezone(UTC)


NOW = kyiv("2026-11-20T12:00")


def check(now: datetime = NOW, **facts: Any) -> list[Finding]:
    return check_all(FiscalFacts(**{"shops": SHOPS, **facts}), now)


def shift(opened: str, closed: datetime | None = None, **changes: Any) -> ShiftRecord:
    record = ShiftRecord(shop_id=13, shift_id="s1", registrar=REGISTRAR, opened_at=kyiv(opened), closed_at=closed)
    return replace(record, **changes)


def turnover(first: str, last: str, shift_id: str | None = "s1", **changes: Any) -> Turnover:
    made = Turnover(
        shop_id=13,
        registrar=REGISTRAR,
        shift_id=shift_id,
        first_at=kyiv(first),
        last_at=kyiv(last),
        receipts=3,
        owing=2,
        owing_since=kyiv(first),
        owing_until=kyiv(last),
        sales=2,
        sale_total=Decimal("30.00"),
        ids=("r1", "r2"),
    )
    return replace(made, **changes)


def z_report(made: str, shift_id: str | None = "s1", **changes: Any) -> ZReportRecord:
    return replace(ZReportRecord(shop_id=13, registrar=REGISTRAR, shift_id=shift_id, made_at=kyiv(made)), **changes)


def session(began: str, length: timedelta | None, **changes: Any) -> OfflineSession:
    ended_at = None if length is None else kyiv(began) + length
    made = OfflineSession(
        shop_id=13, registrar=REGISTRAR, began_at=kyiv(began), ended_at=ended_at, receipts=4, ids=("r1", "r2")
    )
    return replace(made, **changes)
