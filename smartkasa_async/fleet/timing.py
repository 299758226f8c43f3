"""When a task of an account is due next: pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from smartkasa_async.fleet.work import TaskName
from smartkasa_async.records.days import KYIV

if TYPE_CHECKING:
    from datetime import date

    from smartkasa_async.fleet.policy import Policy
    from smartkasa_async.fleet.work import Tier

_ONE_DAY = timedelta(days=1)


def spread(account_id: int, task: TaskName) -> float:
    """Return the share of an interval by which an account's starts are shifted, 0 up to 1, always the same."""
    digest = blake2b(f"{task}:{account_id}".encode(), digest_size=7).digest()
    return int.from_bytes(digest) / (1 << 8 * len(digest))


def next_start(policy: Policy, account_id: int, task: TaskName, tier: Tier, now: datetime) -> datetime:
    """Return when a standing task is due next after it succeeded.

    Args:
        policy: Intervals.
        account_id: The account, by which starts are spread.
        task: `today` or `night`.
        tier: The account's.
        now: The moment after which it is due, aware.
    """
    share = spread(account_id, task)
    if task is TaskName.TODAY:
        return _next_of(policy.today_every if tier == "standard" else policy.slow_today_every, share, now)
    if policy.night_every is not None:
        return _next_of(policy.night_every, share, now)
    today = now.astimezone(KYIV).date()
    starts = (_night_start(policy, today + days * _ONE_DAY, share) for days in range(3))
    return next(start for start in starts if start > now)


def retry_at(policy: Policy, account_id: int, task: TaskName, failures: int, now: datetime) -> datetime:
    """Return when a task that failed is due again.

    Args:
        policy: Waits.
        account_id: The account, by which retries are spread over a fifth of the wait.
        task: The task.
        failures: How often it failed in a row, this time included.
        now: When it failed, aware.
    """
    doublings = min(max(failures - 1, 0), 32)
    wait = min(policy.first_retry_after * 2**doublings, policy.longest_retry_after)
    return now + timedelta(seconds=wait * (1 + spread(account_id, task) / 5))


def months_between(first: date, last: date) -> list[date]:
    """Return the first days of all months from the one of `first` to the one of `last`, the newest first."""
    months, month = [], last.replace(day=1)
    while month >= first.replace(day=1):
        months.append(month)
        month = (month - _ONE_DAY).replace(day=1)
    return months


def _next_of(seconds: float, share: float, now: datetime) -> datetime:
    """Return the next start of those that are `seconds` apart and shifted by a share of that."""
    shift = seconds * share
    periods = (now.timestamp() - shift) // seconds + 1
    return datetime.fromtimestamp(periods * seconds + shift, UTC)


def _night_start(policy: Policy, day: date, share: float) -> datetime:
    seconds = 3600 * (policy.night_from + policy.night_hours * share)
    # From midnight in elapsed time: in the night when clocks are put forward, an hour does not exist.
    return datetime.combine(day, time(), KYIV).astimezone(UTC) + timedelta(seconds=seconds)
