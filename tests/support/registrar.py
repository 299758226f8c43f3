"""A registrar on paper: shifts of receipts that are right, and the Z-reports it makes of them.

Its sums follow the form of a Z-report, order of the Ministry of Finance № 13, and use nothing of the reconciliation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from smartkasa_async.models import TaxGroup
from smartkasa_async.reports.reconciliation.continuity import KnownNumbers
from smartkasa_async.reports.reconciliation.ledger import (
    ItemRecord,
    PaymentRecord,
    ReceiptRecord,
    Shift,
    ShiftHead,
    ZReportRecord,
)
from smartkasa_async.reports.reconciliation.registrar_check import RegistrarCheck
from smartkasa_async.reports.reconciliation.shift_sums import sum_up

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from smartkasa_async.reports.reconciliation.differences import Issue
    from smartkasa_async.reports.reconciliation.registrar_check import CheckedShift

__all__ = [
    "CARD",
    "CASH",
    "Day",
    "RegistrarDays",
    "all_issues",
    "cash_in",
    "cash_out",
    "check",
    "refund",
    "registrar_days",
    "sale",
    "withdrawal",
    "z_report",
]

SALE, CASH_IN, CASH_OUT, REFUND, WITHDRAWAL = 0, 1, 2, 3, 5
CASH, CARD = 0, 1
PAID, BACK = 0, 2
START = datetime(2026, 10, 5, 6, tzinfo=UTC)
VAT = {"a": (TaxGroup.VAT_20, 20), "b": (TaxGroup.VAT_7, 7)}

Day = tuple[ReceiptRecord, ...]
RegistrarDays = tuple[Day, ...]


def sale(kopecks: int, means: int = CASH, tax: str = "", *, type: int = SALE, kind: int = PAID) -> ReceiptRecord:
    """Sell for whole kopecks; number, shift and day are written when the receipt enters a days."""
    total = Decimal(kopecks) / 100
    group, percent = VAT.get(tax, (TaxGroup.NONE, 0))
    taxed = (2 * kopecks * percent + 100 + percent) // (2 * (100 + percent))
    return ReceiptRecord(
        id="",
        shift_id=None,
        type=type,
        state=2 if type == SALE else 3,
        day=START.date(),
        total=total,
        taxes={tax: Decimal(taxed) / 100} if taxed else {},
        items=(ItemRecord("p1", total, tax_group=group),),
        payments=(PaymentRecord(means, kind, total),),
    )


def refund(kopecks: int, means: int = CASH, tax: str = "") -> ReceiptRecord:
    return sale(kopecks, means, tax, type=REFUND, kind=BACK)


def _moved(type: int, kopecks: int) -> ReceiptRecord:
    return ReceiptRecord(
        id="", shift_id=None, type=type, state=2, day=START.date(), total=Decimal(kopecks) / 100, items=(), payments=()
    )


def cash_in(kopecks: int) -> ReceiptRecord:
    return _moved(CASH_IN, kopecks)


def cash_out(kopecks: int) -> ReceiptRecord:
    return _moved(CASH_OUT, kopecks)


def withdrawal(kopecks: int) -> ReceiptRecord:
    paid = (PaymentRecord(CARD, PAID, Decimal(kopecks) / 100),)
    return replace(_moved(WITHDRAWAL, kopecks), payments=paid)


@st.composite
def receipts(draw: st.DrawFn) -> ReceiptRecord:
    """Draw a receipt whose cash needs no rounding by either rule."""
    kopecks = 50 * draw(st.integers(1, 2_000))
    make: Callable[[int], ReceiptRecord] = draw(
        st.sampled_from((sale, sale, sale, refund, cash_in, cash_out, withdrawal))
    )
    if make in {sale, refund}:
        return make(kopecks, draw(st.sampled_from((CASH, CARD))), draw(st.sampled_from(("", "a", "b"))))
    return make(kopecks)


def registrar_days(days: int = 4) -> st.SearchStrategy[RegistrarDays]:
    """Draw the shifts of a registrar, one a day; each has a sale, so that it owes a Z-report."""
    rest = st.lists(receipts(), max_size=4)
    day = st.tuples(rest, st.integers(1, 2_000), rest).map(lambda drawn: (*drawn[0], sale(50 * drawn[1]), *drawn[2]))
    return st.lists(day, min_size=days, max_size=days).map(lambda drawn: written(tuple(drawn)))


def written(days: RegistrarDays) -> RegistrarDays:
    """Give the receipts of a registrar their numbers, from 11, their ids and their days."""
    number = 10
    made = []
    for index, receipts_of_day in enumerate(days):
        numbered = []
        for receipt in receipts_of_day:
            number += 1
            numbered.append(
                replace(
                    receipt,
                    id=f"r{number}",
                    shift_id=f"s{index}",
                    day=START.date() + timedelta(days=index),
                    fiscal_number=str(number),
                    local_number=number,
                )
            )
        made.append(tuple(numbered))
    return tuple(made)


def z_report(receipts: Iterable[ReceiptRecord], drawer: Decimal = Decimal(0)) -> dict[str, Decimal]:
    """Add up what a Z-report states; `drawer` is the cash that the shift began with."""
    figures = dict.fromkeys(
        (
            *(f"{way}_{what}" for way in ("sale", "refund") for what in ("total", "cash_total", "cashless_total")),
            *(f"{way}_tax_{letter}_total" for way in ("sale", "refund") for letter in "abvdz"),
            *("service_input", "service_output", "cash_total", "turnover_amount"),
            *("sale_receipts_count", "refund_receipts_count", "cash_receipts_count"),
        ),
        Decimal(0),
    )
    for receipt in receipts:
        if receipt.type == CASH_IN:
            figures["service_input"] += receipt.total
            drawer += receipt.total
        elif receipt.type == CASH_OUT:
            figures["service_output"] += receipt.total
            drawer -= receipt.total
        elif receipt.type == WITHDRAWAL:
            figures["cash_total"] += receipt.total
            figures["cash_receipts_count"] += 1
            drawer -= receipt.total
        else:
            way, sign = ("sale", 1) if receipt.type == SALE else ("refund", -1)
            figures[f"{way}_receipts_count"] += 1
            figures[f"{way}_total"] += receipt.total
            figures["turnover_amount"] += sign * receipt.total
            for payment in receipt.payments:
                figures[f"{way}_{'cash' if payment.means == CASH else 'cashless'}_total"] += payment.amount
                drawer += sign * payment.amount if payment.means == CASH else 0
            for letter, tax in receipt.taxes.items():
                figures[f"{way}_tax_{letter}_total"] += tax
    return figures | {"cash_amount": drawer}


@dataclass
class Stored:
    """A shift as the store has it: its receipts, and what its Z-report states."""

    receipts: Day
    figures: Mapping[str, Decimal] | None
    deleted: Day = ()


def stored(days: RegistrarDays, drawer: Decimal = Decimal(1_000)) -> list[Stored]:
    """Store a days and the Z-reports of its shifts, the drawer going from one to the next."""
    shifts = []
    for day in days:
        figures = z_report(day, drawer)
        drawer = figures["cash_amount"]
        shifts.append(Stored(day, figures))
    return shifts


def check(
    shifts: Sequence[Stored],
    copies: Mapping[str, str] | None = None,
    *,
    others: Iterable[int] = (),
    nameless: Container[int] = (),
    **head: Any,
) -> list[CheckedShift]:
    """Reconcile them; `others` are local numbers of receipts elsewhere, `nameless` the shifts that have no id."""
    numbers = [*others]
    numbers += [one.local_number for shift in shifts for one in shift.receipts if one.local_number is not None]
    known = KnownNumbers(numbers)
    comparison = RegistrarCheck(known)
    checked: list[CheckedShift] = []
    for place, shift in enumerate(shifts):
        begins_at = START + timedelta(days=place)
        day = begins_at.date()
        shift_head = ShiftHead(
            shop_id=1,
            registrar="4000000001",
            shift_id=None if place in nameless else f"s{place}",
            begins_at=begins_at,
            ends_at=begins_at + timedelta(hours=12),
            **head,
        )
        if shift.figures is not None:
            shift_head.z_reports.append(_report(place, day, shift_head, shift.figures))
        whole = Shift(shift_head, shift.receipts, shift.deleted)
        checked += comparison.add(sum_up(whole, copies or {}, known))
    return [*checked, *comparison.end()]


def _report(place: int, day: date, head: ShiftHead, figures: Mapping[str, Decimal]) -> ZReportRecord:
    return ZReportRecord(
        id=100 + place,
        shop_id=1,
        registrar=head.registrar,
        shift_id=head.shift_id,
        fiscal_number=f"z{place}",
        closed_at=head.ends_at,
        day=day,
        figures=figures,
    )


def all_issues(checked: Iterable[CheckedShift]) -> list[tuple[str | None, Issue]]:
    """Give the issues with the shifts in which they were found."""
    return [(shift.sums.head.shift_id, issue) for shift in checked for issue in shift.issues]
