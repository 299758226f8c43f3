"""Counts and keys out of rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.catalog.checks.counts import CountReader, CountRow, RejectedCount, parse_count
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.columns import Columns, NumberFormat
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.rows import Row, UnreadableRow
from smartkasa_async.models import ProductCreate

ORIGIN = SourceLocation(
    "stock.csv",
    Columns(
        ("Штрихкод", "Назва", "Залишок"),
        {Field.NUMBER: 0, Field.TITLE: 1, Field.COUNT: 2},
        (),
        {Field.COUNT: NumberFormat(decimal=",")},
    ),
)


def read(*cells: str) -> CountRow | RejectedCount:
    return CountReader(ORIGIN, "number").read(Row(1, 2, list(cells)))


def codes(result: CountRow | RejectedCount) -> list[tuple[str, str | None, str | None]]:
    assert isinstance(result, RejectedCount)
    assert (result.row, result.line) == (1, 2)
    return [(problem.code, problem.column, problem.value) for problem in result.problems]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("12", "12"),
        ("0", "0"),
        ("-0", "0"),
        ("1,5", "1.5"),
        ("1.5", "1.5"),
        ("0,125", "0.125"),
        ("1 250,5", "1250.5"),
        ("1\u00a0250", "1250"),
        ("1.234,5", "1234.5"),
        ("3,0000", "3"),
        ("999999999,999", "999999999.999"),
    ],
)
def test_counts_are_read_as_price_lists_write_them(text: str, count: str) -> None:
    parsed = parse_count(text)

    assert parsed == Decimal(count)
    assert not parsed.is_signed()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "count_missing"),
        ("багато", "count_unreadable"),
        (">10", "count_unreadable"),
        ("5 шт", "count_unreadable"),
        ("5 грн", "count_unreadable"),
        ("+", "count_unreadable"),
        ("1,2,3", "count_unreadable"),
        (".", "count_unreadable"),
        ("4,82E+12", "count_unreadable"),
        ("1,250", "count_ambiguous"),
        ("-3", "count_negative"),
        ("−3", "count_negative"),
        ("4820001000016", "count_too_large"),
        ("1000000000", "count_too_large"),
        ("0,3333", "count_fine"),
    ],
)
def test_what_is_no_count_says_why(text: str, code: str) -> None:
    with pytest.raises(RuleViolationError) as caught:
        parse_count(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("form", "count"), [(NumberFormat(decimal=","), "1.25"), (NumberFormat(thousands=","), "1250")]
)
def test_the_column_decides_what_three_digits_mean(form: NumberFormat, count: str) -> None:
    assert parse_count("1,250", form) == Decimal(count)


@given(st.text(max_size=20))
def test_any_text_is_a_count_or_has_a_reason(text: str) -> None:
    try:
        count: Decimal | str = parse_count(text)
    except RuleViolationError as error:
        count = error.code

    assert count.startswith("count_") if isinstance(count, str) else 0 <= count < 10**9


@given(st.decimals(min_value=0, max_value=Decimal("999999999.999"), places=3))
def test_every_count_survives_being_written(count: Decimal) -> None:
    assert parse_count(f"{count:f}".replace(".", ","), NumberFormat(decimal=",")) == count


@pytest.mark.parametrize(
    ("text", "key_value"),
    [
        ("4820001000016", "4820001000016"),
        ("'4820001000016", "4820001000016"),
        ("482 0001 000016", "4820001000016"),
        ("0000000000017", "17"),
        ("вага", "вага"),
    ],
)
def test_keys_are_found_however_they_are_written(text: str, key_value: str) -> None:
    row = read(text, "Кава", " 1,500 ")

    assert isinstance(row, CountRow)
    assert (row.row, row.line, row.key_value, row.count) == (1, 2, key_value, Decimal("1.5"))


def test_all_problems_of_a_row_are_told_at_once() -> None:
    assert codes(read("", "Кава", "багато")) == [
        ("key_missing", "Штрихкод", None),
        ("count_unreadable", "Залишок", "багато"),
    ]


def test_a_rejection_keeps_the_key_and_says_what_to_do() -> None:
    result = read("4820001000016", "Кава", "-2")

    assert codes(result) == [("count_negative", "Залишок", "-2")]
    assert isinstance(result, RejectedCount)
    assert (result.key, result.key_value) == ("4820001000016", "4820001000016")
    described = result.problems[0].describe("uk")
    assert described.startswith("stock.csv, рядок 2, стовпець «Залишок»: «-2»: залишок менший за нуль;")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (UnreadableRow("unexpected end of data"), "row_unreadable"),
        (["1", "Кава", "5", "6"], "too_many_fields"),
        (ProductCreate(title="Кава", number="4820001000016"), "count_missing"),
        (["1"], "count_missing"),
    ],
)
def test_a_row_of_another_form_is_rejected(content: Any, code: str) -> None:
    result = CountReader(ORIGIN, "number").read(Row(1, 2, content))

    assert [found for found, _, _ in codes(result)] == [code]


def test_empty_cells_beyond_the_header_do_not_count() -> None:
    assert isinstance(read("1", "Кава", "5", " ", ""), CountRow)


def test_another_key_is_taken_as_it_is_written() -> None:
    location = SourceLocation("", Columns(("Артикул", "К-сть"), {Field.ALTER_NUMBER: 0, Field.COUNT: 1}, ()))

    row = CountReader(location, "alter_number").read(Row(1, 1, ["А-7  б", "3"]))

    assert isinstance(row, CountRow)
    assert (row.key_value, row.count) == ("А-7 б", Decimal(3))
