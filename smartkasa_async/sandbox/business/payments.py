"""How customers pay: cash with change, cards, transfers, and cash and card together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smartkasa_async.sandbox.business.codes import ACQUIRING, BANK_DETAILS, CARD, CARD_TO_CARD, CASH, PAYMENT
from smartkasa_async.sandbox.business.identity import uuid
from smartkasa_async.sandbox.business.money import hryvnias

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from smartkasa_async.sandbox.business.profiles import Profile
    from smartkasa_async.sandbox.schema import Row

_MEANS: Final = (("cash", 0.42), ("card", 0.48), ("split", 0.04), ("bank details", 0.03), ("card to card", 0.03))
_WAYS: Final = [way for way, _ in _MEANS]
_WAY_WEIGHTS: Final = [weight for _, weight in _MEANS]
_LEAST_FOR_SPLIT: Final = 50_00
_EXACT_CHANCE: Final = 0.35
_NOTES: Final = (10_00, 20_00, 50_00, 100_00, 200_00, 500_00, 1000_00)
_CARD_RANGES: Final = ("414949", "516874", "535145", "444111")
_TRANSFER_NOTES: Final = {BANK_DETAILS: "Оплата за реквізитами IBAN", CARD_TO_CARD: "Переказ з картки на картку"}


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment, in kopecks: `amount` stays in the shop, `deposit` was handed over, `change` is the rest."""

    means: int
    amount: int
    deposit: int
    change: int = 0
    kind: int = PAYMENT

    def as_kind(self, kind: int) -> Payment:
        """Return the payment that undoes this one: the same means and amount, no change."""
        return Payment(self.means, self.amount, self.amount, 0, kind)


def pay(due: int, profile: Profile, rng: Random, at: datetime, *, cash_only: bool) -> tuple[list[Payment], int]:
    """Let a customer pay.

    Args:
        due: What the goods cost, kopecks.
        profile: The shop's rounding rule and kind of card payments.
        rng: Chooses the means.
        at: When, UTC.
        cash_only: Whether cards and transfers do not work, as when offline.

    Returns:
        The payments, and the rounding of the part paid in cash in kopecks, positive where the customer pays more.
    """
    way = "cash" if cash_only else rng.choices(_WAYS, _WAY_WEIGHTS)[0]
    if way == "split" and due >= _LEAST_FOR_SPLIT:
        by_card = due * rng.randint(3, 7) // 1000 * 100
        paid = profile.round_cash(due - by_card, at)
        return [_pay_cash(paid, rng), Payment(profile.card, by_card, by_card)], by_card + paid - due
    if way == "cash":
        paid = profile.round_cash(due, at)
        return [_pay_cash(paid, rng)], paid - due
    means = {"bank details": BANK_DETAILS, "card to card": CARD_TO_CARD}.get(way, profile.card)
    return [Payment(means, due, due)], 0


def _pay_cash(amount: int, rng: Random) -> Payment:
    if rng.random() < _EXACT_CHANCE:
        return Payment(CASH, amount, amount)
    note = rng.choice(_NOTES)
    deposit = -(-amount // note) * note
    return Payment(CASH, amount, deposit, deposit - amount)


def payment_row(
    payment: Payment, receipt_id: str, position: int, at: datetime, *, bank_terminal: dict[str, str], rng: Random
) -> Row:
    """Return a payment's row.

    Args:
        payment: The payment.
        receipt_id: Id of its receipt.
        position: Its index in the receipt, from 0.
        at: Time of the receipt, UTC.
        bank_terminal: What the bank's terminal reports, the payload of card payments.
        rng: Draws the bank's numbers.
    """
    row = {
        "id": uuid(rng),
        "receipt_id": receipt_id,
        "position": position,
        "amount": hryvnias(payment.amount),
        "approval_code": None,
        "batch": None,
        "change_amount": hryvnias(payment.change),
        "created_at": at,
        "deposit_amount": hryvnias(payment.deposit),
        "description": _TRANSFER_NOTES.get(payment.means),
        "pan": None,
        "pan_hash": None,
        "payload": None,
        "payment_type_id": payment.kind,
        "result_code": None,
        "rrn": None,
        "signature": False,
        "stan": None,
        "state": 1,
        "timestamp": at,
        "transaction_type_id": payment.means,
        "updated_at": at,
    }
    if payment.means in (CARD, ACQUIRING):
        row |= _bank_answer(bank_terminal, rng)
    return row


def _bank_answer(bank_terminal: dict[str, str], rng: Random) -> Row:
    number = rng.getrandbits(256)
    return {
        "approval_code": f"{number % 1_000_000:06d}",
        "batch": f"{number // 7 % 1_000_000:06d}",
        "pan": f"{_CARD_RANGES[number % len(_CARD_RANGES)]}******{number // 11 % 10_000:04d}",
        "pan_hash": f"{number:064x}",
        "payload": bank_terminal,
        "result_code": "0000",
        "rrn": f"{number // 13 % 10**12:012d}",
        "stan": f"{number // 17 % 1_000_000:06d}",
    }
