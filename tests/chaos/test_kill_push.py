"""A push that is killed at any moment and started again: each receipt is in the service once, in its till's order."""

from __future__ import annotations

import os
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async.push import PushKind
from smartkasa_async.sandbox import Fault, Sandbox
from tests.chaos.driving import KILLED, Victim, WatchedFaults
from tests.chaos.forking import STOPPED, Death
from tests.chaos.price_list import Rows
from tests.chaos.pusher import PushJob, PushTold
from tests.chaos.receipt_queue import make_queue
from tests.support.calling import two_of_each
from tests.support.till import BATCH, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.chaos.driving import Worker
    from tests.chaos.receipt_queue import ReceiptQueue

pytestmark = pytest.mark.chaos

SEEDS = int(os.environ.get("CHAOS_SEEDS", "8")) // 2
COUNT = 150
"""Receipts of each till."""
MOST_STARTS = 20
SETTLE_AFTER = 0.8
"""Seconds; well above the longest delay of the weather."""
WEATHER = (
    Fault("delay", "POST", BATCH, times=None, probability=0.1, seconds=0.15),
    Fault("drop_after", times=None, probability=0.03),
    Fault("drop_before", times=None, probability=0.03),
    Fault("status", "POST", BATCH, times=None, probability=0.02, status=502),
)
DEATHS = [
    Death("request", "createSession", 1),
    Death("response", "createReceiptBatch", 1),
    Death("request", "createReceiptBatch", 2),
    Death("response", "createReceiptBatch", 30),
]
PRODUCT: dict[str, Any] = two_of_each().rows["products"][0]


def job_for(box: Sandbox, folder: Path, seed: int, *, late_write_window: float, death: Death | None = None) -> PushJob:
    return PushJob(
        **box.credentials,
        count=COUNT,
        seed=seed,
        refused_product=PRODUCT["id"],
        journal=str(folder / "journal.sqlite"),
        outcomes=str(folder / "outcomes.json"),
        late_write_window=late_write_window,
        death=death,
    )


def find_wrongs(box: Sandbox, queue: ReceiptQueue, outcomes: Path) -> Iterator[str]:
    """List all that is not as it must be, one line for each thing."""
    ids = {(row["registrar_fiscal_number"], row["fiscal_number"]): row["id"] for row in box.rows("receipts")}
    told = sorted(msgspec.json.decode(outcomes.read_bytes(), type=list[PushTold]), key=lambda one: one.position)
    if [one.position for one in told] != list(range(1, len(queue.receipts) + 1)):
        yield "not each receipt has one outcome"
    for one, kind, receipt in zip(told, queue.kinds, queue.receipts, strict=False):
        there = kind is PushKind.CREATED
        if one.kind not in ({PushKind.CREATED, PushKind.ALREADY_THERE} if there else {kind}):
            yield f"receipt {one.position} ended {one.kind} {one.why}, and must be {kind}"
        if one.id != ids.get((receipt.registrar_fiscal_number, receipt.fiscal_number)):
            yield f"receipt {one.position} has another id than was told"
    for till, numbers in queue.stored.items():
        if (found := stored(box).get(till)) != numbers:
            yield f"till {till} has {found}, and must have {numbers}"
    for table in ("receipt_items", "payments"):
        if len(box.rows(table)) != len(ids):
            yield f"there are {len(box.rows(table))} {table} for {len(ids)} receipts"


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_a_push_that_is_killed_at_random_moments(pusher: Worker, tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311 chance for tests, not for secrets
    queue = make_queue(COUNT, seed=seed, refused_product=PRODUCT["id"])
    box, faults = Sandbox(database=tmp_path / "service.sqlite"), WatchedFaults(seed)
    box.faults = faults
    kills = random.randint(2, 4)
    statuses: list[int] = []

    with box.in_thread():
        box.load(Rows({"products": [PRODUCT]}))
        for fault in WEATHER:
            faults.add(fault)
        while 0 not in statuses and len(statuses) < MOST_STARTS:
            victim, death = Victim(), None
            if statuses.count(KILLED) < kills:
                count = random.randint(1, 60)
                if random.random() < 0.5:
                    death = Death(random.choice(["request", "response"]), None, count)
                else:
                    faults.at(count, partial(victim.kill_in, random.random() * 0.05))
            job = job_for(box, tmp_path, seed, late_write_window=SETTLE_AFTER, death=death)
            statuses.append(pusher.run(job, victim))

        assert statuses[-1] == 0, statuses
        assert set(statuses) <= {0, STOPPED, KILLED}, statuses
        assert list(find_wrongs(box, queue, tmp_path / "outcomes.json")) == []


@pytest.mark.parametrize("death", DEATHS, ids=lambda death: f"{death.operation}-{death.event}-{death.count}")
def test_a_push_that_is_killed_at_a_certain_point(pusher: Worker, tmp_path: Path, death: Death) -> None:
    queue = make_queue(COUNT, seed=1, refused_product=PRODUCT["id"])
    with Sandbox(database=tmp_path / "service.sqlite").in_thread() as box:
        box.load(Rows({"products": [PRODUCT]}))

        killed = pusher.run(job_for(box, tmp_path, 1, late_write_window=0.1, death=death))
        ended = pusher.run(job_for(box, tmp_path, 1, late_write_window=0.1))

        assert (killed, ended) == (KILLED, 0)
        assert list(find_wrongs(box, queue, tmp_path / "outcomes.json")) == []
