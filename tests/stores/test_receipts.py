from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import UNSET
from sqlalchemy import func, select

from smartkasa_async._i18n.translate import in_ukrainian
from smartkasa_async.records.batch import RecordKind, Undecodable
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS
from tests.support.stored import RECEIPT, batch, line, receipts, rows

if TYPE_CHECKING:
    from smartkasa_async.stores import Store

EARLIER, LATER = "2021-07-07T08:00:00.000+00:00", "2021-07-07T09:00:00.000+00:00"


async def test_a_receipt_is_stored_with_its_items_and_payments(store: Store) -> None:
    await store.write(receipts({}))

    (stored,) = await rows(store, RECEIPTS)
    assert stored["total_amount"] == Decimal("1438.0")
    assert stored["created_at"] == datetime(2021, 7, 6, 20, 26, 14, 730000, tzinfo=UTC)
    assert stored["business_date"] == date(2021, 7, 6)
    assert (stored["shop_id"], stored["type"], stored["state"]) == (13, 0, 2)
    assert stored["title"] == ""
    assert stored["description"] is None
    assert stored["is_hidden"] is False
    assert stored["deleted_at"] is None

    (item,) = await rows(store, RECEIPT_ITEMS)
    assert (item["receipt_id"], item["position"], item["name"]) == (RECEIPT["id"], 0, "Алкоголь")
    assert (item["price"], item["quantity"], item["amount"]) == (Decimal(1438), Decimal(1), Decimal(1438))
    assert item["discount_amount"] is None

    (payment,) = await rows(store, PAYMENTS)
    assert (payment["receipt_id"], payment["amount"], payment["change_amount"]) == (RECEIPT["id"], 1438, 0)
    assert payment["timestamp"] == datetime(2021, 7, 6, 20, 26, 14, 433000, tzinfo=UTC)


async def test_the_json_is_kept_as_it_came(store: Store) -> None:
    batch = receipts({"a_field_that_nobody_knows": "Ціна 1 299,50 ₴"})
    await store.write(batch)
    (stored,) = await rows(store, RECEIPTS)
    assert stored["raw"].encode() == batch.raw[0]
    assert json.loads(stored["raw"])["a_field_that_nobody_knows"] == "Ціна 1 299,50 ₴"


async def test_the_json_can_be_left_out(new_store_address: str) -> None:
    async with open_store(new_store_address, keep_raw=False) as store:
        await store.write(receipts({}))
        assert [row["raw"] for row in await rows(store, RECEIPTS)] == [None]


async def test_the_business_day_is_kyiv_s(store: Store) -> None:
    await store.write(receipts({"created_at": "2021-07-06T21:00:00.000+00:00"}))
    (stored,) = await rows(store, RECEIPTS)
    assert stored["business_date"] == date(2021, 7, 7)


async def test_taxes_are_hryvnias_by_their_letters(store: Store) -> None:
    await store.write(receipts({"tax_amount": {"З": 6848, "А": 22825.5, "Ґ": 1}}, {"id": "b", "tax_amount": None}))
    stored = {row["id"]: {name: row[f"tax_{name}"] for name in "abvgdz"} for row in await rows(store, RECEIPTS)}
    nothing = dict.fromkeys("abvgdz")
    assert stored[RECEIPT["id"]] == nothing | {"z": Decimal("68.48"), "a": Decimal("228.255")}
    assert stored["b"] == nothing


async def test_writing_again_replaces_the_receipt_and_what_belongs_to_it(store: Store) -> None:
    await store.write(receipts({"items": [line(id="i1"), line(id="i2"), line(id="i3")]}))
    await store.write(receipts({"id": "other"}, {"total_amount": "1000.01", "items": [line(id="i4")]}))

    stored = {row["id"]: row["total_amount"] for row in await rows(store, RECEIPTS)}
    assert stored == {RECEIPT["id"]: Decimal("1000.01"), "other": Decimal(1438)}
    items = [row["id"] for row in await rows(store, RECEIPT_ITEMS) if row["receipt_id"] == RECEIPT["id"]]
    assert items == ["i4"]
    assert len(await rows(store, PAYMENTS)) == 2


async def test_an_older_version_never_replaces_a_newer_one(store: Store) -> None:
    newer = {"updated_at": LATER, "total_amount": "2.00", "items": [line(id="i2")]}
    older = {"updated_at": EARLIER, "total_amount": "1.00", "items": [line(id="i1")], "payment_transactions": []}
    for page in (receipts(newer), receipts(older), receipts(newer, older), receipts(older, older)):
        await store.write(page)
        assert [(row["total_amount"], row["updated_at"].hour) for row in await rows(store, RECEIPTS)] == [(2, 9)]
        assert [row["id"] for row in await rows(store, RECEIPT_ITEMS)] == ["i2"]
        assert len(await rows(store, PAYMENTS)) == 1


async def test_one_page_brings_new_receipts_newer_versions_and_older_ones(store: Store) -> None:
    await store.write(
        receipts(
            {"id": "older", "updated_at": EARLIER, "items": [line(), line()]},
            {"id": "newer", "updated_at": LATER, "items": [line(), line()]},
        )
    )
    await store.write(
        receipts(
            *(
                {"id": id_, "updated_at": updated_at, "title": "again"}
                for id_, updated_at in (("newer", EARLIER), ("new", EARLIER), ("older", LATER))
            )
        )
    )
    assert {row["id"]: row["title"] for row in await rows(store, RECEIPTS)} == {
        "newer": "",
        "new": "again",
        "older": "again",
    }
    assert Counter(row["receipt_id"] for row in await rows(store, RECEIPT_ITEMS)) == {"newer": 2, "new": 1, "older": 1}


async def test_a_newer_and_an_equal_version_replace(store: Store) -> None:
    for number, moment in enumerate((EARLIER, LATER, LATER)):
        await store.write(receipts({"updated_at": moment, "items": [line(id=f"i{number}")], "state": number}))
        assert [row["state"] for row in await rows(store, RECEIPTS)] == [number]
        assert [row["id"] for row in await rows(store, RECEIPT_ITEMS)] == [f"i{number}"]


async def test_the_same_moment_in_another_offset_is_the_same_version(store: Store) -> None:
    await store.write(receipts({"updated_at": "2021-07-07T09:00:00.000+00:00", "items": [line(id="i1")]}))
    await store.write(receipts({"updated_at": "2021-07-07T12:00:00.000+03:00", "items": [line(id="i2")]}))
    assert [row["id"] for row in await rows(store, RECEIPT_ITEMS)] == ["i2"]


async def test_the_last_of_several_in_one_page_counts(store: Store) -> None:
    await store.write(receipts({"total_amount": "1.00"}, {"total_amount": "2.00"}))
    assert [row["total_amount"] for row in await rows(store, RECEIPTS)] == [Decimal(2)]
    assert len(await rows(store, RECEIPT_ITEMS)) == 1


async def test_the_newest_of_several_in_one_page_counts(store: Store) -> None:
    await store.write(receipts({"updated_at": LATER, "state": 3}, {"updated_at": EARLIER, "items": []}))
    assert [row["state"] for row in await rows(store, RECEIPTS)] == [3]
    assert len(await rows(store, RECEIPT_ITEMS)) == 1


async def test_what_a_receipt_does_not_carry_stays(store: Store) -> None:
    await store.write(receipts({}))
    await store.write(receipts({"state": 3, "payment_transactions": UNSET}))
    await store.write(receipts({"state": 3, "payment_transactions": UNSET, "items": UNSET}))

    assert [row["state"] for row in await rows(store, RECEIPTS)] == [3]
    assert len(await rows(store, RECEIPT_ITEMS)) == 1
    assert len(await rows(store, PAYMENTS)) == 1


@pytest.mark.parametrize("nothing", [[], None])
async def test_a_receipt_without_items_and_payments(store: Store, nothing: Any) -> None:
    await store.write(receipts({}))
    await store.write(receipts({"items": nothing, "payment_transactions": nothing}))
    assert len(await rows(store, RECEIPTS)) == 1
    assert await rows(store, RECEIPT_ITEMS) == []
    assert await rows(store, PAYMENTS) == []


async def test_an_empty_page_writes_nothing(store: Store) -> None:
    await store.write(receipts())
    assert await rows(store, RECEIPTS) == []


async def test_a_page_of_thousands_is_written_whole(store: Store) -> None:
    await store.write(receipts(*({"id": f"r{n}", "items": [line(), line()]} for n in range(2_500))))
    await store.write(receipts(*({"id": f"r{n}"} for n in range(2_500))))
    async with store.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(RECEIPT_ITEMS)) == 2_500


async def test_codes_that_nobody_knows_are_kept(store: Store) -> None:
    await store.write(receipts({"type": 77, "state": 9}))
    (stored,) = await rows(store, RECEIPTS)
    assert (stored["type"], stored["state"]) == (77, 9)


async def test_very_large_and_negative_sums_are_exact(store: Store) -> None:
    amounts = ["-98765432109876.54", "99999999999999.9999", "0.01", "-0.0001"]
    await store.write(receipts(*({"id": f"r{n}", "total_amount": amount} for n, amount in enumerate(amounts))))
    assert [row["total_amount"] for row in await rows(store, RECEIPTS)] == list(map(Decimal, amounts))
    async with store.reading() as connection:
        total = await connection.scalar(select(func.sum(RECEIPTS.c.total_amount)))
    assert total == sum(map(Decimal, amounts))


@pytest.mark.parametrize("amount", ["1.00001", "100000000000000", "NaN"])
async def test_a_record_that_cannot_be_stored_goes_into_quarantine_and_the_others_are_kept(
    store: Store, amount: str
) -> None:
    page = receipts({"id": "a"}, {"id": "b", "items": [line(amount=amount)]}, {"id": "c"})
    (unfit,) = await store.write(page)
    assert [row["id"] for row in await rows(store, RECEIPTS)] == ["a", "c"]
    assert {row["receipt_id"] for row in await rows(store, RECEIPT_ITEMS)} == {"a", "c"}
    assert f"{amount} cannot be stored exactly" in unfit.error
    assert await store.quarantined() == [(RecordKind.RECEIPTS, unfit)]
    ((_, kept),) = await store.quarantined()
    assert f"{amount} не можна зберегти точно" in str(in_ukrainian(kept.translatable))
    assert unfit.raw == page.raw[1]

    assert await store.write(receipts({"id": "b"})) == []
    assert await store.quarantined() == []


async def test_a_number_that_the_database_has_no_room_for_goes_into_quarantine(store: Store) -> None:
    (unfit,) = await store.write(receipts({"id": "a"}, {"id": "b", "offline_id": 2**63}))
    assert [row["id"] for row in await rows(store, RECEIPTS)] == ["a"]
    assert unfit.key == "b"


@pytest.mark.parametrize(
    "spoilt",
    [
        {"payment_transactions": [RECEIPT["payment_transactions"][0] | {"timestamp": "0001-01-01T00:00:00+02:00"}]},
        {"updated_at": "0001-01-01T00:00:00+02:00"},
        {"created_at": "9999-12-31T23:59:59Z"},
        {"tax_amount": {"А": 1e30}},
        {"tax_amount": {"А": "sNaN"}},
    ],
)
async def test_a_time_or_a_tax_beyond_all_bounds_goes_into_quarantine(store: Store, spoilt: dict[str, Any]) -> None:
    (unfit,) = await store.write(receipts({"id": "a"}, {"id": "b"} | spoilt))
    assert [row["id"] for row in await rows(store, RECEIPTS)] == ["a"]
    assert unfit.key == "b"
    assert await store.quarantined() == [(RecordKind.RECEIPTS, unfit)]


async def test_quarantine_takes_what_the_tables_refuse(store: Store) -> None:
    unreadable = Undecodable("no\0text", b"{}", "wrong", 2**64)
    unfit = await store.write(
        batch(RecordKind.RECEIPTS, RECEIPT | {"id": "a", "shop_id": 2**64}, undecodable=[unreadable])
    )
    assert [one.key for one in unfit] == ["a"]
    assert [(one.key, one.shop_id) for _, one in await store.quarantined()] == [("a", None), ("no\\0text", None)]


async def test_text_with_a_nul_is_kept_or_put_into_quarantine(store: Store) -> None:
    unfit = await store.write(receipts({"id": "a"}, {"id": "b", "cashier_name": "no\0text"}))
    kept = {row["id"] for row in await rows(store, RECEIPTS)}
    assert kept | {one.key for one in unfit} == {"a", "b"}
    assert "a" in kept


async def test_a_receipt_that_comes_again_is_not_gone(store: Store) -> None:
    await store.write(receipts({}, {"id": "b"}))
    assert await store.mark_deleted(RecordKind.RECEIPTS, set()) == 2
    await store.write(receipts({"id": "b"}))
    assert [row["id"] for row in await rows(store, RECEIPTS) if row["deleted_at"] is None] == ["b"]


async def test_a_receipt_that_comes_again_in_an_older_version_is_not_gone(store: Store) -> None:
    await store.write(receipts({"updated_at": LATER, "title": "newer"}))
    assert await store.mark_deleted(RecordKind.RECEIPTS, set()) == 1
    await store.write(receipts({"updated_at": EARLIER, "title": "older"}))
    assert [(row["title"], row["deleted_at"]) for row in await rows(store, RECEIPTS)] == [("newer", None)]
