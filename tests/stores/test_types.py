from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError

from smartkasa_async.stores import StoreError
from smartkasa_async.stores.schema import ExactDecimal, UtcDateTime, WholeUnits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Dialect

KOPECKS = st.integers(min_value=-(10**13), max_value=10**13).map(lambda kopecks: Decimal(kopecks).scaleb(-2))

TABLE = Table(
    "sums",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("amount", ExactDecimal(4)),
    Column("at", UtcDateTime()),
)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        TABLE.metadata.create_all(connection)
        yield connection
    engine.dispose()


@given(st.lists(KOPECKS, max_size=30))
def test_sums_made_by_sqlite_are_exact(amounts: list[Decimal]) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        TABLE.metadata.create_all(connection)
        if amounts:
            connection.execute(insert(TABLE), [{"amount": amount} for amount in amounts])
        assert list(connection.scalars(select(TABLE.c.amount).order_by(TABLE.c.id))) == amounts
        assert (connection.scalar(select(func.sum(TABLE.c.amount))) or 0) == sum(amounts)
    engine.dispose()


def _units_or_error(convert: Callable[[Decimal], object], value: Decimal) -> object:
    try:
        return convert(value)
    except StoreError as error:
        return f"{error}"


@pytest.mark.parametrize("scale", [4, 6])
@given(value=st.decimals() | st.decimals(-(10**15), 10**15, places=5) | KOPECKS)
@example(value=Decimal("99999999999999.9999"))
@example(value=Decimal(100000000000000))
@example(value=Decimal("0.30000000000000004"))
@example(value=Decimal("1E+3"))
@example(value=Decimal("-0.00"))
def test_units_made_of_the_digits_are_those_of_the_value(scale: int, value: Decimal) -> None:
    type_ = ExactDecimal(scale)
    of_value = type_.bind_processor(sqlite.dialect())
    units = WholeUnits(type_, sqlite.dialect())
    expected = _units_or_error(of_value, value)
    assert [_units_or_error(lambda one: units[str(one)], value) for _ in range(2)] == [expected, expected]


def test_ten_kopecks_ten_times_are_a_hryvnia(connection: Connection) -> None:
    connection.execute(insert(TABLE), [{"amount": Decimal("0.1")}] * 10)
    assert connection.scalar(select(func.sum(TABLE.c.amount))) == Decimal(1)


def test_null_stays_null(connection: Connection) -> None:
    connection.execute(insert(TABLE), [{"amount": None, "at": None}])
    assert connection.execute(select(TABLE.c.amount, TABLE.c.at)).one() == (None, None)


@pytest.mark.parametrize("amount", ["0.00001", "99999999999999.99999", "100000000000000", "-1E+30"])
def test_what_cannot_be_kept_exactly_is_refused(connection: Connection, amount: str) -> None:
    with pytest.raises(StatementError) as refused:
        connection.execute(insert(TABLE), [{"amount": Decimal(amount)}])
    assert isinstance(refused.value.orig, StoreError)
    assert "cannot be stored exactly" in str(refused.value.orig)


@pytest.mark.parametrize(
    ("noisy", "meant"),
    [("0.30000000000000004", "0.3"), ("1438.4999999999998", "1438.5"), ("-0.1000000000000001", "-0.1")],
)
def test_what_a_binary_fraction_added_is_taken_off(connection: Connection, noisy: str, meant: str) -> None:
    connection.execute(insert(TABLE), [{"amount": Decimal(noisy)}])
    assert connection.scalar(select(TABLE.c.amount)) == Decimal(meant)


def test_the_largest_amount_is_kept(connection: Connection) -> None:
    largest = Decimal("-99999999999999.9999")
    connection.execute(insert(TABLE), [{"amount": largest}])
    assert connection.scalar(select(TABLE.c.amount)) == largest


def test_postgresql_gets_the_decimal_itself() -> None:
    make_dialect: Callable[[], Dialect] = postgresql.dialect
    dialect, money = make_dialect(), ExactDecimal(4)
    assert money.compile(dialect) == "NUMERIC(18, 4)"
    assert money.bind_processor(dialect)(Decimal("1438.5")) == Decimal("1438.5")
    assert money.result_processor(dialect, None)(Decimal("1438.5000")) == Decimal("1438.5")


def test_times_are_kept_in_utc(connection: Connection) -> None:
    kyiv = datetime(2026, 7, 6, 23, 26, 14, 730000, tzinfo=timezone(timedelta(hours=3)))
    connection.execute(insert(TABLE), [{"at": kyiv}])

    (stored,) = connection.scalars(select(TABLE.c.at)).all()
    assert stored == kyiv
    assert stored.tzinfo is UTC
    assert connection.exec_driver_sql("SELECT at FROM sums").scalar() == "2026-07-06 20:26:14.730000"
