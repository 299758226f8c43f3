"""Imports into a service made of a few functions: what waits for what, and how an import ends."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from smartkasa_async.catalog import ImportStoppedError, Outcome, OutcomeKind, import_products
from smartkasa_async.errors import (
    FieldRefusal,
    ForbiddenError,
    InvalidRequestError,
    NotConnectedError,
    ValidationError,
)
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.jobs.errors import JournalError
from smartkasa_async.jobs.journal_sqlite import SqliteJournal
from smartkasa_async.models import ProductCreate
from tests.support.catalogue_service import FakeKasa, lose_after, products

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

SETTLE_AFTER = 300.0


@pytest.fixture
def kasa() -> Any:
    return FakeKasa()


async def test_an_awaited_import_gives_its_summary(kasa: Any) -> None:
    summary = await import_products(kasa, products(250))

    assert (summary.created, summary.total) == (250, 250)
    assert sorted(kasa.created) == sorted(product.title for product in products(250))


async def test_an_iterated_import_gives_each_row_its_product(kasa: Any) -> None:
    outcomes = [outcome async for outcome in import_products(kasa, products(250), batch_size=7)]

    assert sorted(outcome.row for outcome in outcomes) == list(range(1, 251))
    assert all(kasa.kept[outcome.product_id].title == f"Товар {outcome.row}" for outcome in outcomes)


@pytest.mark.parametrize("count", [0, 1, 5, 6])
async def test_the_end_of_the_source_is_sent_too(kasa: Any, count: int) -> None:
    assert (await import_products(kasa, products(count), batch_size=5)).created == count


async def test_batches_run_side_by_side_and_no_more_than_asked(kasa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartkasa_async.jobs.concurrency.current_time", lambda: 0.0)
    full = asyncio.Event()

    async def wait_for_company(titles: list[str]) -> None:
        if kasa.running == 3:
            full.set()
        if len(kasa.batches) > 3:  # by then the service has shown that it takes three at once
            await full.wait()

    kasa.gate = wait_for_company
    await import_products(kasa, products(400), batch_size=10, concurrency=3)

    assert kasa.most_running == 3


async def test_reading_waits_while_nobody_takes_outcomes(kasa: Any) -> None:
    read = 0

    def endless() -> Iterator[ProductCreate]:
        nonlocal read
        while True:
            read += 1
            yield products(1, first=read)[0]

    outcomes = aiter(import_products(kasa, endless(), batch_size=10, concurrency=2))
    await anext(outcomes)
    before = -1
    while before != read:
        before = read
        for _ in range(20):
            await asyncio.sleep(0.001)

    await outcomes.aclose()
    assert read <= 150


async def test_leaving_half_way_ends_the_import(kasa: Any) -> None:
    tasks = asyncio.all_tasks()
    async for _ in import_products(kasa, products(1000), batch_size=10):
        break
    await asyncio.wait(asyncio.all_tasks() - tasks)

    assert len(kasa.created) < 1000
    assert kasa.running == 0


async def test_a_cancelled_import_ends_its_calls(kasa: Any) -> None:
    begun = asyncio.Event()

    async def hang(titles: list[str]) -> None:
        begun.set()
        await asyncio.Event().wait()

    kasa.gate = hang
    waiting = asyncio.ensure_future(_summary(kasa))
    await begun.wait()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert kasa.running == 0


async def _summary(kasa: Any) -> object:
    return await import_products(kasa, products(1000), batch_size=10)


async def test_progress_is_told_and_ends_at_the_whole(kasa: Any) -> None:
    seen: list[Progress] = []

    await import_products(kasa, products(25), batch_size=10, on_progress=seen.append)

    assert [progress.done for progress in seen] == [10, 20, 25]
    counts = {kind.value: 0 for kind in OutcomeKind} | {"created": 25, "warned": 25}
    assert seen[-1] == Progress(Stage.SENDING, 25, 25, "rows", counts)
    assert (seen[-1].fraction, str(seen[-1])) == (1.0, "sending: 25 of 25 rows (25 created, 25 warned)")


async def test_an_async_source_of_mappings_is_read(kasa: Any) -> None:
    async def rows() -> AsyncIterator[dict[str, object]]:
        for number in range(25):
            yield {"Назва": f"Товар {number}", "Артикул": number + 1, "Ціна": "5,00" if number else "немає"}

    seen: list[Progress] = []
    summary = await import_products(kasa, rows(), key="alter_number", batch_size=10, on_progress=seen.append)

    assert (summary.created, summary.rejected) == (24, 1)
    assert summary.failed[0].row == 1
    assert seen[-1].fraction is None


async def test_a_stop_ends_with_the_summary_and_its_cause(kasa: Any) -> None:
    async def refuse(titles: list[str]) -> None:
        if "Товар 21" in titles:
            raise ForbiddenError("not yours", status=403)

    kasa.gate = refuse
    products_import = import_products(kasa, products(1000), batch_size=10, concurrency=1)

    with pytest.raises(ImportStoppedError, match="not yours") as caught:
        await products_import

    summary = caught.value.summary
    assert isinstance(caught.value.__cause__, ForbiddenError)
    assert summary == products_import.summary
    assert summary.created == len(kasa.created) == 20
    assert summary.rejected > 0
    assert {outcome.problems[0].code for outcome in summary.failed} == {"not_sent"}
    assert summary.total < 1000


async def test_calls_on_their_way_are_answered_before_a_stop(kasa: Any) -> None:
    stopped = asyncio.Event()

    async def stop_beside_another(titles: list[str]) -> None:
        if "Товар 21" in titles:
            await stopped.wait()
        if "Товар 31" in titles:
            stopped.set()
            raise NotConnectedError("nobody there")

    kasa.gate = stop_beside_another
    with pytest.raises(ImportStoppedError) as caught:
        await import_products(kasa, products(40), batch_size=10, concurrency=2)

    assert (caught.value.summary.created, caught.value.summary.rejected) == (30, 10)


async def test_a_source_that_breaks_stops_the_import_with_its_own_error(kasa: Any) -> None:
    def breaking() -> Iterator[ProductCreate]:
        yield from products(25)
        raise OSError("the disk is gone")

    with pytest.raises(ImportStoppedError, match="the disk is gone") as caught:
        await import_products(kasa, breaking(), batch_size=10)

    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.summary.created <= 20


async def test_what_progress_raises_reaches_the_caller_and_ends_the_import(kasa: Any) -> None:
    def fail(progress: Progress) -> None:
        raise LookupError("no bar")

    with pytest.raises(LookupError, match="no bar"):
        await import_products(kasa, products(1000), batch_size=10, on_progress=fail)
    assert kasa.running == 0


async def test_an_import_runs_once(kasa: Any) -> None:
    products_import = import_products(kasa, products(1))
    await products_import

    with pytest.raises(RuntimeError, match="already begun"):
        await products_import
    assert len(kasa.created) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"batch_size": 2.5}, "batch_size is 2.5; give a whole number"),
        ({"concurrency": "8"}, "concurrency is '8'; give a whole number"),
        ({"concurrency": True}, "concurrency is True; give a whole number"),
        ({"delete_limit": 3}, "delete_limit goes with delete_missing"),
        ({"delete_missing": True, "mode": "mirror", "delete_limit": -1}, "delete_limit is -1"),
        ({"key": "title"}, "key is 'title'; give one of number, alter_number, remote_id"),
        ({"mode": "delete"}, "mode is 'delete'; give one of upsert, create, mirror"),
        ({"late_write_window": -1}, "late_write_window is -1"),
        ({"late_write_window": float("nan")}, "late_write_window is nan"),
        ({"delete_missing": True}, "goes with mode='mirror'"),
        ({"delete_missing": True, "mode": "mirror"}, "needs delete_limit"),
    ],
)
def test_arguments_without_sense_are_refused(kasa: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        import_products(kasa, [], **arguments)


async def test_rejections_come_while_good_rows_are_still_gathered(kasa: Any) -> None:
    items = [ProductCreate(title=""), *products(3)]

    outcomes: list[Outcome] = [outcome async for outcome in import_products(kasa, items, batch_size=2)]

    assert outcomes[0].kind is OutcomeKind.REJECTED
    assert {outcome.row for outcome in outcomes} == {1, 2, 3, 4}


async def test_what_was_found_out_is_told_before_anything_is_read(kasa: Any) -> None:
    told: list[object] = []

    def refuse(source_info: object) -> None:
        told.append(source_info)
        raise LookupError("not this file")

    with pytest.raises(LookupError, match="not this file"):
        await import_products(kasa, products(1), on_source_detected=refuse)
    assert len(told) == 1
    assert (kasa.lists, kasa.calls) == (0, [])


async def test_a_journal_of_the_callers_own_stays_open(kasa: Any, tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal")

    first = await import_products(kasa, products(5), journal=journal)
    second = await import_products(kasa, products(5), journal=journal, late_write_window=0)

    assert (first.created, second.unchanged) == (5, 5)
    await journal.close()


@pytest.mark.parametrize("method", ["look_up", "enter", "record", "defer", "take_deferred", "finish"])
async def test_a_journal_that_fails_stops_the_import_and_the_next_run_ends_it(
    kasa: Any, tmp_path: Path, method: str
) -> None:
    class FullDisk(SqliteJournal):
        async def fail(self, *_: object) -> Any:
            raise JournalError("the disk is full")

    journal = FullDisk(tmp_path / "journal")
    setattr(journal, method, journal.fail)
    kasa.losing = [lose_after]
    with pytest.raises(ImportStoppedError, match="the disk is full"):
        await import_products(kasa, products(50), journal=journal, batch_size=10, late_write_window=0)
    await journal.close()

    summary = await import_products(kasa, products(50), journal=tmp_path / "journal", late_write_window=0)

    assert summary.created == 50
    assert sorted(kasa.created) == sorted(product.title for product in products(50))


async def test_the_next_part_waits_for_what_may_be_on_its_way(
    kasa: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = asyncio.Event()
    gate, sleep = kasa.gate, anyio.sleep
    waits = []

    async def hang(titles: list[str]) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def come_late(seconds: float) -> None:
        if seconds != SETTLE_AFTER:
            await sleep(seconds)
            return
        waits.append(seconds)
        await kasa.create_batch(products(10))

    kasa.gate = hang
    cut = asyncio.ensure_future(_summary_of(import_products(kasa, products(10), journal=tmp_path / "journal")))
    await begun.wait()
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)

    kasa.gate = gate
    monkeypatch.setattr(anyio, "sleep", come_late)
    summary = await import_products(kasa, products(10), journal=tmp_path / "journal", late_write_window=SETTLE_AFTER)

    assert waits == [SETTLE_AFTER]
    assert summary.created == len(kasa.kept) == 10


async def _summary_of(products_import: Any) -> Any:
    return await products_import


async def test_a_temporary_journal_is_gone_in_the_end(
    kasa: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    await import_products(kasa, products(5))

    assert [entry async for entry in anyio.Path(tmp_path).iterdir()] == []


async def test_a_refusal_of_one_row_is_told_with_the_service_words(kasa: Any) -> None:
    async def refuse(titles: list[str]) -> None:
        if "Товар 7" in titles:
            refusal = FieldRefusal("products", "invalid", "title: Зайнято")
            raise ValidationError("422", status=422, refusals=(refusal,))

    kasa.gate = refuse
    summary = await import_products(kasa, products(20))

    assert (summary.created, [outcome.row for outcome in summary.failed]) == (19, [7])
    assert "Зайнято" in str(summary.failed[0].reason_uk)


@pytest.mark.parametrize("stage", ["units", "categories", "catalogue", "create_batch", "update"])
async def test_an_error_at_any_stage_leaves_nothing_twice(kasa: Any, tmp_path: Path, stage: str) -> None:
    kasa.keep(title="Стара назва", number="0001", price=Decimal(1))
    journal = tmp_path / "journal"
    places = {"units": (kasa.unit_types, "list"), "categories": (kasa.categories, "list"), "catalogue": (kasa, "list")}
    target, name = places.get(stage, (kasa, stage))
    works = getattr(target, name)

    def fail(*_: object, **__: object) -> Any:
        raise ForbiddenError("not now", status=403)

    setattr(target, name, fail)
    with pytest.raises((ForbiddenError, ImportStoppedError), match="not now"):
        await import_products(kasa, products(50), journal=journal, batch_size=10)
    setattr(target, name, works)
    summary = await import_products(kasa, products(50), journal=journal, batch_size=10, late_write_window=0)

    assert (summary.created, summary.updated, summary.total) == (49, 1, 50)
    assert sorted(kasa.created) == sorted(product.title for product in products(50))


async def test_changes_go_side_by_side(kasa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartkasa_async.jobs.concurrency.current_time", lambda: 0.0)
    for product in products(60):
        kasa.keep(title="Стара назва", number=product.number, price=product.price)
    update, running, most = kasa.update, 0, 0

    async def count(*arguments: Any) -> object:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return await update(*arguments)

    kasa.update = count
    summary = await import_products(kasa, products(60), concurrency=4)

    assert (summary.updated, most) == (60, 4)
