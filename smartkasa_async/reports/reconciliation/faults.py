"""A fault while its shift is looked at: what would fix the shift's figures, and what else it explains."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async.reports.reconciliation.differences import Difference, Figure
from smartkasa_async.reports.reconciliation.figures import COUNTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from smartkasa_async.reports.reconciliation.differences import DifferenceKind
    from smartkasa_async.reports.reconciliation.figures import Figures
    from smartkasa_async.reports.reconciliation.names import NamedAmounts
    from smartkasa_async.reports.reconciliation.numbering import Gap


@dataclass(slots=True, kw_only=True)
class Fault:
    """Something that is wrong, and the ways in which it may be fixed.

    Attributes:
        repairs: What would change in the figures of the shift if it were right; one of several where nothing tells
            which; empty where its shift's figures would stay.
        only_if_needed: Whether it is no fault unless a repair makes the shift agree with its Z-report.
        goods: What the product sales state more than the items because of it, hryvnias.
        instead: What is wrong in its place where that alone makes the shift agree with its Z-report.
        goods_may_differ: Whether `goods` is known only up to discounts.
        numbers: The local numbers that it says are not in the store.
    """

    kind: DifferenceKind
    cause: str
    days: tuple[date, ...] = ()
    receipt_ids: tuple[str, ...] = ()
    z_report_ids: tuple[int, ...] = ()
    figures: list[Figure] = field(default_factory=list)
    details: Mapping[str, str | NamedAmounts] = field(default_factory=dict)
    repairs: tuple[Figures, ...] = ()
    only_if_needed: bool = False
    is_notice: bool = False
    goods: Decimal = Decimal(0)
    goods_may_differ: bool = False
    instead: Fault | None = None
    numbers: tuple[Gap, ...] = ()

    def at(self, shop_id: int | None, registrar: str | None = None, shift_id: str | None = None) -> Difference:
        """Make the difference that users get."""
        return Difference(
            kind=self.kind,
            cause=self.cause,
            shop_id=shop_id,
            registrar=registrar,
            shift_id=shift_id,
            days=self.days,
            receipt_ids=self.receipt_ids,
            z_report_ids=self.z_report_ids,
            figures=tuple(self.figures),
            details=self.details,
            is_notice=self.is_notice,
        )


def hryvnias(amount: Decimal) -> str:
    """Write an amount with its kopecks, and with what is finer where there is any."""
    rounded = amount.quantize(Decimal("0.01"))
    return f"{rounded if rounded == amount else amount.normalize():f}"


def amount_of(name: str, amount: Decimal) -> str:
    """Write the amount of a figure, hryvnias or a number of receipts."""
    return f"{amount:f}" if name in COUNTS else hryvnias(amount)
