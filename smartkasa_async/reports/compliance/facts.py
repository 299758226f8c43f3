"""What the fiscal rules look at: shifts, their takings, Z-reports, offline sessions, numbers. Times are aware."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async.records.synced_days import DaysRead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from smartkasa_async.records.batch import RecordKind
    from smartkasa_async.reports.quarantine import Unreadable

MOST_IDS = 10
"""Most ids of receipts that are named behind one finding."""

MOST_NUMBERS = 5
"""Most numbers, or ranges of them, that are named in one finding."""


class ShopFact(NamedTuple):
    """A shop.

    Attributes:
        title: Its title.
        fiscalized: Whether it is fiscalized; None where it is unknown.
        is_deleted: Whether the service no longer lists it.
    """

    title: str
    fiscalized: bool | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRecord:
    """A shift as the service describes it; `is_closed` by its state, whether or not a time of closing is known."""

    shop_id: int | None
    shift_id: str
    registrar: str | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """The receipts of a shift; those that name no shift stand together by registrar and business day.

    Attributes:
        shift_id: Id of the shift; None for receipts that name none.
        first_at: When the first receipt was made.
        last_at: When the last one was made.
        receipts: Number of all receipts.
        owing: Number of those that owe a Z-report: paid sales, refunds, cash withdrawals.
        owing_since: When the first of these was made; the first receipt without any.
        owing_until: When the last of these was made; the last receipt without any.
        sales: Number of paid sales.
        sale_total: Their sum, hryvnias.
        ids: Ids of the first receipts that owe a Z-report, where no Z-report names the shift.
    """

    shop_id: int | None
    registrar: str | None
    shift_id: str | None
    first_at: datetime
    last_at: datetime
    receipts: int
    owing: int
    owing_since: datetime
    owing_until: datetime
    sales: int = 0
    sale_total: Decimal = Decimal(0)
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ZReportRecord:
    """A Z-report: whose it is, when the registrar made it, and the sales that it states; None where it states none."""

    shop_id: int | None
    registrar: str | None
    shift_id: str | None
    made_at: datetime
    sales: int | None = None
    sale_total: Decimal | None = None


class OfflineReceipt(NamedTuple):
    """A receipt made offline, or a mark of offline mode."""

    shop_id: int | None
    registrar: str
    type: int
    offline_id: int | None
    at: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineSession:
    """A registrar's time without the service.

    Attributes:
        began_at: When it began, or its first receipt where there is no mark.
        ended_at: When it ended, or its last receipt where there is no mark; None for one that is still running.
        receipts: Number of its receipts, marks included.
        ids: Ids of the first ones.
    """

    shop_id: int | None
    registrar: str
    began_at: datetime
    ended_at: datetime | None
    receipts: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnumbered:
    """The receipts of a shift that must have a fiscal number and have none, those made offline apart."""

    shop_id: int | None
    registrar: str | None
    shift_id: str | None
    offline: bool
    first_at: datetime
    last_at: datetime
    receipts: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberingIssue:
    """Numbers of a registrar that are missing or repeated, together for one shift, or one day without a shift.

    Attributes:
        shift_id: Id of the shift in which they were noticed; None for receipts that name none.
        numbers: The first of them; ranges as `118–120`.
        has_more: Whether there are others.
        count: How many there are.
        receipts: Number of the receipts that have them, or that stand beside the missing ones.
        ids: Ids of the first of these.
    """

    shop_id: int | None
    registrar: str
    shift_id: str | None
    first_at: datetime
    last_at: datetime
    numbers: tuple[str, ...]
    count: int
    receipts: int
    ids: tuple[str, ...] = ()
    has_more: bool = False


class NumberRun(NamedTuple):
    """Receipts of a registrar whose local numbers follow one another, in the order of time; `shift_id` of the first."""

    shop_id: int | None
    registrar: str
    shift_id: str | None
    first: int
    last: int
    first_at: datetime
    last_at: datetime
    first_id: str
    last_id: str
    last_shift_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalFacts:
    """All that the rules look at.

    Attributes:
        shops: The shops by id.
        read: Which days were read whole; all by default.
        unreadable: The receipts and Z-reports in quarantine.
    """

    shops: Mapping[int, ShopFact] = field(default_factory=dict)
    read: DaysRead = field(default_factory=DaysRead)
    shifts: Sequence[ShiftRecord] = ()
    turnovers: Sequence[Turnover] = ()
    z_reports: Sequence[ZReportRecord] = ()
    offline: Sequence[OfflineSession] = ()
    unnumbered: Sequence[Unnumbered] = ()
    repeated_fiscal_numbers: Sequence[NumberingIssue] = ()
    missing_local_numbers: Sequence[NumberingIssue] = ()
    repeated_local_numbers: Sequence[NumberingIssue] = ()
    unreadable: Sequence[Unreadable] = ()

    def title(self, shop_id: int | None) -> str | None:
        """Return the title of a shop; None where it was not synced."""
        shop = None if shop_id is None else self.shops.get(shop_id)
        return shop and shop.title

    def known_until(self, kind: RecordKind, shop_id: int | None, since: datetime, now: datetime) -> datetime:
        """Return until when all records of a kind were read from a moment on: of what came later nothing is known.

        Args:
            kind: The kind of records.
            shop_id: Their shop; None for records that name none.
            since: The moment.
            now: The moment of asking.
        """
        if self.read.spans is None:
            return now
        return min(now, self.read.until(kind, shop_id, since) or since)

    def is_fiscal(self, shop_id: int | None, registrar: str | None) -> bool:
        """Return whether receipts are under the rules: all but those without a registrar in a shop not fiscalized."""
        shop = None if shop_id is None else self.shops.get(shop_id)
        return registrar is not None or shop is None or shop.fiscalized is not False
