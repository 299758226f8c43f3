"""Counts while others sell, answers get lost and the service fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.errors import ForbiddenError
from smartkasa_async.sandbox import Fault
from smartkasa_async.stock import StockOutcomeKind, StockStoppedError, undo_stock
from tests.support.stock_store import CARD, CARDS, Store, outcomes_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

LOST_BEFORE: Any = "drop_before"
LOST_AFTER: Any = "drop_after"


def after(call: Callable[..., Awaitable[Any]], at: int, work: Callable[[], Awaitable[object]]) -> Any:
    """Make a call that does some work before its turn number `at`."""
    turns = 0

    async def wrapped(*args: Any, **fields: Any) -> Any:
        nonlocal turns
        turns += 1
        if turns == at:
            await work()
        return await call(*args, **fields)

    return wrapped


@pytest.mark.parametrize("overwrite", [False, True])
async def test_a_sale_between_plan_and_set_is_kept_unless_told(store: Store, tmp_path: Path, overwrite: bool) -> None:
    undo = tmp_path / "undo.csv"
    store.kasa.cards.get = after(store.kasa.cards.get, 1, lambda: store.sell(4))  # type: ignore[method-assign]

    summary = await store.sync({4: 9}, undo=undo, overwrite_changed=overwrite)

    assert store.counts[4] == (9 if overwrite else 3)
    assert summary.describe() == ("1 updated" if overwrite else "1 changed meanwhile")
    if overwrite:
        await undo_stock(store.kasa, undo, late_write_window=0)
        assert store.counts[4] == 3
    else:
        assert "had 4, now 3" in str(summary.failed[0])


@pytest.mark.parametrize("overwrite", [False, True])
async def test_a_card_that_appears_meanwhile_is_not_doubled(store: Store, tmp_path: Path, overwrite: bool) -> None:
    undo = tmp_path / "undo.csv"
    store.kasa.cards.create = after(store.kasa.cards.create, 1, lambda: store.add_card(6, 3))  # type: ignore[method-assign]

    outcomes = await outcomes_of(store.sync({5: 9, 6: 9}, concurrency=1, overwrite_changed=overwrite, undo=undo))

    assert outcomes[2].kind == ("updated" if overwrite else "changed")
    assert [problem.code for problem in outcomes[2].problems] == ([] if overwrite else ["card_appeared"])
    assert store.counts[6] == (9 if overwrite else 3)
    await undo_stock(store.kasa, undo, late_write_window=0)
    assert store.counts == {1: 1, 2: 2, 3: 3, 4: 4, 6: 3}


@pytest.mark.parametrize(("write", "number"), [(f"PUT {CARD}", 4), (f"POST {CARDS}", 5)])
@pytest.mark.parametrize(("kind", "sent"), [(LOST_AFTER, 1), (LOST_BEFORE, 2)])
async def test_a_lost_answer_is_settled_by_reading_back(
    store: Store, write: str, number: int, kind: Any, sent: int
) -> None:
    method, path = write.split()
    store.box.faults.add(Fault(kind, method=method, path=path))

    summary = await store.sync({number: 9})

    assert (summary.failed, summary.created + summary.updated) == ((), 1)
    assert store.counts[number] == 9
    assert store.writes() == {write: sent}


@pytest.mark.parametrize("kind", [LOST_AFTER, LOST_BEFORE])
async def test_a_lost_delete_of_an_undo_is_settled(store: Store, tmp_path: Path, kind: Any) -> None:
    before = store.cards
    await store.sync({5: 9}, undo=tmp_path / "undo.csv")
    store.box.faults.add(Fault(kind, method="DELETE", path=CARD))

    summary = await undo_stock(store.kasa, tmp_path / "undo.csv", late_write_window=0)

    assert (summary.describe(), store.cards) == ("1 deleted", before)


async def test_nothing_is_sent_again_before_the_time_to_settle_has_passed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def note(deadline: float) -> None:
        slept.append(deadline)
        assert store.box.calls[f"PUT {CARD}"] == 1

    monkeypatch.setattr("smartkasa_async.jobs.guarded.anyio.sleep_until", note)
    store.box.faults.add(Fault("drop_before", method="PUT", path=CARD))

    await store.sync({4: 9}, late_write_window=60)

    assert len(slept) == 1
    assert store.counts[4] == 9


@pytest.mark.parametrize("kind", [LOST_AFTER, LOST_BEFORE])
async def test_a_sale_around_a_lost_answer_leaves_the_count_in_doubt(store: Store, kind: Any) -> None:
    store.box.faults.add(Fault(kind, method="PUT", path=CARD))
    store.kasa.cards.get = after(store.kasa.cards.get, 2, lambda: store.sell(4))  # type: ignore[method-assign]

    summary = await store.sync({4: 9}, overwrite_changed=True)

    assert (summary.describe(), summary.failed[0].problems[0].code) == ("1 in doubt", "count_in_doubt")
    assert store.counts[4] == (8 if kind == LOST_AFTER else 3)
    assert store.box.calls[f"PUT {CARD}"] == 1


@pytest.mark.parametrize(("kind", "probability"), [(LOST_AFTER, 0.3), (LOST_BEFORE, 0.3)])
async def test_many_lost_answers_leave_each_count_once(store: Store, kind: Any, probability: float) -> None:
    for method, path in (("PUT", CARD), ("POST", CARDS)):
        store.box.faults.add(Fault(kind, method=method, path=path, times=None, probability=probability))

    for _ in range(20):
        summary = await store.sync(dict.fromkeys(range(1, 7), 50))
        if not summary.failed:
            break

    assert store.counts == dict.fromkeys(range(1, 7), 50)


@pytest.mark.parametrize(
    "fault", [Fault("drop_before", method="PUT", times=None), Fault("status", method="PUT", times=None, status=500)]
)
async def test_a_service_that_fails_each_time_leaves_the_card_alone(store: Store, fault: Fault) -> None:
    store.box.faults.add(fault)

    summary = await store.sync({4: 9, 5: 9})

    assert summary.describe() == "1 created, 1 rejected"
    assert store.counts == {1: 1, 2: 2, 3: 3, 4: 4, 5: 9}
    assert summary.failed[0].problems[0].code == "count_failed"


async def test_too_many_requests_are_waited_out(store: Store) -> None:
    store.box.faults.add(Fault("status", method="PUT", times=3, status=429, retry_after=0))

    assert (await store.sync({1: 9, 2: 9, 3: 9})).describe() == "3 updated"


async def test_a_refused_count_names_the_reason_and_others_go_on(store: Store) -> None:
    body = {"errors": {"count": [{"error": "invalid"}]}}
    store.box.faults.add(Fault("status", method="PUT", status=422, body=body))

    outcomes = await outcomes_of(store.sync({1: 9, 2: 9}, concurrency=1))

    assert (outcomes[1].problems[0].code, outcomes[2].kind) == ("refused", StockOutcomeKind.UPDATED)
    assert "count: invalid" in outcomes[1].describe()


@pytest.mark.parametrize("deleted_at", ["read", "write"])
async def test_a_card_that_is_deleted_meanwhile_is_told(store: Store, deleted_at: str) -> None:
    cards = store.kasa.cards
    card_id = next(card["id"] for card in store.box.rows("cards") if card["product_id"] == store.products[4])
    name = "get" if deleted_at == "read" else "update"
    setattr(cards, name, after(getattr(cards, name), 1, lambda: cards.delete(card_id)))

    summary = await store.sync({4: 9})

    assert (summary.describe(), summary.failed[0].problems[0].code) == ("1 changed meanwhile", "card_deleted")


@pytest.mark.parametrize("method", ["PUT", "GET"])
async def test_a_refusal_of_all_stops_the_sync_and_tells_what_was_done(store: Store, method: str) -> None:
    store.box.faults.add(Fault("status", method=method, path=CARD, times=None, status=403))

    with pytest.raises(StockStoppedError) as caught:
        await store.sync({1: 1, 2: 9, 3: 9, 4: 9}, concurrency=2)

    assert isinstance(caught.value.__cause__, ForbiddenError)
    assert caught.value.summary.describe() == "1 unchanged, 3 rejected"
    assert {outcome.problems[0].code for outcome in caught.value.summary.failed} == {"count_not_set"}
    assert store.counts == {1: 1, 2: 2, 3: 3, 4: 4}


async def test_what_cannot_be_read_back_is_in_doubt(store: Store) -> None:
    store.box.faults.add(Fault("drop_after", method="PUT", path=CARD))

    async def forbid() -> None:
        store.box.faults.add(Fault("status", method="GET", path=CARD, times=None, status=403))

    store.kasa.cards.get = after(store.kasa.cards.get, 2, forbid)  # type: ignore[method-assign]

    with pytest.raises(StockStoppedError) as caught:
        await store.sync({4: 9})

    assert caught.value.summary.describe() == "1 in doubt"
    assert caught.value.summary.failed[0].problems[0].code == "count_not_read"
