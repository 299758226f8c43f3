"""How a fleet works: intervals, limits and thresholds, the same for all its workers.

The policy is kept in the fleet's database, so that all workers agree; `smartkasa fleet init` writes the default one.
"""

from __future__ import annotations

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Intervals, limits and thresholds of a fleet; seconds where nothing else is said.

    Attributes:
        today_every: Between two passes over today's receipts of an account of the tier `standard`.
        slow_today_every: The same for the tier `slow`.
        night_from: Hour of the night in Kyiv from which nightly passes start.
        night_hours: Hours over which the starts are spread.
        night_every: Between two nightly passes, instead of the hours of the night; None for the hours.
        lookback_days: Business days before today that the nightly pass reads.
        reference_data_every: Age from which a pass over today reads reference data too.
        history: Whether reference data is also kept as history: stock and prices of each day, as `history` of
            `sync_reference_data`.
        calls_per_second: Requests per second to the service for an account that has no pace of its own.
        jobs_per_slot: Jobs of a queue, waiting and running, for each slot of the workers that serve it.
        backfill_share: Share of the slots that backfill may take.
        top_up_every: How often a worker with free slots asks for more, between the dispatches of each minute.
        first_retry_after: Wait after the first failure; it doubles with each further one.
        longest_retry_after: Longest such wait.
        failures_to_pause: Failures in a row that pause an account.
        worker_silent_after: Silence after which a worker counts as dead.
        finish_within: How long jobs may run on when a worker is stopped; what is left is given back within ten more.
        breaker_accounts: Accounts that must fail for want of the service before the breaker opens.
        breaker_share: Share of the runs that must fail so.
        breaker_window: How far back runs are counted.
        probe_after: Wait before the first probe; it doubles with each that fails.
        longest_probe_after: Longest such wait.
        ease_share: Share of the jobs that are let go after a probe that succeeded.
        ease_every: How often that share doubles.
        keep_runs_days: Days that runs are kept, and uploads that are done.
        keep_good_runs_hours: Hours that runs over today are kept that succeeded.
        keep_pushed_days: Days that it is kept which receipts were pushed; older ones are looked up in the service.
    """

    today_every: float = 900.0
    slow_today_every: float = 3600.0
    night_from: float = 1.0
    night_hours: float = 5.0
    night_every: float | None = None
    lookback_days: int = 3
    reference_data_every: float = 86_400.0
    history: bool = False
    calls_per_second: float = 5.0
    jobs_per_slot: float = 2.0
    backfill_share: float = 0.2
    top_up_every: float = 5.0
    first_retry_after: float = 60.0
    longest_retry_after: float = 3600.0
    failures_to_pause: int = 12
    worker_silent_after: float = 30.0
    finish_within: float = 20.0
    breaker_accounts: int = 5
    breaker_share: float = 0.5
    breaker_window: float = 120.0
    probe_after: float = 30.0
    longest_probe_after: float = 300.0
    ease_share: float = 0.1
    ease_every: float = 60.0
    keep_runs_days: int = 14
    keep_good_runs_hours: int = 24
    keep_pushed_days: int = 400
