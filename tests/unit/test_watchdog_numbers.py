"""Local numbers in any order: what is missing and what occurs again, held against plain counting."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.reports.fiscal.facts import MOST_NUMBERS, DaysRead, NumberRun
from smartkasa_async.reports.fiscal.numbers import LocalNumbers
from tests.unit.fiscal_records import REGISTRAR, kyiv

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.reports.fiscal.facts import OddNumbers

AT = kyiv("2026-11-10T08:00")
FIRST = 50
"""Above 1 and below all others, so that no run begins another series."""

runs = st.lists(st.tuples(st.integers(FIRST, FIRST + 40), st.integers(0, 9)), max_size=9).map(
    lambda drawn: [(FIRST, FIRST + 1), *((first, first + more) for first, more in drawn)]
)


def look_through(found: Iterable[tuple[int, int]]) -> tuple[list[OddNumbers], list[OddNumbers]]:
    numbers = LocalNumbers(DaysRead({}))
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
