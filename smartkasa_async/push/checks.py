"""Checks of a receipt before it is sent: its sums, to the kopeck, and the products that it names."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, TypeVar

import anyio
from msgspec import UNSET

from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async.errors import InvalidRequestError, NotFoundError, ValidationError
from smartkasa_async.jobs.concurrency import retry_transient, run_concurrently
from smartkasa_async.jobs.send import is_absent
from smartkasa_async.models import DiscountType, PaymentType, ReceiptType, TransactionType
from smartkasa_async.push.outcomes import PushProblem
from smartkasa_async.records.kinds import CashRounding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from msgspec import UnsetType

    from smartkasa_async._i18n.message import Message
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import PaymentTransactionCreate, ReceiptCreate, ReceiptItemCreate

ValueT = TypeVar("ValueT")

_KOPECK = Decimal("0.01")
_NOTHING = Decimal(0)
_WITH_ITEMS = frozenset({ReceiptType.SALE, ReceiptType.REFUND, ReceiptType.CANCELLATION})


def check_totals(
    receipt: ReceiptCreate, rounding: Collection[CashRounding] = tuple(CashRounding)
) -> tuple[PushProblem, ...]:
    """Check whether a receipt adds up.

    No sum is below zero or has parts of a kopeck. Each line is price times quantity; the lines less their discounts and
    that of the receipt, with the rounding of cash, are the total; so are the payments, change taken off; only cash is
    rounded, and by a rule. What the receipt has no figures for is not checked. Whether the service counts a rounding up
    as above or below zero is not known, nor whether a line's amount has the line's discount taken off, so either will
    do.

    Args:
        receipt: The receipt; money in hryvnias.
        rounding: The rules by which its cash may be rounded; none where it is never.

    Returns:
        The problems, all of them warnings.
    """
    items = _given(receipt.items)
    payments = _given(receipt.payment_transactions)
    found = [
        *_check_amounts(receipt, items, payments),
        *_check_lines(items),
        *_check_payments(receipt, payments),
    ]
    if receipt.type in _WITH_ITEMS and receipt.items is not UNSET:
        found += _check_sum(receipt, sum(map(_net, items), _NOTHING), payments, rounding)
    return tuple(found)


def _check_amounts(
    receipt: ReceiptCreate, items: Iterable[ReceiptItemCreate], payments: Iterable[PaymentTransactionCreate]
) -> Iterator[PushProblem]:
    """Look at each sum for itself; the sign of a rounding is not known, and a price may have parts of a kopeck."""
    amounts = {"total_amount": receipt.total_amount, "discount_amount": receipt.discount_amount}
    for number, item in enumerate(items):
        amounts[f"items[{number}].amount"] = item.amount
        amounts[f"items[{number}].discount_amount"] = item.discount_amount
    for number, payment in enumerate(payments):
        for name in ("amount", "deposit_amount", "change_amount"):
            amounts[f"payment_transactions[{number}].{name}"] = getattr(payment, name)
    amounts["rounding_amount"] = receipt.rounding_amount
    for field, given in amounts.items():
        amount = _amount(given)
        if amount < 0 and field != "rounding_amount":
            yield PushProblem.of("below_zero", field, found=amount)
        kopecks = amount * 100
        if kopecks != kopecks.to_integral_value():
            yield PushProblem.of("kopeck_fraction", field, found=amount)


def _check_lines(items: Iterable[ReceiptItemCreate]) -> Iterator[PushProblem]:
    for number, item in enumerate(items):
        exact = item.price * item.quantity
        if abs(exact - item.amount) > _KOPECK / 2 and not _is_net(item):
            yield PushProblem.of(
                "line_amount", f"items[{number}].amount", expected=_to_kopeck(exact), found=item.amount
            )


def _net(item: ReceiptItemCreate) -> Decimal:
    """Return what is due for a line, its discount taken off."""
    return item.amount if _is_net(item) else item.amount - _amount(item.discount_amount)


def _is_net(item: ReceiptItemCreate) -> bool:
    """Return whether the amount of a line has its discount taken off already."""
    taken_off = item.price * item.quantity - item.amount
    return taken_off > _KOPECK / 2 and abs(taken_off - _amount(item.discount_amount)) <= _KOPECK / 2


def _check_payments(receipt: ReceiptCreate, payments: list[PaymentTransactionCreate]) -> Iterator[PushProblem]:
    for number, payment in enumerate(payments):
        if payment.deposit_amount is not UNSET:
            kept = payment.deposit_amount - _amount(payment.change_amount)
            if kept != payment.amount:
                field = f"payment_transactions[{number}].amount"
                yield PushProblem.of("payment_change", field, expected=kept, found=payment.amount)
    paid = _all_paid(payments, receipt.type)
    if payments and paid != receipt.total_amount:
        yield PushProblem.of("payments_total", "payment_transactions", expected=receipt.total_amount, found=paid)


def _check_sum(
    receipt: ReceiptCreate,
    lines: Decimal,
    payments: list[PaymentTransactionCreate],
    rounding: Collection[CashRounding],
) -> Iterator[PushProblem]:
    due = lines - _discount(receipt, lines)
    rounded = _amount(receipt.rounding_amount)
    if receipt.total_amount not in {due + rounded, due - rounded}:
        yield PushProblem.of("items_total", "total_amount", expected=_to_kopeck(due), found=receipt.total_amount)
        return
    cash = [payment for payment in payments if payment.transaction_type_id == TransactionType.CASH]
    if not payments:
        if abs(rounded) * 200 > max(rounding, default=0):
            yield PushProblem.of("rounding_large", "rounding_amount", found=rounded)
    elif not cash:
        if rounded:
            yield PushProblem.of("rounding_not_cash", "rounding_amount", found=rounded)
    else:
        in_cash = _all_paid(cash, receipt.type)
        cash_due = in_cash - (receipt.total_amount - due)
        fitting = {rule.round(cash_due) for rule in rounding} or {cash_due}
        if in_cash not in fitting:
            expected = _one_of(sorted(map(_to_kopeck, fitting)))
            yield PushProblem.of("rounding_wrong", "rounding_amount", due=cash_due, expected=expected, found=in_cash)


def _discount(receipt: ReceiptCreate, lines: Decimal) -> Decimal:
    """Return the discount on the receipt as a whole; one in percent may come with its amount or without."""
    amount = _amount(receipt.discount_amount)
    if amount or receipt.discount_type_id == DiscountType.AMOUNT:
        return amount
    return _to_kopeck(lines * _amount(receipt.discount_percentage) / 100)


def _all_paid(payments: Collection[PaymentTransactionCreate], type_: ReceiptType) -> Decimal:
    """Sum up payments; a receipt that is cancelled names the ones it undoes, those that undo them, or both."""
    undone = [payment for payment in payments if payment.payment_type_id == PaymentType.CANCELLATION]
    made = [payment for payment in payments if payment.payment_type_id != PaymentType.CANCELLATION]
    if type_ == ReceiptType.CANCELLATION:
        return sum((payment.amount for payment in made or undone), _NOTHING)
    return sum((payment.amount for payment in made), _NOTHING) - sum((payment.amount for payment in undone), _NOTHING)


def _given(values: list[ValueT] | UnsetType) -> list[ValueT]:
    return [] if values is UNSET else values


def _amount(value: Decimal | UnsetType | None) -> Decimal:
    return value if isinstance(value, Decimal) else _NOTHING


def _one_of(amounts: Sequence[Decimal]) -> Message:
    first, *others = amounts
    listed = join_messages([str(first)])
    for other in others:
        listed = msg("{amount} or {other}", amount=listed, other=other)
    return listed


def _to_kopeck(amount: Decimal) -> Decimal:
    return amount.quantize(_KOPECK, ROUND_HALF_UP)


class ProductCheck:
    """Knows which products the service has, as far as they were asked for.

    Args:
        kasa: The client.
        concurrency: Most products to ask for at once.
    """

    def __init__(self, kasa: SmartKasa, *, concurrency: int) -> None:
        self._kasa = kasa
        self._concurrency = concurrency
        self._asking = anyio.Lock()
        self._known: dict[str, bool] = {}

    async def learn(self, receipts: Iterable[ReceiptCreate]) -> None:
        """Ask for the products of receipts that are not known yet.

        Raises:
            SmartKasaError: One could not be read.
        """
        named = dict.fromkeys(product_id for receipt in receipts for _, product_id in _products(receipt))
        async with self._asking:
            unknown = [product_id for product_id in named if product_id not in self._known]
            await run_concurrently(self._ask, unknown, concurrency=self._concurrency)

    def check(self, receipt: ReceiptCreate) -> list[PushProblem]:
        """Return the problems of lines whose products the service lacks; `learn` must have looked them up."""
        return [
            PushProblem.of("product_unknown", f"items[{number}].product_id")
            for number, product_id in _products(receipt)
            if not self._known[product_id]
        ]

    async def _ask(self, product_id: str) -> None:
        try:
            await retry_transient(lambda: self._kasa.products.get(product_id))
        except (NotFoundError, ValidationError, InvalidRequestError) as error:
            if isinstance(error, NotFoundError) and not is_absent(error):
                raise
            self._known[product_id] = False
        else:
            self._known[product_id] = True


def _products(receipt: ReceiptCreate) -> Iterator[tuple[int, str]]:
    for number, item in enumerate(receipt.items or ()):
        if item.product_id:
            yield number, item.product_id
