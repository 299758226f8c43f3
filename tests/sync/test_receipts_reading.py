from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import anyio
import pytest

from smartkasa_async import operations
from smartkasa_async.errors import ConnectionLostError, InvalidRequestError, PageSizeClampedWarning
from smartkasa_async.models import Receipt, StockCard
from smartkasa_async.records import RecordKind
from smartkasa_async.stores import StoreError
from smartkasa_async.sync.reading import Listing, Reading, read_whole
from tests.support.service import Arrived, answer
from tests.support.shifting_list import SHOP, ShiftingList, receipt, receipts, served

if TYPE_CHECKING:
    from smartkasa_async import SmartKasa
    from smartkasa_async._generated import structs
    from smartkasa_async.records import Batch

LIST: Any = operations.find("GET", "/api/v1/pos/receipts")
CARDS: Any = operations.find("GET", "/api/v1/inventory/cards")


class Sink:
    """Keeps what is written; refuses a batch with a record of this id."""

    def __init__(self, refused: str | None = None) -> None:
        self.batches: list[Batch[structs.Receipt]] = []
        self.refused = refused

    async def write(self, batch: Batch[structs.Receipt]) -> None:
        if self.refused in {record.id for record in batch.records}:
            raise StoreError("disk full")
        self.batches.append(batch)

    @property
    def ids(self) -> list[str]:
        return sorted(record.id for batch in self.batches for record in batch.records)


async def read(listed: ShiftingList, sink: Sink, **settings: Any) -> Reading:
    options = {"kind": RecordKind.RECEIPTS, "operation": LIST, "record": Receipt, "shop_id": SHOP} | settings
    async with served(listed) as kasa:
        return await read_whole(kasa, Listing(**options), sink.write, concurrency=4)


async def test_every_record_of_every_page_is_written_once() -> None:
    listed, sink = ShiftingList(lambda page, visit: receipts(5, 4, 3, 2, 1)), Sink()

    reading = await read(listed, sink)

    assert reading.reason is None
    assert (reading.ids, reading.read, reading.undecodable) == ({"1", "2", "3", "4", "5"}, 5, 0)
    assert sink.ids == ["1", "2", "3", "4", "5"]
    assert listed.asked == {1: 2, 2: 1, 3: 1}


async def test_two_pages_at_most_are_decoded_and_not_yet_written() -> None:
    class SlowSink(Sink):
        at_work = most = 0

        async def write(self, batch: Batch[structs.Receipt]) -> None:
            self.at_work += 1
            self.most = max(self.most, self.at_work)
            await anyio.wait_all_tasks_blocked()
            self.at_work -= 1
            await super().write(batch)

    sink = SlowSink()

    await read(ShiftingList(lambda page, visit: receipts(*range(12, 0, -1))), sink)

    assert sink.ids == sorted(map(str, range(1, 13)))
    assert sink.most == 2


async def test_the_json_stands_beside_each_record_as_it_came() -> None:
    listed, sink = ShiftingList(lambda page, visit: [receipt(1, color="red")]), Sink()
    await read(listed, sink)
    (batch,) = sink.batches
    assert b'"color": "red"' in batch.raw[0]
    assert listed.asked == {1: 1}


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
async def test_a_page_whose_metadata_are_texts_is_read_with_its_records_as_they_came(before: bytes) -> None:
    def listed(request: Arrived) -> bytes:
        meta = {"current_page": "1", "total_pages": "1", "total_count": "1", "limit_value": "10", "offset_value": "0"}
        body = json.dumps({"data": [receipt(1, color="red")], "meta": meta | {"next_page": ""}}).encode()
        return answer(before + body)

    sink = Sink()
    async with served(listed) as kasa:
        listing = Listing(RecordKind.RECEIPTS, LIST, Receipt, {}, SHOP)
        reading = await read_whole(kasa, listing, sink.write, concurrency=4)

    assert (reading.reason, reading.ids) == (None, {"1"})
    assert b'"color": "red"' in sink.batches[0].raw[0]


async def test_an_empty_list_is_whole() -> None:
    sink = Sink()
    reading = await read(ShiftingList(lambda page, visit: []), sink)
    assert (reading.reason, reading.ids, sink.batches) == (None, set(), [])


async def test_a_receipt_that_arrives_while_pages_are_read_costs_no_further_reading() -> None:
    before, after = receipts(4, 3, 2, 1), receipts(5, 4, 3, 2, 1)
    listed, sink = ShiftingList(lambda page, visit: before if (page, visit) == (1, 0) else after), Sink()

    reading = await read(listed, sink)

    assert reading.reason is None
    assert sink.ids == ["1", "2", "3", "4", "5"]
    assert listed.asked == {1: 2, 2: 1, 3: 1}


async def test_a_receipt_that_slipped_between_two_pages_is_brought_by_reading_again() -> None:
    before, after = receipts(6, 5, 4, 3, 2, 1), receipts(7, 6, 5, 4, 3, 2, 1)
    slipping = ShiftingList(lambda page, visit: before if page in {1, 3} and visit == 0 else after)
    sink = Sink()

    reading = await read(slipping, sink)

    assert reading.reason is None
    assert (reading.read, sink.ids) == (7, ["1", "2", "3", "4", "5", "6", "7"])
    assert slipping.asked[1] == 4


async def test_a_count_that_never_agrees_is_reported_after_three_readings() -> None:
    lying = ShiftingList(lambda page, visit: receipts(4, 3, 3, 1))
    reading = await read(lying, Sink())
    assert reading.reason == "listReceipts: 3 different records came where the service counts 4"
    assert lying.asked == {1: 6, 2: 3}


async def test_deletions_while_reading_let_all_be_collected_anew() -> None:
    before, after = receipts(5, 4, 3, 2, 1), receipts(5, 3, 2, 1)
    listed, sink = ShiftingList(lambda page, visit: before if page == 1 and visit == 0 else after), Sink()

    reading = await read(listed, sink)

    assert reading.reason is None
    assert (reading.ids, reading.read) == ({"5", "3", "2", "1"}, 4)


async def test_a_deletion_between_two_arrivals_does_not_hide_another_record() -> None:
    lists = {1: receipts(*range(6, 0, -1)), 2: receipts(*range(7, 0, -1)), 3: receipts(7, *range(5, 0, -1))}
    at_last = receipts(8, 7, *range(5, 0, -1))
    seen: list[int] = []

    def state(page: int, visit: int) -> list[dict[str, Any]]:
        seen.append(page)
        return lists[min(len(seen), 3)] if len(seen) < 5 else at_last

    sink = Sink()
    async with served(ShiftingList(state)) as kasa:
        listing = Listing(RecordKind.RECEIPTS, LIST, Receipt, shop_id=SHOP)
        reading = await read_whole(kasa, listing, sink.write, concurrency=1)

    assert reading.reason is None
    assert reading.ids == {"8", "7", "5", "4", "3", "2", "1"}


@pytest.mark.parametrize(
    ("broken", "key", "error"),
    [
        (receipt(2, total_amount="ten"), "2", "$.total_amount"),
        (receipt(2, items=[{"id": 3}]), "2", "$.items[0]"),
        ({"id": 2}, "2", "created_at"),
        ({"no": "id"}, "a9e7ad5a8d1b2d9d8a08fd7e4d4f3a3c", ""),
        ("a text", "", ""),
    ],
)
async def test_a_record_that_cannot_be_decoded_never_loses_its_page(broken: Any, key: str, error: str) -> None:
    listed, sink = ShiftingList(lambda page, visit: [receipt(3), broken, receipt(1)]), Sink()

    reading = await read(listed, sink)

    assert reading.reason is None
    assert (sink.ids, reading.read, reading.undecodable) == (["1", "3"], 2, 1)
    (kept,) = [undecodable for batch in sink.batches for undecodable in batch.undecodable]
    assert kept.shop_id == SHOP
    assert error in kept.error
    assert kept.key == key if isinstance(broken, dict) and "id" in broken else len(kept.key) == 64
    assert reading.nameless == (len(kept.key) == 64)


async def test_a_text_that_is_not_utf_8_harms_its_record_only() -> None:
    meta = b'{"current_page":1,"total_pages":1,"total_count":1,"limit_value":2,"offset_value":0}'
    page = answer(b'{"data":[{"id":"7","title":"\xff"}],"meta":' + meta + b"}")
    sink = Sink()
    reading = await read(ShiftingList(lambda *_: page), sink)
    assert (reading.reason, reading.undecodable) == (None, 1)
    assert "UTF-8" in sink.batches[0].undecodable[0].error


async def test_reading_stops_where_the_service_ignores_the_filter() -> None:
    everything = ShiftingList(lambda page, visit: [receipt(number, shop_id=14) for number in range(100)])
    query = {"shop_id": SHOP, "date_start": date(2026, 10, 1)}
    sink = Sink()

    reading = await read(everything, sink, query=query, belongs=lambda record: record.shop_id == SHOP)

    assert reading.reason == (
        "listReceipts: 2 of 2 records of a page lie outside shop_id 13, date_start 2026-10-01:"
        " the service does not filter as asked"
    )
    assert sink.ids == []
    assert everything.asked == {1: 1}


@pytest.mark.parametrize(("status", "readings"), [(500, 3), (404, 1)])
async def test_a_refusal_is_read_again_only_where_that_may_help(status: int, readings: int) -> None:
    failing = ShiftingList(lambda page, visit: answer({"message": "no"}, status) if page == 2 else receipts(3, 2, 1))
    sink = Sink()

    reading = await read(failing, sink)

    assert str(status) in (reading.reason or "")
    assert failing.asked == {1: readings, 2: readings}
    assert sink.ids == ["2", "3"]


@pytest.mark.parametrize("failure", [b"", answer(b'{"data": [{'), answer(b"<html>Bad gateway</html>")])
async def test_a_reading_that_failed_once_is_made_good(failure: bytes) -> None:
    def state(page: int, visit: int) -> Any:
        return failure if (page, visit) == (2, 0) else receipts(3, 2, 1)

    sink = Sink()
    reading = await read(ShiftingList(state), sink)
    assert (reading.reason, reading.read, sink.ids) == (None, 3, ["1", "2", "3"])


async def test_an_answer_that_is_no_page_is_a_fault() -> None:
    reading = await read(ShiftingList(lambda *_: answer({"data": {}, "meta": {}})), Sink())
    assert "$.data" in (reading.reason or "")


async def test_what_a_store_cannot_write_ends_the_reading() -> None:
    with pytest.raises(StoreError, match="disk full"):
        await read(ShiftingList(lambda *_: receipts(3, 2, 1)), Sink(refused="1"))


async def test_a_query_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="date_start"):
        await read(ShiftingList(lambda *_: []), Sink(), query={"date_start": "today"})


async def test_smaller_pages_than_asked_for_are_told_once() -> None:
    with pytest.warns(PageSizeClampedWarning, match="100 records a page were asked for, the service gives 2") as told:
        reading = await read(ShiftingList(lambda *_: receipts(3, 2, 1)), Sink(), query={"per_page": 100})
    assert reading.reason is None
    assert len(told) == 1


@pytest.mark.parametrize(("counted", "fault"), [(2, None), (3, "2 different records came where the service counts 3")])
async def test_a_list_that_comes_whole_is_one_page(counted: int, fault: str | None) -> None:
    moment = "2026-10-01T12:00:00Z"
    cards = [
        {"id": number, "product_id": "p", "shop_id": SHOP, "created_at": moment, "updated_at": moment}
        for number in (1, 2)
    ]
    whole = answer({"data": cards, "meta": {"total_count": counted}})

    reading = await read(
        ShiftingList(lambda *_: whole), Sink(), kind=RecordKind.CARDS, operation=CARDS, record=StockCard
    )

    assert reading.ids == {1, 2}
    assert reading.reason == (fault and f"listStockCards: {fault}")


async def test_a_page_whose_writing_was_broken_off_is_written_by_the_next_reading() -> None:
    writing = anyio.Event()
    listed = ShiftingList(lambda *_: receipts(5, 4, 3, 2, 1))

    class Failing:
        """Lets page 3 fail once, while page 2 is being written."""

        failed = False

        async def call(self, operation: Any, *, query: dict[str, Any]) -> Any:
            if query.get("page") == 3 and not self.failed:
                await writing.wait()
                self.failed = True
                raise ConnectionLostError("cut")
            target = f"/?page={query.get('page', 1)}"
            body = listed(Arrived("GET", target, {}, b"")).partition(b"\r\n\r\n")[2]
            return operation.decode(body)

    class Slow(Sink):
        async def write(self, batch: Batch[structs.Receipt]) -> None:
            if "3" in {record.id for record in batch.records} and not writing.is_set():
                writing.set()
                await anyio.sleep_forever()
            await super().write(batch)

    sink = Slow()
    listing = Listing(RecordKind.RECEIPTS, LIST, Receipt)
    reading = await read_whole(cast("SmartKasa", Failing()), listing, sink.write, concurrency=4)

    assert (reading.reason, reading.read) == (None, 5)
    assert sink.ids == ["1", "2", "3", "4", "5"]
