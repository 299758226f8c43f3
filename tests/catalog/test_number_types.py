"""Tables and records give the price that was written, whatever their number types."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.catalog.checks.check import Checker, ProductDraft
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.outcomes import Outcome
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.cells import ConvertedCell, cell_text, narrow_text, number_text
from smartkasa_async.catalog.sources.records import row_from_item
from smartkasa_async.catalog.sources.tables import TableRows
from tests.support.catalogue import MAPPINGS

CODE = 4823012345039
PRICES = (12.34, 189.9, 0.1, 1299.99, 54999.99, 5.0)


def checked(table: Any) -> list[ProductDraft | Outcome]:
    with TableRows(table) as rows:
        checker = Checker(SourceLocation("", rows.columns), Units([]))
        return [checker.check(row) for row in rows]


def checked_item(**values: object) -> ProductDraft | Outcome:
    row = row_from_item(1, {"title": "Кава", "price": 5, "number": str(CODE)} | values, MAPPINGS)
    return Checker(SourceLocation("", MAPPINGS.columns), Units([])).check(row)


def prices(table: Any) -> list[Decimal]:
    drafts = checked(table)
    assert all(isinstance(draft, ProductDraft) for draft in drafts), drafts
    return [draft.product.price for draft in drafts if isinstance(draft, ProductDraft) if draft.product.price]


def codes(result: ProductDraft | Outcome) -> list[tuple[str, str | None]]:
    assert isinstance(result, Outcome)
    return [(problem.code, problem.field) for problem in result.problems]


def columns(price: Any, number: Any = None, title: Any = None) -> dict[str, Any]:
    count = len(price)
    return {
        "title": ["Кава"] * count if title is None else title,
        "number": [str(CODE)] * count if number is None else number,
        "price": price,
    }


WRITTEN = [Decimal(str(price)) for price in PRICES]


@pytest.mark.parametrize("dtype", ["float32", "float64", "Float32", "Float64", "float[pyarrow]", "double[pyarrow]"])
def test_pandas_gives_the_price_that_was_written(dtype: str) -> None:
    assert prices(pd.DataFrame(columns(pd.array(PRICES, dtype=dtype)))) == WRITTEN


def test_pandas_gives_prices_of_decimals_categories_and_mixed_objects() -> None:
    decimals = pd.array(WRITTEN, dtype=pd.ArrowDtype(pa.decimal128(12, 2)))
    mixed = pd.Series([np.float32(12.34), np.float16(1.1), np.int64(5), Decimal("7.5"), 8, np.longdouble("9.1")])

    assert prices(pd.DataFrame(columns(decimals))) == WRITTEN
    assert prices(pd.DataFrame(columns(pd.Categorical(np.array(PRICES, "float32"))))) == WRITTEN
    assert prices(pd.DataFrame(columns(pd.arrays.SparseArray(np.array(PRICES, "float32"))))) == WRITTEN
    assert prices(pd.DataFrame(columns(mixed))) == [*map(Decimal, ("12.34", "1.1", "5", "7.5", "8", "9.1"))]


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64, pl.Decimal(12, 2)])
def test_polars_gives_the_price_that_was_written(dtype: Any) -> None:
    assert prices(pl.DataFrame(columns(PRICES)).with_columns(pl.col("price").cast(dtype))) == WRITTEN


@pytest.mark.parametrize("dtype", [pa.float32(), pa.float64(), pa.decimal128(12, 2)])
def test_arrow_gives_the_price_that_was_written(dtype: Any) -> None:
    values = pa.array(WRITTEN if pa.types.is_decimal(dtype) else PRICES, type=dtype)
    table = pa.table(columns(PRICES) | {"price": values})

    assert prices(table) == prices(table.to_reader()) == prices(table.to_batches()[0]) == WRITTEN


def test_half_floats_give_the_price_or_say_that_it_is_lost() -> None:
    table = pd.DataFrame(columns(np.array([12.34, 1.1, 189.9], "float16")))
    first, second, third = checked(table)

    assert isinstance(first, ProductDraft)
    assert isinstance(second, ProductDraft)
    assert (first.product.price, second.product.price) == (Decimal("12.34"), Decimal("1.1"))
    assert codes(third) == [("digits_lost", "price")]


@given(st.integers(1, 13_107_100))
def test_a_price_below_131_071_hryvnias_survives_a_single_float(kopecks: int) -> None:
    price = Decimal(kopecks) / 100

    text = narrow_text(float(np.float32(float(price))), 24, 2)
    assert (Decimal(text), type(text)) == (price, str)


@given(st.integers(1, 10**12))
def test_a_single_float_never_gives_another_price(kopecks: int) -> None:
    price = Decimal(kopecks) / 100

    text = narrow_text(float(np.float32(float(price))), 24, 2)
    assert isinstance(text, ConvertedCell) or Decimal(text) == price


@pytest.mark.parametrize(
    "numbers",
    [
        pd.array([float(CODE), None], dtype="Float64"),
        pd.array([CODE, None], dtype="Int64"),
        np.array([CODE, float("nan")]),
        pd.Series([np.int64(CODE), pd.NA], dtype=object),
        pd.Series([float(CODE), None], dtype=object),
    ],
)
def test_a_barcode_that_became_a_number_is_whole(numbers: Any) -> None:
    whole, missing = checked(pd.DataFrame(columns([5.0, 6.0], numbers)))

    assert isinstance(whole, ProductDraft)
    assert whole.product.number == str(CODE)
    assert codes(missing) == [("key_missing", "number")]


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(columns([5.0], np.array([CODE], "float32"))),
        pl.DataFrame(columns([5.0], [float(CODE)])).with_columns(pl.col("number").cast(pl.Float32)),
        pa.table(columns([5.0], pa.array([float(CODE)], pa.float32()))),
        pd.DataFrame(columns([5.0], np.array([4.823012345039123e16]))),
        pd.DataFrame(columns([5.0], pd.Series([np.float32(CODE)], dtype=object))),
    ],
    ids=["pandas", "polars", "arrow", "64 bits", "objects"],
)
def test_a_barcode_whose_digits_may_be_lost_is_rejected(table: Any) -> None:
    (result,) = checked(table)

    assert codes(result) == [("digits_lost", "number")]


def test_a_short_whole_number_in_a_single_float_is_itself() -> None:
    (result,) = checked(pd.DataFrame(columns([5.0], np.array([4823000], "float32"))))

    assert isinstance(result, Outcome)
    assert [problem.value for problem in result.problems] == ["4823000"]


@pytest.mark.parametrize("value", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT")])
def test_missing_values_are_nothing(value: object) -> None:
    assert cell_text(value) == number_text(value) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(12.34), "12.34"),
        (np.float32(5), "5"),
        (np.float16(0.1), "0.1"),
        (np.float64(12.345), "12.3450"),
        (np.float32(12.345), "12.3450"),
        (np.longdouble("12.34"), "12.34"),
        (np.int8(5), "5"),
        (np.uint64(2**63), str(2**63)),
        (Decimal("12.340"), "12.34"),
        (Fraction(5, 2), "2.5"),
        (np.str_("5,5"), "5,5"),
        (b"5,5", "5,5"),
        (pa.scalar(12.5), "12.5"),
        (float("inf"), "Infinity"),
    ],
)
def test_numbers_of_every_package_are_written_with_their_own_digits(value: object, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (dt.datetime(2026, 10, 11), "cell_date"),  # noqa: DTZ001
        (dt.date(2026, 10, 11), "cell_date"),
        (pd.Timestamp("2026-10-11"), "cell_date"),
        (np.datetime64("2026-10-11"), "cell_date"),
        (dt.time(1, 18), "cell_time"),
        (dt.timedelta(hours=1), "cell_time"),
        (pd.Timedelta("1h"), "cell_time"),
        (np.timedelta64(1, "h"), "cell_time"),
        (True, "cell_boolean"),
        (np.True_, "cell_boolean"),
        (1e22, "digits_lost"),
    ],
)
@pytest.mark.parametrize("field", ["title", "alter_number"])
def test_a_value_of_another_type_is_no_text(field: str, value: object, rule: str) -> None:
    assert codes(checked_item(**{field: value})) == [(rule, field)]


def test_columns_that_nothing_uses_may_hold_anything() -> None:
    table = pd.DataFrame(columns([5.0], title=["Кава"]) | {"Дата": [pd.Timestamp("2026-10-11")], "Є": [True]})

    assert prices(table) == [Decimal(5)]


@pytest.mark.parametrize(("price", "code"), [(pd.Timestamp("2026-10-11"), "cell_date"), (True, "cell_boolean")])
def test_a_price_of_another_type_is_no_number(price: object, code: str) -> None:
    assert codes(checked_item(price=price)) == [(code, "price")]
