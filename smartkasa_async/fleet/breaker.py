"""The breaker for outages of the service: when all work stops, how it is probed, and how it goes on: pure rules.

Closed, it lets everything pass. Open, it lets one job pass now and then, the probe. Easing, it lets a share pass that
doubles until all do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from smartkasa_async.fleet.policy import Policy


class BreakerState(StrEnum):
    """Whether jobs pass."""

    CLOSED = "closed"
    OPEN = "open"
    EASING = "easing"


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """The breaker of a fleet.

    Attributes:
        state: Whether jobs pass.
        since: When that began; runs that started before count no more.
        wait: Seconds until the next probe of an open one.
        probed_at: When the probe that is out was sent; None where none is.
        probe: The account that the probe is for.
        share: Share of the jobs that pass while it eases.
    """

    state: BreakerState = BreakerState.CLOSED
    since: datetime
    wait: float = 0.0
    probed_at: datetime | None = None
    probe: int | None = None
    share: float = 1.0

    def admits(self, account_id: int) -> bool:
        """Return whether a job that was queued may start."""
        return self.state is not BreakerState.OPEN or account_id == self.probe


class Recent(msgspec.Struct, frozen=True):
    """Runs that started at `counted_since` or later, and have ended.

    Attributes:
        ended: How many.
        bad: How many of them ended for want of the service, or were refused by it.
        bad_accounts: Of how many accounts these are.
    """

    ended: int
    bad: int
    bad_accounts: int


def counted_since(breaker: Breaker, policy: Policy, now: datetime) -> datetime:
    """Return the moment since which runs must have started to be counted."""
    if breaker.state is BreakerState.OPEN:  # only the probe starts then
        return breaker.since
    return max(breaker.since, now - timedelta(seconds=policy.breaker_window))


def observe(breaker: Breaker, recent: Recent, policy: Policy, now: datetime) -> Breaker:
    """Return the breaker after what was seen of the service.

    Args:
        breaker: As it was.
        recent: Runs since `counted_since`.
        policy: Thresholds.
        now: The present moment, aware.
    """
    match breaker.state:
        case BreakerState.OPEN:
            return _after_probe(breaker, recent, policy, now)
        case BreakerState.EASING:
            if recent.ended and recent.bad >= policy.breaker_share * recent.ended:
                wait = min(2 * breaker.wait, policy.longest_probe_after)
                return Breaker(state=BreakerState.OPEN, since=now, wait=wait)
            return _eased(breaker, policy, now)
        case BreakerState.CLOSED:
            is_general = recent.bad_accounts >= policy.breaker_accounts
            if is_general and recent.bad >= policy.breaker_share * recent.ended:
                return Breaker(state=BreakerState.OPEN, since=now, wait=policy.probe_after)
            return breaker


def wants_probe(breaker: Breaker, policy: Policy, now: datetime) -> bool:
    """Return whether an open breaker is to send its probe now; one that no answer came to is sent again."""
    if breaker.state is not BreakerState.OPEN:
        return False
    if breaker.probed_at is not None:
        return (now - breaker.probed_at).total_seconds() >= 2 * policy.breaker_window
    return (now - breaker.since).total_seconds() >= breaker.wait


def with_probe(breaker: Breaker, account_id: int, now: datetime) -> Breaker:
    """Return the breaker whose probe is out."""
    return msgspec.structs.replace(breaker, probe=account_id, probed_at=now)


def _after_probe(breaker: Breaker, recent: Recent, policy: Policy, now: datetime) -> Breaker:
    if breaker.probed_at is None or not recent.ended:
        return breaker
    if recent.bad:
        wait = min(2 * breaker.wait, policy.longest_probe_after)
        return Breaker(state=BreakerState.OPEN, since=now, wait=wait)
    return Breaker(state=BreakerState.EASING, since=now, wait=breaker.wait, share=policy.ease_share)


def _eased(breaker: Breaker, policy: Policy, now: datetime) -> Breaker:
    doublings = int((now - breaker.since).total_seconds() // policy.ease_every)
    share = policy.ease_share * 2 ** min(doublings, 32)
    if share >= 1:
        return Breaker(since=now)
    return msgspec.structs.replace(breaker, share=share)
