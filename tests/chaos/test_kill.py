"""An import that is killed at any moment and started again: each good row is in the service exactly once."""

from __future__ import annotations

import os
from functools import partial
from random import Random
from typing import TYPE_CHECKING

import msgspec
import pytest

from smartkasa_async.sandbox import Fault, Sandbox
from tests.chaos.driving import KILLED, Victim, WatchedFaults
from tests.chaos.forking import STOPPED, Death
from tests.chaos.importer import Job
from tests.chaos.inspection import Told, find_wrongs
from tests.chaos.price_list import make_price_list

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.driving import Worker

pytestmark = pytest.mark.chaos

BATCH = "/api/v1/inventory/products/batch"
SEEDS = int(os.environ.get("CHAOS_SEEDS", "12"))
ROWS = 5_000 if "CHAOS_SEEDS" in os.environ else 2_000
LAST_KILL = ROWS * 90 // 5_000
"""The last request at which an import is killed; a run without kills sends some more."""
MOST_STARTS = 30
SETTLE_AFTER = 0.8
"""Seconds; well above the longest delay of the weather."""
WEATHER = (
    Fault("delay", times=None, probability=0.3, seconds=0.005),
    Fault("delay", "POST", BATCH, times=None, probability=0.15, seconds=0.15),
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


def job_for(box: Sandbox, folder: Path, *, late_write_window: float, death: Death | None = None) -> Job:
    return Job(
        **box.credentials,
        source=str(folder / "list.csv"),
        journal=str(folder / "journal.sqlite"),
        outcomes=str(folder / "outcomes.json"),
        late_write_window=late_write_window,
        death=death,
    )


def told(folder: Path) -> list[Told]:
    return msgspec.json.decode((folder / "outcomes.json").read_bytes(), type=list[Told])


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_an_import_that_is_killed_at_random_moments(importer: Worker, tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311 chance for tests, not for secrets
    price_list = make_price_list(tmp_path, rows=ROWS, seed=seed)
    box, faults = Sandbox(database=tmp_path / "service.sqlite"), WatchedFaults(seed)
    box.faults = faults
    kills = random.randint(2, 4)
    statuses: list[int] = []

    with box.in_thread():
        box.load(price_list.there)
        for fault in WEATHER:
            faults.add(fault)
        while 0 not in statuses and len(statuses) < MOST_STARTS:
            victim, death = Victim(), None
            if statuses.count(KILLED) < kills:
                count = random.randint(1, LAST_KILL)
                if random.random() < 0.5:
                    death = Death(random.choice(["request", "response"]), None, count)
                else:
                    faults.at(count, partial(victim.kill_in, random.random() * 0.05))
            statuses.append(importer.run(job_for(box, tmp_path, late_write_window=SETTLE_AFTER, death=death), victim))

        assert statuses[-1] == 0, statuses
        assert set(statuses) <= {0, STOPPED, KILLED}, statuses
        assert find_wrongs(box, price_list, told(tmp_path)) == []


@pytest.mark.parametrize("death", DEATHS, ids=lambda death: f"{death.operation}-{death.event}-{death.count}")
def test_an_import_that_is_killed_at_a_certain_point(importer: Worker, tmp_path: Path, death: Death) -> None:
    price_list = make_price_list(tmp_path, rows=900, seed=1)
    with Sandbox(database=tmp_path / "service.sqlite").in_thread() as box:
        box.load(price_list.there)

        killed = importer.run(job_for(box, tmp_path, late_write_window=0.1, death=death))
        ended = importer.run(job_for(box, tmp_path, late_write_window=0.1))

        assert (killed, ended) == (KILLED, 0)
        assert find_wrongs(box, price_list, told(tmp_path)) == []


@pytest.mark.parametrize("count", [1, 8, 16])
def test_an_import_that_is_killed_while_it_settles_what_was_lost(importer: Worker, tmp_path: Path, count: int) -> None:
    price_list = make_price_list(tmp_path, rows=900, seed=2)
    with Sandbox(database=tmp_path / "service.sqlite").in_thread() as box:
        box.load(price_list.there)
        pages = -(-len(price_list.there.rows["products"]) // 100)
        for kind in ("drop_after", "drop_before"):
            box.faults.add(Fault(kind, "POST", BATCH))
        death = Death("response", "listProducts", pages + count)

        killed = importer.run(job_for(box, tmp_path, late_write_window=0.1, death=death))
        ended = importer.run(job_for(box, tmp_path, late_write_window=0.1))

        assert (killed, ended) == (KILLED, 0)
        assert find_wrongs(box, price_list, told(tmp_path)) == []


def test_a_request_that_outlives_its_importer_is_waited_for(importer: Worker, tmp_path: Path) -> None:
    price_list = make_price_list(tmp_path, rows=900, seed=3)
    box, faults = Sandbox(database=tmp_path / "service.sqlite"), WatchedFaults(3)
    box.faults = faults
    with box.in_thread():
        box.load(price_list.there)
        faults.add(Fault("delay", "POST", BATCH, times=None, seconds=0.5))
        pages = -(-len(price_list.there.rows["products"]) // 100)
        victim = Victim()
        login_units_categories = 3
        new_categories = 2
        faults.at(login_units_categories + pages + new_categories + 1, partial(victim.kill_in, 0))

        killed = importer.run(job_for(box, tmp_path, late_write_window=1.0), victim)
        created_before = len(box.rows("products")) - len(price_list.there.rows["products"])
        faults.clear()
        # An import that does not wait still runs when the first request is carried out at last.
        faults.add(Fault("delay", "POST", BATCH, seconds=0.8))
        ended = importer.run(job_for(box, tmp_path, late_write_window=1.0))

        assert (killed, ended, created_before) == (KILLED, 0, 0)
        assert find_wrongs(box, price_list, told(tmp_path)) == []
