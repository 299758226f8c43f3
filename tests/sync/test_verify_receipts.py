"""A store compared with the service, receipt by receipt."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, update

from smartkasa_async import InvalidRequestError
from smartkasa_async._support import clock as _clock
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.records import Window
from smartkasa_async.stores.schema import QUARANTINE, RECEIPTS
from smartkasa_async.sync import IncompleteWindow, VerifyReport, sync_receipts, verify_receipts
from tests.support.listing_service import ListingService
from tests.support.service import answer
from tests.support.shifting_list import served
from tests.support.stored import changing

if TYPE_CHECKING:
    from sqlalchemy.sql.dml import UpdateBase

    from smartkasa_async.stores import Store

START, END = date(2026, 10, 1), date(2026, 10, 14)


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """What stores remember is tested with each database elsewhere."""
    return sqlite_store


@pytest.fixture
async def service(store: Store, monkeypatch: pytest.MonkeyPatch) -> ListingService:
    """Give a service of two shops whose receipts are in the store."""
    service = ListingService(shops=(1, 2))
    for shop in service.shops:
        service.sell_daily(START, END, shop=shop, each=2)
    monkeypatch.setattr(_clock, "now", lambda: service.now)
    async with served(service) as kasa:
        await sync_receipts(kasa, store, start=START, end=END)
    return service


async def verify(service: ListingService, store: Store, **options: Any) -> VerifyReport:
    span: dict[str, Any] = {"start": START, "end": END} | options
    async with served(service) as kasa:
        return await verify_receipts(kasa, store, **span)


async def change(store: Store, statement: UpdateBase) -> None:
    async with changing(store) as connection:
        await connection.execute(statement)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=UTC)


async def test_a_store_that_was_just_synced_agrees(service: ListingService, store: Store) -> None:
    seen: list[Progress] = []
    report = await verify(service, store, on_progress=seen.append)
    assert report == VerifyReport(Window(START, END), 56, (), ())
    assert report.ok
    assert str(report) == "The store agrees with the service: 56 receipts."
    assert seen[-1] == Progress(Stage.COMPARING, 4, 4, "windows", {"records": 56})


async def test_what_differs_is_told_by_shop_and_day(service: ListingService, store: Store) -> None:
    new = service.sell(at(5), shop=2)
    names = [name for name, one in service.receipts.items() if one["shop_id"] == 1]
    del service.receipts[names[0]]
    service.receipts[names[4]]["total_amount"] = "11.50"
    service.receipts[names[5]]["updated_at"] = at(20).isoformat()

    report = await verify(service, store)

    assert not report.ok
    told = [(one.shop_id, one.day.day, one.missing, one.deleted, one.changed) for one in report.differences]
    assert told == [
        (1, 1, (), (names[0],), ()),
        (1, 3, (), (), tuple(sorted(names[4:6]))),
        (2, 5, (new,), (), ()),
    ]
    first, second, third = report.differences
    assert (first.listed, first.kept, first.listed_total, first.kept_total) == (1, 2, Decimal("10.50"), Decimal(21))
    assert (second.listed_total, second.kept_total) == (Decimal(22), Decimal(21))
    assert (third.title, third.listed, third.kept) == ("Shop 2", 3, 2)
    assert str(first) == "shop 1 2026-10-01: 1 listed, 2 kept: 0 missing, 1 deleted, 0 changed"
    assert str(report).splitlines()[3].split() == [
        *("1", "Shop", "1", "2026-10-01", "1", "2", "10.50", "21.00", "0", "1", "0")
    ]


async def test_syncing_the_days_anew_makes_them_agree(service: ListingService, store: Store) -> None:
    del service.receipts[next(iter(service.receipts))]
    service.sell(at(5), shop=2)
    for one in (await verify(service, store)).differences:
        async with served(service) as kasa:
            await sync_receipts(kasa, store, shops=[one.shop_id], start=one.day, end=one.day, refetch=True)
    assert (await verify(service, store)).ok


async def test_a_receipt_on_another_day_is_changed_and_not_lost(service: ListingService, store: Store) -> None:
    moved = next(iter(service.receipts))
    service.receipts[moved]["created_at"] = at(3).isoformat()
    (one,) = (await verify(service, store)).differences
    assert (one.day, one.missing, one.deleted, one.changed) == (date(2026, 10, 3), (), (), (moved,))


async def test_what_the_store_lost_or_holds_otherwise_is_found(service: ListingService, store: Store) -> None:
    first, second, *_ = service.receipts
    await change(store, delete(RECEIPTS).where(RECEIPTS.c.id == first))
    await change(store, update(RECEIPTS).where(RECEIPTS.c.id == second).values(total_amount=Decimal(1)))
    (one,) = (await verify(service, store, shops=[1])).differences
    assert (one.missing, one.changed) == ((first,), (second,))


async def test_receipts_without_a_shop_are_of_any(service: ListingService, store: Store) -> None:
    name = service.sell(at(6), shop_id=None)
    async with served(service) as kasa:
        await sync_receipts(kasa, store, start=START, end=END, refetch=True)
    assert (await verify(service, store)).ok
    service.receipts[name]["total_amount"] = "1.00"
    assert [one.changed for one in (await verify(service, store)).differences] == [(name,)] * 2


async def test_what_is_in_quarantine_agrees_and_what_is_nowhere_cannot_be_compared(
    service: ListingService, store: Store
) -> None:
    odd = service.sell(at(6))
    service.receipts[odd]["type"] = "sale"
    report = await verify(service, store)
    assert [(shop, one.window.start.day, one.reason) for shop, one in report.incomplete] == [
        (1, 1, "1 receipt does not have the documented form, and is not in the store's quarantine either")
    ]
    async with served(service) as kasa:
        await sync_receipts(kasa, store, start=START, end=END, refetch=True)
    assert (await verify(service, store)).ok
    await change(store, delete(QUARANTINE))
    assert not (await verify(service, store)).ok


async def test_a_receipt_that_can_be_decoded_now_is_missing_until_it_is_synced(
    service: ListingService, store: Store
) -> None:
    odd = service.sell(at(6))
    service.receipts[odd]["type"] = "sale"
    async with served(service) as kasa:
        await sync_receipts(kasa, store, start=START, end=END, refetch=True)
    service.receipts[odd]["type"] = 0
    assert [one.missing for one in (await verify(service, store)).differences] == [(odd,)]


async def test_what_cannot_be_read_is_named_and_the_rest_is_compared(service: ListingService, store: Store) -> None:
    service.asked.clear()
    service.answered[0] = answer({"message": "no"}, 404)
    report = await verify(service, store, concurrency=1)
    ((shop, one),) = report.incomplete
    assert isinstance(one, IncompleteWindow)
    assert (shop, one.window.days, report.receipts, report.differences) == (1, 7, 42, ())
    assert "404" in str(report)


async def test_a_receipt_without_an_id_cannot_be_compared(service: ListingService, store: Store) -> None:
    name = service.sell(at(6))
    service.receipts[name]["id"] = None
    report = await verify(service, store, shops=[1])
    ((_, one),) = report.incomplete
    assert "has no id that can be read" in one.reason


async def test_a_list_that_begins_anew_is_compared_as_it_was_read_last(service: ListingService, store: Store) -> None:
    service.asked.clear()
    deleted = list(service.receipts)[2]

    def delete_one(number: int) -> None:
        if number == 2:
            del service.receipts[deleted]

    service.before = delete_one
    report = await verify(service, store, shops=[1], concurrency=1, per_page=5)
    assert [(one.missing, one.deleted) for one in report.differences] == [((), (deleted,))]
    assert report.receipts == 27


async def test_the_last_day_is_today_and_unknown_shops_are_refused(service: ListingService, store: Store) -> None:
    service.now = datetime(2026, 10, 15, 12, tzinfo=UTC)
    assert (await verify(service, store, end=None)).window == Window(START, START + timedelta(14))
    with pytest.raises(InvalidRequestError, match="No shop of the account has the id 9"):
        await verify(service, store, shops=[9])
