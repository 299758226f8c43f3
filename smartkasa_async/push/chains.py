"""Which receipts hang on those before them: an offline session is one chain, and breaks where a receipt fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.push.problems import PushProblem

if TYPE_CHECKING:
    from smartkasa_async.models import ReceiptCreate
    from smartkasa_async.push.outcomes import ReceiptKey
    from smartkasa_async.push.tasks import Ending


def chain_of(receipt: ReceiptCreate) -> str | None:
    """Name the chain that a receipt belongs to among those of its registrar.

    Returns:
        The number of its offline session; empty for one that quotes the receipt before it and names no session; None
        for one that was made online.
    """
    if receipt.offline_id:
        return str(receipt.offline_id)
    return "" if receipt.previous_receipt_hash else None


class Chains:
    """Follows the chains of one registrar as its receipts come."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._broken: dict[str, ReceiptKey] = {}

    def check_order(self, receipt: ReceiptCreate) -> PushProblem | None:
        """Note that a receipt is next, and tell whether it comes after one that was made after it."""
        chain, number = chain_of(receipt), receipt.offline_local_number
        if not chain or not isinstance(number, int):
            return None
        last = self._last.get(chain, number - 1)
        self._last[chain] = max(last, number)
        if number > last:
            return None
        return PushProblem.of("out_of_order", "offline_local_number", number=number, last=last)

    def check_whole(self, receipt: ReceiptCreate) -> PushProblem | None:
        """Tell whether one before it in its chain failed."""
        chain = chain_of(receipt)
        key = None if chain is None else self._broken.get(chain)
        return None if key is None else PushProblem.of("chain_broken", key=key)

    def note(self, ending: Ending) -> None:
        """Break the chain of a receipt that is not surely in the service, so that nothing of it follows."""
        chain = chain_of(ending.task.receipt)
        if chain is not None and ending.outcome.failed:
            self._broken.setdefault(chain, ending.task.key)
