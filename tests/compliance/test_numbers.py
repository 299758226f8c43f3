"""Local numbers in any order: what is missing and what occurs again, held against plain counting."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.records import Window
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.synced_days import DaysRead, ReadSpan
from smartkasa_async.reports.compliance.facts import MOST_NUMBERS, NumberRun
from smartkasa_async.reports.compliance.numbers import LocalNumbers
from tests.support.fiscal_records import REGISTRAR, kyiv

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.reports.compliance.facts import NumberingIssue

AT = kyiv("2026-11-10T08:00")
FIRST = 50
"""Above 1 and below all others, so that no run begins another series."""

runs = st.lists(st.tuples(st.integers(FIRST, FIRST + 40), st.integers(0, 9)), max_size=9).map(
    lambda drawn: [(FIRST, FIRST + 1), *((first, first + more) for first, more in drawn)]
)


def look_through(found: Iterable[tuple[int, int]]) -> tuple[list[NumberingIssue], list[NumberingIssue]]:
    numbers = LocalNumbers(DaysRead())
    for first, last in found:
        numbers.add(NumberRun(13, REGISTRAR, "s1", first, last, AT, AT, f"r{first}", f"r{last}"))
    return numbers.finish()


def ranges(numbers: Iterable[int]) -> list[str]:
    """Write numbers as a person would: neighbours as a range."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return [str(first) if first == last else f"{first}–{last}" for first, last in spans]


@given(runs)
def test_what_no_run_has_is_missing(drawn: list[tuple[int, int]]) -> None:
    held = {number for first, last in drawn for number in range(first, last + 1)}
    lost = set(range(FIRST, max(held))) - held

    missing, _ = look_through(drawn)

    assert sum(odd.count for odd in missing) == len(lost)
    assert [number for odd in missing for number in odd.numbers] == ranges(lost)[:MOST_NUMBERS]
    assert any(odd.has_more for odd in missing) == (len(ranges(lost)) > MOST_NUMBERS)


@given(runs)
def test_what_several_runs_have_occurs_again(drawn: list[tuple[int, int]]) -> None:
    seen: Counter[int] = Counter()
    again: list[str] = []
    for first, last in drawn:
        again += ranges(number for number in range(first, last + 1) if seen[number])
        seen.update(range(first, last + 1))

    _, repeated = look_through(drawn)

    assert sum(odd.count for odd in repeated) == seen.total() - len(seen)
    assert [number for odd in repeated for number in odd.numbers] == again[:MOST_NUMBERS]


@given(st.lists(st.integers(FIRST, FIRST + 30), min_size=1, unique=True))
def test_the_order_in_which_numbers_come_does_not_matter(numbers: list[int]) -> None:
    in_order, _ = look_through((number, number) for number in [FIRST - 1, *sorted(numbers)])
    mixed, repeated = look_through((number, number) for number in [FIRST - 1, *numbers])

    assert [odd.numbers for odd in mixed] == [odd.numbers for odd in in_order]
    assert repeated == []


def test_a_hole_is_told_with_the_receipts_beside_it() -> None:
    ((odd,), _) = look_through([(50, 60), (70, 80), (63, 65)])
    assert (odd.numbers, odd.ids) == (("61–62", "66–69"), ("r60", "r63", "r65", "r70"))
    assert (odd.receipts, odd.count) == (4, 6)


def test_a_number_that_occurs_again_is_told_with_its_receipts() -> None:
    (_, (odd,)) = look_through([(50, 60), (60, 62)])
    assert (odd.numbers, odd.ids, odd.receipts, odd.count) == (("60",), ("r60", "r60"), 1, 1)
    (_, (odd,)) = look_through([(50, 60), (58, 59)])
    assert (odd.numbers, odd.ids, odd.receipts, odd.count) == (("58–59",), ("r58",), 2, 2)


def shifts(*widths: int, first: int = FIRST, size: int = 5) -> list[NumberRun]:
    """Shifts of so many receipts, with gaps of these widths between them."""
    runs = []
    for place, width in enumerate((0, *widths)):
        first += width
        at, shift = AT + timedelta(hours=place), f"s{place}"
        runs.append(NumberRun(13, REGISTRAR, shift, first, first + size - 1, at, at, f"r{first}", "", shift))
        first += size
    return runs


def missing(runs: Iterable[NumberRun], read: DaysRead | None = None) -> list[str]:
    numbers = LocalNumbers(read or DaysRead())
    for run in runs:
        numbers.add(run)
    return [number for odd in numbers.finish()[0] for number in odd.numbers]


@pytest.mark.parametrize(
    ("widths", "lost"),
    [
        ((1, 1, 1), []),
        ((2, 2, 2), []),
        ((3, 3, 3), []),
        ((4, 4, 4), ["55–58", "64–67", "73–76"]),
        ((3, 3), ["55–57", "63–65"]),
        ((2, 2, 2, 1, 1, 1), ["55–56", "62–63", "69–70", "76", "82", "88"]),
        ((2, 2, 2, 1, 1), ["76", "82"]),
        ((2, 2, 5, 2), ["69–73"]),
        ((2, 0, 2, 2), []),
    ],
)
def test_holes_between_shifts_are_documents_where_most_are_alike(widths: tuple[int, ...], lost: list[str]) -> None:
    assert missing(shifts(*widths)) == lost


def test_a_hole_within_a_shift_is_no_document() -> None:
    runs = shifts(2, 2, 2)
    last = runs[-1]
    late = last._replace(first=last.last + 3, last=last.last + 4)
    assert missing([*runs, late]) == [f"{last.last + 1}–{last.last + 2}"]


@pytest.mark.parametrize("place", [0, 2])
def test_numbers_that_run_on_from_shift_to_shift_leave_no_documents(place: int) -> None:
    runs = shifts(2, 2, 2)
    runs[place] = runs[place]._replace(last_shift_id="next")
    assert len(missing(runs)) == 3


def test_receipts_that_name_no_shift_stand_between_none() -> None:
    runs = [run._replace(shift_id=None, last_shift_id=None) for run in shifts(2, 2, 2)]
    assert len(missing(runs)) == 3


def test_a_late_receipt_in_a_hole_between_shifts_belongs_to_its_shift() -> None:
    runs = shifts(2, 2, 2, 5)
    gap = runs[-1].first - 5
    late = runs[-2]._replace(first=gap, last=gap + 2, last_id="late")
    assert missing([*runs, late]) == []
    assert missing([*runs, late._replace(shift_id=runs[-1].shift_id, last_shift_id=runs[-1].shift_id)]) == [
        f"{gap + 3}–{gap + 4}"
    ]


def test_a_number_one_that_comes_twice_is_no_new_beginning() -> None:
    assert look_through([(1, 1), (1, 5)])[1][0].numbers == ("1",)
    assert look_through([(1, 2), (1, 5)]) == ([], [])


def test_days_that_were_not_read_make_no_hole_in_whatever_order_they_come() -> None:
    days = [Window(date(2026, 11, 9), date(2026, 11, 10)), Window(date(2026, 11, 13), date(2026, 11, 15))]
    read = DaysRead({(RecordKind.RECEIPTS, 13): [ReadSpan(one.begins_at, one.ends_at) for one in days]})
    early, late = kyiv("2026-11-10T08:00"), kyiv("2026-11-13T08:00")
    for first, second in ((early, late), (late, early)):
        runs = [
            NumberRun(13, REGISTRAR, "s1", number, number + 5, at, at, "", "")
            for number, at in ((50, first), (60, second))
        ]
        assert missing(runs, read) == []
        assert missing(runs) == ["56–59"]


def test_what_is_odd_lasts_from_its_first_receipt_to_its_last() -> None:
    numbers = LocalNumbers(DaysRead())
    for number, hour in ((50, 3), (52, 1), (54, 2)):
        at = AT + timedelta(hours=hour)
        numbers.add(NumberRun(13, REGISTRAR, "s1", number, number, at, at, f"r{number}", f"r{number}"))
    ((odd,), _) = numbers.finish()
    assert (odd.first_at, odd.last_at) == (AT + timedelta(hours=1), AT + timedelta(hours=3))

    numbers = LocalNumbers(DaysRead())
    for number, hour in ((50, 1), (52, 2)):
        at = AT + timedelta(hours=hour)
        numbers.add(NumberRun(13, REGISTRAR, "s1", number, number, at, at, f"r{number}", f"r{number}"))
    ((odd,), _) = numbers.finish()
    assert (odd.first_at, odd.last_at) == (AT + timedelta(hours=1), AT + timedelta(hours=2))


@pytest.mark.parametrize(("gaps", "has_more"), [(MOST_NUMBERS, False), (MOST_NUMBERS + 1, True)])
def test_more_ranges_than_are_named_are_told(gaps: int, has_more: bool) -> None:
    ((odd,), _) = look_through((FIRST + 2 * place, FIRST + 2 * place) for place in range(gaps + 1))
    assert (len(odd.numbers), odd.count, odd.has_more) == (MOST_NUMBERS, gaps, has_more)


def test_holes_within_shifts_do_not_tell_how_a_registrar_numbers() -> None:
    first, *others = shifts(2, 2, 2, size=20)
    parts = [first._replace(first=first.first + 2 * place, last=first.first + 2 * place) for place in range(5)]
    end = first._replace(first=parts[-1].last + 1)
    assert missing([*parts, end, *others]) == [str(part.first + 1) for part in parts[:4]]


def test_a_run_over_several_holes_fills_each() -> None:
    held = [(50, 51), (55, 56), (60, 61), (65, 66), (53, 60)]
    (lost, again) = look_through(held)
    assert ([odd.numbers for odd in lost], [odd.numbers for odd in again]) == ([("52", "62–64")], [("55–56", "60")])


def test_what_is_left_of_a_hole_begins_with_the_receipt_that_filled_it() -> None:
    numbers = LocalNumbers(DaysRead())
    for first, last, hour in ((50, 60, 0), (70, 80, 5), (61, 63, 2)):
        at = AT + timedelta(hours=hour)
        numbers.add(NumberRun(13, REGISTRAR, "s1", first, last, at, at, f"r{first}", f"r{last}"))
    ((odd,), _) = numbers.finish()
    assert (odd.numbers, odd.ids) == (("64–69",), ("r63", "r70"))
    assert (odd.first_at, odd.last_at) == (AT + timedelta(hours=2), AT + timedelta(hours=5))
