from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.errors import PaginationError
from smartkasa_async.sync.completeness import ReadingCheck

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Meta:
    current_page: int
    total_pages: int
    total_count: int
    next_page: int | None


class Listed:
    """A list as it is at one moment, newest first."""

    def __init__(self, ids: Sequence[int], size: int = 3) -> None:
        self.ids = ids
        self.size = size

    def page(self, number: int) -> tuple[int, Meta, Sequence[int]]:
        pages = ceil(len(self.ids) / self.size)
        begin = (number - 1) * self.size
        following = number + 1 if number < pages else None
        return number, Meta(number, pages, len(self.ids), following), self.ids[begin : begin + self.size]


def read(check: ReadingCheck, moments: Sequence[Listed]) -> PaginationError | None:
    """Read page after page, each at its own moment, the first one again at the last moment."""
    check.begin()
    for number, listed in enumerate(moments[:-1], start=1):
        check.take(*listed.page(number))
    check.take(*moments[-1].page(1))
    return check.error()


def test_all_records_once_are_all_there() -> None:
    assert read(ReadingCheck(), [Listed([3, 2, 1]), Listed([3, 2, 1])]) is None
    assert read(ReadingCheck(), [Listed([5, 4, 3, 2, 1])] * 3) is None


def test_a_list_without_records_is_whole() -> None:
    check = ReadingCheck()
    assert read(check, [Listed([]), Listed([])]) is None
    assert check.last == 1


def test_records_that_arrive_are_merged_from_the_first_page_read_again() -> None:
    check = ReadingCheck()
    assert read(check, [Listed([5, 4, 3, 2, 1]), Listed([6, 5, 4, 3, 2, 1]), Listed([7, 6, 5, 4, 3, 2, 1])]) is None
    assert check.ids == {1, 2, 3, 4, 5, 6, 7}


def test_a_record_that_slipped_between_two_pages_is_noticed() -> None:
    check = ReadingCheck()
    before, after = Listed([5, 4, 3, 2, 1], size=2), Listed([6, 5, 4, 3, 2, 1], size=2)
    check.begin()
    # Page 3 was answered before 6 arrived and page 2 after it, so 2 was on neither.
    for listed, number in ((before, 1), (before, 3), (after, 2), (after, 1)):
        check.take(*listed.page(number))
    assert "5 different records came where the service counts 6" in str(check.error())

    assert read(check, [after] * 4) is None


def test_deleted_records_let_the_collection_start_anew() -> None:
    check = ReadingCheck()
    assert read(check, [Listed([5, 4, 3, 2, 1]), Listed([4, 3, 2, 1]), Listed([3, 2, 1])]) is not None
    assert check.ids == {5, 4, 3, 1, 2}

    assert check.begin()
    check.take(*Listed([3, 2, 1]).page(1))
    assert check.error() is None
    assert check.ids == {3, 2, 1}


@pytest.mark.parametrize("size", [1, 2, 5])
def test_what_is_accepted_is_all_there_is(size: int) -> None:
    """A law: whatever arrives at whatever place while pages are read in whatever order."""
    accepted: Counter[int] = Counter()
    for seed in range(1500):
        chance = Random(seed)  # noqa: S311
        listed = list(range(chance.randrange(15)))
        check = ReadingCheck()
        for reading in range(1, 4):
            check.begin()
            check.take(*Listed(listed, size).page(1))
            pages = list(range(2, check.last + 1))
            chance.shuffle(pages)
            for number in pages:
                if chance.random() < 0.3:
                    listed.insert(chance.choice([0, 0, chance.randint(0, len(listed))]), len(listed))
                check.take(*Listed(listed, size).page(number))
            check.take(*Listed(listed, size).page(1))
            if check.error() is None:
                assert check.ids == set(listed)
                accepted[reading] += 1
                break
    assert accepted[1] > accepted[2] > 50, accepted


@pytest.mark.parametrize("size", [1, 2, 5])
def test_what_is_accepted_is_all_there_is_when_records_are_deleted(size: int) -> None:
    accepted: Counter[int] = Counter()
    for seed in range(1500):
        chance = Random(seed)  # noqa: S311
        listed = list(range(chance.randrange(15)))
        check = ReadingCheck()
        for reading in range(1, 4):
            check.begin()
            check.take(*Listed(listed, size).page(1))
            for number in range(2, check.last + 1):
                if listed and chance.random() < 0.15:
                    listed.remove(chance.choice(listed))
                check.take(*Listed(listed, size).page(number))
            if check.last > 1:
                check.take(*Listed(listed, size).page(1))
            if check.error() is None:
                assert check.ids == set(listed)
                accepted[reading] += 1
                break
    assert accepted[1] > accepted[2] > 50, accepted


def test_a_deletion_that_hides_another_record_is_noticed() -> None:
    check = ReadingCheck()
    before, after = Listed([7, 6, 5, 4, 3, 2, 1], size=2), Listed([6, 5, 4, 3, 2, 1], size=2)
    # 7 is deleted after page 2, so 3 moves from page 3 to page 2: it is on neither, and the numbers agree.
    fault = read(check, [before, before, after, after])
    assert "records were deleted while they were read: 6 came, and the service counts 6 now" in str(fault)

    assert read(check, [after] * 4) is None
    assert check.ids == {1, 2, 3, 4, 5, 6}


def test_a_deletion_between_two_arrivals_is_noticed() -> None:
    check = ReadingCheck()
    lists = (range(10, 0, -1), range(11, 0, -1), (11, *range(9, 0, -1)), (12, 11, *range(9, 0, -1)))
    before, one_more, one_less, at_last = (Listed(list(ids)) for ids in lists)
    check.begin()
    # 10 is deleted after page 2, so 5 moves from page 3 to page 2: it is on neither, and the numbers agree at last.
    for listed, number in ((before, 1), (one_more, 2), (one_less, 3), (one_less, 4), (at_last, 1)):
        check.take(*listed.page(number), floor=check.peak)
    assert "records were deleted while they were read: 11 came, and the service counts 11 now" in str(check.error())


def test_pages_that_overtake_each_other_while_records_arrive_are_no_deletion() -> None:
    check = ReadingCheck()
    before, after = Listed([6, 5, 4, 3, 2, 1], size=2), Listed([7, 6, 5, 4, 3, 2, 1], size=2)
    check.begin()
    check.take(*before.page(1), floor=check.peak)
    floor = check.peak  # pages 2 and 3 are asked for together, and 3 comes first
    check.take(*after.page(3), floor=floor)
    check.take(*before.page(2), floor=floor)
    check.take(*after.page(4), floor=check.peak)
    check.take(*after.page(1), floor=check.peak)
    assert check.error() is None
    assert check.ids == {1, 2, 3, 4, 5, 6, 7}


def test_another_page_than_the_one_asked_for_is_refused() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(*Listed(range(9)).page(1))
    _, meta, ids = Listed(range(9)).page(2)
    with pytest.raises(PaginationError, match="page 3 was asked for and page 2 came; 3 records came so far"):
        check.take(3, meta, ids)


def test_an_empty_page_that_names_a_next_one_is_refused() -> None:
    check = ReadingCheck()
    check.begin()
    with pytest.raises(PaginationError, match="page 1 is empty, and still the service names a next one"):
        check.take(1, Meta(1, 5, 9, 2), [])


def test_reading_ends_at_an_empty_page() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(*Listed(range(30)).page(1))
    assert check.last == 10
    check.take(4, Meta(4, 10, 9, None), [])
    assert check.last == 4


def test_pages_that_repeat_each_other_are_not_read_for_ever() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(1, Meta(1, 10**9, 10**10, 2), [1, 2, 3])
    for number in range(2, 10):
        check.take(number, Meta(number, 10**9, 10**10, number + 1), [1, 2, 3])
    with pytest.raises(PaginationError, match="page 10 and 8 others repeat what came before"):
        check.take(10, Meta(10, 10**9, 10**10, 11), [1, 2, 3])


def test_a_list_that_grows_with_each_page_is_not_read_for_ever() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(1, Meta(1, 2, 4, 2), [0, 1, 2])
    for number in range(2, 12):
        check.take(number, Meta(number, number + 1, 4, number + 1), [number * 3])
    with pytest.raises(PaginationError, match="names 13 pages, where the first one named 2 for 4 records"):
        check.take(12, Meta(12, 13, 4, 13), [36])


def test_more_pages_than_the_records_fill_are_refused_at_once() -> None:
    check = ReadingCheck()
    check.begin()
    with pytest.raises(PaginationError, match="page 1 names 1000000 pages, where the first one named 1000000 for 5"):
        check.take(1, Meta(1, 10**6, 5, 2), [1, 2, 3])
    assert check.ids == set()


def test_ids_that_could_not_be_kept_are_waited_for_again() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(*Listed([2, 1]).page(1))
    check.forget([1])
    assert "1 different records came where the service counts 2" in str(check.error())


def test_a_reading_begins_like_the_first_one() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(1, Meta(1, 8, 24, 2), [1, 2, 3])
    for number in range(2, 10):
        check.take(number, Meta(number, 8, 24, number + 1), [1, 2, 3])
    assert (check.last, check.peak) == (10, 24)

    assert not check.begin()
    assert (check.last, check.peak) == (1, 24)
    check.take(1, Meta(1, 8, 24, 2), [1, 2, 3])
    for number in range(2, 10):  # as many repeated pages are borne as before
        check.take(number, Meta(number, 8, 24, number + 1), [1, 2, 3])


def test_only_more_records_than_are_counted_let_the_collection_start_anew() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(1, Meta(1, 1, 2, None), [1, 2])
    assert not check.begin()
    check.take(1, Meta(1, 1, 2, None), [2, 3])
    assert check.ids == {1, 2, 3}
    assert check.begin()
    assert (check.ids, check.peak) == (set(), 0)


def test_records_that_arrive_and_are_deleted_before_the_first_page_is_read_again_are_noticed() -> None:
    check = ReadingCheck()
    before, more = Listed([5, 4, 3, 2, 1]), Listed([6, 5, 4, 3, 2, 1])
    check.begin()
    check.take(*before.page(1))
    check.take(*more.page(2))
    check.take(*before.page(1))
    assert "records were deleted while they were read" in str(check.error())


def test_a_count_that_falls_below_that_of_the_first_page_is_noticed_whatever_the_floor() -> None:
    for floor in (0, 5):
        check = ReadingCheck()
        check.begin()
        check.take(*Listed([5, 4, 3, 2, 1]).page(1))
        check.take(*Listed([5, 4, 3, 2]).page(2), floor=floor)
        assert "records were deleted while they were read" in str(check.error())


def test_the_first_page_read_again_changes_no_bound() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(1, Meta(1, 20, 20, 2), [0])
    for number in range(2, 21):
        check.take(number, Meta(number, 20, 20, None if number == 20 else number + 1), [number])
    check.take(1, Meta(1, 20, 20, 2), list(range(20)))
    assert check.last == 20


def test_empty_pages_beyond_the_end_are_no_repeated_ones() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(1, Meta(1, 2, 4, 2), [4, 3])
    for number in range(3, 23):
        check.take(number, Meta(number, 2, 4, None), [])
    check.take(2, Meta(2, 2, 4, None), [2, 1])
    assert (check.error(), check.last) == (None, 2)


def test_a_next_page_that_is_not_counted_yet_is_read() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(1, Meta(1, 1, 4, 2), [4, 3])
    assert check.last == 2


def test_faults_say_how_many_came_and_how_many_were_counted() -> None:
    check = ReadingCheck()
    check.begin()
    check.take(1, Meta(1, 1, 3, None), [2, 1])
    missing = check.error()
    check.take(1, Meta(1, 1, 1, None), [1])
    deleted = check.error()
    assert missing is not None
    assert deleted is not None
    assert (missing.expected, missing.received) == (3, 2)
    assert (deleted.expected, deleted.received) == (1, 2)
