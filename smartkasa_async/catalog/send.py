"""Creates records in batches, and halves a batch that the service refuses until the bad records stand alone."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

import msgspec

from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind
from smartkasa_async.catalog.problems import RuleBrokenError
from smartkasa_async.errors import (
    AnswerTooLargeError,
    ApiError,
    InvalidRequestError,
    OutcomeUnknownError,
    ServerError,
    SmartKasaError,
    UnreadableAnswerError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from smartkasa_async.catalog.check import Origin, ProductDraft
    from smartkasa_async.models import UuidId

__all__ = ["Failure", "Verdict", "create_each", "judge", "settle"]

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

_NAMED_FIELD = re.compile(r"([a-z_]+): (.+)", re.DOTALL)


class Verdict(Enum):
    """What an error says about the records that were sent."""

    REFUSED = "refused"
    """They were not created, since something is wrong with one of them."""
    UNKNOWN = "unknown"
    """They may or may not have been created; they must not be sent again."""
    STOPPED = "stopped"
    """They were not created, and the next ones would fare no better."""


class Failure(msgspec.Struct, frozen=True):
    """Stands for a record that was not created, as far as is known.

    Attributes:
        verdict: What became of it.
        error: What the call ended with.
    """

    verdict: Verdict
    error: Exception


def judge(error: SmartKasaError) -> Verdict:
    """Say what the error of a batch create means for its records.

    A 5xx and an answer that cannot be read leave open whether the batch was carried out.
    """
    if isinstance(error, ValidationError | InvalidRequestError):
        return Verdict.REFUSED
    if isinstance(error, OutcomeUnknownError | ServerError | UnreadableAnswerError | AnswerTooLargeError):
        return Verdict.UNKNOWN
    return Verdict.STOPPED


async def create_each(
    create: Callable[[Sequence[ItemT]], Awaitable[Sequence[AnswerT]]], items: Sequence[ItemT]
) -> list[AnswerT | Failure]:
    """Create records in as few calls as it takes to keep the good ones apart from the bad.

    Args:
        create: The batch call; it must create all or nothing, and answer in the order of its argument.
        items: What to create. With k bad ones of n this takes about 2k·log2(n) calls beside the first.

    Returns:
        For each item, in order, its answer or what went wrong. Nothing is sent twice unless it was refused, and nothing
        more is sent after a failure that would befall the rest too.
    """
    results: list[AnswerT | Failure] = []
    pending = [items] if items else []
    while pending:
        part = pending.pop()
        try:
            answers = await create(part)
            if len(answers) != len(part):
                raise OutcomeUnknownError(f"The service answered with {len(answers)} records for {len(part)}")
        except SmartKasaError as error:
            verdict = judge(error)
            if verdict is Verdict.REFUSED and len(part) > 1:
                middle = len(part) // 2
                pending += [part[middle:], part[:middle]]
                continue
            results += [Failure(verdict, error)] * len(part)
            if verdict is Verdict.STOPPED:
                results += [Failure(verdict, error)] * (len(items) - len(results))
                break
        else:
            results += answers
    return results


def settle(draft: ProductDraft, result: UuidId | Failure, origin: Origin) -> Outcome:
    """Say how a row ended.

    Args:
        draft: The row.
        result: The new product's id, or what went wrong.
        origin: Where the row comes from.
    """
    if not isinstance(result, Failure):
        return draft.outcome(OutcomeKind.CREATED, product_id=result.id)
    if result.verdict is Verdict.REFUSED:
        field, detail = _refusal(result.error)
        value = getattr(draft.product, field, None) if field else None
        shown = None if value is None or value is msgspec.UNSET else str(value)
        problem = origin.problem(RuleBrokenError("refused", detail=detail), draft.line, field, shown)
        return draft.outcome(OutcomeKind.REJECTED, problems=(problem,))
    if result.verdict is Verdict.UNKNOWN:
        problem = origin.problem(RuleBrokenError("outcome_unknown", detail=str(result.error)), draft.line)
        return draft.outcome(OutcomeKind.UNKNOWN, problems=(problem,))
    problem = origin.problem(RuleBrokenError("not_sent", detail=str(result.error)), draft.line)
    return draft.outcome(OutcomeKind.REJECTED, problems=(problem,))


def _refusal(error: Exception) -> tuple[str | None, str]:
    """Find the field in a refusal of one row: a batch names it at the beginning of its message, as in `title: …`."""
    if not isinstance(error, ApiError) or not error.refusals:
        return None, str(error)
    refusal = error.refusals[0]
    named = _NAMED_FIELD.fullmatch(refusal.message or "")
    if named is not None:
        return named[1], named[2]
    return None, str(refusal)
