"""Which of the receipts in an answer is which of those that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import OutcomeUnknownError
from smartkasa_async.push.tasks import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.models import Receipt, ReceiptCreate


def in_order_sent(sent: Sequence[ReceiptCreate], answered: Sequence[Receipt]) -> list[Receipt]:
    """Put the receipts of an answer into the order in which they were sent.

    They are known by their numbers; those whose numbers are not among the ones that were sent take the places that are
    left over, in their order.

    Args:
        sent: Receipts with different numbers.
        answered: Receipts, in any order.

    Returns:
        A receipt for each that was sent, in the same order.

    Raises:
        OutcomeUnknownError: There are more or fewer than were sent.
    """
    if len(answered) != len(sent):
        raise OutcomeUnknownError(
            msg("The service answered with {count} records for {sent}", count=len(answered), sent=len(sent))
        )
    keys = {key_of(receipt) for receipt in sent}
    known = {key: place for place, receipt in enumerate(answered) if (key := key_of(receipt)) in keys}
    places = set(known.values())
    others = iter([place for place in range(len(answered)) if place not in places])
    return [answered[known[key] if (key := key_of(receipt)) in known else next(others)] for receipt in sent]
