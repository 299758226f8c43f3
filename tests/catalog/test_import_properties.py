"""Whatever a service does to imports, and wherever they are killed: no row becomes two products, and all get there."""

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

from smartkasa_async.catalog import ImportStoppedError, OutcomeKind, import_products
from smartkasa_async.errors import OutcomeUnknownError, ValidationError
from smartkasa_async.models import UuidId
from tests.support.catalogue_service import products
from tests.support.killed_runs import ends_by_itself
from tests.support.lagging_service import LaggingKasa, run_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smartkasa_async.catalog import Outcome, ProductImport
    from smartkasa_async.models import ProductCreate
    from tests.support.lagging_service import Clock

EXAMPLES = max(30, 10 * int(os.environ.get("CHAOS_SEEDS", "0")))
SETTLE_AFTER = 15.0
LATEST, LONGEST_LAG = 6.0, 8.0
"""Seconds; in sum less than what the import is told to wait."""


class Deed(NamedTuple):
    """What becomes of one request that creates products.

    Attributes:
        stores: How many products are stored; None for all.
        late: Seconds until they are.
        answers: `created`, `refused` or `lost`.
    """

    stores: int | None = None
    late: float = 0.0
    answers: str = "created"


DEEDS = [
    *(Deed() for _ in range(30)),
    *(Deed(0, answers="refused") for _ in range(6)),
    *(Deed(stores, late, "lost") for stores in (None, 0, 1, 3) for late in (0.0, 2.0, LATEST)),
]


class Run(NamedTuple):
    """What happens in one run: what the service does to its requests, and at which of them it is killed."""

    deeds: list[Deed]
    killed_at: int | None
    before_work: bool


RUNS = st.lists(
    st.builds(
        Run, st.lists(st.sampled_from(DEEDS), min_size=2, max_size=9), st.none() | st.integers(1, 8), st.booleans()
    ),
    min_size=1,
    max_size=4,
)


class DrawnKasa(LaggingKasa):
    """Creates products as it is told; what it stores late stands in its lists late, and nobody knows its id."""

    def __init__(self, clock: Clock, lag: float) -> None:
        super().__init__(clock, lag)
        self.deeds: deque[Deed] = deque()
        self.done: list[Deed] = []
        self.on_request: Callable[[], None] = lambda: None
        self.on_answer: Callable[[], None] = lambda: None

    async def create_batch(self, items: Sequence[ProductCreate]) -> list[UuidId]:
        deed = self.deeds.popleft() if self.deeds else Deed()
        self.done.append(deed)
        self.on_request()
        await asyncio.sleep(0)  # a kill before the work ends the call here
        made = []
        for item in items[: deed.stores]:
            product = self.keep(title=item.title, number=item.number, price=item.price)
            self.born[product.id] += deed.late
            made.append(UuidId(id=product.id))
        self.on_answer()
        await asyncio.sleep(0)
        if deed.answers == "refused":
            raise ValidationError("422: title: taken", status=422)
        if deed.answers == "lost":
            raise OutcomeUnknownError("the answer was lost")
        return made


@dataclass
class Attempt:
    """Imports one list again and again, and looks after each run whether what it said is true."""

    kasa: DrawnKasa
    items: list[ProductCreate]
    journal: Path
    batch_size: int
    told: list[Outcome] = field(default_factory=list)

    async def run(self, run: Run) -> bool:
        """Import; returns whether the import ended by itself."""
        self.told.clear()
        self.kasa.deeds = deque(run.deeds)
        job = import_products(
            self.kasa,  # type: ignore[arg-type]
            self.items,
            journal=self.journal,
            batch_size=self.batch_size,
            concurrency=2,
            late_write_window=SETTLE_AFTER,
        )
        try:
            return await ends_by_itself(
                self._listen(job),
                self.kasa,
                ImportStoppedError,
                killed_at=run.killed_at,
                before_work=run.before_work,
            )
        finally:
            self.check()

    async def _listen(self, job: ProductImport) -> None:
        async for outcome in job:
            self.told.append(outcome)

    def check(self) -> None:
        there = Counter(product.number for product in self.kasa.kept.values())
        assert [number for number, count in there.items() if count > 1] == []
        ids = {product.number: product.id for product in self.kasa.kept.values()}
        for outcome in self.told:
            if outcome.kind in {OutcomeKind.CREATED, OutcomeKind.UNCHANGED}:
                assert outcome.product_id == ids[outcome.key]
            elif outcome.kind is not OutcomeKind.IN_DOUBT:
                assert outcome.kind is OutcomeKind.REJECTED
                assert there[outcome.key] == 0, f"{outcome} is there"


@pytest.mark.timeout(60 + EXAMPLES)
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(count=st.integers(1, 12), runs=RUNS, lag=st.sampled_from([0.0, 1.0, LONGEST_LAG]), batch_size=st.integers(1, 6))
def test_each_row_becomes_one_product_whatever_happens(
    count: int, runs: list[Run], lag: float, batch_size: int
) -> None:
    async def work(kasa: DrawnKasa, journal: Path) -> None:
        attempt = Attempt(kasa, products(count), journal, batch_size)
        for run in runs:
            await attempt.run(run)
        assert await attempt.run(Run([], None, before_work=True)), "nothing happens, and the import stops"

        kinds = {outcome.kind for outcome in attempt.told}
        assert kinds <= {OutcomeKind.CREATED, OutcomeKind.UNCHANGED}
        assert sorted(str(outcome.key) for outcome in attempt.told) == [item.number for item in attempt.items]
        for deed in kasa.done:
            event(f"stored {'all' if deed.stores is None else deed.stores}, answers {deed.answers}")

    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patches:
        asyncio.run(work(DrawnKasa(run_clock(patches), lag), Path(folder, "journal")))
