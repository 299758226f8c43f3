"""Decimal marks and thousands, found by a column's cells."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.catalog.checks.decimals import parse_decimal, parse_price
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.columns import (
    UNKNOWN_FORMAT,
    NumberFormat,
    find_number_format,
    find_numbers,
    main_number_format,
)
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout

COLUMNS = HeaderMatcher().match(["Назва", "Ціна", "Собівартість", "Залишок"], file="list.csv")


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["12,50", "7"], NumberFormat(",", None, False)),
        (["12.5"], NumberFormat(".", None, False)),
        (["1 299,50"], NumberFormat(",", " ", False)),
        (["1\u00a0299"], NumberFormat(None, " ", False)),
        (["1’299.50"], NumberFormat(".", " ", False)),
        (["1.299,50"], NumberFormat(",", ".", False)),
        (["1,299,000"], NumberFormat(None, ",", False)),
        (["0,500"], NumberFormat(",", None, True)),
        (["12345,678"], NumberFormat(",", None, True)),
        (["1 299,500"], NumberFormat(",", " ", True)),
        (["12345,678", "12,50"], NumberFormat(",", None, True)),
        (["за запитом", "12,50"], NumberFormat(",", None, False)),
        (["₴12,345", "12,345 грн"], UNKNOWN_FORMAT),
        (["1234,567"], NumberFormat(",", None, True)),
        (["123,4567"], NumberFormat(",", None, False)),
        (["₴12,50", "12,5 грн.", "7 UAH"], NumberFormat(",", None, False)),
        (["-12,5"], NumberFormat(",", None, False)),
        (["12,345", "1.299", "7", "", "за запитом", "12.05.2025", "1,2,3"], UNKNOWN_FORMAT),
        (["12,50", "12.50"], UNKNOWN_FORMAT),
        (["12,50", "12.50", "1 000"], NumberFormat(None, " ", False)),
        (["1.299,50", "12.5"], UNKNOWN_FORMAT),
    ],
)
def test_a_column_shows_its_form(cells: list[str], form: NumberFormat) -> None:
    assert find_number_format(cells) == form


@pytest.mark.parametrize(
    ("text", "form", "number"),
    [
        ("12,345", NumberFormat(","), "12.345"),
        ("12,345", NumberFormat("."), "12345"),
        ("12,345", NumberFormat(None, ","), "12345"),
        ("12,345", NumberFormat(None, " "), "12.345"),
        ("12.345", NumberFormat(","), "12345"),
        ("-1.299", NumberFormat(",", "."), "-1299"),
        ("1,299 грн", NumberFormat("."), "1299"),
        ("12.50", NumberFormat(","), "12.5"),
        ("1,299.50", NumberFormat(","), "1299.5"),
    ],
)
def test_the_form_decides_what_may_be_read_both_ways(text: str, form: NumberFormat, number: str) -> None:
    assert parse_decimal(text, form) == Decimal(number)


def test_a_form_that_tells_nothing_leaves_the_cell_an_error() -> None:
    with pytest.raises(RuleViolationError, match="number_ambiguous"):
        parse_decimal("12,345", UNKNOWN_FORMAT)


@pytest.mark.parametrize(
    ("cells", "text", "number"),
    [
        (["12,50", "1 299,50"], "1,290", None),
        (["12,50"], "1.290", "1290"),
        (["1 000"], "1,290", None),
        (["1 299,500"], "1,290", "1.29"),
        (["0,500"], "1,290", "1.29"),
        (["1,299.50"], "1,290", "1290"),
    ],
)
def test_a_price_has_three_decimals_only_where_its_column_shows_some(
    cells: list[str], text: str, number: str | None
) -> None:
    form = find_numbers(COLUMNS, [["Кава", cell] for cell in cells], UNKNOWN_LAYOUT)[Field.PRICE]

    if number is None:
        with pytest.raises(RuleViolationError, match="number_ambiguous"):
            parse_price(text, form)
    else:
        assert parse_price(text, form) == Decimal(number)


def test_a_count_may_always_have_grams() -> None:
    numbers = find_numbers(COLUMNS, [["Вершки", "12,50", "", "1,290"]], UNKNOWN_LAYOUT)

    assert parse_decimal("1,290", numbers[Field.COUNT]) == Decimal("1.29")


def test_a_column_that_shows_nothing_is_like_the_others() -> None:
    rows = [["Кава", "12,50", "1,299", "12,345"], ["Чай", "7", "7", "7"], ["Сіль"]]

    assert find_numbers(COLUMNS, rows, UNKNOWN_LAYOUT) == {
        Field.PRICE: NumberFormat(",", thousandths=False),
        Field.PROCUREMENT_PRICE: NumberFormat(",", thousandths=False),
        Field.COUNT: NumberFormat(","),
    }


def test_columns_may_have_forms_of_their_own() -> None:
    rows = [["Кава", "12,50", "12.50", "1,299"]]
    numbers = find_numbers(COLUMNS, rows, UNKNOWN_LAYOUT)

    assert {field: form.decimal for field, form in numbers.items()} == {Field.PRICE: ",", Field.PROCUREMENT_PRICE: "."}
    assert main_number_format(numbers) == numbers[Field.PRICE]


def test_what_the_caller_says_holds_for_all_columns() -> None:
    rows = [["Кава", "12,50", "12.50", "1,299"]]

    assert set(find_numbers(COLUMNS, rows, Layout(decimal=".")).values()) == {NumberFormat(".")}
    assert set(find_numbers(COLUMNS, rows, Layout(thousands=" ")).values()) == {NumberFormat(None, " ")}


@given(
    st.lists(st.integers(min_value=0, max_value=10**9), min_size=1),
    st.sampled_from(
        [(",", " "), (",", "."), (".", ","), (".", " "), (",", "\u00a0"), (".", "’"), (",", ""), (".", "")]
    ),
    st.integers(min_value=1, max_value=4),
)
def test_a_column_written_in_one_form_is_read_exactly(numbers: list[int], marks: tuple[str, str], digits: int) -> None:
    decimal, thousands = marks
    cells = []
    for number in numbers:
        whole, rest = divmod(number, 10**digits)
        cells.append(f"{whole:,}".replace(",", thousands) + f"{decimal}{rest:0{digits}}")
    form = find_number_format(cells)

    if digits == 3 and (form == UNKNOWN_FORMAT or not form.thousandths):
        # Nothing but thousandths below a thousand: each may be read both ways.
        return
    assert [parse_decimal(cell, form) for cell in cells] == [Decimal(number).scaleb(-digits) for number in numbers]


@given(st.lists(st.text()))
def test_any_cells_have_a_form(cells: list[str]) -> None:
    form = find_number_format(cells)

    assert form.decimal is None or form.decimal != form.thousands
