"""What an error means for an account, its schedule and the breaker: pure rules."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from smartkasa_async import errors
from smartkasa_async.fleet.errors import FencedError, FleetDatabaseError
from smartkasa_async.stores.errors import StoreUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Outcome(StrEnum):
    """How a run ended; the words stand in the table `runs`."""

    DONE = "done"
    INCOMPLETE = "incomplete"
    """Some windows could not be read whole, rows were rejected, or a record could not be decoded."""
    FAILED = "failed"
    OUTAGE = "outage"
    """The service was not reached or failed, be it in a part of the pass: no fault of the account."""
    LIMITED = "limited"
    """429: the service asked for a slower pace, which is no fault, neither its own nor the account's."""
    REFUSED = "refused"
    """401 or 403, or a login that is refused: the account is paused at once."""
    FENCED = "fenced"
    """The account was given to another worker, paused or removed meanwhile."""
    RETURNED = "returned"
    """The worker was stopped, or the breaker is open: the job was given back."""
    LOST = "lost"
    """The worker died or fell silent."""


UNSUCCESSFUL = frozenset({Outcome.FAILED, Outcome.OUTAGE, Outcome.LIMITED, Outcome.REFUSED, Outcome.INCOMPLETE})
"""Outcomes after which a task is retried with growing waits."""

_REFUSED = (errors.UnauthorizedError, errors.ForbiddenError, errors.LoginRefusedError)
_OUTAGE = (errors.TransportError, errors.ServerError)
_OUR_DATABASE = (FleetDatabaseError, StoreUnreachableError)
_OUTCOMES: tuple[tuple[tuple[type[Exception], ...], Outcome], ...] = (
    ((FencedError,), Outcome.FENCED),
    (_REFUSED, Outcome.REFUSED),
    (_OUTAGE, Outcome.OUTAGE),
    ((errors.RateLimitedError,), Outcome.LIMITED),
)
"""Outcomes by what is among the errors, the first that fits."""


def outcome_of(error: BaseException) -> Outcome:
    """Return what an error makes of a run, by the errors that caused it too."""
    return _outcome_of([type(one) for one in _causes(error)]) or Outcome.FAILED


def outcome_of_parts(names: Iterable[str]) -> Outcome:
    """Return what the errors of parts make of a pass whose other parts were read.

    Args:
        names: Classes of `smartkasa_async.errors` by their names.
    """
    return _outcome_of([getattr(errors, name, Exception) for name in names]) or Outcome.INCOMPLETE


def _outcome_of(found: Sequence[type[BaseException]]) -> Outcome | None:
    for classes, outcome in _OUTCOMES:
        if any(issubclass(one, classes) for one in found):
            return outcome
    return None


def is_database_lost(error: BaseException) -> bool:
    """Return whether the fleet's own database was lost, so that the worker has to end."""
    return any(isinstance(one, _OUR_DATABASE) for one in _causes(error))


def retry_after(error: BaseException) -> float:
    """Return the seconds that the service asks to wait, 0 where it does not."""
    waits = [one.retry_after or 0.0 for one in _causes(error) if isinstance(one, errors.RateLimitedError)]
    return max(waits, default=0.0)


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and all that caused it, each once: one that was raised from a group may be in that group."""
    found: dict[int, BaseException] = {}
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in found:
            continue
        found[id(one)] = one
        waiting += [one.__cause__, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]
    return [*found.values()]
