"""Counts where lists of cards lag behind writes: no product gets a second card; two syncs of a shop are kept apart."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async._support.network import Network
from smartkasa_async.errors import NotFoundError, OutcomeUnknownError
from smartkasa_async.jobs import JobRunningError
from smartkasa_async.stock import StockStoppedError, sync_stock, undo_stock
from tests.support.catalogue_service import as_list
from tests.support.lagging_service import Clock, run_clock
from tests.support.stock_cards import SHOP, card, product

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartkasa_async.models import StockCard, StockCardCreate, StockCardUpdate

SETTLE_AFTER = 15.0
LAGS = [0.0, 3.0, 14.9]
COUNT = 6


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = run_clock(monkeypatch)
    monkeypatch.setattr("smartkasa_async.jobs.lease.time.time", lambda: 1000.0 + clock.now)
    return clock


class Shop:
    """Has products and no cards; a card is listed `lag` seconds after it was created, and there by its id at once."""

    def __init__(self, clock: Clock, lag: float) -> None:
        self._clock = clock
        self._lag = lag
        self.network = Network()
        self._born: dict[int, float] = {}
        self._products = [product(f"p-{n}", f"000{n}") for n in range(1, COUNT + 1)]
        self.kept: dict[int, StockCard] = {}
        self.loses = 0
        self.inside: asyncio.Event | None = None
        self.cards: Any = self
        self.shops: Any = self
        self.products: Any = _Listed(self._products)

    @property
    def counts(self) -> list[tuple[str, Decimal]]:
        return sorted((one.product_id, Decimal(str(one.count))) for one in self.kept.values())

    async def account_id(self) -> str:
        return f"{id(self)}"

    @contextmanager
    def listening(self, _: object) -> Iterator[None]:
        yield

    async def get(self, id: int) -> StockCard | None:
        return self.kept.get(id)

    async def create(self, new: StockCardCreate) -> StockCard:
        made = card(len(self.kept) + 1, new.product_id, str(new.count), int(str(new.shop_id)))
        self.kept[made.id] = made
        self._born[made.id] = self._clock.now
        if self.inside is not None:
            self.inside.set()
            await asyncio.Event().wait()
        if self.loses:
            self.loses -= 1
            raise OutcomeUnknownError("the answer was lost")
        return made

    async def update(self, id: int, change: StockCardUpdate) -> StockCard:
        self.kept[id] = card(id, self.kept[id].product_id, str(change.count), SHOP)
        return self.kept[id]

    async def delete(self, id: int) -> StockCard:
        return self.kept.pop(id)

    def list(self, *, product_id: str | None = None, shop_id: int | None = None, **_: object) -> Any:
        shown = self._clock.now - self._lag
        return as_list(
            one
            for one in self.kept.values()
            if product_id in {None, one.product_id} and one.shop_id == shop_id and self._born[one.id] <= shown
        )


class _Listed:
    def __init__(self, records: Any) -> None:
        self._records = records

    def list(self, **_: object) -> Any:
        return as_list(self._records)


ROWS = [{"Штрихкод": f"000{n}", "Залишок": 10 + n} for n in range(1, COUNT + 1)]
COUNTS = [(f"p-{n}", Decimal(10 + n)) for n in range(1, COUNT + 1)]


def syncing(shop: Any, **options: Any) -> Any:
    return sync_stock(shop, ROWS, **{"shop_id": SHOP, "late_write_window": SETTLE_AFTER, **options})


@pytest.mark.parametrize("lag", LAGS)
async def test_a_card_whose_answer_was_lost_is_not_created_twice(clock: Clock, lag: float) -> None:
    shop = Shop(clock, lag)
    shop.loses = 4

    await syncing(shop)

    assert shop.counts == COUNTS


@pytest.mark.parametrize("lag", LAGS)
async def test_a_sync_right_after_another_one_finds_its_cards(clock: Clock, lag: float) -> None:
    shop = Shop(clock, lag)
    waits: list[float] = []
    await syncing(shop)

    summary = await syncing(shop, on_wait=waits.append)

    assert (shop.counts, summary.unchanged, waits) == (COUNTS, COUNT, [SETTLE_AFTER])


@pytest.mark.parametrize("lag", LAGS)
async def test_a_sync_after_one_that_was_cancelled_finds_its_cards(clock: Clock, lag: float) -> None:
    shop = Shop(clock, lag)
    shop.inside = asyncio.Event()
    task = asyncio.ensure_future(syncing(shop)._finish())
    await shop.inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    shop.inside = None

    await syncing(shop)

    assert shop.counts == COUNTS


@pytest.mark.parametrize("lag", LAGS)
async def test_an_undo_right_after_a_sync_finds_its_cards(clock: Clock, lag: float, tmp_path: Path) -> None:
    shop: Any = Shop(clock, lag)
    await syncing(shop, undo=tmp_path / "undo.csv")

    await undo_stock(shop, tmp_path / "undo.csv", late_write_window=SETTLE_AFTER)

    assert shop.counts == []


@pytest.mark.parametrize("method", ["get", "delete"])
async def test_a_page_that_says_404_does_not_undo_a_card(clock: Clock, tmp_path: Path, method: str) -> None:
    shop: Any = Shop(clock, 0.0)
    await syncing(shop, undo=tmp_path / "undo.csv")

    async def answer(_: int) -> Any:
        raise NotFoundError("404", status=404, excerpt="<html>We are being updated</html>")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shop, method, answer)
        undo = undo_stock(shop, tmp_path / "undo.csv", late_write_window=SETTLE_AFTER)
        with pytest.raises(StockStoppedError):
            await undo
    assert (undo.summary.unchanged, undo.summary.deleted, shop.counts) == (0, 0, COUNTS)

    await undo_stock(shop, tmp_path / "undo.csv", late_write_window=SETTLE_AFTER)
    assert shop.counts == []


async def test_two_syncs_of_one_shop_are_kept_apart_and_those_of_others_are_not_in_the_way(clock: Clock) -> None:
    shop: Any = Shop(clock, 0.0)
    shop.inside = asyncio.Event()
    task = asyncio.ensure_future(syncing(shop)._finish())
    await shop.inside.wait()

    with pytest.raises(JobRunningError, match="wait until it has ended"):
        await syncing(shop)
    await syncing(shop, dry_run=True)
    shop.inside = None
    await syncing(shop, shop_id=SHOP + 1)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert {one.shop_id for one in shop.kept.values()} == {SHOP, SHOP + 1}
