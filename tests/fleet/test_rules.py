"""When tasks are due, how much is queued, what errors mean, and when the breaker opens: with a clock, without I/O."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from smartkasa_async import errors
from smartkasa_async.fleet.breaker import Breaker, BreakerState, Recent, observe, wants_probe, with_probe
from smartkasa_async.fleet.errors import FencedError, FleetDatabaseError
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.room import room_by_queue, slots_by_queue
from smartkasa_async.fleet.timing import months_between, next_start, retry_at, spread
from smartkasa_async.fleet.verdicts import Outcome, is_database_lost, outcome_of, outcome_of_parts, retry_after
from smartkasa_async.fleet.work import QueueName, TaskName
from smartkasa_async.jobs import JournalError
from smartkasa_async.records.days import KYIV

_POLICY = Policy()
_NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def _later(seconds: float) -> datetime:
    return _NOW + timedelta(seconds=seconds)


# --- timing ---


def test_starts_of_many_accounts_are_spread_evenly_over_the_interval() -> None:
    starts = [next_start(_POLICY, id_, TaskName.TODAY, "standard", _NOW) for id_ in range(9000)]
    per_minute = [0] * 15
    for start in starts:
        assert _NOW < start <= _later(900)
        per_minute[min(14, int((start - _NOW).total_seconds() // 60))] += 1
    assert min(per_minute) > 480
    assert max(per_minute) < 720


def test_an_account_keeps_its_share_of_the_interval_whenever_it_ends() -> None:
    first = next_start(_POLICY, 7, TaskName.TODAY, "standard", _NOW)
    assert next_start(_POLICY, 7, TaskName.TODAY, "standard", first) == first + timedelta(seconds=900)
    assert next_start(_POLICY, 7, TaskName.TODAY, "standard", first + timedelta(seconds=899)) == first + timedelta(
        seconds=900
    )
    assert spread(7, TaskName.TODAY) != spread(7, TaskName.NIGHT)


def test_the_slow_tier_has_longer_intervals() -> None:
    first = next_start(_POLICY, 7, TaskName.TODAY, "slow", _NOW)
    assert next_start(_POLICY, 7, TaskName.TODAY, "slow", first) - first == timedelta(hours=1)


@pytest.mark.parametrize("account_id", range(20))
def test_nightly_passes_start_between_one_and_six_in_kyiv_each_night(account_id: int) -> None:
    moment = datetime(2026, 10, 20, 12, tzinfo=UTC)
    nights = []
    for _ in range(10):
        moment = next_start(_POLICY, account_id, TaskName.NIGHT, "standard", moment)
        assert 0 <= moment.astimezone(KYIV).hour < 6
        nights.append(moment.astimezone(KYIV).date())
    assert nights == [date(2026, 10, 21) + timedelta(days=day) for day in range(10)]


def test_waits_double_up_to_the_longest_and_are_spread() -> None:
    waits = [(retry_at(_POLICY, 7, TaskName.TODAY, count, _NOW) - _NOW).total_seconds() for count in (1, 2, 3, 30)]
    assert 60 <= waits[0] < 72
    assert waits[1] == pytest.approx(2 * waits[0])
    assert waits[2] == pytest.approx(4 * waits[0])
    assert 3600 <= waits[3] < 4320


def test_months_of_the_past_come_newest_first() -> None:
    assert months_between(date(2025, 11, 30), date(2026, 2, 1)) == [
        date(2026, 2, 1),
        date(2026, 1, 1),
        date(2025, 12, 1),
        date(2025, 11, 1),
    ]


# --- room ---


def test_queues_are_filled_to_twice_the_slots_and_backfill_to_a_fifth() -> None:
    slots = slots_by_queue([(10, list(QueueName)), (20, ["light"])])
    room = room_by_queue(slots, {QueueName.LIGHT: 50}, Breaker(since=_NOW), _POLICY)
    assert room == {QueueName.LIGHT: 10, QueueName.NIGHT: 20, QueueName.UPLOAD: 20, QueueName.BACKFILL: 2}


def test_a_queue_that_no_worker_serves_takes_nothing() -> None:
    room = room_by_queue(slots_by_queue([(4, ["light"])]), {}, Breaker(since=_NOW), _POLICY)
    assert room == {QueueName.LIGHT: 8, QueueName.NIGHT: 0, QueueName.UPLOAD: 0, QueueName.BACKFILL: 0}


def test_one_worker_with_few_slots_still_does_backfill() -> None:
    room = room_by_queue(slots_by_queue([(2, list(QueueName))]), {}, Breaker(since=_NOW), _POLICY)
    assert room[QueueName.BACKFILL] == 1


def test_more_than_there_is_room_for_leaves_none() -> None:
    room = room_by_queue(slots_by_queue([(1, ["light"])]), {QueueName.LIGHT: 9}, Breaker(since=_NOW), _POLICY)
    assert room[QueueName.LIGHT] == 0


# --- breaker ---


def test_failures_of_few_accounts_do_not_open_the_breaker() -> None:
    breaker = Breaker(since=_NOW)
    assert observe(breaker, Recent(40, 40, 4), _POLICY, _later(60)) == breaker
    assert observe(breaker, Recent(40, 19, 19), _POLICY, _later(60)) == breaker


def test_an_outage_opens_it_a_probe_that_fails_doubles_the_wait_and_one_that_succeeds_lets_go_gradually() -> None:
    breaker = observe(Breaker(since=_NOW), Recent(40, 20, 5), _POLICY, _later(60))
    assert breaker.state is BreakerState.OPEN
    assert not breaker.admits(7)
    assert room_by_queue(slots_by_queue([(9, list(QueueName))]), {}, breaker, _POLICY) == dict.fromkeys(QueueName, 0)
    assert not wants_probe(breaker, _POLICY, _later(89))
    assert wants_probe(breaker, _POLICY, _later(90))

    breaker = with_probe(breaker, 7, _later(90))
    assert breaker.admits(7)
    assert not breaker.admits(8)
    assert not wants_probe(breaker, _POLICY, _later(100))
    assert observe(breaker, Recent(0, 0, 0), _POLICY, _later(100)) == breaker

    breaker = observe(breaker, Recent(1, 1, 1), _POLICY, _later(100))
    assert (breaker.state, breaker.wait, breaker.probe) == (BreakerState.OPEN, 60, None)
    assert not wants_probe(breaker, _POLICY, _later(159))
    breaker = with_probe(breaker, 8, _later(160))

    breaker = observe(breaker, Recent(1, 0, 0), _POLICY, _later(161))
    assert (breaker.state, breaker.share) == (BreakerState.EASING, 0.1)
    shares = [observe(breaker, Recent(9, 0, 0), _POLICY, _later(161 + 60 * minute)).share for minute in range(5)]
    assert shares == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0])
    assert observe(breaker, Recent(9, 0, 0), _POLICY, _later(161 + 240)).state is BreakerState.CLOSED


def test_a_relapse_while_it_eases_opens_it_with_a_longer_wait() -> None:
    easing = Breaker(state=BreakerState.EASING, since=_NOW, wait=200, share=0.2)
    breaker = observe(easing, Recent(4, 2, 2), _POLICY, _later(60))
    assert (breaker.state, breaker.wait) == (BreakerState.OPEN, 300)


def test_a_probe_that_no_answer_came_to_is_sent_again() -> None:
    breaker = with_probe(Breaker(state=BreakerState.OPEN, since=_NOW, wait=30), 7, _later(30))
    assert not wants_probe(breaker, _POLICY, _later(30 + 239))
    assert wants_probe(breaker, _POLICY, _later(30 + 240))


# --- verdicts ---


def _caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (errors.UnauthorizedError("no", status=401), Outcome.REFUSED),
        (errors.ForbiddenError("no", status=403), Outcome.REFUSED),
        (errors.LoginRefusedError("no"), Outcome.REFUSED),
        (errors.ServerError("no", status=503), Outcome.OUTAGE),
        (errors.NotConnectedError("no"), Outcome.OUTAGE),
        (errors.CallTimeoutError("no"), Outcome.OUTAGE),
        (errors.RateLimitedError("no", status=429), Outcome.LIMITED),
        (errors.UnreadableAnswerError("no", path="$", excerpt=""), Outcome.FAILED),
        (ZeroDivisionError(), Outcome.FAILED),
        (FencedError("no"), Outcome.FENCED),
        (_caused(JournalError("no"), FencedError("no")), Outcome.FENCED),
        (_caused(errors.SmartKasaError("no"), errors.ForbiddenError("no", status=403)), Outcome.REFUSED),
        (ExceptionGroup("", [errors.ServerError("no", status=500)]), Outcome.OUTAGE),
    ],
)
def test_errors_are_judged_by_what_caused_them(error: BaseException, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome
    assert not is_database_lost(error)


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        ([], Outcome.INCOMPLETE),
        (["PaginationError", "UnreadableAnswerError"], Outcome.INCOMPLETE),
        (["PaginationError", "ServerError"], Outcome.OUTAGE),
        (["CallTimeoutError"], Outcome.OUTAGE),
        (["RateLimitedError"], Outcome.LIMITED),
        (["ServerError", "ForbiddenError"], Outcome.REFUSED),
        (["AnErrorOfLater"], Outcome.INCOMPLETE),
    ],
)
def test_a_pass_is_judged_by_the_errors_of_the_parts_that_it_could_not_read(names: list[str], outcome: Outcome) -> None:
    assert outcome_of_parts(names) is outcome


def test_a_cause_that_leads_back_to_its_group_ends() -> None:
    inner = errors.ServerError("no", status=500)
    inner.__cause__ = group = ExceptionGroup("", [inner])
    assert outcome_of(group) is outcome_of(inner) is Outcome.OUTAGE


def test_the_loss_of_the_own_database_is_no_fault_of_the_account() -> None:
    assert is_database_lost(_caused(JournalError("no"), FleetDatabaseError("no")))


def test_what_the_service_asks_to_wait_is_heeded() -> None:
    error = errors.RateLimitedError("no", status=429)
    error.retry_after = 90.0
    assert retry_after(_caused(errors.SmartKasaError("no"), error)) == 90.0
    assert retry_after(ZeroDivisionError()) == 0.0


def test_an_error_that_was_raised_from_the_group_that_it_is_in_is_judged() -> None:
    refused = errors.UnauthorizedError("no", status=401, operation="listShops")
    group = ExceptionGroup("several", [refused, ValueError("also")])
    refused.__cause__ = group
    assert outcome_of(refused) is Outcome.REFUSED
    assert not is_database_lost(refused)
