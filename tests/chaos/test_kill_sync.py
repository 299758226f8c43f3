"""A sync that is killed at any moment while receipts arrive, and started again: the store equals the service.

Days are counted from today in Kyiv, since that is how the sync tells which days are settled: the first ones are, and
are not read again once they were read whole. What drifts lies within the last three days, so it is never settled, not
even when midnight passes between two starts.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.records.days import business_day
from smartkasa_async.sandbox import Fault, Sandbox, Simulation, simulate
from tests.chaos.comparison import find_differences
from tests.chaos.driving import KILLED, Victim, WatchedFaults
from tests.chaos.forking import STOPPED, Death
from tests.chaos.syncer import INCOMPLETE, SyncJob

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.sandbox import Business
    from tests.chaos.driving import Worker

pytestmark = pytest.mark.chaos

SEEDS = int(os.environ.get("CHAOS_SEEDS", "10")) // 2
DAYS = 7
WEATHER = (
    Fault("delay", times=None, probability=0.2, seconds=0.003),
    Fault("drop_before", times=None, probability=0.03),
    Fault("drop_after", times=None, probability=0.03),
    Fault("status", times=None, probability=0.02, status=502, body=b"<html>Bad Gateway</html>"),
    Fault("status", times=None, probability=0.01, status=429, retry_after=0),
)
MOST_REQUESTS = 80
"""About as many as a run without kills sends."""


def make_business(seed: int, start: date) -> Business:
    return simulate(
        Simulation(seed=seed, shops=3, terminals_per_shop=1, products=25, start=start, days=DAYS, receipts_per_day=14)
    )


def job_for(box: Sandbox, folder: Path, start: date, death: Death | None = None) -> SyncJob:
    return SyncJob(
        **box.credentials,
        store=str(folder / "store.sqlite"),
        tokens=str(folder / "tokens.json"),
        start=start,
        death=death,
    )


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_a_sync_that_is_killed_while_receipts_arrive(syncer: Worker, tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311 chance for tests, not for secrets
    today = business_day(datetime.now(UTC))
    start = today - timedelta(days=DAYS - 1)
    box, faults = Sandbox(), WatchedFaults(seed)
    box.faults = faults
    statuses: list[int] = []

    with box.in_thread():
        drift = box.drift(
            make_business(seed, start),
            since=today - timedelta(days=1),
            every=random.randint(1, 3),
            seed=seed,
            deletions=True,
        )
        for fault in WEATHER:
            faults.add(fault)
        for _ in range(random.randint(3, 5)):
            victim, death = Victim(), None
            way = random.choice(["dies", "is killed", "is left alone"])
            if way == "dies":
                death = Death(random.choice(["request", "response"]), None, random.randint(1, MOST_REQUESTS))
            elif way == "is killed":
                faults.at(random.randint(1, MOST_REQUESTS), partial(victim.kill_in, random.random() * 0.02))
            faults.at(random.randint(1, MOST_REQUESTS), random.choice([box.expire_tokens, box.expire_access_tokens]))
            statuses.append(syncer.run(job_for(box, tmp_path, start, death), victim))
            faults.forget()
        drift.finish()
        faults.clear()
        faults.at(random.randint(20, 30), box.expire_tokens)
        statuses.append(syncer.run(job_for(box, tmp_path, start)))

        assert statuses[-1] == 0, statuses
        assert set(statuses) <= {0, INCOMPLETE, STOPPED, KILLED}, statuses
        assert find_differences(box, tmp_path / "store.sqlite", start, today) == []
