"""An import that is killed at any moment and started again: each good row is in the service exactly once."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Future
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog import OutcomeKind
from smartkasa_async.sandbox import Fault, Sandbox
from tests.chaos.driving import KillingFaults, read_told
from tests.chaos.importer import STOPPED, Death, Job
from tests.chaos.inspection import find_wrongs
from tests.chaos.price_list import make_price_list

if TYPE_CHECKING:
    from tests.chaos.driving import Importer

pytestmark = pytest.mark.chaos

SEEDS = int(os.environ.get("CHAOS_SEEDS", "12"))
ROWS = 5_000
SETTLE_AFTER = 0.4
"""Seconds; well above the longest delay below."""
MOST_STARTS = 30
WEATHER = (
    Fault("delay", times=None, probability=0.3, seconds=0.01),
    Fault("delay", times=None, probability=0.03, seconds=0.12),
    Fault("drop_after", times=None, probability=0.03),
    Fault("drop_before", times=None, probability=0.03),
)
DEATHS = [
    Death("request", "createSession", 1),
    Death("request", "listCategories", 1),
    Death("response", "listProducts", 1),
    Death("request", "createCategoryBatch", 1),
    Death("response", "createCategoryBatch", 1),
    Death("request", "createCategoryBatch", 2),
    Death("response", "createCategoryBatch", 2),
    Death("request", "createProductBatch", 1),
    Death("response", "createProductBatch", 1),
    Death("request", "createProductBatch", 5),
    Death("response", "createProductBatch", 5),
    Death("request", "updateProduct", 3),
    Death("response", "updateProduct", 3),
]


def job_for(box: Sandbox, source: Path, *, settle_after: float, death: Death | None = None) -> Job:
    return Job(
        **box.credentials,
        source=str(source),
        journal=str(source.with_name("journal.sqlite")),
        outcomes=str(source.with_name("outcomes.json")),
        settle_after=settle_after,
        death=death,
    )


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_an_import_that_is_killed_at_random_moments(importer: Importer, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    price_list = make_price_list(tmp_path, rows=ROWS, seed=seed)
    box, faults = Sandbox(database=tmp_path / "service.sqlite"), KillingFaults(seed)
    box.faults = faults
    kills = random.randint(2, 4)
    statuses: list[int] = []
    with box.in_thread():
        box.load(price_list.there)
        for fault in WEATHER:
            faults.add(fault)
        while 0 not in statuses and len(statuses) < MOST_STARTS:
            death: Death | None = None
            victim: Future[int] | None = None
            if statuses.count(-signal.SIGKILL) < kills:
                count = random.randint(1, 90)
                if random.random() < 0.5:
                    death = Death(random.choice(["request", "response"]), None, count)
                else:
                    victim = faults.arm(count, random.random() * 0.05)
            job = job_for(box, price_list.path, settle_after=SETTLE_AFTER, death=death)
            statuses.append(importer.run(job, victim))
            faults.disarm()
        assert set(statuses) <= {0, STOPPED, -signal.SIGKILL}, statuses
        assert statuses[-1] == 0, statuses
        assert find_wrongs(box, price_list, read_told(tmp_path / "outcomes.json")) == []


@pytest.mark.parametrize("death", DEATHS, ids=lambda death: f"{death.operation}-{death.event}-{death.count}")
def test_an_import_that_is_killed_at_a_certain_point(importer: Importer, tmp_path: Path, death: Death) -> None:
    price_list = make_price_list(tmp_path, rows=900, seed=1)
    with Sandbox(database=tmp_path / "service.sqlite").in_thread() as box:
        box.load(price_list.there)

        killed = importer.run(job_for(box, price_list.path, settle_after=0.1, death=death))
        ended = importer.run(job_for(box, price_list.path, settle_after=0.1))

        assert (killed, ended) == (-signal.SIGKILL, 0)
        assert find_wrongs(box, price_list, read_told(tmp_path / "outcomes.json")) == []
