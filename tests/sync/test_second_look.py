"""Settled days are looked at a second time by a later run, so that one wrong answer is not kept for good."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async._support import clock as _clock
from smartkasa_async.models import Receipt
from smartkasa_async.records import KeptRecords, SyncedRange, Window
from smartkasa_async.records.synced_days import add_range, recheck_windows, trimmed
from smartkasa_async.stores.schema import RECEIPTS
from smartkasa_async.sync import sync_receipts
from smartkasa_async.sync.reading import agrees, decode_records
from tests.support.listing_service import ListingService
from tests.support.service import answer
from tests.support.shifting_list import receipt, served
from tests.support.stored import rows

if TYPE_CHECKING:
    from smartkasa_async.stores import Store
    from smartkasa_async.sync import ReceiptsReport

START, END = date(2026, 9, 1), date(2026, 9, 7)
THEN = datetime(2026, 10, 1, tzinfo=UTC)
EMPTY = answer(
    {"data": [], "meta": {"current_page": 1, "total_pages": 0, "total_count": 0, "limit_value": 100, "offset_value": 0}}
)


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """What stores remember is tested with each database elsewhere."""
    return sqlite_store


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> ListingService:
    service = ListingService()
    service.sell_daily(START, END, each=3)
    monkeypatch.setattr(_clock, "now", lambda: service.now)
    return service


async def sync(service: ListingService, store: Store, end: date = END, **options: Any) -> ReceiptsReport:
    service.asked.clear()
    async with served(service) as kasa:
        return await sync_receipts(kasa, store, start=START, end=end, **options)


async def kept(store: Store) -> set[str]:
    return {row["id"] for row in await rows(store, RECEIPTS) if row["deleted_at"] is None}


async def test_a_list_that_was_empty_once_is_found_by_the_next_run(service: ListingService, store: Store) -> None:
    service.answered[0] = EMPTY
    first = await sync(service, store)
    service.answered.clear()
    assert (first.complete, first.receipts) == (True, 0)

    second = await sync(service, store)

    assert (second.receipts, second.shops[0].days_known) == (21, 0)
    assert await kept(store) == set(service.receipts)
    assert [query["date_start"] for query in service.asked] == ["2026-09-01"] * 2  # the look, and all on one page


async def test_a_receipt_that_went_while_another_came_is_found(service: ListingService, store: Store) -> None:
    await sync(service, store)
    old = next(iter(service.receipts))
    service.sell(THEN.replace(month=9, day=5), id_="new")
    del service.receipts[old]
    report = await sync(service, store)
    assert report.deleted == 1
    assert await kept(store) == set(service.receipts)


async def test_a_receipt_that_changed_is_found(service: ListingService, store: Store) -> None:
    await sync(service, store)
    changed = list(service.receipts)[10]
    service.receipts[changed] |= {"updated_at": THEN.isoformat(), "total_amount": "99.00"}
    await sync(service, store)
    (row,) = [row for row in await rows(store, RECEIPTS) if row["id"] == changed]
    assert row["total_amount"] == 99


async def test_what_did_not_change_costs_one_request_once(service: ListingService, store: Store) -> None:
    await sync(service, store)
    report = await sync(service, store)
    assert (len(service.asked), report.receipts, report.shops[0].days_known) == (1, 0, 7)
    await sync(service, store)
    assert service.asked == []


async def test_days_read_again_are_looked_at_once_more(service: ListingService, store: Store) -> None:
    await sync(service, store)
    service.answered[1] = EMPTY
    await sync(service, store)
    service.answered.clear()
    await sync(service, store, refetch=True)
    await sync(service, store)
    assert len(service.asked) == 1


async def test_a_run_looks_at_eight_windows_of_a_shop_the_newest_first(service: ListingService, store: Store) -> None:
    service.now += timedelta(days=200)
    end = START + timedelta(days=7 * 10 - 1)
    await sync(service, store, end)
    await sync(service, store, end)
    assert sorted(query["date_start"] for query in service.asked)[::7] == ["2026-09-15", "2026-11-03"]
    assert len(service.asked) == 8
    await sync(service, store, end)
    assert len(service.asked) == 2
    await sync(service, store, end)
    assert service.asked == []


async def test_a_look_that_fails_is_a_reading(service: ListingService, store: Store) -> None:
    await sync(service, store)
    service.answered[0] = answer({"message": "no"}, 500)
    report = await sync(service, store)
    assert (report.complete, report.receipts) == (True, 21)
    service.answered = {number: answer({"message": "no"}, 500) for number in range(9)}
    report = await sync(service, store)
    assert not report.complete


async def test_records_in_quarantine_do_not_cost_a_reading_each_time(service: ListingService, store: Store) -> None:
    odd = service.sell(THEN.replace(month=9, day=5))
    service.receipts[odd]["type"] = "sale"
    service.sell(THEN.replace(month=9, day=6), shop_id=None, id_="shopless")
    assert (await sync(service, store)).undecodable == 1
    await sync(service, store)
    assert len(service.asked) == 1
    await sync(service, store)
    assert service.asked == []


# --- the rules ---


def days(first: int, last: int) -> Window:
    return Window(date(2026, 10, first), date(2026, 10, last))


def synced(first: int, last: int, *, hours: int = 0, is_confirmed: bool = False) -> SyncedRange:
    return SyncedRange(days(first, last), THEN + timedelta(hours=hours), is_confirmed)


def test_ranges_of_a_kind_join_and_keep_the_later_moment() -> None:
    ranges = [synced(1, 3, hours=5), synced(8, 9, is_confirmed=True)]
    assert add_range(ranges, synced(4, 7)) == [synced(1, 7, hours=5), synced(8, 9, is_confirmed=True)]
    assert add_range(ranges, synced(4, 7, is_confirmed=True)) == [
        synced(1, 3, hours=5),
        synced(4, 9, is_confirmed=True),
    ]


def test_trimming_takes_days_and_whole_ranges() -> None:
    ranges = [synced(1, 3), synced(5, 9), synced(12, 14)]
    assert trimmed(ranges, date(2026, 10, 6)) == [synced(1, 3), synced(5, 6)]
    assert trimmed(ranges, date(2026, 9, 30)) == []


def test_what_a_clock_ahead_has_read_is_looked_at_whole_even_where_it_was_confirmed() -> None:
    ranges = [synced(1, 20, hours=3, is_confirmed=True), synced(22, 28)]
    looks = list(recheck_windows(ranges, days(2, 31), now=THEN, days=7, limit=1))
    assert looks == [days(16, 20), days(9, 15), days(2, 8), days(22, 28)]
    assert list(recheck_windows(ranges, days(2, 31), now=THEN + timedelta(hours=2), days=7, limit=0)) == []


def found(*records: dict[str, Any]) -> Any:
    return decode_records([msgspec.Raw(msgspec.json.encode(one)) for one in records], Receipt)


KEPT = KeptRecords({"1": datetime.fromisoformat(receipt(1)["updated_at"]), "2": None}, {"odd"})


@pytest.mark.parametrize(
    ("ids", "count", "expected"),
    [
        (["1", "2"], 2, True),
        (["1", "2", "odd"], 3, True),
        (["1"], 1, False),  # one went
        (["1", "3"], 2, False),  # one went and another came
        (["1", "odd"], 2, False),
        (["2"], 2, True),  # the other stands on the next page
        (["2"], 3, True),  # and what is in quarantine too, perhaps
        (["2"], 4, False),
        ([], 0, False),
    ],
)
def test_a_first_page_is_compared_with_what_is_kept(ids: list[str], count: int, expected: bool) -> None:
    assert agrees(found(*map(receipt, ids)), count, KEPT) is expected


def test_only_a_newer_version_is_a_change() -> None:
    for moment, expected in (
        ("2026-10-01T08:00:00Z", True),
        ("2026-10-01T09:00:00Z", True),
        ("2026-10-01T09:00:01Z", False),
    ):
        assert agrees(found(receipt(1, updated_at=moment), receipt(2)), 2, KEPT) is expected


def test_a_record_without_an_id_is_a_change() -> None:
    assert not agrees(found(receipt(1), receipt(2), {"type": 0}), 3, KEPT)
