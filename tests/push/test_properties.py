"""Whatever a service does to pushes, and wherever they are killed: no receipt is stored twice, and all get there."""

from __future__ import annotations

import asyncio
import os
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from smartkasa_async.push import PushKind, PushStoppedError, push_receipts
from tests.support.killed_runs import ends_by_itself
from tests.support.receipt_service import PROVE_NOTHING, REFUSALS, Clock, Deed, ReceiptService, client_of
from tests.support.till import TILL, receipt, session

if TYPE_CHECKING:
    from smartkasa_async.models import ReceiptCreate
    from smartkasa_async.push import PushOutcome, ReceiptPush

EXAMPLES = max(30, 10 * int(os.environ.get("CHAOS_SEEDS", "0")))
SETTLE_AFTER = 15.0
LATEST, LONGEST_LAG = 6.0, 8.0
"""Seconds; in sum less than what the push is told to wait."""

ANSWERS_THAT_PROVE_NOTHING: list[int | str] = [*PROVE_NOTHING, "fewer", "unreadable", "page", "nothing"]
DEEDS = [
    *(Deed(answers=answers) for answers in ("created", "reversed") for _ in range(60)),
    *(Deed(0, answers=status) for status in REFUSALS for _ in range(8)),
    *(
        Deed(stores, late, answers)
        for stores in (None, 0, 1, 3)
        for late in (0.0, 2.0, LATEST)
        for answers in ANSWERS_THAT_PROVE_NOTHING
    ),
]


class Run(NamedTuple):
    """What happens in one run: what the service does to its batches and lists, and at which request it is killed."""

    deeds: list[Deed]
    lists: list[int]
    killed_at: int | None
    before_work: bool


@dataclass(frozen=True)
class Queue:
    """Receipts of two tills, by turns; of each, an offline session in the middle, if it is that long."""

    count: int
    session: tuple[int, int]
    bad: frozenset[int]

    @property
    def receipts(self) -> list[ReceiptCreate]:
        first, last = self.session
        made = []
        for till, start in ((TILL, 0), (f"{int(TILL) + 1}", 500)):
            numbers = range(start + 1, start + self.count + 1)
            offline = session(max(0, last - first), first=start + first, till=till)
            online = [receipt(n, till=till) for n in numbers]
            made.append([*online[: first - 1], *offline, *online[first - 1 + len(offline) :]])
        return [one for pair in zip(*made, strict=True) for one in pair]

    def expected(self, number: int) -> set[PushKind]:
        """How a receipt ends where nothing happens."""
        place, (first, last) = number % 500, self.session
        if first <= place < last and any(
            one % 500 in range(first, place) and one // 500 == number // 500 for one in self.bad
        ):
            return {PushKind.HELD_BACK}
        return {PushKind.REFUSED} if number in self.bad else {PushKind.CREATED, PushKind.ALREADY_THERE}


@st.composite
def queues(draw: st.DrawFn) -> Queue:
    count = draw(st.integers(2, 8))
    bounds = sorted((draw(st.integers(1, count + 1)), draw(st.integers(1, count + 1))))
    bad = draw(st.sets(st.sampled_from([n + start for n in range(1, count + 1) for start in (0, 500)]), max_size=2))
    return Queue(count, (bounds[0], bounds[1]), frozenset(bad))


RUNS = st.lists(
    st.builds(
        Run,
        st.lists(st.sampled_from(DEEDS), min_size=4, max_size=9),
        st.lists(st.sampled_from([200, 200, 429, 500, 503, 403]), max_size=12),
        st.none() | st.integers(1, 12),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)


@dataclass
class Attempt:
    """Pushes one queue again and again, and looks after each run whether what it said is true."""

    queue: Queue
    service: ReceiptService
    journal: Path
    batch_size: int
    refused_by_chance: bool = False
    told: list[PushOutcome] = field(default_factory=list)

    async def run(self, run: Run) -> bool:
        """Push; returns whether the push ended by itself."""
        self.told.clear()
        self.service.deeds, self.service.lists = deque(run.deeds), deque(run.lists)
        async with client_of(self.service) as kasa:
            push = push_receipts(
                kasa,
                self.queue.receipts,
                journal=self.journal,
                batch_size=self.batch_size,
                concurrency=2,
                late_write_window=SETTLE_AFTER,
                totals="ignore",
            )
            try:
                return await ends_by_itself(
                    self._listen(push),
                    self.service,
                    PushStoppedError,
                    killed_at=run.killed_at,
                    before_work=run.before_work,
                )
            finally:
                self.check()

    async def _listen(self, push: ReceiptPush) -> None:
        async for outcome in push:
            self.told.append(outcome)

    def check(self) -> None:
        there = Counter(receipt["fiscal_number"] for receipt in self.service.taken)
        assert [number for number, count in there.items() if count > 1] == []
        ids = {receipt["fiscal_number"]: receipt["id"] for receipt in self.service.taken}
        for outcome in self.told:
            assert outcome.key is not None
            number = outcome.key.number
            if outcome.kind in {PushKind.CREATED, PushKind.ALREADY_THERE}:
                assert outcome.id == ids[number], "it is there, and has another id or is not there"
            elif outcome.kind is not PushKind.IN_DOUBT:
                assert there[number] == 0, f"{outcome} is there"
            if outcome.kind is PushKind.REFUSED and int(number) not in self.queue.bad:
                self.refused_by_chance = True


def in_order(service: ReceiptService) -> bool:
    tills = {receipt["registrar_fiscal_number"] for receipt, _ in service.kept}
    listed = [
        [receipt["fiscal_number"] for receipt, _ in service.kept if receipt["registrar_fiscal_number"] == till]
        for till in tills
    ]
    return all(numbers == sorted(numbers) for numbers in listed)


@pytest.mark.timeout(60 + EXAMPLES)
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(queue=queues(), runs=RUNS, lag=st.sampled_from([0.0, 1.0, LONGEST_LAG]), batch_size=st.integers(1, 6))
def test_each_receipt_is_stored_once_whatever_happens(
    queue: Queue, runs: list[Run], lag: float, batch_size: int
) -> None:
    async def push(journal: Path) -> None:
        with Clock().driven() as clock:
            service = ReceiptService(clock, lag, bad=frozenset(f"{number:06}" for number in queue.bad))
            attempt = Attempt(queue, service, journal, batch_size)
            for run in runs:
                await attempt.run(run)
            assert await attempt.run(Run([], [], None, before_work=True)), "nothing happens, and the push stops"

            assert len(attempt.told) == len(queue.receipts)
            for outcome in attempt.told:
                assert outcome.key is not None
                assert outcome.kind in queue.expected(int(outcome.key.number)), outcome
            assert attempt.refused_by_chance or in_order(service)
            for deed in service.done:
                stored = "none" if deed.stores == 0 else "late" if deed.late else "part" if deed.stores else "all"
                event(f"stored {stored}, answers {deed.answers}")

    with TemporaryDirectory() as folder:
        asyncio.run(push(Path(folder, "journal")))
