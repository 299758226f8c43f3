"""Send records, and isolate those that the service refuses; nothing that may have been created is sent twice."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from smartkasa_async._i18n.message import nmsg
from smartkasa_async._i18n.translate import message_of
from smartkasa_async.errors import (
    ApiError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    SmartKasaError,
    ValidationError,
)
from smartkasa_async.retry import TRANSIENT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Sequence

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

_ATTEMPTS = 5
_PAYLOAD_TOO_LARGE = 413
_NAMED_FIELD = re.compile(r"([a-z_]+): (.+)", re.DOTALL)


class Verdict(Enum):
    """What an error means for the records that were sent."""

    REFUSED = "refused"
    """They were not carried out, since something is wrong with one of them."""
    UNKNOWN = "unknown"
    """They may or may not have been carried out."""
    LATER = "later"
    """They were not carried out; the same may succeed the next time."""
    STOPPED = "stopped"
    """They were not carried out, and sending more is pointless."""


class SendFailure(msgspec.Struct, frozen=True):
    """A record that was not carried out, as far as is known.

    Attributes:
        verdict: What became of it.
        error: What the call ended with.
    """

    verdict: Verdict
    error: Exception


def judge(error: SmartKasaError) -> Verdict:
    """Classify the error of a write.

    The client ends each write that may have been carried out with `OutcomeUnknownError`. So with any other error it was
    not: the service refused it, or it was never sent, since the service was not reached or no session could be had.
    """
    if isinstance(error, OutcomeUnknownError):
        return Verdict.UNKNOWN
    if isinstance(error, ValidationError | InvalidRequestError | ConflictError) or error.status == _PAYLOAD_TOO_LARGE:
        return Verdict.REFUSED
    return Verdict.LATER if isinstance(error, TRANSIENT) else Verdict.STOPPED


def is_absent(error: Exception) -> bool:
    """Return whether an error proves that the service has no such record.

    A 404 with a page or a line of text does not: it may be of a gateway, while the service is being updated.
    """
    return isinstance(error, NotFoundError) and error.excerpt[:1] in {"", "{"}


async def send_one(call: Callable[[], Awaitable[AnswerT]]) -> AnswerT | SendFailure:
    """Make one call; retry it where it surely was not carried out.

    Returns:
        The answer, or what went wrong, which is never `Verdict.LATER`.
    """
    attempt = 1
    while True:
        try:
            return await call()
        except SmartKasaError as error:
            verdict = judge(error)
            if verdict is not Verdict.LATER:
                return SendFailure(verdict, error)
            if attempt == _ATTEMPTS:
                return SendFailure(Verdict.STOPPED, error)
        attempt += 1


async def create_each(
    create: Callable[[Sequence[ItemT]], Awaitable[Sequence[AnswerT]]],
    items: Sequence[ItemT],
    *,
    in_order: bool = False,
) -> list[AnswerT | SendFailure]:
    """Create records in as few calls as it takes to keep the good ones apart from the bad.

    Args:
        create: The batch call; it must create all or nothing, and answer in the order of its argument.
        items: What to create. With k bad ones of n this takes at most about 2k·log2(n) calls beside the first; fewer
            where the bad ones share a value of the field that the refusal names.
        in_order: Whether they are to be created in their order, and none after one that was not.

    Returns:
        For each item, in order, its answer or what went wrong. Nothing is sent twice unless it surely was not carried
        out, and nothing more is sent after a failure that would affect the rest too. With `in_order` the list ends with
        the first failure, or with the last record of the call that failed.
    """
    halving = _Halving(create, items, in_order=in_order)
    if items:
        await halving.send(range(len(items)))
    return halving.results


class _Halving(Generic[ItemT, AnswerT]):
    """One batch, halved after a refusal until the bad records stand alone."""

    def __init__(
        self,
        create: Callable[[Sequence[ItemT]], Awaitable[Sequence[AnswerT]]],
        items: Sequence[ItemT],
        *,
        in_order: bool,
    ) -> None:
        self._create = create
        self._items = items
        self._in_order = in_order
        self._has_ended = False
        self._stopped: SendFailure | None = None
        self._results: dict[int, AnswerT | SendFailure] = {}

    @property
    def results(self) -> list[AnswerT | SendFailure]:
        return [result for _, result in sorted(self._results.items())]

    async def send(self, numbers: Sequence[int], *, holds_bad: bool = False) -> bool:
        """Send a part of the batch.

        Args:
            numbers: Numbers of its records.
            holds_bad: Whether a bad one is known to be among them, so that only halves are worth a call.

        Returns:
            Whether the service took the part whole, in one call.
        """
        if self._has_ended:
            return False
        field: str | None = None
        if not holds_bad or len(numbers) == 1:
            result = await self._call(numbers)
            refused = isinstance(result, SendFailure) and result.verdict is Verdict.REFUSED
            if not isinstance(result, SendFailure):
                self._results.update(zip(numbers, result, strict=True))
                return True
            if not refused or len(numbers) == 1:
                self._results.update(dict.fromkeys(numbers, result))
                self._has_ended = self._in_order
                return False
            field = named_field(result.error)[0]
        numbers = self._neighbours(numbers, field)
        middle = len(numbers) // 2
        taken = await self.send(numbers[:middle])
        await self.send(numbers[middle:], holds_bad=taken)
        return False

    async def _call(self, numbers: Sequence[int]) -> Sequence[AnswerT] | SendFailure:
        if self._stopped is not None:
            return self._stopped
        part = [self._items[number] for number in numbers]

        async def call() -> Sequence[AnswerT]:
            answers = await self._create(part)
            if len(answers) != len(part):
                message = nmsg(
                    "The service answered with {count} record for {sent}",
                    "The service answered with {count} records for {sent}",
                    len(answers),
                    sent=len(part),
                )
                raise OutcomeUnknownError(message)
            return answers

        result = await send_one(call)
        if isinstance(result, SendFailure) and result.verdict is Verdict.STOPPED:
            self._stopped = result
        return result

    def _neighbours(self, numbers: Sequence[int], field: str | None) -> Sequence[int]:
        """Put records with the same value of the field that was refused beside each other."""
        if self._in_order or field is None or not hasattr(self._items[0], field):
            return numbers
        return sorted(numbers, key=lambda number: str(getattr(self._items[number], field)))


def named_field(error: Exception, fields: Container[str] = ()) -> tuple[str | None, str]:
    """Find the field in a refusal: a batch names it at the beginning of its message, as in `title: …`.

    Args:
        error: The refusal.
        fields: Names of the record's fields, by which the refusal of a single record names what it is about.

    Returns:
        The field, or None where none is named; and what is wrong.
    """
    if not isinstance(error, ApiError) or not error.refusals:
        return None, message_of(error)
    refusal = error.refusals[0]
    named = _NAMED_FIELD.fullmatch(refusal.message or "")
    if named is not None:
        return named[1], named[2]
    if refusal.field in fields:
        return refusal.field, refusal.reason or str(refusal)
    return None, str(refusal)
