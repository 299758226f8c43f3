"""A receipt on its way into the service, and how it ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from smartkasa_async._i18n.message import nmsg
from smartkasa_async._i18n.translate import message_of
from smartkasa_async.errors import OutcomeUnknownError
from smartkasa_async.jobs.journal import Entry, RowState
from smartkasa_async.jobs.send import SendFailure, Verdict, named_field
from smartkasa_async.push.outcomes import PushKind, PushOutcome, PushProblem, ReceiptKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.errors import UnreadableAnswerError
    from smartkasa_async.jobs.journal import KeyStatus
    from smartkasa_async.models import Receipt, ReceiptCreate

_ON_ITS_WAY = frozenset({RowState.CREATING, RowState.IN_DOUBT})
_STATES = {
    PushKind.CREATED: RowState.CREATED,
    PushKind.ALREADY_THERE: RowState.CREATED,
    PushKind.IN_DOUBT: RowState.IN_DOUBT,
}


def key_of(receipt: ReceiptCreate | Receipt) -> ReceiptKey | None:
    """Return what a receipt is known by; None where it lacks a number."""
    if receipt.registrar_fiscal_number and receipt.fiscal_number:
        return ReceiptKey(receipt.registrar_fiscal_number, receipt.fiscal_number)
    return None


@dataclass
class PushTask:
    """A receipt on its way.

    Attributes:
        position: Its position in the source, from 1.
        key: Its numbers.
        receipt: The receipt.
        warnings: What is doubtful about it.
        row_id: Where its key stands in the journal; None where it does not yet.
        may_be_there: Whether it was sent, in this run or an earlier one, and it is not known what became of that; so it
            is until the journal was asked.
        known_id: Id that the service gave to what it has under these numbers, where that is in doubt.
        sent_digest: What the contents are known by that an earlier run sent under these numbers; None where these are
            the same, or it is known what became of them.
        losses: How often its answer was lost in this run.
    """

    position: int
    key: ReceiptKey
    receipt: ReceiptCreate
    warnings: tuple[PushProblem, ...] = ()
    row_id: int | None = None
    may_be_there: bool = True
    known_id: str | None = None
    sent_digest: str | None = None
    losses: int = 0

    def apply_status(self, status: KeyStatus) -> None:
        """Take over what the journal knows of it."""
        self.row_id = status.row_id
        self.may_be_there = status.state in _ON_ITS_WAY
        if self.may_be_there:
            self.known_id = status.item_id
            if self.known_id is None and status.digest != self.digest:
                self.sent_digest = status.digest

    def note_absent(self) -> None:
        """Note that the service does not have it, and will not have it by what was sent so far."""
        self.may_be_there = False
        self.known_id = self.sent_digest = None

    def entry(self, state: RowState, id: str | None = None) -> Entry:
        """Write down how far it has come."""
        return Entry(str(self.key), self.position, state, id, self.row_id, self.sent_digest or self.digest)

    @cached_property
    def digest(self) -> str:
        """What its contents are known by, however its numbers and times are written."""
        fields = msgspec.to_builtins(self.receipt, builtin_types=(Decimal, datetime))
        text = json.dumps(fields, default=_written, sort_keys=True)
        return blake2b(text.encode(), digest_size=12).hexdigest()

    def end(self, kind: PushKind, *problems: PushProblem, id: str | None = None) -> Ending:
        """End it."""
        outcome = PushOutcome(
            position=self.position, key=self.key, kind=kind, id=id, problems=problems, warnings=self.warnings
        )
        return Ending(self, outcome, _STATES.get(kind, RowState.REJECTED))

    def end_sent_differently(self, id: str | None) -> Ending:
        """End it in doubt: the service has a receipt with its numbers that was pushed with other contents."""
        problem = PushProblem.of("in_doubt_sent_otherwise", id=id)
        return self.end(PushKind.IN_DOUBT, problem, id=id)._replace(state=RowState.CREATED)

    def end_differing(self, field: str, there: object, here: object, *, id: str) -> Ending:
        """End it in doubt: the service has another value under its numbers, or under the id that it answered."""
        problem = PushProblem.of("in_doubt_differs", field, field=field, there=there, here=here)
        return self.end(PushKind.IN_DOUBT, problem, id=id)

    def end_unreadable(self, error: UnreadableAnswerError) -> Ending:
        """End it in doubt: the service has a receipt with its numbers that cannot be read."""
        problem = PushProblem.of("in_doubt_unreadable", detail=message_of(error))
        return self.end(PushKind.IN_DOUBT, problem, id=self.known_id)

    def end_unsent(self, reason: str) -> Ending:
        """End it where the push stops before it is sent, or before it is known what became of it."""
        code = "in_doubt" if self.may_be_there else "not_sent"
        kind = PushKind.IN_DOUBT if self.may_be_there else PushKind.HELD_BACK
        return self.end(kind, PushProblem.of(code, detail=reason), id=self.known_id)

    def end_by(self, result: str | SendFailure) -> Ending:
        """End it by the result of its call.

        Args:
            result: Its id, or what went wrong; not `Verdict.UNKNOWN`.
        """
        if not isinstance(result, SendFailure):
            return self.end(PushKind.CREATED, id=result)
        if result.verdict is not Verdict.REFUSED:
            return self.end_unsent(message_of(result.error))
        field, detail = named_field(result.error)
        return self.end(PushKind.REFUSED, PushProblem.of("refused", field, detail=detail))


def _written(value: Decimal | datetime) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else f"{value.normalize():f}"


class Ending(NamedTuple):
    """How a receipt ends.

    Attributes:
        task: The receipt.
        outcome: For the caller.
        state: For the journal.
    """

    task: PushTask
    outcome: PushOutcome
    state: RowState

    @property
    def entry(self) -> Entry:
        """The journal's entry."""
        return self.task.entry(self.state, self.outcome.id)


def in_order_sent(sent: Sequence[ReceiptCreate], answered: Sequence[Receipt]) -> list[Receipt]:
    """Put the receipts of an answer into the order in which they were sent.

    They are known by their numbers; those whose numbers are not among the ones that were sent take the remaining
    positions, in their order.

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
            nmsg(
                "The service answered with {count} record for {sent}",
                "The service answered with {count} records for {sent}",
                len(answered),
                sent=len(sent),
            )
        )
    keys = {key_of(receipt) for receipt in sent}
    known = {key: index for index, receipt in enumerate(answered) if (key := key_of(receipt)) in keys}
    taken = set(known.values())
    others = iter([index for index in range(len(answered)) if index not in taken])
    return [answered[known[key] if (key := key_of(receipt)) in known else next(others)] for receipt in sent]
