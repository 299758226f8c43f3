"""Receipts against Z-reports, shift by shift: a pure comparison."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from smartkasa_async.reports.takings import ShiftTakings, Takings

__all__ = ["Difference", "DifferenceKind", "ShopAgreement", "compare"]


class DifferenceKind(StrEnum):
    """What does not agree; all but the last two are named after the Z-report's field."""

    SALE_RECEIPTS_COUNT = "sale_receipts_count"
    SALE_TOTAL = "sale_total"
    SALE_CASH_TOTAL = "sale_cash_total"
    SALE_CASHLESS_TOTAL = "sale_cashless_total"
    REFUND_RECEIPTS_COUNT = "refund_receipts_count"
    REFUND_TOTAL = "refund_total"
    REFUND_CASH_TOTAL = "refund_cash_total"
    REFUND_CASHLESS_TOTAL = "refund_cashless_total"
    Z_REPORT_MISSING = "z_report_missing"
    """A shift with sales or refunds has no Z-report; the figures are its sales less refunds."""
    SHIFT_MISSING = "shift_missing"
    """Receipts name no shift, so no Z-report can be theirs; the figures are their sales less refunds."""


_MISSING = frozenset({DifferenceKind.Z_REPORT_MISSING, DifferenceKind.SHIFT_MISSING})
_COUNTS = frozenset({DifferenceKind.SALE_RECEIPTS_COUNT, DifferenceKind.REFUND_RECEIPTS_COUNT})
_COMPARED = tuple(kind for kind in DifferenceKind if kind not in _MISSING)


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of one shift on which receipts and Z-report do not agree.

    Attributes:
        shop_id: Id of the shop; None where the records name none.
        shift_id: Id of the shift; None for receipts that name none.
        kind: What does not agree.
        receipts: The figure by the receipts: hryvnias, or a number of receipts.
        z_report: The figure by the Z-report; zero where there is none.
    """

    shop_id: int | None
    shift_id: str | None
    kind: DifferenceKind
    receipts: Decimal
    z_report: Decimal

    @property
    def amount(self) -> Decimal:
        """How much more the receipts say than the Z-report; negative where they say less."""
        return self.receipts - self.z_report

    def __str__(self) -> str:
        if self.kind in _COUNTS:
            figures = f"receipts {self.receipts:f}, Z-report {self.z_report:f}, difference {self.amount:+f}"
        else:
            figures = (
                f"receipts {self.receipts:.2f} UAH, Z-report {self.z_report:.2f} UAH, difference {self.amount:+.2f} UAH"
            )
        return f"shop {self.shop_id}, shift {self.shift_id}: {self.kind}: {figures}"


@dataclass(frozen=True, slots=True)
class ShopAgreement:
    """Whether the receipts of one shop agree with its Z-reports; money in hryvnias.

    Attributes:
        shop_id: Id of the shop; None for records that name none.
        title: Title of the shop; None where it was not synced.
        shifts: Number of shifts that were compared.
        z_reports: Number of their Z-reports.
        sales: Paid sales by the receipts.
        refunds: Refunds by the receipts.
        z_sales: Sales by the Z-reports.
        z_refunds: Refunds by the Z-reports.
        differences: What does not agree, shift by shift.
    """

    shop_id: int | None
    title: str | None
    shifts: int
    z_reports: int
    sales: Decimal
    refunds: Decimal
    z_sales: Decimal
    z_refunds: Decimal
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def compare(shifts: Iterable[ShiftTakings], titles: Mapping[int, str]) -> list[ShopAgreement]:
    """Compare the shifts of each shop.

    Args:
        shifts: The shifts, in any order.
        titles: Titles of the shops by id; a shop without shifts agrees.

    Returns:
        A line for each shop, by id, records without a shop last.
    """
    ordered = sorted(shifts, key=_by_shop_and_shift)
    by_shop: dict[int | None, list[ShiftTakings]] = {shop_id: [] for shop_id in sorted(titles)}
    for shop_id, of_shop in groupby(ordered, key=lambda shift: shift.shop_id):
        by_shop[shop_id] = list(of_shop)
    return [_agreement(shop_id, titles, by_shop[shop_id]) for shop_id in sorted(by_shop, key=_none_last)]


def _agreement(shop_id: int | None, titles: Mapping[int, str], shifts: Sequence[ShiftTakings]) -> ShopAgreement:
    return ShopAgreement(
        shop_id=shop_id,
        title=None if shop_id is None else titles.get(shop_id),
        shifts=len(shifts),
        z_reports=sum(shift.z_reports for shift in shifts),
        sales=_sum(shift.receipts.sale_total for shift in shifts),
        refunds=_sum(shift.receipts.refund_total for shift in shifts),
        z_sales=_sum(shift.z_report.sale_total for shift in shifts if shift.z_report),
        z_refunds=_sum(shift.z_report.refund_total for shift in shifts if shift.z_report),
        differences=tuple(difference for shift in shifts for difference in _differences(shift)),
    )


def _differences(shift: ShiftTakings) -> Iterator[Difference]:
    """Name what differs in one shift; a figure that the Z-report does not state is not compared."""
    if shift.z_report is None:
        if shift.receipts.sale_receipts_count or shift.receipts.refund_receipts_count:
            kind = DifferenceKind.SHIFT_MISSING if shift.shift_id is None else DifferenceKind.Z_REPORT_MISSING
            yield Difference(shift.shop_id, shift.shift_id, kind, _net(shift.receipts), Decimal(0))
        return
    for kind in _COMPARED:
        by_receipts, by_z_report = getattr(shift.receipts, kind), getattr(shift.z_report, kind)
        if by_z_report is not None and by_receipts != by_z_report:
            yield Difference(shift.shop_id, shift.shift_id, kind, Decimal(by_receipts), Decimal(by_z_report))


def _net(takings: Takings) -> Decimal:
    return (takings.sale_total or Decimal(0)) - (takings.refund_total or Decimal(0))


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def _none_last(shop_id: int | None) -> tuple[bool, int]:
    return shop_id is None, shop_id or 0


def _by_shop_and_shift(shift: ShiftTakings) -> tuple[bool, int, str]:
    return (*_none_last(shift.shop_id), shift.shift_id or "")
