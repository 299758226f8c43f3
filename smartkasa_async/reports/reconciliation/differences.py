"""What a reconciliation finds: one difference for each cause, with all that it entails."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support.money import hryvnias, with_kopecks
from smartkasa_async.reports.reconciliation.figures import COUNTS
from smartkasa_async.reports.reconciliation.messages import EXPLANATIONS, NamedAmounts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from smartkasa_async.reports.reconciliation.continuity import Gap
    from smartkasa_async.reports.reconciliation.figures import Figures

_ZERO = Decimal(0)
_NOT_MONEY = frozenset(COUNTS)
PRODUCT_COUNT = "product_count"
"""Name of the figure of a product's units, before its id."""


class DifferenceKind(StrEnum):
    """What is wrong."""

    RECEIPT_MISSING = "receipt_missing"
    """The Z-report counts receipts that the store does not have, or a local number of the registrar is not there."""
    RECEIPT_UNREADABLE = "receipt_unreadable"
    """A receipt came and could not be read: it is in the store's quarantine."""
    RECEIPT_TWICE = "receipt_twice"
    """The store has a fiscal number of a registrar under several ids."""
    RECEIPT_NOT_FISCAL = "receipt_not_fiscal"
    """Receipts without a fiscal number, which the Z-report does not count."""
    RECEIPT_WITHOUT_SHIFT = "receipt_without_shift"
    """Receipts that name no shift."""
    RECEIPT_OF_OTHER_SHIFT = "receipt_of_other_shift"
    """A receipt names another shift than the one whose Z-report counts it."""
    RECEIPT_TYPE = "receipt_type"
    """The type or state of a receipt contradicts its payments."""
    TOTAL = "total"
    """The total of a receipt is not what its items and its payments come to."""
    PAYMENTS = "payments"
    """The payments of a receipt do not come to its total."""
    DISCOUNT = "discount"
    """A discount is missing or wrong."""
    ITEMS = "items"
    """The items of a receipt come to another sum than its total."""
    ROUNDING = "rounding"
    """The rounding of cash is missing or against both rules."""
    TAXES = "taxes"
    """The taxes of a receipt are not those of its items."""
    Z_REPORT = "z_report"
    """A Z-report states other figures than its receipts."""
    Z_REPORT_MISSING = "z_report_missing"
    """A shift with sales, refunds or withdrawals has no Z-report."""
    Z_REPORT_UNREADABLE = "z_report_unreadable"
    """A Z-report came and could not be read: it is in the store's quarantine."""
    Z_REPORT_TWICE = "z_report_twice"
    """The store has a Z-report under several ids, or a shift has one too many."""
    Z_REPORT_OF_SEVERAL_DAYS = "z_report_of_several_days"
    """A Z-report covers several business days or shifts; its figures agree."""
    CASH_IN_DRAWER = "cash_in_drawer"
    """The cash in the drawer does not follow from the Z-report before."""
    PRODUCT_SALES = "product_sales"
    """The service's product sales of a day are not those of its receipts."""


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """A figure, as both sides have it: hryvnias, but for numbers of receipts and units.

    Attributes:
        name: What it is: a column of the Z-report, a field of a receipt, or `product_sales` with the product's id.
        receipts: By the receipts as they are in the store.
        other: By what they were compared with.
    """

    name: str
    receipts: Decimal
    other: Decimal

    def __post_init__(self) -> None:
        # A database gives every number with as many digits as its column has.
        written = _without_zeros if self.name.partition(" ")[0] in (*COUNTS, PRODUCT_COUNT) else with_kopecks
        object.__setattr__(self, "receipts", written(self.receipts))
        object.__setattr__(self, "other", written(self.other))

    @property
    def amount(self) -> Decimal:
        """How much more the receipts come to; negative for less."""
        return self.receipts - self.other


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that does not agree, or is to be known; money in hryvnias.

    Attributes:
        kind: What is wrong.
        cause: The rule that explains it, a key of `EXPLANATIONS`.
        shop_id: Id of the shop; None where the records name none.
        registrar: Fiscal number of the registrar; None where the records name none.
        shift_id: Id of the shift; None where the records name none.
        days: The business days in Kyiv on which it lies.
        receipt_ids: The receipts behind it.
        z_report_ids: The Z-reports behind it.
        figures: What differs, the cause first, what it entails after it.
        details: What the explanation names.
        is_notice: Whether all sums agree all the same.
    """

    kind: DifferenceKind
    cause: str
    shop_id: int | None
    registrar: str | None = None
    shift_id: str | None = None
    days: tuple[date, ...] = ()
    receipt_ids: tuple[str, ...] = ()
    z_report_ids: tuple[int, ...] = ()
    figures: tuple[ComparedFigure, ...] = ()
    details: Mapping[str, str | NamedAmounts] = field(default_factory=dict)
    is_notice: bool = False

    @property
    def amount(self) -> Decimal:
        """How many hryvnias more the receipts come to in the first figure of money; zero where only numbers differ."""
        return next((figure.amount for figure in self.figures if figure.name not in _NOT_MONEY), _ZERO)

    @property
    def is_explained(self) -> bool:
        """Whether the records themselves prove the cause."""
        return not self.cause.startswith("unexplained")

    def explain(self, language: Language = "en") -> str:
        """Explain the cause in English (`en`) or Ukrainian (`uk`)."""
        words = {
            name: value.in_language(language) if isinstance(value, NamedAmounts) else value
            for name, value in self.details.items()
        }
        return in_language(EXPLANATIONS[self.cause], language).format_map(words)

    @property
    def explanation(self) -> str:
        """The cause in English."""
        return self.explain()

    def __str__(self) -> str:
        where = ", ".join(
            f"{name} {value}"
            for name, value in (("shop", self.shop_id), ("registrar", self.registrar), ("shift", self.shift_id))
            if value is not None
        )
        return one_line(f"{where or 'no shop'}: {self.kind}: {self.explanation}; {with_kopecks(self.amount):+f} UAH")


@dataclass(slots=True, kw_only=True)
class Issue:
    """Something that is wrong, and the ways in which it may be fixed.

    Attributes:
        repairs: What would change in the figures of the shift if it were right; one of several where it is unknown
            which; empty where its shift's figures would stay.
        only_if_needed: Whether it is no issue unless a repair makes the shift agree with its Z-report.
        goods: What the product sales state more than the items because of it, hryvnias.
        instead: What is wrong instead where that alone makes the shift agree with its Z-report.
        goods_may_differ: Whether `goods` is known only up to discounts.
        numbers: The local numbers that it reports as missing in the store.
    """

    kind: DifferenceKind
    cause: str
    days: tuple[date, ...] = ()
    receipt_ids: tuple[str, ...] = ()
    z_report_ids: tuple[int, ...] = ()
    figures: list[ComparedFigure] = field(default_factory=list)
    details: Mapping[str, str | NamedAmounts] = field(default_factory=dict)
    repairs: tuple[Figures, ...] = ()
    only_if_needed: bool = False
    is_notice: bool = False
    goods: Decimal = Decimal(0)
    goods_may_differ: bool = False
    instead: Issue | None = None
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


def amount_of(name: str, amount: Decimal) -> str:
    """Write the amount of a figure, hryvnias or a number of receipts."""
    return f"{amount:f}" if name in COUNTS else hryvnias(amount)


def _without_zeros(count: Decimal) -> Decimal:
    whole = count.to_integral_value()
    return whole if whole == count else count.normalize()
