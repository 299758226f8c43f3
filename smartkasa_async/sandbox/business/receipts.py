"""Receipts of all types, and their rows.

| type | items | payments | effect on the drawer |
| --- | --- | --- | --- |
| 0 sale, state 2 | yes | one or two, payment type 0 | + paid in cash |
| 0 sale, state 1 (deferred) | yes | none; no fiscal number, no local number, no rounding | none |
| 1 service cash in, 2 service cash out | none | none | ± total |
| 3 refund, state 3 | yes | payment type 2; `related_fiscal_number` is the sale's | − returned in cash |
| 4 cancellation | yes | the payment (type 0) and its cancellation (type 1), net nil | none |
| 5 cash withdrawal | none | one by card, the sum that the customer is handed | − total |
| 102 offline start, 103 offline end | none | none, total 0 | none |

A cancellation (сторно) is a sale that was paid and reversed at once: one row instead of the sale's, not a second
beside it (inferred). All amounts are positive, the type gives the direction. All but deferred receipts and refunds have
state 2.

A registrar numbers its receipts without gaps in `registrar_local_number`, those without a fiscal number left out. An
offline session begins with 102 and ends with 103; all its receipts share `offline_id` and `offline_seed`,
`offline_local_number` counts from 1, each but the first quotes the hash of the one before (`identity.document_hash`),
and their `updated_at` is the time when the session ended and they reached the service. A receipt made online has
`offline_id` 0 and an empty seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartkasa_async.sandbox.business.baskets import Basket
from smartkasa_async.sandbox.business.codes import CASH, PAID
from smartkasa_async.sandbox.business.identity import uuid
from smartkasa_async.sandbox.business.money import hryvnias, quantity
from smartkasa_async.sandbox.business.payments import payment_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from random import Random

    from smartkasa_async.sandbox.business.model import Till
    from smartkasa_async.sandbox.business.payments import Payment
    from smartkasa_async.sandbox.business.people import Employee
    from smartkasa_async.sandbox.schema import Row


@dataclass(frozen=True, slots=True)
class Shift:
    """A cashier's shift at a till; times in UTC."""

    id: str
    shop_id: int
    till: Till
    cashier: Employee
    opened: datetime
    closed: datetime


@dataclass(frozen=True, slots=True)
class Offline:
    """Where a receipt is in an offline session."""

    session: int
    seed: str
    number: int
    previous_hash: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as the register made it; money in kopecks, time in UTC."""

    type: int
    at: datetime
    total: int
    state: int = PAID
    basket: Basket = field(default_factory=Basket)
    rounding: int = 0
    payments: list[Payment] = field(default_factory=list)
    fiscal_number: str | None = None
    local_number: int | None = None
    related: str | None = None
    offline: Offline | None = None

    @property
    def cash(self) -> int:
        """What was paid, or paid back, in cash."""
        return sum(payment.amount for payment in self.payments if payment.means == CASH)


def receipt_row(receipt: Receipt, id_: str, shift: Shift, taxes: dict[str, int]) -> Row:
    """Return a receipt's row."""
    basket, offline = receipt.basket, receipt.offline
    fiscal = receipt.fiscal_number is not None
    return {
        "id": id_,
        "cashier_name": shift.cashier.name,
        "created_at": receipt.at,
        "description": None,
        "discount_amount": hryvnias(basket.discount),
        "discount_percentage": hryvnias(basket.percent * 100),
        "discount_type_id": basket.discount_type,
        "fiscal_number": receipt.fiscal_number,
        "is_hidden": False,
        "offline_id": offline.session if offline else 0 if fiscal else None,
        "offline_local_number": offline.number if offline else None,
        "offline_seed": offline.seed if offline else "" if fiscal else None,
        "previous_receipt_hash": offline.previous_hash if offline else None,
        "registrar_fiscal_number": shift.till.registrar,
        "registrar_local_number": str(receipt.local_number) if fiscal else None,
        "related_fiscal_number": receipt.related,
        "rounding_amount": hryvnias(receipt.rounding),
        "seller_id": shift.cashier.id,
        "shift_id": shift.id,
        "shop_id": shift.shop_id,
        "state": receipt.state,
        "tax_amount": taxes,
        "terminal_id": shift.till.terminal_id,
        "terminal_shift_id": None,
        "title": "",
        "total_amount": hryvnias(receipt.total),
        "type": receipt.type,
        "updated_at": receipt.at,
    }


def item_rows(receipt: Receipt, receipt_id: str, rng: Random) -> Iterator[Row]:
    """Yield the rows of a receipt's lines, `position` counting from 0."""
    at = receipt.at
    for position, line in enumerate(receipt.basket.lines):
        yield {
            "id": uuid(rng),
            "receipt_id": receipt_id,
            "position": position,
            "amount": hryvnias(line.amount),
            "created_at": at,
            "discount_amount": hryvnias(line.discount) if line.discount else None,
            "quantity": quantity(line.quantity),
            "updated_at": at,
            **line.goods.line,
        }


def payment_rows(receipt: Receipt, receipt_id: str, till: Till, rng: Random) -> Iterator[Row]:
    """Yield the rows of a receipt's payments, `position` counting from 0."""
    for position, payment in enumerate(receipt.payments):
        yield payment_row(payment, receipt_id, position, receipt.at, bank_terminal=till.bank_terminal, rng=rng)
