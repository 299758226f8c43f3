"""What a round makes of lists that begin anew while they are read, or hold receipts that nobody can name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async._support import clock as _clock
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.models import Receipt, ReceiptState, ReceiptType, Shop
from smartkasa_async.records import Batch, RecordKind, Undecodable
from smartkasa_async.sync import watch as watch_round
from smartkasa_async.sync.checkpoint import Checkpoint, ShopCheckpoint
from smartkasa_async.sync.reading import Reading
from smartkasa_async.sync.watch import RoundReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.sync import WatchError

TODAY = date(2026, 10, 20)
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
UNREADABLE = Undecodable("digest", b"{}", "Object missing required field `id`", 1)


def batch(*ids: str, undecodable: tuple[Undecodable, ...] = ()) -> Batch[Receipt]:
    receipts = [
        Receipt(
            id=id_,
            created_at=NOW,
            updated_at=NOW,
            state=ReceiptState.PAID,
            type=ReceiptType.SALE,
            total_amount=Decimal(1),
        )
        for id_ in ids
    ]
    return Batch(RecordKind.RECEIPTS, receipts, [json.dumps({"id": id_}).encode() for id_ in ids], undecodable)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Read rounds of one shop whose list comes as it is given; None stands for a new beginning."""
    troubles: list[WatchError] = []
    progress: list[Progress] = []
    monkeypatch.setattr(_clock, "now", lambda: NOW)
    kasa: Any = SimpleNamespace(clock_skew=None)
    reader = RoundReader(
        kasa,
        shops=None,
        start=TODAY,
        days=1,
        concurrency=1,
        accept_clock_skew=False,
        on_error=troubles.append,
        on_progress=progress.append,
    )

    async def pick_shops(*_: object) -> list[Shop]:
        return [Shop(id=1, created_at=NOW, updated_at=NOW, state=0, title="Крамниця")]

    async def read_round(checkpoint: Checkpoint, *batches: Batch[Receipt] | None, reading: Reading) -> tuple[Any, Any]:
        async def read_whole(_kasa: object, _listing: object, write: Any, *, on_restart: Any, **_: object) -> Reading:
            for one in batches:
                if one is None:
                    on_restart()
                else:
                    await write(one)
            return reading

        monkeypatch.setattr(watch_round, "read_whole", read_whole)
        return await reader.read(checkpoint), troubles

    monkeypatch.setattr(watch_round, "pick_shops", pick_shops)
    read_round.progress = progress  # type: ignore[attr-defined]
    return read_round


async def test_each_shop_of_a_round_is_progress(read: Any) -> None:
    await read(Checkpoint(NOW), batch("a", "b"), reading=Reading({"a", "b"}, 2))

    assert read.progress == [Progress(Stage.COMPARING, 1, 1, "shops", {"changes": 2})]


async def test_a_list_that_begins_anew_is_taken_once(read: Callable[..., Any]) -> None:
    """The receipt that was deleted in between is not told, and nothing is told twice."""
    round_, troubles = await read(
        Checkpoint(NOW),
        batch("deleted", "one", undecodable=(UNREADABLE,)),
        None,
        batch("one"),
        batch("two"),
        reading=Reading({"one", "two"}),
    )

    assert [found.change.receipt_id for found in round_.found] == ["one", "two"]
    assert troubles == []


@pytest.mark.parametrize("nameless", [True, False])
async def test_a_receipt_without_a_name_may_be_the_missing_one(read: Callable[..., Any], nameless: bool) -> None:
    known = ShopCheckpoint(TODAY, TODAY, {TODAY: {"one": "digest"}})

    round_, _ = await read(
        Checkpoint(NOW, {1: known}),
        batch(undecodable=(UNREADABLE,)),
        reading=Reading({"digest"}, undecodable=1, nameless=nameless),
    )

    assert [found.change.kind for found in round_.found] == ([] if nameless else ["deleted"])


async def test_a_receipt_whose_id_comes_as_a_number_is_not_gone(read: Callable[..., Any]) -> None:
    checkpoint = Checkpoint(NOW, {1: ShopCheckpoint(TODAY, TODAY, {TODAY: {"7": "digest"}})})
    round_, _ = await read(checkpoint, reading=Reading({7}))
    assert round_.found == []
