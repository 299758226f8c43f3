"""Which shifts the sums of the database clear, so that nobody reads their receipts; and why that is safe.

The database sums up and clears, it never judges. It sums up the receipts of each shift, and names the *suspects* among
them: all that it cannot prove to be clean. A receipt is clean where `check_receipt` would find nothing. Suspects are
read and checked one by one, such as all receipts whose discount is spread over lines of several tax groups.

A shift is cleared if all of this is so (`clear`); any other one is read whole, and judged by its receipts:

- it has one Z-report, and its sums are all that this states, to the kopeck;
- no suspect of it has an issue;
- all its receipts name it, are of one shop, one registrar and one business day, and are still listed by the service;
  none is a copy;
- all local numbers can be read, and no receipt with a fiscal number lacks one.

Then its `ShiftSums` are those that `sum_up` makes of its receipts: the same figures, numbers and days, and no issue.
All that follows works on sums alone, of shifts that are cleared or not: the drawer runs over all of them, and what a
shift needs of its neighbours are their numbers. Only shifts that differ look into receipts, and those are read whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, false, func, null, or_, select, true
from sqlalchemy import literal_column as sql

from smartkasa_async.models import PaymentType, ReceiptState, ReceiptType, TransactionType
from smartkasa_async.reports.reconciliation.figures import COUNTS, FIGURES, with_turnover
from smartkasa_async.reports.reconciliation.receipt_amounts import RATES, RESOLUTION_115
from smartkasa_async.reports.reconciliation.shift_sums import ShiftSums, number_sums
from smartkasa_async.reports.units import Units, WholeQuotient
from smartkasa_async.stores.schema import MONEY_SCALE, PAYMENTS, RECEIPT_ITEMS, RECEIPTS, TAX_LETTERS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Label, Row, Select, Subquery

    from smartkasa_async.reports.reconciliation.continuity import KnownNumbers
    from smartkasa_async.reports.reconciliation.figures import Figures
    from smartkasa_async.reports.reconciliation.ledger import ShiftHead, ZReportRecord

_R = RECEIPTS.c
_KOPECK = 100
"""Units of a kopeck."""

_MOST = 10**12
"""Most units of a tax group that a receipt is cleared with, so that no product is beyond 64 bits."""

_STEPS = (10 * _KOPECK, 50 * _KOPECK)
"""What cash is rounded to; the latter since resolution № 115."""

_BETWEEN_NUMBERS, _BETWEEN_IDS = ",", "\n"
_ZERO = Decimal(0)
_NOTHING: ColumnElement[Any] = sql("0")
_IS_KEPT = _R.state != int(ReceiptState.DEFERRED)
_HAS_FISCAL_NUMBER = func.coalesce(_R.fiscal_number, "") != ""
_HAS_LOCAL_NUMBER = func.coalesce(_R.registrar_local_number, "") != ""

MOST_DIGITS = 18
"""Most digits of a local number."""

IS_NUMERIC = and_(
    _HAS_LOCAL_NUMBER,
    func.length(_R.registrar_local_number) <= MOST_DIGITS,
    func.ltrim(_R.registrar_local_number, "0123456789") == "",
)
"""Whether a receipt's local number is a number."""

_NEVER_CHECKED = sorted(
    int(kind)
    for kind in (
        ReceiptType.SERVICE_CASH_IN,
        ReceiptType.SERVICE_CASH_OUT,
        ReceiptType.OFFLINE_START,
        ReceiptType.OFFLINE_END,
    )
)
_OTHERS = {
    "cash_total": ReceiptType.CASH_WITHDRAWAL,
    "service_input": ReceiptType.SERVICE_CASH_IN,
    "service_output": ReceiptType.SERVICE_CASH_OUT,
}
_TAXED = [int(group) for group, rates in RATES.items() if rates]
_COLUMNS = (
    *("id", "shift_id", "shop_id", "registrar_fiscal_number", "type", "state", "business_date", "created_at"),
    "deleted_at",
)


@dataclass(frozen=True, slots=True)
class ReceiptSums:
    """What the receipts that name a shift come to by the database.

    Attributes:
        shop_id: Their shop; of several, or of some without one, any.
        registrar: Their registrar.
        begins_at: When the first was made.
        ends_at: When the last was made.
        receipts: How many they are.
        is_plain: Whether all are of one shop, one registrar and one day, and listed, and all numbers and suspects could
            be read.
        day: The last of their business days.
        numbers: Their local numbers, as text.
        is_of_one_shop: Whether all are of one shop, or of none, and listed.
        figures: Their figures, in the order of `_FIGURES`, in units and counts.
    """

    shop_id: int | None
    registrar: str | None
    begins_at: datetime
    ends_at: datetime
    receipts: int
    is_of_one_shop: bool
    is_plain: bool
    day: date
    numbers: str
    figures: tuple[int, ...]

    def local_numbers(self) -> list[int]:
        """Return the local numbers of the receipts."""
        return [*map(int, self.numbers.split(_BETWEEN_NUMBERS))] if self.numbers else []


def clear(head: ShiftHead, doubtful: Collection[str | None], known: KnownNumbers) -> ShiftSums | None:
    """Return the sums of a shift that is cleared; None for one that is not.

    Args:
        head: The shift.
        doubtful: Ids of shifts that have suspects with an issue, or copies of receipts.
        known: The local numbers of the registrar that the store has.
    """
    found = head.receipt_sums
    if found is None or not found.is_plain or len(head.z_reports) != 1:
        return None
    if head.unassigned_receipts or head.shift_id in doubtful:
        return None
    sums = ShiftSums(
        head=head,
        figures={
            name: Decimal(number) if name in COUNTS else Decimal(number).scaleb(-MONEY_SCALE)
            for name, number in zip(_FIGURES, found.figures, strict=True)
            if number
        },
        issues=[],
        receipts=found.receipts,
        days=(found.day,),
        owes_report=False,  # it has its report
    )
    if not _are_stated(sums.figures, head.z_reports[0]):
        return None
    number_sums(sums, found.local_numbers(), known)
    return sums


def _are_stated(figures: Figures, report: ZReportRecord) -> bool:
    """Return whether a Z-report states figures, as far as it states any."""
    ours = with_turnover(figures)
    return all(report.stated(name) in {None, ours.get(name, _ZERO)} for name in FIGURES)


def summed(shifts: Select[Any], tax_units: int, *, in_order: bool) -> Select[Any]:
    """Sum up the receipts of shifts, a row for each, for `receipt_sums`.

    Args:
        shifts: The ids of the shifts.
        tax_units: By how many units each tax of a receipt may differ.
        in_order: Whether to go through all receipts in the order of their ids, in which lines and payments stand too;
            this is faster than to look shifts up where they are most of the store.
    """
    of = _with_suspects(shifts, tax_units, in_order=in_order).c
    return select(
        of.shift_id,
        func.min(of.shop_id).label("shop_id"),
        func.max(of.shop_id).label("last_shop_id"),
        func.count(of.shop_id).label("of_shops"),
        func.min(of.registrar_fiscal_number).label("first_registrar"),
        func.max(of.registrar_fiscal_number).label("registrar"),
        func.min(of.created_at).label("begins_at"),
        func.max(of.created_at).label("ends_at"),
        func.count().label("receipts"),
        func.count(of.deleted_at).label("deleted"),
        func.min(of.business_date).label("first_day"),
        func.max(of.business_date).label("day"),
        func.count(of.is_odd).label("odd"),
        func.aggregate_strings(of.number, _BETWEEN_NUMBERS).label("numbers"),
        func.aggregate_strings(of.suspect, _BETWEEN_IDS).label("suspects"),
        *(figure.label(name) for name, figure in _figures_of(of).items()),
    ).group_by(of.shift_id)


def _figures_of(of: Any) -> dict[str, ColumnElement[Any]]:
    """Sum up the figures of receipts, by the rules of `figures_of`; what is without an issue is paid in full."""
    is_sale = and_(of.type == int(ReceiptType.SALE), of.state == int(ReceiptState.PAID))
    found: dict[str, ColumnElement[Any]] = {}
    for prefix, counts in (("sale", is_sale), ("refund", of.type == int(ReceiptType.REFUND))):
        found[f"{prefix}_receipts_count"] = func.count(case((counts, 1)))
        found[f"{prefix}_total"] = _sum(counts, of.total)
        found[f"{prefix}_cash_total"] = _sum(counts, of.cash)
        found[f"{prefix}_cashless_total"] = _sum(counts, of.total - of.cash)
        for letter in TAX_LETTERS:
            found[f"{prefix}_tax_{letter}_total"] = _sum(counts, of[f"tax_{letter}"])
    found["cash_receipts_count"] = func.count(case((of.type == int(ReceiptType.CASH_WITHDRAWAL), 1)))
    found |= {name: _sum(of.type == int(kind), of.total) for name, kind in _OTHERS.items()}
    return found


def receipt_sums(row: Row[Any]) -> ReceiptSums:
    """Make the sums of a shift of its row of `summed`."""
    is_of_one_shop = not row.deleted and row.shop_id == row.last_shop_id and row.of_shops in {0, row.receipts}
    return ReceiptSums(
        shop_id=row.shop_id,
        registrar=row.registrar,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        receipts=row.receipts,
        is_of_one_shop=is_of_one_shop,
        is_plain=(is_of_one_shop and row.first_registrar == row.registrar and row.first_day == row.day and not row.odd),
        day=row.day,
        numbers=row.numbers or "",
        figures=tuple(map(int, row[-len(_FIGURES) :])),
    )


def suspects_of(row: Row[Any]) -> list[str]:
    """Return the ids of the suspects of a row of `summed`."""
    return row.suspects.split(_BETWEEN_IDS) if row.suspects else []


def _with_suspects(shifts: Select[Any], tax_units: int, *, in_order: bool) -> Subquery:
    """Select the receipts of shifts, with the id of each that is not proven to be clean."""
    receipts = _added_up(shifts, in_order=in_order)
    return select(
        receipts, case((_is_clean(receipts.c, tax_units), null()), else_=receipts.c.id).label("suspect")
    ).subquery()


def _added_up(shifts: Select[Any], *, in_order: bool) -> Subquery:
    """Add up the lines and payments of each receipt of shifts; a line's own discount and what is cancelled is off."""
    item = RECEIPT_ITEMS.c
    line = Units(item.amount) - Units(item.discount_amount)
    is_known = and_(item.tax_group_id.is_not(None), item.tax_group_id.in_(sorted(map(int, RATES))))
    is_numbered = or_(IS_NUMERIC, and_(~_HAS_LOCAL_NUMBER, ~_HAS_FISCAL_NUMBER))
    is_usual = or_(_R.type != int(ReceiptType.REFUND), _IS_KEPT)  # nothing of a refund on hold is checked
    # SQLite looks up by an index what is a column, and no more than that.
    shift_id = func.coalesce(_R.shift_id, "") if in_order else _R.shift_id
    return (
        select(
            *(_R[name] for name in _COLUMNS),
            Units(_R.total_amount).label("total"),
            Units(_R.rounding_amount).label("rounding"),
            Units(_R.discount_amount).label("discount"),
            *(Units(_R[f"tax_{letter}"]).label(f"tax_{letter}") for letter in TAX_LETTERS),
            case((_HAS_FISCAL_NUMBER, 1)).label("is_fiscal"),
            case((IS_NUMERIC, _R.registrar_local_number)).label("number"),
            case((and_(is_numbered, is_usual, ~_R.id.contains(_BETWEEN_IDS)), null()), else_=1).label("is_odd"),
            *_payments(),
            func.coalesce(func.sum(line), _NOTHING).label("goods"),
            func.count(case((is_known, null()), else_=item.receipt_id)).label("without_group"),
            func.min(item.tax_group_id).label("least_group"),
            func.max(item.tax_group_id).label("greatest_group"),
            *(_sum(item.tax_group_id == group, line).label(_group(group)) for group in _TAXED),
        )
        .outerjoin(RECEIPT_ITEMS, item.receipt_id == _R.id)
        .where(shift_id.in_(shifts))
        .group_by(*RECEIPTS.primary_key)
        .subquery()
    )


def _payments() -> list[Label[Any]]:
    """Add up the payments of a receipt, NULL where any is of another kind than its type asks for, and those in cash."""
    payment = PAYMENTS.c
    kind = case((_R.type == int(ReceiptType.REFUND), int(PaymentType.REFUND)), else_=int(PaymentType.PAYMENT))
    amount = Units(payment.amount)
    net = case((payment.payment_type_id == int(PaymentType.CANCELLATION), -amount), else_=amount)
    all_are = func.count() == func.count(case((payment.payment_type_id == kind, 1)))
    figures = {
        "paid": case((all_are, func.coalesce(func.sum(amount), _NOTHING))),
        "cash": _sum(payment.transaction_type_id == int(TransactionType.CASH), net),
    }
    return [
        select(figure).where(payment.receipt_id == _R.id).correlate(RECEIPTS).scalar_subquery().label(name)
        for name, figure in figures.items()
    ]


def _is_clean(of: Any, tax_units: int) -> ColumnElement[bool]:
    """Prove that `check_receipt` finds nothing; what is not covered here is not proven.

    Payments of the kind that the type asks for leave no doubt about the type, and none of them cancels another.
    """
    is_sale = and_(of.type == int(ReceiptType.SALE), of.state == int(ReceiptState.PAID))
    is_refund = of.type == int(ReceiptType.REFUND)
    is_paid = of.total == of.paid
    adds_up = of.total == of.goods - of.discount + of.rounding
    return case(
        (or_(is_sale, is_refund), and_(is_paid, adds_up, _is_rounded(of), _is_taxed(of, tax_units))),
        (of.type == int(ReceiptType.SALE), and_(of.state == int(ReceiptState.DEFERRED), of.is_fiscal.is_(None))),
        (of.type == int(ReceiptType.CASH_WITHDRAWAL), is_paid),
        else_=of.type.in_(_NEVER_CHECKED),
    )


def _is_rounded(of: Any) -> ColumnElement[bool]:
    """Hold the cash of a receipt against both rules of rounding, halves up, as `cash_amounts` does."""

    def may_be(step: int, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(condition, of.cash % step == _NOTHING, 2 * of.rounding > -step, 2 * of.rounding <= step)

    ten, fifty = _STEPS
    rules = or_(may_be(ten, true()), may_be(fifty, of.business_date >= RESOLUTION_115))
    is_in_cash = or_(of.cash != _NOTHING, of.total == _NOTHING)
    return case((is_in_cash, and_(of.cash >= of.rounding, rules)), else_=of.rounding == _NOTHING)


def _is_taxed(of: Any, tax_units: int) -> ColumnElement[bool]:
    """Hold the taxes of a receipt against those of its tax groups, as `taxes_of` does.

    Where a line has no known group, nothing is known of the taxes. A discount on the whole that is spread over lines of
    several groups is left to Python; lines of one group bear all of it, if it is a number of kopecks.
    """
    is_borne = and_(of.discount % _KOPECK == _NOTHING, of.least_group == of.greatest_group, of.goods != _NOTHING)
    right: dict[str, Any] = dict.fromkeys(TAX_LETTERS, _NOTHING)
    taxed = {group: of[_group(group)] - case((of.greatest_group == group, of.discount), else_=0) for group in _TAXED}
    for group, amount in taxed.items():
        rest: Any = amount
        for letter, percent in RATES[group]:
            whole = (100 + percent) * _KOPECK
            tax = WholeQuotient(2 * percent * rest + whole, 2 * whole) * _KOPECK
            rest -= tax
            right[letter] += tax
    are_right = and_(*((of[f"tax_{letter}"] - tax).between(-tax_units, tax_units) for letter, tax in right.items()))
    fit = and_(or_(of.discount == _NOTHING, is_borne), *(amount.between(0, _MOST) for amount in taxed.values()))
    return case((of.without_group != _NOTHING, true()), (fit, are_right), else_=false())


def _group(group: int) -> str:
    return f"group_{group}"


def _sum(condition: ColumnElement[bool], amount: Any) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, amount))), _NOTHING)


_FIGURES = tuple(_figures_of(_with_suspects(select(_R.shift_id), 0, in_order=True).c))
