"""What a reconciliation reads: receipts with their items and payments, shifts, and Z-reports. Money is in hryvnias."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async.models import PaymentType, ReceiptState, ReceiptType, TransactionType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

_ZERO = Decimal(0)
_GOODS = frozenset({ReceiptType.SALE, ReceiptType.REFUND, ReceiptType.CANCELLATION})


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
        closed_at: When the registrar made it; where it does not say, when the service stored it.
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
        """Give a figure of the columns, or of the payload where the columns leave it out."""
        return self.figures.get(name, self.payload.get(name))


@dataclass(slots=True, kw_only=True)
class ShiftHead:
    """A shift without its receipts.

    Attributes:
        shift_id: Its id; None for what names no shift and fits none.
        begins_at: Its opening, or its first record.
        ends_at: Its closing, or its last record.
        is_open: Whether it is known not to have ended.
        closed_at: When it was closed; None where nothing says so.
        z_reports: Its Z-reports, in the order of time.
        unassigned_receipts: Ids of receipts that name no shift and are its own by registrar and time.
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


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift with its receipts in the order of their making; `gone` are those that the service no longer lists."""

    head: ShiftHead
    receipts: tuple[ReceiptRecord, ...]
    gone: tuple[ReceiptRecord, ...] = ()


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
