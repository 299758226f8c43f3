from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from smartkasa_async.receipts import Window
from smartkasa_async.receipts.completeness import WindowCheck

SHOP = 13
WINDOW = Window(date(2026, 10, 1), date(2026, 10, 7))
INSIDE = datetime(2026, 10, 5, 12, tzinfo=UTC)
OUTSIDE = datetime(2026, 10, 7, 22, tzinfo=UTC)  # already the eighth in Kyiv


@dataclass(frozen=True)
class Record:
    id: str
    created_at: datetime = INSIDE
    shop_id: int | None = SHOP


def records(ids: str) -> list[Record]:
    return [Record(id_) for id_ in ids]


def test_all_records_once_are_complete() -> None:
    check = WindowCheck(SHOP, WINDOW)
    assert check.take(records("abc"), 5) == records("abc")
    assert check.take(records("de"), 5) == records("de")
    assert check.fault() is None


def test_a_window_without_records_is_complete() -> None:
    check = WindowCheck(SHOP, WINDOW)
    assert check.take([], 0) == []
    assert check.fault() is None
    assert not check.filter_ignored


def test_a_record_that_comes_again_counts_once() -> None:
    check = WindowCheck(SHOP, WINDOW)
    check.take(records("abc"), 4)
    assert check.take(records("cd"), 4) == records("d")
    assert check.fault() is None


def test_fewer_records_than_the_service_counts_are_a_fault() -> None:
    check = WindowCheck(SHOP, WINDOW)
    check.take(records("abc"), 4)
    assert check.fault() == "3 records came where the service counts 4"


def test_the_last_page_s_count_decides() -> None:
    check = WindowCheck(SHOP, WINDOW)
    check.take(records("abc"), 3)
    check.take(records("c"), 4)
    assert check.fault() == "3 records came where the service counts 4"


def test_a_record_of_another_day_is_a_fault_and_not_counted() -> None:
    check = WindowCheck(SHOP, WINDOW)
    assert check.take([Record("a"), Record("b", created_at=OUTSIDE)], 2) == records("a")
    fault = check.fault() or ""
    assert "1 of 2 records lie outside shop 13 and 2026-10-01…2026-10-07" in fault
    assert not check.filter_ignored


def test_a_record_of_another_shop_is_a_fault() -> None:
    check = WindowCheck(SHOP, WINDOW)
    assert check.take([Record("a"), Record("b", shop_id=14)], 2) == records("a")
    assert check.fault() is not None


def test_a_record_that_names_no_shop_is_taken_for_the_shop_s() -> None:
    check = WindowCheck(SHOP, WINDOW)
    assert check.take([Record("a", shop_id=None)], 1) == [Record("a", shop_id=None)]
    assert check.fault() is None


def test_a_whole_page_outside_tells_that_the_filter_is_ignored() -> None:
    check = WindowCheck(SHOP, WINDOW)
    check.take([Record("a", created_at=OUTSIDE)], 1000)
    assert check.filter_ignored


def test_a_failure_of_reading_comes_before_what_it_caused() -> None:
    check = WindowCheck(SHOP, WINDOW)
    check.take(records("abc"), 4)
    check.fail("the connection broke")
    assert check.fault() == "the connection broke"
