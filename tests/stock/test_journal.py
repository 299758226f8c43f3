"""Counts are applied once, however often a sync with a journal is killed, and whatever is sold meanwhile."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.errors import ForbiddenError
from smartkasa_async.jobs import JournalError
from smartkasa_async.jobs.journal_sqlite import SqliteJournal
from smartkasa_async.sandbox import Fault
from smartkasa_async.stock import StockStoppedError
from tests.support.stock_store import CARD, CARDS, Store, outcomes_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from smartkasa_async.jobs.journal import Entry, Result


class _Killed(BaseException):
    """Ends a sync as a kill does: nothing more is written."""


class _Journal(SqliteJournal):
    """A journal whose process is killed before the given write of it, counted from 1."""

    def __init__(self, path: Path, *, killed_at: int = 0) -> None:
        super().__init__(path)
        self._left = killed_at

    async def enter(self, entries: Sequence[Entry]) -> list[int]:
        self._count()
        return await super().enter(entries)

    async def record(self, results: Sequence[Result]) -> None:
        self._count()
        await super().record(results)

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise _Killed


async def _killed(store: Store, counts: dict[int, object], path: Path, *, at: int) -> None:
    journal = _Journal(path, killed_at=at)
    try:
        with pytest.raises((_Killed, BaseExceptionGroup)):
            await store.sync(counts, journal=journal, concurrency=1)
    finally:
        await journal.close()


# The plan is the first write; then come, card by card, that it is sent, and what became of it.
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6, 7])
async def test_a_sync_that_is_killed_anywhere_applies_each_count_once(store: Store, tmp_path: Path, at: int) -> None:
    path = tmp_path / "journal"
    await _killed(store, {1: 10, 4: 4, 5: 10, 6: 10}, path, at=at)
    sent_before = sum(store.writes().values())

    await store.sync({1: 10, 4: 4, 5: 10, 6: 10}, journal=path)

    assert store.counts == {1: 10, 2: 2, 3: 3, 4: 4, 5: 10, 6: 10}
    assert sum(store.writes().values()) == 3 >= sent_before


@pytest.mark.parametrize(("at", "kind"), [(3, "in_doubt"), (4, "updated")])
async def test_a_sale_after_a_count_was_set_is_not_undone_by_the_next_run(
    store: Store, tmp_path: Path, at: int, kind: str
) -> None:
    path = tmp_path / "journal"
    await _killed(store, {1: 10, 2: 10}, path, at=at)
    await store.sell(1)

    outcomes = await outcomes_of(store.sync({1: 10, 2: 10}, journal=path))

    assert [outcomes[row].kind.value for row in (1, 2)] == [kind, "updated"]
    assert outcomes[1].count_before == 1
    assert store.counts == {1: 9, 2: 10, 3: 3, 4: 4}


async def test_a_card_that_a_sale_changed_before_its_turn_is_left_alone(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    await _killed(store, {1: 10, 3: 3, 4: 10}, path, at=4)
    await store.sell(3)
    await store.sell(4)

    outcomes = await outcomes_of(store.sync({1: 10, 3: 3, 4: 10}, journal=path))

    assert outcomes[3].kind == "changed"
    assert store.counts == {1: 10, 2: 2, 3: 3, 4: 3} | {3: 2}


async def test_a_sync_that_the_service_stopped_goes_on_with_its_plan(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    fault = Fault("status", status=403, method="PUT", path=CARD, times=None)
    store.box.faults.add(fault)
    with pytest.raises(StockStoppedError) as caught:
        await store.sync({1: 10, 5: 10}, journal=path, concurrency=1)
    assert isinstance(caught.value.__cause__, ForbiddenError)
    store.box.faults.clear()
    store.box.calls.clear()

    summary = await store.sync({1: 10, 5: 10}, journal=path)

    assert summary.failed == ()
    assert store.counts == {1: 10, 2: 2, 3: 3, 4: 4, 5: 10}


async def test_a_sync_that_ended_well_is_followed_by_a_new_job(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    await store.sync({1: 10}, journal=path)
    await store.sell(1)
    summary = await store.sync({1: 10}, journal=path)
    assert (summary.describe(), store.counts[1]) == ("1 updated", Decimal(10))


async def test_another_count_for_the_same_product_is_another_plan(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    await _killed(store, {1: 10, 2: 10}, path, at=4)
    summary = await store.sync({1: 11, 2: 10}, journal=path)
    assert (summary.describe(), store.counts[1]) == ("2 updated", Decimal(11))


async def test_a_dry_run_writes_no_journal(store: Store, tmp_path: Path) -> None:
    await store.sync({1: 10}, journal=tmp_path / "journal", dry_run=True)
    assert os.listdir(tmp_path) == []  # noqa: PTH208  (a folder of a test)


async def test_a_journal_that_refuses_lets_nothing_be_sent(store: Store, tmp_path: Path) -> None:
    class Fenced(SqliteJournal):
        entered = 0

        async def enter(self, entries: Sequence[Entry]) -> list[int]:
            self.entered += 1
            if self.entered > 2:
                raise JournalError("the account is another's by now")
            return await super().enter(entries)

    journal: Any = Fenced(tmp_path / "journal")
    with pytest.raises(StockStoppedError, match="another's by now"):
        await store.sync({1: 10, 5: 10}, journal=journal, concurrency=1)
    await journal.close()
    assert store.writes() == {f"PUT {CARD}": 1}


async def test_a_journal_of_one_shop_is_not_taken_for_another_s(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    await _killed(store, {1: 10}, path, at=2)
    with pytest.raises(JournalError, match=f"shop {store.shop_id}"):
        await store.sync({1: 10}, journal=path, key="alter_number")
    assert CARDS not in "".join(store.writes())
