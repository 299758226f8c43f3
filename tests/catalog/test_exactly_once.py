"""Imports through trouble: whatever is lost, refused or restarted, each row ends exactly once in the service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import SmartKasa
from smartkasa_async.catalog import ImportStoppedError, OutcomeKind, import_products
from smartkasa_async.errors import LoginRefusedError
from smartkasa_async.retry import RetryPolicy
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.catalogue import PRODUCTS, barcode, goods, stored
from tests.support.clients import cut_off

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartkasa_async.jobs import Progress
    from smartkasa_async.models import ProductCreate

EVERYTHING = {barcode(n) for n in range(1, 501)}
QUICK = RetryPolicy(first_wait=0.01, longest_wait=0.05)


def impatient(box: Sandbox) -> SmartKasa:
    """A client whose waits are too short to notice."""
    return SmartKasa(**box.credentials, retry=QUICK)


@pytest.mark.parametrize("probability", [0.05, 0.2])
@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
async def test_lost_answers(box: Sandbox, kind: Any, probability: float) -> None:
    box.faults.add(Fault(kind, times=None, probability=probability))

    async with impatient(box) as kasa:
        summary = await import_products(kasa, goods(500), batch_size=20, late_write_window=0.05)

    assert summary.created == 500
    assert set(stored(box)) == EVERYTHING


async def test_lost_answers_to_changes(box: Sandbox) -> None:
    async with impatient(box) as kasa:
        await import_products(kasa, goods(100), batch_size=20)
        box.faults.add(Fault("drop_after", method="PATCH", times=None, probability=0.2))
        box.faults.add(Fault("status", method="PATCH", status=500, times=None, probability=0.2))
        items = goods(100)
        for item in items:
            item.title += " новий"

        summary = await import_products(kasa, items, late_write_window=0.05)

    assert summary.updated == 100
    assert all(row["title"].endswith(" новий") for row in stored(box).values())


async def test_work_that_is_done_after_its_answer_was_given_up(box: Sandbox) -> None:
    box.faults.add(Fault("delay", path=PRODUCTS, seconds=0.8, times=2))

    async with SmartKasa(**box.credentials, timeout=0.4, retry=QUICK) as kasa:
        summary = await import_products(kasa, goods(60), batch_size=20, late_write_window=1)

    assert summary.created == 60
    assert len(stored(box)) == 60


async def test_a_storm_of_429(box: Sandbox) -> None:
    box.faults.add(Fault("status", times=None, probability=0.4, status=429, retry_after=0.01))

    async with impatient(box) as kasa:
        summary = await import_products(kasa, goods(500), batch_size=20, late_write_window=0.05)

    assert summary.created == 500
    assert set(stored(box)) == EVERYTHING


async def test_tokens_that_expire_in_the_middle(box: Sandbox) -> None:
    async with impatient(box) as kasa:
        products_import = import_products(kasa, goods(500), batch_size=20)
        count = 0
        async for _ in products_import:
            count += 1
            if count in {100, 300}:
                box.expire_tokens()

    assert products_import.summary.created == 500
    assert set(stored(box)) == EVERYTHING


async def test_errors_of_the_server_that_hide_the_outcome(box: Sandbox) -> None:
    for status in (500, 502, 504):
        box.faults.add(Fault("status", path=PRODUCTS, status=status, times=3, probability=0.5))
    box.faults.add(Fault("drop_after", path=PRODUCTS, times=5, probability=0.5))

    async with impatient(box) as kasa:
        summary = await import_products(kasa, goods(500), batch_size=20, late_write_window=0.05)

    assert summary.created == 500
    assert set(stored(box)) == EVERYTHING


async def test_a_server_that_is_restarted_in_the_middle(tmp_path: Path) -> None:
    database = tmp_path / "service.sqlite"
    async with Sandbox(database=database) as box:
        kasa = SmartKasa(**box.credentials, retry=RetryPolicy(first_wait=0.2, longest_wait=0.2))
        port = int(box.url.rpartition(":")[2])
        box._port = port
        outcomes = aiter(import_products(kasa, goods(500), batch_size=10, late_write_window=0.1))
        ended = [await anext(outcomes) for _ in range(100)]
        await box.stop()
        restart = asyncio.create_task(box.start())
        ended += [outcome async for outcome in outcomes]
        await restart
        await kasa.aclose()

        assert {outcome.kind for outcome in ended} == {OutcomeKind.CREATED}
        assert len(ended) == 500
        assert set(stored(box)) == EVERYTHING


async def test_a_row_in_ten_is_bad_while_answers_are_lost(box: Sandbox) -> None:
    items = goods(200)
    for item in items[::10]:
        item.category_id = "5f0c7a52-0000-4000-8000-000000000000"
    box.faults.add(Fault("drop_after", times=None, probability=0.1))
    box.faults.add(Fault("drop_before", times=None, probability=0.1))

    async with impatient(box) as kasa:
        summary = await import_products(kasa, items, batch_size=20, late_write_window=0.05)

    assert (summary.created, summary.rejected) == (180, 20)
    assert {outcome.row % 10 for outcome in summary.failed} == {1}
    assert len(stored(box)) == 180


# --- stopped, and gone on with ---


def breaking(items: list[ProductCreate], after: int) -> Iterator[ProductCreate]:
    yield from items[:after]
    raise OSError("the disk is gone")


async def test_a_source_that_breaks_is_gone_on_with(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    async with impatient(box) as kasa:
        with pytest.raises(ImportStoppedError, match="the disk is gone"):
            await import_products(
                kasa, breaking(goods(500), 230), journal=journal, batch_size=20, late_write_window=0.05
            )
        calls = box.calls[f"POST {PRODUCTS}"]
        summary = await import_products(kasa, goods(500), journal=journal, batch_size=20, late_write_window=0.05)

    assert summary.created == 500
    assert set(stored(box)) == EVERYTHING
    assert box.calls[f"POST {PRODUCTS}"] - calls <= 20


async def test_an_import_that_was_left_half_way_is_gone_on_with(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    async with impatient(box) as kasa:
        for leave_after in (1, 90, 170):
            outcomes = aiter(import_products(kasa, goods(500), journal=journal, batch_size=20, late_write_window=0.05))
            for _ in range(leave_after):
                await anext(outcomes)
            await outcomes.aclose()
        summary = await import_products(kasa, goods(500), journal=journal, batch_size=20, late_write_window=0.05)

    assert summary.created == 500
    assert set(stored(box)) == EVERYTHING


async def test_a_refusal_of_the_key_is_gone_on_with(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    box.faults.add(Fault("drop_after", path=PRODUCTS, times=2))
    async with impatient(box) as kasa:
        await kasa.login()

        def refuse_from_then_on(progress: Progress) -> None:
            if progress.done > 100:
                box.faults.add(Fault("status", times=None, status=401))

        stopped = import_products(
            kasa, goods(500), journal=journal, batch_size=20, late_write_window=0.05, on_progress=refuse_from_then_on
        )
        with pytest.raises(ImportStoppedError) as caught:
            await stopped
        assert isinstance(caught.value.__cause__, LoginRefusedError)
        box.faults.clear()
        summary = await import_products(kasa, goods(500), journal=journal, batch_size=20, late_write_window=0.05)

    assert summary.created == 500
    assert set(stored(box)) == EVERYTHING


async def test_a_source_that_changed_meanwhile_is_noticed_by_its_content(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    changed = goods(300)[::-1]
    changed[-5].title = "Інша назва"
    async with impatient(box) as kasa:
        with pytest.raises(ImportStoppedError):
            await import_products(
                kasa, breaking(goods(300), 200), journal=journal, batch_size=20, late_write_window=0.05
            )
        summary = await import_products(kasa, changed[50:], journal=journal, batch_size=20, late_write_window=0.05)

    assert (summary.created, summary.updated) == (249, 1)
    assert stored(box)[barcode(5)]["title"] == "Інша назва"
    assert len(stored(box)) == 250


async def test_a_finished_import_is_a_new_one_the_next_time(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    async with impatient(box) as kasa:
        first = await import_products(kasa, goods(50), journal=journal)
        second = await import_products(kasa, goods(50), journal=journal, late_write_window=0)

    assert (first.created, second.unchanged) == (50, 50)


async def test_a_product_that_was_deleted_since_is_created_again(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    async with impatient(box) as kasa:
        with pytest.raises(ImportStoppedError):
            await import_products(kasa, breaking(goods(40), 40), journal=journal, batch_size=10)
        await kasa.products.delete(stored(box)[barcode(7)]["id"])
        summary = await import_products(kasa, goods(40), journal=journal, late_write_window=0.05)

    assert summary.created == 40
    assert len(stored(box)) == 40


async def test_a_category_that_was_on_its_way_when_the_import_was_cut(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    rows = [{"Штрихкод": barcode(1), "Назва": "Кава", "Ціна": 5, "Категорія": "Напої / Кава"}]
    box.faults.add(Fault("delay", path="/api/v1/inventory/categories/batch", seconds=0.3))
    async with impatient(box) as kasa:
        await cut_off(import_products(kasa, rows, journal=journal), box, "POST /api/v1/inventory/categories/batch")
        assert not box.rows("categories")
        summary = await import_products(kasa, rows, journal=journal, late_write_window=0.5)

    assert summary.created == 1
    assert sorted(row["title"] for row in box.rows("categories")) == ["Кава", "Напої"]
