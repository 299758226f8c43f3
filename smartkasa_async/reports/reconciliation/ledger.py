"""What a reconciliation reads: receipts with their items and payments, shifts, and Z-reports. Money is in hryvnias."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async.models import PaymentType, ReceiptState, ReceiptType, TransactionType
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window, business_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from smartkasa_async.records.synced_days import DaysRead
    from smartkasa_async.reports.reconciliation.clearing import ReceiptSums

_ZERO = Decimal(0)
_GOODS = frozenset({ReceiptType.SALE, ReceiptType.REFUND, ReceiptType.CANCELLATION})

_LONGEST_SHIFT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """A line of a receipt.

    Attributes:
        product_id: Id of its product; None for a line that is no product of the catalogue.
        amount: Price times quantity, as the receipt states it.
        discount: Discount on the line alone.
        tax_group: Code of its tax group; None where it names none, so that its taxes are unknown.
        exact: Price times quantity to the kopeck; None where they are not known.
    """

    product_id: str | None
    amount: Decimal
    discount: Decimal = _ZERO
    tax_group: int | None = 0
    exact: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment of a receipt: its means and what it does, by the service's codes, and its amount."""

    means: int
    kind: int
    amount: Decimal

    @property
    def net(self) -> Decimal:
        """The amount; negative where it cancels another payment."""
        return -self.amount if self.kind == PaymentType.CANCELLATION else self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRecord:
    """A receipt as the store has it.

    Attributes:
        day: Its business day.
        taxes: Its taxes by the letters of the Z-report's columns, without those of nothing.
        local_number: The registrar's own number of it; None where it states none, or no number.
        is_deleted: Whether the service no longer lists it.
    """

    id: str
    shift_id: str | None
    type: int
    state: int
    day: date
    total: Decimal
    rounding: Decimal = _ZERO
    discount: Decimal = _ZERO
    discount_percentage: Decimal = _ZERO
    fiscal_number: str | None = None
    local_number: int | None = None
    is_deleted: bool = False
    taxes: Mapping[str, Decimal] = field(default_factory=dict)
    items: tuple[ItemRecord, ...] = ()
    payments: tuple[PaymentRecord, ...] = ()

    @property
    def has_goods(self) -> bool:
        """Whether goods change hands: a paid sale, a refund or a cancellation."""
        return self.type in _GOODS and self.state != ReceiptState.DEFERRED

    @property
    def cash(self) -> Decimal:
        """What was paid or paid back in cash, cancelled payments taken off."""
        return sum((payment.net for payment in self.payments if payment.means == TransactionType.CASH), _ZERO)

    @property
    def paid(self) -> Decimal:
        """What was paid or paid back by all means, cancelled payments taken off."""
        return sum((payment.net for payment in self.payments), _ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZReportRecord:
    """A Z-report as the store has it.

    Attributes:
        closed_at: When the registrar made it; where that is missing, when the service stored it.
        figures: What its columns state, by name; what they leave out is absent.
        payload: What the registrar's own layout states, by the names of the columns.
    """

    id: int
    shop_id: int | None
    registrar: str | None
    shift_id: str | None
    fiscal_number: str
    closed_at: datetime
    day: date
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    payload: Mapping[str, Decimal] = field(default_factory=dict)

    def stated(self, name: str) -> Decimal | None:
        """Return a figure of the columns, or of the payload where the columns leave it out."""
        return self.figures.get(name, self.payload.get(name))


@dataclass(slots=True, kw_only=True)
class ShiftHead:
    """A shift without its receipts.

    Attributes:
        shift_id: Its id; None for what names no shift and fits none.
        begins_at: Its opening, or its first record.
        ends_at: Its closing, or its last record.
        is_open: Whether it is known not to have ended.
        closed_at: When it was closed; None where it is unknown.
        z_reports: Its Z-reports, in the order of time.
        unassigned_receipts: Ids of receipts that name no shift and are its own by registrar and time.
        receipt_sums: What the receipts that name it come to by the database; None where it has none.
    """

    shop_id: int | None
    registrar: str | None
    shift_id: str | None
    begins_at: datetime
    ends_at: datetime
    is_open: bool = False
    closed_at: datetime | None = None
    z_reports: list[ZReportRecord] = field(default_factory=list)
    unassigned_receipts: set[str] = field(default_factory=set)
    receipt_sums: ReceiptSums | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift with its receipts in the order of their making; `deleted` are those that the service no longer lists."""

    head: ShiftHead
    receipts: tuple[ReceiptRecord, ...]
    deleted: tuple[ReceiptRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldProduct:
    """What one product sold in a shop on one day, by the receipts and by the service's product sales, before discounts.

    Attributes:
        amount: Hryvnias by the receipts, refunds taken off.
        count: Units by the receipts, refunds taken off.
        stated_amount: Hryvnias by the product sales.
        stated_count: Units by the product sales.
    """

    day: date
    product_id: str
    amount: Decimal = _ZERO
    count: Decimal = _ZERO
    stated_amount: Decimal = _ZERO
    stated_count: Decimal = _ZERO


def assign_records(
    heads: Iterable[ShiftHead],
    z_reports: Iterable[ZReportRecord],
    receipts: Iterable[tuple[str, datetime]],
    *,
    shop_id: int | None,
    registrar: str | None,
) -> list[ShiftHead]:
    """Return the shifts of one registrar what names no shift.

    A Z-report closes the latest shift before it that has none; otherwise it stands for a shift of its own, of all that
    came since the Z-report before. A receipt belongs to the shift that was going on, else to the first that ends after
    it, since the next Z-report of its registrar counts it.

    Args:
        heads: The registrar's shifts; they are changed.
        z_reports: Its Z-reports that name no shift.
        receipts: Ids and times of its receipts that name no shift.
        shop_id: The registrar's shop.
        registrar: Its fiscal number; None for what names none.

    Returns:
        The shifts in the order of time, those without an id included.
    """

    def add(begins_at: datetime, ends_at: datetime) -> ShiftHead:
        head = ShiftHead(shop_id=shop_id, registrar=registrar, shift_id=None, begins_at=begins_at, ends_at=ends_at)
        ordered.append(head)
        ordered.sort(key=_beginning)
        return head

    ordered = sorted(heads, key=_beginning)
    for report in sorted(z_reports, key=lambda report: (report.closed_at, report.id)):
        head = _closed_by(ordered, report.closed_at) or add(report.closed_at, report.closed_at)
        head.z_reports.append(report)
    for id_, made_at in sorted(receipts, key=lambda receipt: (receipt[1], receipt[0])):
        head = _going_on(ordered, made_at) or add(made_at, made_at)
        head.unassigned_receipts.add(id_)
        if head.shift_id is None:
            head.begins_at, head.ends_at = min(head.begins_at, made_at), max(head.ends_at, made_at)
    return sorted(ordered, key=_beginning)


def _beginning(head: ShiftHead) -> tuple[datetime, datetime, str]:
    return head.begins_at, head.ends_at, head.shift_id or ""


def _closed_by(heads: Sequence[ShiftHead], closed_at: datetime) -> ShiftHead | None:
    """Find the shift before a Z-report, if that has none of its own."""
    index = bisect_right(heads, closed_at, key=lambda head: head.begins_at)
    return heads[index - 1] if index and not heads[index - 1].z_reports else None


def _going_on(heads: Sequence[ShiftHead], made_at: datetime) -> ShiftHead | None:
    """Find the shift of a receipt: the latest that began before it and did not end, else the next, else an open one."""
    index = bisect_right(heads, made_at, key=lambda head: head.begins_at)
    if index and (heads[index - 1].ends_at >= made_at or heads[index - 1].is_open):
        return heads[index - 1]
    if index < len(heads):
        return heads[index]
    return heads[-1] if heads and not heads[-1].z_reports else None


class ShiftReading(NamedTuple):
    """What was read of a shift.

    Attributes:
        receipts: Whether its receipts were read whole.
        z_reports: Whether its Z-reports were read whole, so that it has none where the store has none.
        wanted: Kinds and business days that are needed to compare it.
    """

    receipts: bool
    z_reports: bool
    wanted: tuple[tuple[RecordKind, Window], ...]

    @property
    def is_whole(self) -> bool:
        """Whether it can be compared."""
        return self.receipts and self.z_reports


def reading_of(head: ShiftHead, read: DaysRead, now: datetime) -> ShiftReading:
    """Return what was read of a shift.

    Without a Z-report in the store it may have been closed until 24 hours after its beginning, on the next day, unless
    its closing is known. A Z-report whose shift the store does not know may have begun as long before.

    Args:
        head: The shift.
        read: What was read.
        now: The present moment, aware.
    """
    since, until = _receipts_of(head)
    receipts = read.has_read(RecordKind.RECEIPTS, head.shop_id, since, until)
    wanted = [(RecordKind.RECEIPTS, _days(since, until))]
    if head.z_reports:
        days = {report.day for report in head.z_reports}
        z_reports = all(_was_begun(read, head.shop_id, Window(day, day)) for day in days)
        wanted.append((RecordKind.Z_REPORTS, Window(min(days), max(days))))
    else:
        closed_by = head.closed_at or min(max(head.begins_at + _LONGEST_SHIFT, head.ends_at), now)
        z_reports = head.is_open or read.has_read(RecordKind.Z_REPORTS, head.shop_id, head.ends_at, closed_by)
        wanted.append((RecordKind.Z_REPORTS, _days(head.ends_at, closed_by)))
    return ShiftReading(receipts, z_reports, tuple(wanted))


def _receipts_of(head: ShiftHead) -> tuple[datetime, datetime]:
    if head.begins_at == head.ends_at and head.z_reports:
        return head.begins_at - _LONGEST_SHIFT, head.ends_at
    return head.begins_at, head.ends_at


def _was_begun(read: DaysRead, shop_id: int | None, day: Window) -> bool:
    """Return whether a day was read at least until some moment of it."""
    return read.spans is None or read.until(RecordKind.Z_REPORTS, shop_id, day.begins_at) is not None


def _days(since: datetime, until: datetime) -> Window:
    first = business_day(since)
    return Window(first, max(first, business_day(until)))
