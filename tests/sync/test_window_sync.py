"""What every sync of windows shares: what is read, marked and reported; reading itself is given."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.errors import InvalidRequestError, PaginationError, ServerError, UnreadableAnswerError
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.records import Batch, KeptRecords, RecordKind, SyncedRange, Undecodable, Window, days
from smartkasa_async.stores import StoreError
from smartkasa_async.sync import ShopSync, SyncReport
from smartkasa_async.sync.reading import Reading
from smartkasa_async.sync.window_sync import SyncOptions, WindowSync
from tests.support.service import answer
from tests.support.shifting_list import served

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

TODAY = date(2026, 10, 20)
EARLIER = datetime(2026, 10, 19, 6, tzinfo=UTC)
KIND = RecordKind.RECEIPTS
TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}


def october(first: int, last: int) -> Window:
    return Window(date(2026, 10, first), date(2026, 10, last))


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "today", lambda: TODAY)


@dataclass(frozen=True, kw_only=True)
class Line(ShopSync):
    amount: int = 0


class PlainSink:
    """A sink of one method."""

    def __init__(self) -> None:
        self.written: list[Batch[Any]] = []

    async def write(self, batch: Batch[Any]) -> None:
        if batch.records == ["refused"]:
            raise StoreError("disk full")
        self.written.append(batch)


class Memory(PlainSink):
    """A sink that remembers; what it has from the beginning was looked at a second time already."""

    def __init__(self, synced_ranges: Mapping[int, list[Window]] | None = None) -> None:
        super().__init__()
        self._covered = {
            shop_id: [SyncedRange(window, EARLIER, is_confirmed=True) for window in windows]
            for shop_id, windows in (synced_ranges or {}).items()
        }
        self.new: list[tuple[int, Window]] = []
        self.read: list[tuple[int | None, Window | None, datetime]] = []
        self.marked: list[tuple[Collection[str | int], int | None, Window | None]] = []

    async def synced_ranges(self, kind: RecordKind, shop_id: int) -> Sequence[SyncedRange]:
        assert kind is KIND
        return self._covered.get(shop_id, [])

    async def mark_synced(self, kind: RecordKind, shop_id: int, synced: SyncedRange) -> None:
        assert kind is KIND
        assert not synced.is_confirmed
        self.new.append((shop_id, synced.window))

    async def trim(self, kind: RecordKind, shop_id: int, last: date) -> None:
        raise NotImplementedError

    async def note_read(
        self, kind: RecordKind, read_at: datetime, *, shop_id: int | None = None, window: Window | None = None
    ) -> None:
        assert kind is KIND
        self.read.append((shop_id, window, read_at))

    async def kept(self, kind: RecordKind, shop_id: int, window: Window) -> KeptRecords:
        raise NotImplementedError

    async def shop_titles(self) -> dict[int, str]:
        return {}

    async def mark_deleted(
        self,
        kind: RecordKind,
        present: Collection[str | int],
        *,
        shop_id: int | None = None,
        window: Window | None = None,
    ) -> int:
        assert kind is KIND
        self.marked.append((present, shop_id, window))
        return 2


class Service:
    """Windows of shops, each read as it is told; a list of amounts is what a window holds."""

    def __init__(self, windows: Mapping[tuple[int, Window], Any] | None = None, shops: Sequence[Any] = (1,)) -> None:
        self._windows = windows or {}
        self.asked: Counter[tuple[int, Window]] = Counter()
        listed = [{"id": id_, "title": f"Shop {id_}", "state": 1} | TIMES for id_ in shops]
        meta = {"current_page": 1, "total_pages": 1, "total_count": len(listed), "limit_value": 100, "offset_value": 0}
        self._shops = answer({"data": listed, "meta": meta})

    async def read(self, kasa: Any, job: tuple[int, Window], write: Any, **settings: Any) -> Reading:
        assert settings["concurrency"] == 3
        self.asked[job] += 1
        found = self._windows.get(job, [])
        if isinstance(found, Exception):
            return Reading(read=0, error=found)  # type: ignore[arg-type]
        if isinstance(found, Reading):
            return found
        if found == "anew":
            await write(Batch(KIND, [1000], [b""]))
            settings["on_restart"]()
            found = [1]
        if found:
            await write(Batch(KIND, found, [b""] * len(found)))
        return Reading(set(map(str, found)), len(found))

    async def run(self, sink: Any, window: Window | None = None, **settings: Any) -> Any:
        sync: WindowSync[int, Line, SyncReport[Line]] = WindowSync(
            KIND, SyncReport, Line, lambda amounts: {"amount": sum(amounts)}, 7, lambda *job: job[:2], self.read
        )
        window = window or october(1, 14)
        defaults: dict[str, Any] = {"shops": None, "start": window.start, "end": window.end, "lookback_days": 3}
        defaults |= {"refetch": False, "accept_clock_skew": False, "concurrency": 3, "on_progress": None}
        async with served(lambda _: self._shops) as kasa:
            report = await sync.run(kasa, sink, SyncOptions(**defaults | settings))
            return report.window, report.shops


async def test_every_window_of_every_shop_is_read_and_summed_up() -> None:
    service = Service({(1, october(1, 7)): [5, 7], (1, october(8, 14)): [1], (2, october(8, 14)): [30]}, shops=[2, 1])
    seen: list[Progress] = []

    window, lines = await service.run(PlainSink(), on_progress=seen.append)

    assert window == october(1, 14)
    assert lines == (
        Line(shop_id=1, title="Shop 1", amount=13),
        Line(shop_id=2, title="Shop 2", amount=30),
    )
    assert set(service.asked) == {(shop, window) for shop in (1, 2) for window in (october(1, 7), october(8, 14))}
    assert seen[-1] == Progress(Stage.SYNCING, 4, 4, "windows", {"records": 4})


async def test_what_is_no_number_does_not_end_a_run() -> None:
    service = Service({(1, october(1, 7)): [Decimal("sNaN"), Decimal(1)], (1, october(8, 14)): [Decimal(2)]})
    _, (line,) = await service.run(PlainSink())
    assert str(line.amount) == "NaN"


async def test_a_plain_sink_is_given_records_of_its_kind_only_and_all_each_time() -> None:
    service, sink = Service({(1, october(1, 7)): [5]}), PlainSink()
    await service.run(sink)
    await service.run(sink)
    assert {batch.kind for batch in sink.written} == {KIND}
    assert set(service.asked.values()) == {2}


async def test_a_sink_that_remembers_is_given_the_shops_too() -> None:
    sink = Memory()
    await Service().run(sink)
    (batch,) = sink.written
    assert (batch.kind, [shop.id for shop in batch.records]) == (RecordKind.SHOPS, [1])
    assert b'"title": "Shop 1"' in batch.raw[0]


async def test_days_that_are_covered_are_not_read() -> None:
    service = Service()
    sink = Memory({1: [october(1, 5), october(9, 10)]})
    await service.run(sink)
    assert set(service.asked) == {(1, october(6, 8)), (1, october(11, 14))}


async def test_covered_days_are_read_again_on_request() -> None:
    service = Service()
    await service.run(Memory({1: [october(1, 14)]}), refetch=True)
    assert set(service.asked) == {(1, october(1, 7)), (1, october(8, 14))}


async def test_what_was_read_whole_is_settled_as_far_as_it_is_old_enough() -> None:
    service, sink = Service({(1, october(17, 21)): [7]}), Memory()

    _, (line,) = await service.run(sink, october(8, 21))

    assert set(sink.new) == {(1, october(8, 14)), (1, october(15, 16))}
    assert (({"7"}, 1, october(17, 21))) in sink.marked
    assert line.deleted == 6
    assert {window for _, window, _ in sink.read} == {october(8, 14), october(15, 16), october(17, 21)}


async def test_an_end_that_is_left_out_is_today() -> None:
    service = Service()
    window, _ = await service.run(PlainSink(), october(15, 15), end=None)
    assert window == october(15, 20)
    assert list(service.asked) == [(1, october(15, 20))]


async def test_a_first_day_that_is_still_to_come_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="start is 2026-10-21, and today in Kyiv is 2026-10-20"):
        await Service().run(PlainSink(), october(21, 21), end=None)


async def test_a_window_that_cannot_be_read_is_named_and_the_others_go_on() -> None:
    failure = ServerError("500: no reason given")
    service, sink = Service({(1, october(1, 7)): failure, (1, october(8, 14)): [3]}), Memory()

    _, (line,) = await service.run(sink)

    (incomplete,) = line.incomplete
    assert str(incomplete) == "2026-10-01…2026-10-07: 500: no reason given"
    assert not line.complete
    assert line.amount == 3
    assert sink.new == [(1, october(8, 14))]
    assert [window for _, _, window in sink.marked] == [october(8, 14)]
    assert [window for _, window, _ in sink.read] == [october(8, 14)]


async def test_a_window_that_does_not_hold_still_is_read_in_halves() -> None:
    restless = PaginationError("7 different records came where the service counts 8", received=7)
    windows = {(1, october(1, 7)): restless, (1, october(5, 7)): restless, (1, october(7, 7)): restless}
    service = Service(windows | {(1, october(1, 4)): [1], (1, october(5, 6)): [2]})
    seen: list[Progress] = []

    _, (line,) = await service.run(Memory(), october(1, 7), on_progress=seen.append)

    assert list(service.asked) == [
        (1, october(1, 7)),
        (1, october(1, 4)),
        (1, october(5, 7)),
        (1, october(5, 6)),
        (1, october(7, 7)),
    ]
    assert line.amount == 3
    assert [incomplete.window for incomplete in line.incomplete] == [october(7, 7)]
    assert (seen[-1].total, seen[-1].done) == (3, 3)


async def test_figures_begin_anew_with_the_collection() -> None:
    _, (line,) = await Service({(1, october(1, 7)): "anew"}).run(PlainSink())
    assert line.amount == 1


async def test_undecodable_records_are_counted_and_the_window_is_whole() -> None:
    service, sink = Service({(1, october(1, 7)): Reading({"5"}, undecodable=1)}), Memory()
    _, (line,) = await service.run(sink)
    assert (line.undecodable, line.complete) == (1, True)
    assert (1, october(1, 7)) in sink.new


async def test_where_a_record_has_no_id_nothing_is_gone_and_nothing_is_settled() -> None:
    service, sink = Service({(1, october(1, 7)): Reading({"digest"}, undecodable=1, nameless=True)}), Memory()
    _, (line,) = await service.run(sink, october(1, 7))
    assert line.complete
    assert (sink.new, sink.marked) == ([], [])
    assert [window for _, window, _ in sink.read] == [october(1, 7)]


async def test_a_store_that_cannot_write_ends_the_run() -> None:
    with pytest.raises(StoreError, match="disk full"):
        await Service({(1, october(1, 7)): ["refused"]}).run(PlainSink())


async def test_a_negative_overlap_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="lookback_days is -1"):
        await Service().run(PlainSink(), lookback_days=-1)


async def test_a_shop_that_cannot_be_read_is_not_left_out_in_silence() -> None:
    service = Service(shops=[1, "two"])
    with pytest.raises(UnreadableAnswerError, match=r"Shop two cannot be read \(Expected `int`"):
        await service.run(PlainSink())

    sink = Memory()
    _, lines = await service.run(sink, shops=[1])
    assert [line.shop_id for line in lines] == [1]
    (kept,) = sink.written[0].undecodable
    assert isinstance(kept, Undecodable)
    assert kept.key == "two"
