"""Days and months as people write them on the command line."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from smartkasa_async.records.written_days import read_day, read_month

TODAY = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-31", date(2026, 10, 31)),
        ("2026-1-5", date(2026, 1, 5)),
        ("2026.10.31", date(2026, 10, 31)),
        ("2026/10/31", date(2026, 10, 31)),
        ("20261031", date(2026, 10, 31)),
        ("31.10.2026", date(2026, 10, 31)),
        ("1.2.2026", date(2026, 2, 1)),
        ("03.04.2026", date(2026, 4, 3)),
        ("31-10-2026", date(2026, 10, 31)),
        ("31/10/2026", date(2026, 10, 31)),
        ("05/05/2026", date(2026, 5, 5)),
        ("31 жовтня 2026", date(2026, 10, 31)),
        ("31 Жовтня 2026 року", date(2026, 10, 31)),
        ("5 october 2026", date(2026, 10, 5)),
        ("today", TODAY),
        ("Today", TODAY),
        (" сьогодні ", TODAY),
        ("yesterday", date(2026, 11, 9)),
        ("вчора", date(2026, 11, 9)),
        ("УЧОРА", date(2026, 11, 9)),
        ("позавчора", date(2026, 11, 8)),
        ("-7d", date(2026, 11, 3)),
        ("\u22127d", date(2026, 11, 3)),
        ("-0d", TODAY),
        ("-10д", date(2026, 10, 31)),
        ("-2w", date(2026, 10, 27)),
        ("-2т", date(2026, 10, 27)),
    ],
)
def test_a_day_is_read(text: str, day: date) -> None:
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2026",  # the third of April, or the fourth of March
        "10/31/2026",
        "31.10.26",
        "26.10.31",
        "31.10",
        "10-31",
        "2026-10",
        "2026-W44",
        "2026-304",
        "31.10-2026",
        "2026-02-30",
        "30.02.2026",
        "1999-12-31",
        "9999-12-31",
        "31 жовт 2026",
        "7d",
        "-7",
        "-7m",
        "-99999w",
        "+7d",
        "tomorrow",
        "завтра",
        "soon",
        "",
        "٣١.١٠.٢٠٢٦",
        "2026-10-31T10:00",
    ],
)
def test_what_is_no_day_or_could_be_two_is_not_read(text: str) -> None:
    assert read_day(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-10", (2026, 10)),
        ("2026-1", (2026, 1)),
        ("2026.10", (2026, 10)),
        ("2026/10", (2026, 10)),
        ("10.2026", (2026, 10)),
        ("10/2026", (2026, 10)),
        ("10-2026", (2026, 10)),
        ("1.2026", (2026, 1)),
        ("this", (2026, 11)),
        ("цей", (2026, 11)),
        ("поточний", (2026, 11)),
        ("last", (2026, 10)),
        ("LAST", (2026, 10)),
        ("previous", (2026, 10)),
        ("минулий", (2026, 10)),
        ("попередній", (2026, 10)),
        ("october", (2026, 10)),
        ("oct", (2026, 10)),
        ("жовтень", (2026, 10)),
        ("жовтня", (2026, 10)),
        ("листопад", (2026, 11)),
        ("december", (2025, 12)),
        ("грудень", (2025, 12)),
        ("жовтень 2025", (2025, 10)),
        ("October, 2025", (2025, 10)),
        ("жовтень-2025", (2025, 10)),
        ("жовтень 2025 р.", (2025, 10)),
    ],
)
def test_a_month_is_read(text: str, month: tuple[int, int]) -> None:
    assert read_month(text, TODAY) == date(*month, 1)


@pytest.mark.parametrize(
    "text",
    ["10", "2026", "10.26", "26-10", "2026-13", "13.2026", "0.2026", "10.2026.1", "2026-10-31", "осінь", "", "ma"],
)
def test_what_is_no_month_is_not_read(text: str) -> None:
    assert read_month(text, TODAY) is None


def test_the_month_before_january_is_december() -> None:
    assert read_month("last", date(2026, 1, 31)) == date(2025, 12, 1)
    assert read_month("минулий", date(2026, 3, 31)) == date(2026, 2, 1)


@pytest.mark.parametrize("offset", range(0, 800, 13))
def test_every_written_form_of_a_day_means_that_day(offset: int) -> None:
    day = date(2025, 1, 1) + timedelta(days=offset)
    forms = [f"{day}", f"{day:%d.%m.%Y}", f"{day:%Y.%m.%d}", f"{day:%Y%m%d}", f"{day.day}.{day.month}.{day.year}"]
    assert {read_day(text, TODAY) for text in forms} == {day}
