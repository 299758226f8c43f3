"""A plan is applied once, and undone once, whatever is lost, cancelled or killed on the way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import pytest
from anyio import to_thread

from smartkasa_async.events import RequestEvent, ResponseEvent
from smartkasa_async.plans import PlanError, PlanStoppedError
from smartkasa_async.sandbox import Fault
from tests.chaos.forking import Death
from tests.support.clients import finish
from tests.support.plan_process import Order
from tests.support.processes import finished
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from smartkasa_async.events import Event
    from tests.support.planned_store import PlannedStore

UPDATE = "PATCH /api/v1/inventory/products/{id}"
KILLED = 128 + 9
PRICES: dict[int, object] = {1: 7, 2: 8, 3: 9}
PLANNED = ["7.00", "8.00", "9.00"]


def prices(store: PlannedStore) -> list[str]:
    return [store.prices[number] for number in PRICES]


async def cancelled_at(store: PlannedStore, work: Any, kind: type[Event], number: int) -> bool:
    """Cancel work at the request or the answer of this number; returns whether it came to that."""
    left = number
    task: asyncio.Future[object] | None = None

    def note(event: Event) -> None:
        nonlocal left
        if isinstance(event, kind):
            left -= 1
            if left == 0 and task is not None:
                task.cancel()

    with store.kasa.listening(note):
        task = asyncio.ensure_future(finish(work))
        (result,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
        raise result
    return isinstance(result, asyncio.CancelledError)


@pytest.mark.parametrize("kind", [RequestEvent, ResponseEvent])
async def test_cancelled_anywhere_it_goes_on_and_is_undone_to_what_was(store: PlannedStore, kind: Any) -> None:
    before = store.state
    number = 0
    was_cancelled = True
    while was_cancelled:
        number += 1
        await store.plan_prices(PRICES)
        was_cancelled = await cancelled_at(store, store.apply(concurrency=2), kind, number)
        if was_cancelled:
            assert (await store.apply()).updated == 3
        assert prices(store) == PLANNED
        with pytest.raises(PlanError, match="was applied already"):
            await store.apply()
        if await cancelled_at(store, store.undo(concurrency=2), kind, number):
            await store.undo()
        assert store.state == before
        with pytest.raises(PlanError, match="was undone already"):
            await store.undo()
    assert number > 6


@pytest.mark.parametrize(
    ("work", "event", "count"),
    [("apply", "request", 1), ("apply", "response", 1), ("apply", "response", 3), ("undo", "response", 2)],
)
async def test_killed_while_it_writes_it_goes_on(
    store: PlannedStore, work: Literal["apply", "undo"], event: Literal["request", "response"], count: int
) -> None:
    before = store.state
    await store.plan_prices(PRICES)
    if work == "undo":
        await store.apply()
    order = Order(dict(store.box.credentials), f"{store.file}", work, Death(event, "updateProduct", count))
    statuses = []
    for each in (order, msgspec.structs.replace(order, death=None)):
        words = [warm_python(), "-m", "tests.support.plan_process", msgspec.json.encode(each).decode()]
        ended = await to_thread.run_sync(finished, words)
        statuses.append(ended.returncode)
    assert statuses == [KILLED, 0]
    assert prices(store) == (PLANNED if work == "apply" else ["1.00", "2.00", "3.00"])
    if work == "apply":
        assert (await store.undo()).updated == 3
    assert store.state == before


@pytest.mark.parametrize("seed", range(4))
async def test_under_faults_it_ends_as_planned_and_is_undone(store: PlannedStore, seed: int) -> None:
    before = store.cards
    await store.plan_counts({1: 11, 2: 12, 3: 13, 4: 14})
    for kind in ("drop_before", "drop_after"):
        store.box.faults.add(Fault(kind, operation="updateStockCard", times=seed + 1, probability=0.6))
    await _until_it_ends(store.apply)
    assert [store.on_hand[number] for number in range(1, 5)] == ["11", "12", "13", "14"]
    store.box.faults.clear()
    await _until_it_ends(store.undo)
    assert store.cards == before


async def _until_it_ends(work: Any) -> None:
    for _ in range(10):
        try:
            await work()
        except PlanStoppedError:
            continue
        return
    pytest.fail("it never ended")
