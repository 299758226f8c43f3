"""How far a watch has come: the business days to read next, what is told, and what is forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.models import Shop
from smartkasa_async.records import Window
from smartkasa_async.sync import CheckpointError
from smartkasa_async.sync.checkpoint import Checkpoint, ShopCheckpoint

TODAY = date(2026, 10, 26)
ONE_DAY = timedelta(days=1)
BEGUN_AT = datetime(2026, 10, 20, 9, tzinfo=UTC)


def shop(id: int, created_at: datetime) -> Shop:
    return Shop(id=id, created_at=created_at, state=0, title="Крамниця", updated_at=created_at)


def test_the_last_days_are_read() -> None:
    known = ShopCheckpoint(TODAY - 5 * ONE_DAY, TODAY)
    assert known.window(TODAY, 1) == Window(TODAY, TODAY)
    assert known.window(TODAY, 3) == Window(date(2026, 10, 24), TODAY)


def test_days_before_the_first_are_never_read() -> None:
    assert ShopCheckpoint(TODAY, TODAY).window(TODAY, 3) == Window(TODAY, TODAY)


def test_after_midnight_the_day_that_ended_is_read_once_more_with_those_it_had() -> None:
    known = ShopCheckpoint(TODAY - ONE_DAY, TODAY)
    assert known.window(TODAY + ONE_DAY, 2) == Window(TODAY - ONE_DAY, TODAY + ONE_DAY)


@given(st.integers(1, 5), st.integers(0, 60))
def test_after_an_absence_no_day_is_left_out(days: int, absent: int) -> None:
    """A round goes a week forward at most; as many rounds as it takes read every day."""
    known = ShopCheckpoint(TODAY - (days - 1) * ONE_DAY, TODAY)
    back = TODAY + absent * ONE_DAY
    read: set[date] = set()
    for _ in range(1 + absent // 7):
        window = known.window(back, days)
        assert (window.end - window.start).days < days + 7
        read |= {window.start + number * ONE_DAY for number in range((window.end - window.start).days + 1)}
        known.advance(window)
    assert known.through == back
    assert read == {TODAY + number * ONE_DAY for number in range(1 - days, absent + 1)}


def test_a_clock_that_is_put_back_is_survived() -> None:
    known = ShopCheckpoint(TODAY, TODAY)
    window = known.window(TODAY - ONE_DAY, 2)
    assert window == Window(TODAY - ONE_DAY, TODAY - ONE_DAY)
    known.advance(window)
    assert known.window(TODAY, 2) == Window(TODAY - ONE_DAY, TODAY)


@pytest.mark.parametrize("back", [0, 3, 39])
def test_a_position_of_a_clock_that_was_ahead_goes_on_from_the_newest_receipt(back: int) -> None:
    known = ShopCheckpoint(TODAY, TODAY)
    known.note(TODAY, "r", "one")
    known.advance(Window(TODAY + 39 * ONE_DAY, TODAY + 40 * ONE_DAY))
    today = TODAY + back * ONE_DAY

    window = known.window(today, 2)
    if back == 39:  # no more than a day: as if the clock was put back a little at midnight
        assert not known.is_ahead(today)
        assert window == Window(today, today)
        return

    assert known.is_ahead(today)
    assert window == Window(TODAY - ONE_DAY, today)
    known.advance(window)
    assert not known.is_ahead(today)


def test_a_position_of_a_clock_that_was_ahead_without_receipts_goes_on_from_today() -> None:
    known = ShopCheckpoint(TODAY + 39 * ONE_DAY, TODAY + 40 * ONE_DAY)
    assert known.window(TODAY, 2) == Window(TODAY - ONE_DAY, TODAY)


def test_a_receipt_is_created_then_known_then_changed() -> None:
    known = ShopCheckpoint(TODAY, TODAY)
    assert known.compare(TODAY, "r", "one") == "created"
    known.note(TODAY, "r", "one")
    assert known.compare(TODAY, "r", "one") is None
    assert known.compare(TODAY, "r", "two") == "changed"


def test_what_is_not_listed_in_the_window_is_missing() -> None:
    known = ShopCheckpoint(TODAY - 2 * ONE_DAY, TODAY)
    for number in range(3):
        known.note(TODAY - number * ONE_DAY, f"r-{number}", "digest")

    assert known.missing(Window(TODAY - ONE_DAY, TODAY), {"r-0"}) == [(TODAY - ONE_DAY, "r-1")]
    known.note(TODAY - ONE_DAY, "r-1", None)
    assert known.missing(Window(TODAY - ONE_DAY, TODAY), {"r-0"}) == []


def test_days_that_are_over_are_forgotten() -> None:
    known = ShopCheckpoint(TODAY - 2 * ONE_DAY, TODAY)
    for number in range(3):
        known.note(TODAY - number * ONE_DAY, f"r-{number}", "digest")
    known.advance(Window(TODAY - ONE_DAY, TODAY + ONE_DAY))
    assert set(known.seen) == {TODAY - ONE_DAY, TODAY}
    assert (known.first, known.through) == (TODAY - ONE_DAY, TODAY + ONE_DAY)


def test_shops_begin_with_the_present_unless_told_or_opened_since() -> None:
    checkpoint = Checkpoint(BEGUN_AT)
    old, new = shop(1, BEGUN_AT - timedelta(seconds=1)), shop(2, datetime(2026, 10, 20, 22, tzinfo=UTC))

    assert checkpoint.of_shop(old, None) is None
    assert checkpoint.of_shop(old, TODAY) == ShopCheckpoint(TODAY, TODAY)
    assert checkpoint.of_shop(new, None) == ShopCheckpoint(date(2026, 10, 21), date(2026, 10, 21))


def test_a_known_shop_goes_on_where_it_was() -> None:
    checkpoint = Checkpoint(BEGUN_AT)
    known = ShopCheckpoint(TODAY, TODAY)
    window = Window(TODAY, TODAY)

    assert checkpoint.enter(1, known, window) is True
    assert checkpoint.enter(1, known, window) is False
    assert checkpoint.of_shop(shop(1, BEGUN_AT), TODAY - ONE_DAY) is known
    assert checkpoint.enter(1, known, Window(TODAY, TODAY + ONE_DAY)) is True


def test_a_position_is_read_back_as_it_was_saved() -> None:
    known = ShopCheckpoint(TODAY - ONE_DAY, TODAY, {TODAY: {"r": "digest"}})
    checkpoint = Checkpoint(BEGUN_AT, {37933: known, 37964: ShopCheckpoint(TODAY, TODAY)})
    assert Checkpoint.decode(checkpoint.encode(), "here") == checkpoint


@pytest.mark.parametrize("length", range(0, 120, 7))
def test_a_half_of_a_position_is_refused(length: int) -> None:
    content = Checkpoint(BEGUN_AT, {1: ShopCheckpoint(TODAY, TODAY)}).encode()
    assert length < len(content)
    with pytest.raises(CheckpointError, match=r"^here does not hold a whole checkpoint of watch_receipts "):
        Checkpoint.decode(content[:length], "here")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x00\xff", "malformed"),
        (b'"\xff"', "here does"),
        (b"[" * 100_000, "here does"),
        (b'{"access": "token"}', "access"),
        (b'{"begun_at": "2026-10-20T09:00:00Z", "version": 2}', "version"),
        (b'{"begun_at": "2026-10-20T09:00:00Z", "kind": "another"}', "kind"),
        (b'{"begun_at": "2026-10-20T09:00:00"}', "begun_at"),
        (
            b'{"begun_at": "2026-10-20T09:00:00Z", "shops": {"1": {"first": "2026-10-20", "through": "2026-10-19"}}}',
            "thr",
        ),
    ],
)
def test_what_is_no_position_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(CheckpointError, match=reason):
        Checkpoint.decode(content, "here")
