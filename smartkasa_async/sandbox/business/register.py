"""A cash register at work: each operation makes a receipt, moves the drawer and counts for the Z-report."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Final

from smartkasa_async.sandbox.business.baskets import take_back
from smartkasa_async.sandbox.business.codes import (
    CANCELLATION,
    CASH,
    CASH_IN,
    CASH_OUT,
    CASH_WITHDRAWAL,
    DEFERRED,
    OFFLINE_END,
    OFFLINE_START,
    PAYMENT_CANCELLATION,
    PAYMENT_REFUND,
    REFUND,
    REFUNDED,
    SALE,
    SHIFT_CLOSED,
)
from smartkasa_async.sandbox.business.identity import document_hash, offline_fiscal_number, uuid
from smartkasa_async.sandbox.business.money import hryvnias
from smartkasa_async.sandbox.business.payments import Payment, pay
from smartkasa_async.sandbox.business.receipts import Offline, Receipt, item_rows, payment_rows, receipt_row
from smartkasa_async.sandbox.business.z_reports import ShiftTotals, z_report_row

if TYPE_CHECKING:
    from datetime import datetime

    from smartkasa_async.sandbox.business.baskets import Basket
    from smartkasa_async.sandbox.business.receipts import Shift
    from smartkasa_async.sandbox.business.shops import Shop
    from smartkasa_async.sandbox.schema import Row

_PARTIAL_CHANCE: Final = 0.5


@dataclass(slots=True)
class Ledger:
    """The rows that registers write."""

    shifts: list[Row] = field(default_factory=list)
    receipts: list[Row] = field(default_factory=list)
    receipt_items: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    z_reports: list[Row] = field(default_factory=list)

    def tables(self) -> dict[str, list[Row]]:
        """Return the rows by table."""
        return {column.name: getattr(self, column.name) for column in fields(self)}


@dataclass(slots=True)
class _Session:
    """An offline session while it lasts; `rows` wait for its end, `last_hash` for the next receipt."""

    id: int
    seed: str
    rows: list[Row] = field(default_factory=list)
    last_hash: str | None = None


class Register:
    """A till at work through one shift.

    Args:
        shop: Gives settings, random draws, fiscal numbers, and the sales that may come back.
        shift: The shift; its till keeps drawer and counters for the next.
        ledger: Takes the rows.
    """

    def __init__(self, shop: Shop, shift: Shift, ledger: Ledger) -> None:
        self._shop = shop
        self._shift = shift
        self._till = shift.till
        self._rng = shop.rng
        self._ledger = ledger
        self._totals = ShiftTotals()
        self._session: _Session | None = None
        self._opening_number = shop.fiscal_numbers.next()

    @property
    def drawer(self) -> int:
        """The cash in the drawer, kopecks."""
        return self._till.drawer

    def sell(self, at: datetime, basket: Basket) -> None:
        """Sell a basket; offline only for cash."""
        payments, rounding = pay(basket.due, self._shop.profile, self._rng, at, cash_only=self._session is not None)
        total = basket.due + rounding
        sale = self._issue(Receipt(SALE, at, total, basket=basket, rounding=rounding, payments=payments))
        self._shop.refundable.append(sale)

    def sell_and_cancel(self, at: datetime, basket: Basket) -> None:
        """Sell a basket and reverse the sale at once."""
        paid, rounding = pay(basket.due, self._shop.profile, self._rng, at, cash_only=False)
        payments = [*paid, *(payment.as_kind(PAYMENT_CANCELLATION) for payment in paid)]
        total = basket.due + rounding
        self._issue(Receipt(CANCELLATION, at, total, basket=basket, rounding=rounding, payments=payments))

    def defer(self, at: datetime, basket: Basket) -> None:
        """Put a basket aside, unpaid and not fiscalized."""
        self._write(Receipt(SALE, at, basket.due, DEFERRED, basket))

    def refund(self, at: datetime) -> bool:
        """Take an earlier sale back, whole or in part; return whether there was one and the drawer had the cash."""
        earlier = self._shop.refundable
        if not earlier:
            return False
        index = self._rng.randrange(len(earlier))
        sale = earlier[index]
        if sale.at >= at:
            return False
        basket, total, rounding, paid = self._back(sale, at)
        if sum(payment.amount for payment in paid if payment.means == CASH) > self.drawer:
            return False
        del earlier[index]
        payments = [payment.as_kind(PAYMENT_REFUND) for payment in paid]
        self._issue(Receipt(REFUND, at, total, REFUNDED, basket, rounding, payments, related=sale.fiscal_number))
        return True

    def _back(self, sale: Receipt, at: datetime) -> tuple[Basket, int, int, list[Payment]]:
        """Choose what comes back of a sale: the basket, total and rounding in kopecks, and how it is paid back."""
        parts = len(sale.payments) == 1 and len(sale.basket.lines) > 1 and self._rng.random() < _PARTIAL_CHANCE
        if not parts:
            return sale.basket, sale.total, sale.rounding, sale.payments
        basket, means = take_back(sale.basket, self._rng), sale.payments[0].means
        total = self._shop.profile.round_cash(basket.due, at) if means == CASH else basket.due
        return basket, total, total - basket.due, [Payment(means, total, total)]

    def hand_out(self, at: datetime, amount: int) -> None:
        """Hand out cash against a card."""
        payment = Payment(self._shop.profile.card, amount, amount)
        self._issue(Receipt(CASH_WITHDRAWAL, at, amount, payments=[payment]))

    def put_in(self, at: datetime, amount: int) -> None:
        """Put change into the drawer as a service operation."""
        self._issue(Receipt(CASH_IN, at, amount))

    def take_out(self, at: datetime, amount: int) -> None:
        """Take takings out of the drawer as a service operation."""
        self._issue(Receipt(CASH_OUT, at, amount))

    def go_offline(self, at: datetime) -> None:
        """Begin an offline session."""
        self._till.offline_session += 1
        self._session = _Session(self._till.offline_session, f"{self._rng.randrange(10**12):012d}")
        self._issue(Receipt(OFFLINE_START, at, 0))

    def go_online(self, at: datetime) -> None:
        """End the offline session: its receipts reach the service."""
        self._issue(Receipt(OFFLINE_END, at, 0))
        session, self._session = self._session, None
        for row in session.rows if session else ():
            row["updated_at"] = at

    def close(self) -> None:
        """End the shift, with a Z-report where one is owed."""
        if self._totals.owes_report:
            self._till.z_number += 1
            report = z_report_row(self._totals, self._shift, self._shop.fiscal_numbers.next())
            self._ledger.z_reports.append(report)
        self._ledger.shifts.append(self._shift_row())

    def _issue(self, draft: Receipt) -> Receipt:
        """Number a receipt, chain it when offline, and write it."""
        self._till.local_number += 1
        session, offline = self._session, None
        if session:
            offline = Offline(session.id, session.seed, len(session.rows) + 1, session.last_hash)
            number = offline_fiscal_number(session.id, session.seed, offline.number)
            session.last_hash = document_hash(self._till.registrar, number, draft.total, draft.at)
        else:
            number = self._shop.fiscal_numbers.next()
        receipt = replace(draft, fiscal_number=number, local_number=self._till.local_number, offline=offline)
        row = self._write(receipt)
        if session:
            session.rows.append(row)
        return receipt

    def _write(self, receipt: Receipt) -> Row:
        taxes = receipt.basket.taxes()
        self._till.drawer += self._totals.add(receipt, taxes)
        id_ = uuid(self._rng)
        row = receipt_row(receipt, id_, self._shift, taxes)
        self._ledger.receipts.append(row)
        self._ledger.receipt_items.extend(item_rows(receipt, id_, self._rng))
        self._ledger.payments.extend(payment_rows(receipt, id_, self._till, self._rng))
        return row

    def _shift_row(self) -> Row:
        shift = self._shift
        return {
            "id": shift.id,
            "cash_balance": hryvnias(self.drawer),
            "closed_at": shift.closed,
            "closed_by": shift.cashier.name,
            "device_uid": self._till.device_uid,
            "employee_id": shift.cashier.id,
            "fiscal_number": self._opening_number,
            "opened_at": shift.opened,
            "opened_by": shift.cashier.name,
            "registrar_fiscal_number": self._till.registrar,
            "remote_shift_id": uuid(self._rng),
            "shop_id": shift.shop_id,
            "state": SHIFT_CLOSED,
            "terminal_id": self._till.terminal_id,
            "terminal_user_id": shift.cashier.id,
        }
