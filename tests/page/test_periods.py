"""Which days a page compares with which, and which days count as read whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.records.days import Window
from smartkasa_async.reports.page.facts import Span, read_data, window_before

OCTOBER = Window(date(2026, 10, 1), date(2026, 10, 31))
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        ("2026-10-01", "2026-10-31", "2026-08-31"),  # September, and as many days as October has
        ("2026-03-01", "2026-03-31", "2026-01-29"),
        ("2026-07-01", "2026-09-30", "2026-03-31"),
        ("2026-01-01", "2026-12-31", "2025-01-01"),
        ("2024-02-01", "2024-02-29", "2024-01-01"),
        ("2026-10-05", "2026-11-08", "2026-08-31"),
        ("2026-11-01", "2026-11-08", "2026-10-01"),
        ("2026-11-08", "2026-11-08", "2026-11-07"),
    ],
)
def test_the_days_before_are_as_many_and_as_many_months(start: str, end: str, before: str) -> None:
    window = Window(date.fromisoformat(start), date.fromisoformat(end))
    assert window_before(window) == Window(date.fromisoformat(before), window.start - timedelta(days=1))


@pytest.mark.parametrize(
    ("spans", "whole", "partly"),
    [
        pytest.param([], [], {}, id="nothing"),
        pytest.param(
            [(at("2026-09-30 21:00"), at("2026-10-31 22:00"))], [["2026-10-01", "2026-10-31"]], {}, id="all of it"
        ),
        pytest.param(
            [(at("2026-01-01 22:00"), at("2026-12-31 22:00"))], [["2026-10-01", "2026-10-31"]], {}, id="more than that"
        ),
        pytest.param(
            [(at("2026-09-30 21:00"), at("2026-10-08 11:30"))],
            [["2026-10-01", "2026-10-07"]],
            {"2026-10-08": "14:30"},
            id="until a moment of a day",
        ),
        pytest.param(
            [(at("2026-10-03 06:00"), at("2026-10-04 21:00"))],
            [["2026-10-04", "2026-10-04"]],
            {"2026-10-03": None},
            id="from a moment of a day",
        ),
        pytest.param([(at("2026-10-03 06:00"), at("2026-10-03 09:00"))], [], {"2026-10-03": None}, id="within a day"),
        pytest.param(
            [(at("2026-10-24 21:00"), at("2026-10-25 21:59"))], [], {"2026-10-25": "23:59"}, id="a day of 25 hours"
        ),
        pytest.param(
            [(at("2026-09-01 21:00"), at("2026-10-02 21:00")), (at("2026-10-04 21:00"), at("2026-10-05 21:00"))],
            [["2026-10-01", "2026-10-02"], ["2026-10-05", "2026-10-05"]],
            {},
            id="with a gap",
        ),
        pytest.param([(at("2026-08-01 21:00"), at("2026-09-02 21:00"))], [], {}, id="before it"),
        pytest.param([(at("2026-11-01 22:00"), at("2026-11-02 22:00"))], [], {}, id="after it"),
    ],
)
def test_days_are_whole_when_all_of_them_was_read(
    spans: list[Span], whole: list[list[str]], partly: dict[str, str | None]
) -> None:
    assert read_data(spans, OCTOBER, LATER) == {"whole": whole, "partly": partly}


def test_a_day_that_is_not_over_is_not_whole() -> None:
    now = at("2026-10-08 11:30")
    for spans in (None, [(at("2026-09-01 21:00"), LATER)]):
        assert read_data(spans, OCTOBER, now) == {
            "whole": [["2026-10-01", "2026-10-07"]],
            "partly": {"2026-10-08": "14:30"},
        }
    assert read_data(None, OCTOBER, at("2026-09-08 11:30")) == {"whole": [], "partly": {}}


@given(
    since=st.datetimes(datetime(2026, 9, 25), datetime(2026, 11, 5)),  # noqa: DTZ001  made aware below
    length=st.timedeltas(timedelta(minutes=1), timedelta(days=40)),
)
def test_days_that_are_whole_lie_within_what_was_read(since: datetime, length: timedelta) -> None:
    begins = since.replace(tzinfo=UTC)
    read = read_data([(begins, begins + length)], OCTOBER, LATER)
    for first, last in read["whole"]:
        window = Window(date.fromisoformat(first), date.fromisoformat(last))
        assert begins <= window.begins_at
        assert window.ends_at <= begins + length
        assert not {first, last} & read["partly"].keys()
