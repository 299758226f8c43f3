"""A watch tells what becomes of receipts: all of it, in order, wherever it was interrupted."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sync import watch_receipts
from tests.support.clients import client
from tests.support.watching import MemoryKeeper, Stage, Till, moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from smartkasa_async import SmartKasa
    from smartkasa_async.sync import ReceiptChange

CREATED, CHANGED, DELETED = "created", "changed", "deleted"
TODAY = date(2026, 10, 20)
OPENED_AT = moment(1)


@pytest.fixture
async def kasa(box: Sandbox) -> AsyncIterator[SmartKasa]:
    async with client(box) as kasa:
        yield kasa


@pytest.fixture
def till(box: Sandbox) -> Till:
    till = Till(box, moment(20))
    till.open_shop(1, opened_at=OPENED_AT)
    return till


@pytest.fixture
def stage(kasa: SmartKasa, till: Till, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(kasa, till, monkeypatch)


def short(told: list[ReceiptChange]) -> list[tuple[str, str]]:
    return [(change.kind, change.receipt_id) for change in told]


async def test_receipts_are_told_as_they_come(stage: Stage, till: Till) -> None:
    old = till.sell()
    new: list[str] = []

    told = await stage.watch(lambda: new.append(till.sell()), lambda: new.append(till.sell()), checkpoint=None)

    assert short(told) == [(CREATED, new[0]), (CREATED, new[1])]
    assert old not in new
    (change, _) = told
    assert change.shop_id == 1
    assert change.receipt is not None
    assert change.receipt.total_amount == Decimal(102)
    assert [payment.amount for payment in change.receipt.payment_transactions or ()] == [Decimal(102)]
    assert change.raw is not None
    assert b'"total_amount":"102.0"' in change.raw
    assert stage.troubles == []


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("receipts", {"state": 3}),
        ("receipts", {"fiscal_number": "16773376"}),
        ("payments", {"state": 1}),
        ("payments", {"rrn": "162Q560ZQ3I174JY431"}),
        ("receipt_items", {"quantity": Decimal("1.5")}),
    ],
)
async def test_every_change_is_told(stage: Stage, till: Till, table: str, values: dict[str, Any]) -> None:
    id_ = till.sell()
    till.sell()
    stage.later(minutes=5)

    told = await stage.watch(lambda: till.change(id_, table, **values), lambda: None, checkpoint=None)

    assert short(told) == [(CHANGED, id_)]


async def test_a_receipt_that_was_deleted_is_told_last_and_may_come_again(
    stage: Stage, till: Till, kasa: SmartKasa
) -> None:
    id_, new = till.sell(), []
    (row,) = till.rows("receipts", id=id_)

    async def delete() -> None:
        new.append(till.sell())
        await kasa.receipts.delete(id_)

    told = await stage.watch(delete, lambda: None, lambda: till.load(receipts=row), checkpoint=None)

    assert short(told) == [(CREATED, new[0]), (DELETED, id_), (CREATED, id_)]
    assert (told[1].receipt, told[1].raw) == (None, None)


async def test_a_round_is_told_in_the_order_of_what_happened(stage: Stage, till: Till) -> None:
    till.open_shop(2, opened_at=OPENED_AT)
    changed = till.sell(shop_id=2)

    def act() -> None:
        till.change(changed, state=3, updated_at=moment(20, 9, 30))
        for shop_id, minute in ((2, 50), (1, 10), (2, 20), (1, 40)):
            till.sell(shop_id, at=moment(20, 9, minute))

    stage_told = await stage.watch(act, checkpoint=None)

    receipts = [change.receipt for change in stage_told if change.receipt is not None]
    assert [receipt.updated_at.minute for receipt in receipts] == [10, 20, 30, 40, 50]


async def test_a_day_that_is_given_is_told_from_its_beginning(stage: Stage, till: Till) -> None:
    ids = [till.sell(at=moment(day, hour)) for day, hour in ((16, 20), (16, 21), (19, 9), (20, 8))]

    told = await stage.watch(checkpoint=None, start=date(2026, 10, 17))

    assert short(told) == [(CREATED, id_) for id_ in ids[1:]]


async def test_what_was_taken_is_not_told_to_the_next_watch(stage: Stage, till: Till, tmp_path: Path) -> None:
    checkpoint = tmp_path / "position.json"
    first = [till.sell() for _ in range(3)]

    assert short(await stage.watch(checkpoint=checkpoint, start=TODAY)) == [(CREATED, id_) for id_ in first]
    new = till.sell()
    assert short(await stage.watch(checkpoint=checkpoint, start=TODAY)) == [(CREATED, new)]
    assert short(await stage.watch(checkpoint=str(checkpoint))) == []
    assert list(tmp_path.iterdir()) == [checkpoint]  # noqa: ASYNC240


async def test_without_a_position_the_present_is_noted_once(stage: Stage, till: Till, tmp_path: Path) -> None:
    checkpoint = tmp_path / "position.json"
    till.sell()
    assert await stage.watch(checkpoint=checkpoint) == []
    new = till.sell()
    assert short(await stage.watch(checkpoint=checkpoint)) == [(CREATED, new)]


async def test_the_change_at_which_a_watch_is_left_is_told_again(stage: Stage, till: Till) -> None:
    keeper = MemoryKeeper()
    ids = [till.sell() for _ in range(4)]

    told = await stage.watch(checkpoint=keeper, start=TODAY, leave=lambda change: change.receipt_id == ids[1])
    again = await stage.watch(checkpoint=keeper)

    assert [change.receipt_id for change in told] == ids[:2]
    assert [change.receipt_id for change in again] == ids[1:]


async def test_after_a_long_pause_nothing_is_missing(stage: Stage, till: Till) -> None:
    keeper = MemoryKeeper()
    old = till.sell(at=moment(19))
    await stage.watch(checkpoint=keeper)

    # One more on the last day, a change on the day before it, and one on each day since, over the end of summer time.
    ids = [till.sell(at=moment(20, 20, 59))]
    till.change(old, state=3)
    ids += [till.sell(at=moment(day)) for day in range(21, 31)]
    stage.later(days=10)
    told = await stage.watch(checkpoint=keeper)

    assert sorted(short(told)) == sorted([(CHANGED, old), *((CREATED, id_) for id_ in ids)])
    assert [change.receipt.created_at for change in told if change.kind == CREATED and change.receipt] == sorted(
        change.receipt.created_at for change in told if change.kind == CREATED and change.receipt
    )
    assert len(stage.pauses) == 2


async def test_a_position_does_not_grow(stage: Stage, till: Till) -> None:
    keeper = MemoryKeeper()

    def next_day() -> None:
        stage.later(days=1)
        till.sell()

    told = await stage.watch(*[next_day] * 12, checkpoint=keeper)

    assert [change.kind for change in told] == [CREATED] * 12
    assert len(set(map(len, keeper.saved[-6:]))) == 1


async def test_a_shop_that_opens_is_watched_from_its_first_receipt_on(stage: Stage, till: Till) -> None:
    keeper = MemoryKeeper()
    await stage.watch(checkpoint=keeper)

    stage.later(days=3)
    till.open_shop(2, opened_at=moment(21))
    ids = [till.sell(2, at=moment(21)), till.sell(2)]

    assert [change.receipt_id for change in await stage.watch(checkpoint=keeper)] == ids


async def test_only_the_shops_that_were_asked_for_are_read(stage: Stage, till: Till, box: Sandbox) -> None:
    for shop_id in (2, 3):
        till.open_shop(shop_id, opened_at=OPENED_AT)
    ids = [till.sell(shop_id) for shop_id in (1, 2, 3)]

    told = await stage.watch(lambda: None, checkpoint=None, shops=iter([1, 3]), start=TODAY)

    assert [change.receipt_id for change in told] == [ids[0], ids[2]]
    assert box.calls["GET /api/v1/rsn/shops"] == 1


async def test_many_pages_of_a_busy_shop_while_it_sells(stage: Stage, kasa: SmartKasa, box: Sandbox) -> None:
    """Whatever shifts the pages while they are read, in the end every receipt was told as it is."""
    business = simulate(Simulation(seed=3, shops=2, start=TODAY - timedelta(days=1), days=2, receipts_per_day=150))
    drift = box.drift(business, since=TODAY, every=1, deletions=True)
    stage.till.now = moment(20, 20)
    held: dict[str, Any] = {}

    def rest() -> None:
        drift.finish()

    for change in await stage.watch(*[lambda: None] * 40, rest, lambda: None, checkpoint=None, start=TODAY):
        if change.receipt is None:
            del held[change.receipt_id]
        else:
            held[change.receipt_id] = (change.receipt.state, change.receipt.updated_at, change.receipt.fiscal_number)

    rows = [row for row in box.rows("receipts") if row["created_at"] >= moment(19, 21)]
    assert held == {row["id"]: (row["state"], row["updated_at"], row["fiscal_number"]) for row in rows}
    assert len(held) > 200


async def test_a_shop_that_is_not_there_is_named(stage: Stage) -> None:
    with pytest.raises(InvalidRequestError, match="No shop of the account has the id 999; there are 1"):
        await stage.watch(checkpoint=None, shops=[999])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": True}, "days"),
        ({"concurrency": 0}, "concurrency"),
        ({"interval": 0}, "interval"),
        ({"interval": 10, "max_interval": 5}, "max_interval"),
        ({"start": moment(20)}, "start"),
        ({"start": "2026-10-20"}, "start"),
        ({"start": date(2100, 1, 1)}, "start"),
    ],
)
def test_arguments_are_checked_at_once(kasa: SmartKasa, options: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        watch_receipts(kasa, checkpoint=None, **options)
    assert caught.value.field == field
