"""What a reconciliation brings: shops, their shifts, and what does not agree."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async.reports.reconciliation.output import (
    csv_header,
    csv_rows,
    difference_header,
    difference_rows,
    shop_header,
    shop_rows,
)
from smartkasa_async.reports.tables import text_table, write_csv

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike
    from typing import TextIO

    from smartkasa_async.receipts.days import Window
    from smartkasa_async.reports.reconciliation.differences import Difference
    from smartkasa_async.reports.reconciliation.explanations import Language

__all__ = ["Reconciliation", "ShiftReconciliation", "ShopReconciliation", "Totals"]

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums of both sides, hryvnias.

    Attributes:
        receipts: Number of receipts, whatever their type.
        sales: Paid sales by the receipts.
        refunds: Refunds by the receipts.
        z_reports: Number of Z-reports.
        z_sales: Sales by the Z-reports.
        z_refunds: Refunds by the Z-reports.
    """

    receipts: int = 0
    sales: Decimal = _ZERO
    refunds: Decimal = _ZERO
    z_reports: int = 0
    z_sales: Decimal = _ZERO
    z_refunds: Decimal = _ZERO

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            receipts=self.receipts + other.receipts,
            sales=self.sales + other.sales,
            refunds=self.refunds + other.refunds,
            z_reports=self.z_reports + other.z_reports,
            z_sales=self.z_sales + other.z_sales,
            z_refunds=self.z_refunds + other.z_refunds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReconciliation:
    """A shift that was compared.

    Attributes:
        shop_id: Id of its shop; None where the records name none.
        registrar: Fiscal number of its registrar; None where the records name none.
        shift_id: Its id; None for records that name no shift.
        days: The business days of its receipts and Z-reports.
        totals: Its sums.
        agrees: Whether nothing but notices was found.
    """

    shop_id: int | None
    registrar: str | None
    shift_id: str | None
    days: tuple[date, ...]
    totals: Totals
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopReconciliation:
    """A shop whose receipts were compared.

    Attributes:
        shop_id: Its id; None for records that name no shop.
        title: Its title; None where it was not synced.
        shifts: Its shifts by registrar, in the order of time.
        found: What does not agree, and what is to be known.
    """

    shop_id: int | None
    title: str | None
    shifts: tuple[ShiftReconciliation, ...]
    found: tuple[Difference, ...]

    @property
    def totals(self) -> Totals:
        """Sums of all shifts."""
        return sum((shift.totals for shift in self.shifts), Totals())

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What does not agree."""
        return tuple(one for one in self.found if not one.is_notice)

    @property
    def notices(self) -> tuple[Difference, ...]:
        """What is to be known although all sums agree."""
        return tuple(one for one in self.found if one.is_notice)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs; notices may be there."""
        return not self.differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What `reconcile` found.

    Attributes:
        window: The business days that were asked for.
        shops: A line for each shop by id, records without a shop last.
    """

    window: Window
    shops: tuple[ShopReconciliation, ...]

    @property
    def shifts(self) -> tuple[ShiftReconciliation, ...]:
        """The shifts of all shops."""
        return tuple(shift for shop in self.shops for shift in shop.shifts)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What does not agree, shop by shop."""
        return tuple(one for shop in self.shops for one in shop.differences)

    @property
    def notices(self) -> tuple[Difference, ...]:
        """What is to be known although all sums agree."""
        return tuple(one for shop in self.shops for one in shop.notices)

    @property
    def totals(self) -> Totals:
        """Sums of all shops."""
        return sum((shop.totals for shop in self.shops), Totals())

    @property
    def agrees(self) -> bool:
        """Whether nothing differs; notices may be there."""
        return not self.differences

    def table(self, language: Language = "en") -> str:
        """Lay the shops out for reading, hryvnias, and below them each difference and notice."""
        shops = text_table(shop_header(language), shop_rows(self, language))
        if not self._found:
            return shops
        return f"{shops}\n\n{text_table(difference_header(language), difference_rows(self._found, language))}"

    def write_csv(self, target: str | PathLike[str] | TextIO, language: Language = "en") -> None:
        """Write every figure of every difference and notice as a table that a Ukrainian Excel opens.

        Args:
            target: Where the file will be, or a text file that is open.
            language: Language of the explanations.

        Raises:
            OSError: The file cannot be written.
        """
        write_csv(target, csv_header(language), csv_rows(self._found, language))

    @property
    def _found(self) -> tuple[Difference, ...]:
        return tuple(one for shop in self.shops for one in shop.found)

    def __str__(self) -> str:
        return self.table()
