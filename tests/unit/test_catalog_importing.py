"""Imports into a service made of a few functions: what waits for what, and how an import ends."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import ImportStoppedError, Outcome, OutcomeKind, Progress, SourceError, import_products
from smartkasa_async.errors import ForbiddenError, InvalidRequestError, NotConnectedError
from smartkasa_async.models import ProductCreate, UuidId

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence


class FakeKasa:
    """Has neither units nor categories and keeps the titles of products; `gate` runs before each batch is created."""

    def __init__(self) -> None:
        self.unit_types = self.categories = self.products = self
        self.created: list[str] = []
        self.running = 0
        self.most_running = 0

    async def gate(self, titles: list[str]) -> None:
        """Let each batch through; tests put another one in its place."""

    async def create_batch(self, items: Sequence[ProductCreate]) -> list[UuidId]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            titles = [item.title for item in items]
            await self.gate(titles)
            self.created += titles
            return [UuidId(id=f"id of {title}") for title in titles]
        finally:
            self.running -= 1

    async def list(self, **_: object) -> AsyncIterator[None]:
        for nothing in list[None]():
            yield nothing


@pytest.fixture
def kasa() -> Any:
    return FakeKasa()


def products(count: int) -> list[ProductCreate]:
    return [ProductCreate(title=f"Товар {number}", price=Decimal(1)) for number in range(1, count + 1)]


async def test_an_awaited_import_gives_its_summary(kasa: Any) -> None:
    summary = await import_products(kasa, products(250))

    assert (summary.created, summary.rejected, summary.unknown) == (250, 0, 0)
    assert sorted(kasa.created) == sorted(product.title for product in products(250))


async def test_an_iterated_import_gives_each_row_its_product(kasa: Any) -> None:
    outcomes = [outcome async for outcome in import_products(kasa, products(250), batch_size=7)]

    assert sorted(outcome.row for outcome in outcomes) == list(range(1, 251))
    assert all(outcome.product_id == f"id of Товар {outcome.row}" for outcome in outcomes)


@pytest.mark.parametrize("count", [0, 1, 5, 6])
async def test_the_end_of_the_source_is_sent_too(kasa: Any, count: int) -> None:
    assert (await import_products(kasa, products(count), batch_size=5)).created == count


async def test_batches_run_side_by_side_and_no_more_than_asked(kasa: Any) -> None:
    full = asyncio.Event()

    async def wait_for_company(titles: list[str]) -> None:
        if kasa.running == 3:
            full.set()
        await full.wait()

    kasa.gate = wait_for_company
    await import_products(kasa, products(100), batch_size=10, concurrency=3)

    assert kasa.most_running == 3


async def test_reading_waits_while_nobody_takes_outcomes(kasa: Any) -> None:
    read = 0

    def endless() -> Iterator[ProductCreate]:
        nonlocal read
        while True:
            read += 1
            yield ProductCreate(title=f"Товар {read}", price=Decimal(1))

    outcomes = aiter(import_products(kasa, endless(), batch_size=10, concurrency=2))
    await anext(outcomes)
    before = -1
    while before != read:
        before = read
        for _ in range(20):
            await asyncio.sleep(0)

    await outcomes.aclose()
    assert read <= 100


async def test_leaving_half_way_ends_the_import(kasa: Any) -> None:
    tasks = asyncio.all_tasks()
    async for _ in import_products(kasa, products(1000), batch_size=10):
        break
    for _ in range(20):
        await asyncio.sleep(0)

    assert asyncio.all_tasks() == tasks
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

    assert [progress.settled for progress in seen] == [10, 20, 25]
    assert seen[-1] == Progress(settled=25, created=25, rejected=0, unknown=0, fraction=1.0)


async def test_an_async_source_of_mappings_is_read(kasa: Any) -> None:
    async def rows() -> AsyncIterator[dict[str, object]]:
        for number in range(25):
            yield {"Назва": f"Товар {number}", "Ціна": "5,00" if number else "немає"}

    seen: list[Progress] = []
    summary = await import_products(kasa, rows(), batch_size=10, on_progress=seen.append)

    assert (summary.created, summary.rejected) == (24, 1)
    assert summary.not_created[0].row == 1
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
    assert {outcome.problems[0].code for outcome in summary.not_created} == {"not_sent"}
    assert summary.rows < 1000


async def test_calls_on_their_way_are_answered_before_a_stop(kasa: Any) -> None:
    stopped = asyncio.Event()

    async def stop_beside_another(titles: list[str]) -> None:
        if "Товар 1" in titles:
            await stopped.wait()
        if "Товар 11" in titles:
            stopped.set()
            raise NotConnectedError("nobody there")

    kasa.gate = stop_beside_another
    with pytest.raises(ImportStoppedError) as caught:
        await import_products(kasa, products(20), batch_size=10, concurrency=2)

    assert (caught.value.summary.created, caught.value.summary.rejected) == (10, 10)


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


async def test_another_type_of_source_is_refused(kasa: Any) -> None:
    with pytest.raises(SourceError, match="The source is int"):
        await import_products(kasa, 5)  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", ["batch_size", "concurrency"])
def test_numbers_below_one_are_refused(kasa: Any, setting: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"{setting} is 0"):
        import_products(kasa, [], **{setting: 0})  # type: ignore[arg-type]


async def test_rejections_come_while_good_rows_are_still_gathered(kasa: Any) -> None:
    items = [ProductCreate(title=""), *products(3)]

    outcomes: list[Outcome] = [outcome async for outcome in import_products(kasa, items, batch_size=2)]

    assert outcomes[0].kind is OutcomeKind.REJECTED
    assert {outcome.row for outcome in outcomes} == {1, 2, 3, 4}
