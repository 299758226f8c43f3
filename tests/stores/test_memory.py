from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.records.batch import Batch, KeptRecords, RecordKind, Undecodable
from smartkasa_async.records.days import Window, business_day
from smartkasa_async.records.synced_days import SyncedRange, SyncState
from smartkasa_async.stores.schema import PRODUCT_SALES, QUARANTINE, RECEIPTS
from tests.support.stored import RECEIPT, SHOP, Z_REPORT, batch, receipts, rows, sales

if TYPE_CHECKING:
    from smartkasa_async.stores import Store

FIRST = date(2026, 10, 1)
RECEIPTS_KIND = RecordKind.RECEIPTS


THEN = datetime(2026, 11, 20, 6, tzinfo=UTC)


def days(start: int, end: int) -> Window:
    return Window(FIRST + timedelta(start), FIRST + timedelta(end))


def synced(start: int, end: int, *, hours: int = 0, is_confirmed: bool = False) -> SyncedRange:
    return SyncedRange(days(start, end), THEN + timedelta(hours=hours), is_confirmed)


# --- covered days ---


async def test_a_store_is_a_memory(store: Store) -> None:
    assert isinstance(store, SyncState)
    assert await store.synced_ranges(RECEIPTS_KIND, 13) == []


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ([(0, 6), (7, 13)], [(0, 13)]),
        ([(7, 13), (0, 6)], [(0, 13)]),
        ([(0, 6), (8, 13)], [(0, 6), (8, 13)]),
        ([(0, 6), (8, 13), (7, 7)], [(0, 13)]),
        ([(0, 6), (3, 9)], [(0, 9)]),
        ([(0, 30), (3, 9)], [(0, 30)]),
        ([(3, 9), (12, 14), (0, 30)], [(0, 30)]),
        ([(3, 9), (3, 9)], [(3, 9)]),
    ],
)
async def test_spans_that_touch_or_overlap_are_one(
    store: Store, added: list[tuple[int, int]], expected: list[tuple[int, int]]
) -> None:
    for span in added:
        await store.mark_synced(RECEIPTS_KIND, 13, synced(*span))
    assert await store.synced_ranges(RECEIPTS_KIND, 13) == [synced(*span) for span in expected]


async def test_spans_are_those_of_a_set_of_days(store: Store) -> None:
    random = Random(20261001)  # noqa: S311
    synced_ranges: set[int] = set()
    for _ in range(40):
        start = random.randrange(80)
        end = start + random.randrange(4)
        synced_ranges.update(range(start, end + 1))
        await store.mark_synced(RECEIPTS_KIND, 13, synced(start, end))
        spans = [one.window for one in await store.synced_ranges(RECEIPTS_KIND, 13)]
        assert {
            (one.start - FIRST).days + n for one in spans for n in range((one.end - one.start).days + 1)
        } == synced_ranges
        assert all((later.start - one.end).days > 1 for one, later in pairwise(spans))


async def test_shops_and_kinds_are_covered_apart(store: Store) -> None:
    await store.mark_synced(RECEIPTS_KIND, 13, synced(0, 6))
    await store.mark_synced(RECEIPTS_KIND, 14, synced(7, 9))
    await store.mark_synced(RecordKind.Z_REPORTS, 13, synced(7, 9))
    assert await store.synced_ranges(RECEIPTS_KIND, 13) == [synced(0, 6)]


async def test_what_is_noted_last_of_a_day_is_what_counts(store: Store) -> None:
    await store.mark_synced(RECEIPTS_KIND, 13, synced(0, 9))
    await store.mark_synced(RECEIPTS_KIND, 13, synced(3, 5, hours=24, is_confirmed=True))
    assert await store.synced_ranges(RECEIPTS_KIND, 13) == [
        synced(0, 2),
        synced(3, 5, hours=24, is_confirmed=True),
        synced(6, 9),
    ]
    await store.mark_synced(RECEIPTS_KIND, 13, synced(0, 4, hours=48))
    assert await store.synced_ranges(RECEIPTS_KIND, 13) == [
        synced(0, 4, hours=48),
        synced(5, 5, hours=24, is_confirmed=True),
        synced(6, 9),
    ]


async def test_days_that_cannot_be_settled_are_forgotten(store: Store) -> None:
    await store.mark_synced(RECEIPTS_KIND, 13, synced(0, 3, is_confirmed=True))
    await store.mark_synced(RECEIPTS_KIND, 13, synced(4, 9))
    await store.mark_synced(RECEIPTS_KIND, 13, synced(20, 22))
    await store.trim(RECEIPTS_KIND, 13, FIRST + timedelta(5))
    assert await store.synced_ranges(RECEIPTS_KIND, 13) == [synced(0, 3, is_confirmed=True), synced(4, 5)]
    await store.trim(RECEIPTS_KIND, 13, FIRST - timedelta(1))
    assert await store.synced_ranges(RECEIPTS_KIND, 13) == []


async def test_what_is_kept_of_a_span_is_told_with_its_versions(store: Store) -> None:
    changed = "2026-10-05T10:00:00+00:00"
    await store.write(
        receipts(
            {"id": "within", "created_at": "2026-10-02T10:00:00+00:00", "updated_at": changed},
            {"id": "deleted", "created_at": "2026-10-02T11:00:00+00:00"},
            {"id": "shopless", "created_at": "2026-10-02T12:00:00+00:00", "shop_id": None},
            {"id": "elsewhere", "created_at": "2026-10-02T13:00:00+00:00", "shop_id": 14},
            {"id": "after", "created_at": "2026-10-02T21:00:00+00:00"},
        )
    )
    await store.mark_deleted(RECEIPTS_KIND, ["within"], shop_id=13, window=days(1, 1))
    odd = [Undecodable("odd", b"{}", "why", 13), Undecodable("other", b"{}", "why", 14)]
    await store.write(Batch(RECEIPTS_KIND, (), (), odd))

    kept = await store.kept(RECEIPTS_KIND, 13, days(1, 1))

    assert kept == KeptRecords({"within": datetime.fromisoformat(changed)}, {"odd", "shopless"})


async def test_z_reports_are_kept_without_versions(store: Store) -> None:
    await store.write(batch(RecordKind.Z_REPORTS, Z_REPORT))
    day = business_day(datetime.fromisoformat(Z_REPORT["created_at"]))
    kept = await store.kept(RecordKind.Z_REPORTS, Z_REPORT["shop_id"], Window(day, day))
    assert kept == KeptRecords({str(Z_REPORT["id"]): None})


# --- what is gone ---


async def test_what_is_no_longer_listed_is_marked_once(store: Store) -> None:
    await store.write(batch(RecordKind.SHOPS, *(SHOP | {"id": id_} for id_ in (1, 2, 3))))
    assert await store.mark_deleted(RecordKind.SHOPS, [1, 3]) == 1
    assert await store.mark_deleted(RecordKind.SHOPS, [1, 3]) == 0
    assert await store.mark_deleted(RecordKind.SHOPS, [1]) == 1


async def test_ids_in_another_form_are_the_same_ids(store: Store) -> None:
    await store.write(receipts({"id": "7"}))
    assert await store.mark_deleted(RecordKind.RECEIPTS, {7}) == 0
    await store.write(batch(RecordKind.SHOPS, SHOP))
    assert await store.mark_deleted(RecordKind.SHOPS, {str(SHOP["id"])}) == 0


async def test_only_the_listed_shop_and_days_are_marked(store: Store) -> None:
    await store.write(
        receipts(
            {"id": "within", "created_at": "2026-10-01T21:00:00+00:00"},  # the second in Kyiv
            {"id": "present", "created_at": "2026-10-02T10:00:00+00:00"},
            {"id": "before", "created_at": "2026-10-01T20:59:59+00:00"},
            {"id": "after", "created_at": "2026-10-02T21:00:00+00:00"},
            {"id": "elsewhere", "created_at": "2026-10-02T10:00:00+00:00", "shop_id": 14},
        )
    )
    assert await store.mark_deleted(RECEIPTS_KIND, {"present"}, shop_id=13, window=days(1, 1)) == 1
    assert [row["id"] for row in await rows(store, RECEIPTS) if row["deleted_at"]] == ["within"]


async def test_thousands_are_marked_at_once(store: Store) -> None:
    await store.write(batch(RecordKind.SHOPS, *(SHOP | {"id": id_} for id_ in range(1_200))))
    assert await store.mark_deleted(RecordKind.SHOPS, {0}) == 1_199


async def test_sums_of_products_that_did_not_sell_after_all_are_deleted(store: Store) -> None:
    await store.write(sales(FIRST, p1="10.00", p2="20.00"))
    await store.write(sales(FIRST + timedelta(1), p2="30.00"))
    assert await store.mark_deleted(RecordKind.PRODUCT_SALES, ["p1"], shop_id=13, window=days(0, 0)) == 1
    kept = [(row["business_date"], row["product_id"]) for row in await rows(store, PRODUCT_SALES)]
    assert kept == [(FIRST, "p1"), (FIRST + timedelta(1), "p2")]


async def test_lists_of_the_whole_account_have_no_shop(store: Store) -> None:
    with pytest.raises(InvalidRequestError, match="products have no shop_id"):
        await store.mark_deleted(RecordKind.PRODUCTS, [], shop_id=13)
    with pytest.raises(InvalidRequestError, match="shifts have no business_date"):
        await store.mark_deleted(RecordKind.SHIFTS, [], shop_id=13, window=days(0, 0))


# --- quarantine ---


def broken(key: str, error: str = "Expected `str`, got `int` - at `$.title`") -> Undecodable:
    return Undecodable(key, b'{"id": "' + key.encode() + b'", "title": 5}', error, 13)


async def test_what_cannot_be_decoded_is_kept_as_it_came(store: Store) -> None:
    await store.write(batch(RECEIPTS_KIND, RECEIPT, undecodable=[broken("b"), broken("a")]))
    await store.write(batch(RecordKind.SHOPS, undecodable=[broken("a")]))
    assert await store.quarantined() == [
        (RECEIPTS_KIND, broken("a")),
        (RECEIPTS_KIND, broken("b")),
        (RecordKind.SHOPS, broken("a")),
    ]
    assert len(await rows(store, RECEIPTS)) == 1


async def test_what_is_still_undecodable_is_kept_once(store: Store) -> None:
    await store.write(batch(RECEIPTS_KIND, undecodable=[broken("a"), broken("a")]))
    await store.write(batch(RECEIPTS_KIND, undecodable=[broken("a", "another error")]))
    assert await store.quarantined() == [(RECEIPTS_KIND, broken("a", "another error"))]


async def test_what_is_decoded_leaves_quarantine(store: Store) -> None:
    await store.write(batch(RECEIPTS_KIND, undecodable=[broken(RECEIPT["id"]), broken("b")]))
    await store.write(batch(RecordKind.SHOPS, SHOP, undecodable=[broken(RECEIPT["id"])]))
    await store.write(batch(RECEIPTS_KIND, RECEIPT))
    await store.write(batch(RecordKind.SHOPS, SHOP))
    assert [(kind, one.key) for kind, one in await store.quarantined()] == [
        (RECEIPTS_KIND, "b"),
        (RecordKind.SHOPS, RECEIPT["id"]),
    ]


async def test_numeric_ids_leave_quarantine_too(store: Store) -> None:
    await store.write(batch(RecordKind.SHOPS, undecodable=[broken(str(SHOP["id"]))]))
    await store.write(batch(RecordKind.SHOPS, SHOP))
    assert await rows(store, QUARANTINE) == []


async def test_bytes_that_are_no_text_are_kept_readable(store: Store) -> None:
    await store.write(batch(RECEIPTS_KIND, undecodable=[Undecodable("a", b'{"title": "\xff"}', "not UTF-8")]))
    ((_, kept),) = await store.quarantined()
    assert kept.raw == rb'{"title": "\xff"}'
