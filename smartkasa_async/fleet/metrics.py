"""What Prometheus scrapes of a fleet: figures of the whole fleet, the same at each worker, and those of the worker.

Those of the fleet are read from its database when they are asked for. `METRICS` lists all names; the dashboard in
deploy/ shows them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from smartkasa_async._support.extras import naming_extras
from smartkasa_async.events import CallEndEvent, OutcomeUnknownEvent, ResponseEvent, RetryEvent, WaitEvent
from smartkasa_async.fleet.breaker import BreakerState
from smartkasa_async.fleet.errors import FleetDatabaseError
from smartkasa_async.fleet.status import read_status
from smartkasa_async.fleet.verdicts import Outcome, outcome_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

    from smartkasa_async.events import Event
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.policy import Policy
    from smartkasa_async.fleet.runs import Held, Result
    from smartkasa_async.fleet.status import FleetStatus
    from smartkasa_async.fleet.work import TaskName

FLEET = {
    "smartkasa_fleet_up": ("1 where the fleet's database answers, else 0 and nothing more of the fleet", ()),
    "smartkasa_fleet_accounts": ("Accounts", ("state",)),
    "smartkasa_fleet_lag_seconds": ("How far the active accounts are behind", ("which",)),
    "smartkasa_fleet_due_tasks": ("Tasks that are due and not queued", ()),
    "smartkasa_fleet_oldest_due_seconds": ("For how long the oldest of them has been due", ()),
    "smartkasa_fleet_jobs": ("Jobs that wait or run", ("queue", "state")),
    "smartkasa_fleet_workers": ("Workers that were seen lately", ()),
    "smartkasa_fleet_slots": ("Jobs that they run at a time", ()),
    "smartkasa_fleet_runs_last_hour": ("Runs that ended in the last hour", ("task", "outcome")),
    "smartkasa_fleet_breaker": ("1 for the state of the breaker for outages, 0 for the others", ("state",)),
}
"""Figures of the whole fleet: what they mean, and their labels."""

WORKER = {
    "smartkasa_fleet_runs": ("Runs of this worker that ended", ("task", "outcome")),
    "smartkasa_fleet_running": ("Runs of this worker at the moment", ("task",)),
    "smartkasa_fleet_run_seconds": ("Seconds of a run", ("task",)),
    "smartkasa_call_seconds": ("Seconds of a call of the service, retries included", ("operation", "outcome")),
    "smartkasa_responses": ("Answers of the service", ("status",)),
    "smartkasa_retries": ("Attempts that failed and were repeated", ("operation",)),
    "smartkasa_waits_seconds": ("Seconds that calls waited before they were sent", ("cause",)),
    "smartkasa_outcomes_unknown": ("Writes of which nobody knows whether they were carried out", ("operation",)),
}
"""Figures of one worker and of its clients."""

_RUN_BUCKETS = (0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300, 600, 1800)


class Metrics:
    """The figures of a worker and of the fleet that it belongs to.

    Args:
        database: The fleet's database.
        policy: The fleet's policy.
    """

    def __init__(self, database: Database, policy: Policy) -> None:
        with naming_extras():
            import prometheus_client as prometheus  # noqa: PLC0415  (of the extra)

        self._database = database
        self._policy = policy
        self._registry: CollectorRegistry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=self._registry)
        self._fleet: dict[str, Gauge] = {
            name: prometheus.Gauge(name, *described, registry=self._registry) for name, described in FLEET.items()
        }

        def counter(name: str) -> Counter:
            return prometheus.Counter(name, *WORKER[name], registry=self._registry)

        def histogram(name: str, buckets: tuple[float, ...]) -> Histogram:
            return prometheus.Histogram(name, *WORKER[name], registry=self._registry, buckets=buckets)

        self._runs = counter("smartkasa_fleet_runs")
        self._running = prometheus.Gauge(
            "smartkasa_fleet_running", *WORKER["smartkasa_fleet_running"], registry=self._registry
        )
        self._run_seconds = histogram("smartkasa_fleet_run_seconds", _RUN_BUCKETS)
        self._call_seconds = histogram("smartkasa_call_seconds", prometheus.Histogram.DEFAULT_BUCKETS)
        self._responses = counter("smartkasa_responses")
        self._retries = counter("smartkasa_retries")
        self._waits = counter("smartkasa_waits_seconds")
        self._unknown = counter("smartkasa_outcomes_unknown")

    def on_event(self, event: Event) -> None:
        """Count an event of a client."""
        match event:
            case CallEndEvent():
                self._call_seconds.labels(event.operation, event.outcome).observe(event.seconds)
            case ResponseEvent():
                self._responses.labels(str(event.status)).inc()
            case RetryEvent():
                self._retries.labels(event.operation).inc()
            case WaitEvent():
                self._waits.labels(event.cause).inc(event.seconds)
            case OutcomeUnknownEvent():
                self._unknown.labels(event.operation).inc()

    def measured(
        self, do: Callable[[TaskName, Held], Awaitable[Result]]
    ) -> Callable[[TaskName, Held], Awaitable[Result]]:
        """Return what does tasks as `do` does, and counts and times them."""

        async def measure(task: TaskName, held: Held) -> Result:
            began = time.perf_counter()
            outcome = Outcome.RETURNED  # what a cancelled run is
            self._running.labels(task).inc()
            try:
                result = await do(task, held)
                outcome = result.outcome
            except Exception as error:
                outcome = outcome_of(error)
                raise
            finally:
                self._running.labels(task).dec()
                self._runs.labels(task, outcome).inc()
                self._run_seconds.labels(task).observe(time.perf_counter() - began)
            return result

        return measure

    async def render(self) -> bytes:
        """Return all figures in Prometheus's text form; those of the fleet are missing where its database is lost."""
        from prometheus_client import generate_latest  # noqa: PLC0415  (of the extra)

        for gauge in self._fleet.values():
            gauge.clear()
        try:
            status = await read_status(self._database, self._policy)
        except FleetDatabaseError:
            self._fleet["smartkasa_fleet_up"].set(0)
        else:
            self._show(status)
        return generate_latest(self._registry)

    def _show(self, status: FleetStatus) -> None:
        fleet = self._fleet
        fleet["smartkasa_fleet_up"].set(1)
        fleet["smartkasa_fleet_accounts"].labels("active").set(status.active)
        fleet["smartkasa_fleet_accounts"].labels("paused").set(len(status.paused))
        if status.lag is not None:
            for which in ("median", "percentile_95", "worst"):
                fleet["smartkasa_fleet_lag_seconds"].labels(which).set(getattr(status.lag, which))
        fleet["smartkasa_fleet_due_tasks"].set(status.due)
        fleet["smartkasa_fleet_oldest_due_seconds"].set(status.oldest_due.seconds if status.oldest_due else 0)
        for queue, depth in status.queues.items():
            fleet["smartkasa_fleet_jobs"].labels(queue, "waiting").set(depth.waiting)
            fleet["smartkasa_fleet_jobs"].labels(queue, "running").set(depth.running)
        fleet["smartkasa_fleet_workers"].set(len(status.workers))
        fleet["smartkasa_fleet_slots"].set(sum(worker.slots for worker in status.workers))
        for task, outcomes in status.runs.items():
            for outcome, count in outcomes.items():
                fleet["smartkasa_fleet_runs_last_hour"].labels(task, outcome).set(count)
        for state in BreakerState:
            fleet["smartkasa_fleet_breaker"].labels(state).set(state == status.breaker)
