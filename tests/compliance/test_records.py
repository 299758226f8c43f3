"""The fiscal rules of offline mode and of numbers: each kept, at its limit, and broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from smartkasa_async.models import ReceiptType
from smartkasa_async.records import Window
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.synced_days import DaysRead, ReadSpan
from smartkasa_async.reports import FindingKind, Urgency
from smartkasa_async.reports.compliance.facts import NumberRun, OfflineReceipt, OfflineSession, Unnumbered
from smartkasa_async.reports.compliance.numbers import LocalNumbers
from smartkasa_async.reports.compliance.offline import OfflineSessions
from tests.support.fiscal_records import (
    HOUR,
    MOMENT,
    REGISTRAR,
    check,
    kyiv,
    session,
)


class TestOffline:
    BEGAN = "2026-11-18T08:00"

    @pytest.mark.parametrize(
        ("length", "urgency"),
        [
            (27 * HOUR - MOMENT, None),
            (27 * HOUR, Urgency.SOON),
            (36 * HOUR, Urgency.SOON),
            (36 * HOUR + MOMENT, Urgency.NOW),
        ],
    )
    def test_a_running_session_may_last_36_hours(self, length: timedelta, urgency: Urgency | None) -> None:
        found = check(now=kyiv(self.BEGAN) + length, offline=[session(self.BEGAN, None)])
        assert [(finding.kind, finding.urgency) for finding in found] == [
            (FindingKind.OFFLINE_TOO_LONG, urgency)
        ] * bool(urgency)

    def test_what_is_left_is_told(self) -> None:
        (found,) = check(now=kyiv(self.BEGAN) + 30 * HOUR, offline=[session(self.BEGAN, None)])
        assert (found.over, found.figures()) == (Decimal(-6), "30.00 h of 36.00 h, 6.00 h left")

    @pytest.mark.parametrize(("length", "breaches"), [(36 * HOUR, 0), (36 * HOUR + MOMENT, 1)])
    def test_an_ended_session_is_a_breach_of_the_past(self, length: timedelta, breaches: int) -> None:
        found = check(offline=[session("2026-11-10T08:00", length)])
        assert [finding.urgency for finding in found] == [Urgency.PAST] * breaches

    def days(self, first: int, count: int, month: str = "2026-10", length: timedelta = 21 * HOUR) -> list[Any]:
        return [session(f"{month}-{day:02}T01:00", length) for day in range(first, first + count)]

    @pytest.mark.parametrize(("more", "breaches"), [(timedelta(0), 0), (MOMENT, 1)])
    def test_a_month_has_168_hours(self, more: timedelta, breaches: int) -> None:
        sessions = [*self.days(1, 7), session("2026-10-20T01:00", 21 * HOUR + more)]
        found = check(offline=sessions)
        assert [(finding.kind, finding.urgency) for finding in found] == [
            (FindingKind.OFFLINE_MONTH, Urgency.PAST)
        ] * breaches
        assert [finding.detail for finding in found] == ["2026-10"] * breaches

    @pytest.mark.parametrize(("count", "urgency"), [(5, None), (6, Urgency.SOON), (8, Urgency.SOON), (9, Urgency.NOW)])
    def test_the_present_month_warns_from_three_quarters_on(self, count: int, urgency: Urgency | None) -> None:
        found = check(offline=self.days(1, count, "2026-11"))
        assert [finding.urgency for finding in found] == [urgency] * bool(urgency)

    def test_registrars_have_budgets_of_their_own(self) -> None:
        other = [replace(one, registrar="4000099999") for one in self.days(11, 5)]
        assert not check(offline=[*self.days(1, 5), *other])

    def test_a_session_over_the_end_of_a_month_counts_for_both(self) -> None:
        before = [*self.days(1, 7), session("2026-10-31T12:00", 32 * HOUR)]
        assert not [finding for finding in check(offline=before) if finding.kind is FindingKind.OFFLINE_MONTH]
        both = [*self.days(1, 8), session("2026-10-31T23:00", 2 * HOUR)]
        (found,) = check(offline=both)
        assert found.detail == "2026-10"
        assert found.measured == Decimal(8 * 21 + 1)
        assert found.until == kyiv("2026-11-01T00:00")

    def test_a_month_names_its_sessions(self) -> None:
        sessions = [*self.days(1, 8), session("2026-10-28T01:00", 2 * HOUR, ids=("r8", "r9"), shop_id=None)]
        (found,) = check(offline=sessions)
        assert (found.shop_id, found.shop_title, found.registrar) == (13, "Крамниця", REGISTRAR)
        assert (found.since, found.until) == (kyiv("2026-10-01T01:00"), kyiv("2026-10-28T03:00"))
        assert (found.measured, found.receipts_count) == (Decimal(8 * 21 + 2), 9 * 4)
        assert found.receipts[:3] == ("r1", "r2", "r1")

    def test_a_session_that_is_too_long_says_until_when(self) -> None:
        (found,) = check(offline=[session("2026-11-10T08:00", 40 * HOUR)])
        assert (found.since, found.until) == (kyiv("2026-11-10T08:00"), kyiv("2026-11-12T00:00"))
        (found,) = check(now=kyiv("2026-11-18T20:00"), offline=[session("2026-11-17T06:00", None)])
        assert (found.since, found.until) == (kyiv("2026-11-17T06:00"), kyiv("2026-11-18T20:00"))

    def test_an_hour_that_the_clock_repeats_counts(self) -> None:
        began, ended = kyiv("2026-10-25T00:00"), kyiv("2026-10-26T12:00")  # 36 hours by the clock on the wall
        (found,) = check(offline=[session("2026-10-25T00:00", ended - began)])
        assert found.measured == Decimal(37)


class TestOfflineSessions:
    AT = kyiv("2026-11-10T08:00")

    def sessions(self, *made: tuple[int, int | None, float], online: float | None = None) -> list[OfflineSession]:
        """Sessions of receipts given as type, offline id and hour."""
        found = OfflineSessions()
        for number, (type_, offline_id, hour) in enumerate(made):
            found.add(OfflineReceipt(13, REGISTRAR, type_, offline_id, self.AT + hour * HOUR, f"r{number}"))
        return found.finish({} if online is None else {REGISTRAR: self.AT + online * HOUR})

    def spans(self, *made: tuple[int, int | None, float], online: float | None = None) -> list[tuple[float, Any]]:
        return [
            ((one.began_at - self.AT) / HOUR, one.ended_at and (one.ended_at - self.AT) / HOUR)
            for one in self.sessions(*made, online=online)
        ]

    START, END, SALE = int(ReceiptType.OFFLINE_START), int(ReceiptType.OFFLINE_END), int(ReceiptType.SALE)

    def test_marks_bound_a_session(self) -> None:
        (found,) = self.sessions((self.START, 7, 0), (self.SALE, 7, 1), (self.END, 7, 2), online=3)
        assert (found.began_at, found.ended_at) == (self.AT, self.AT + 2 * HOUR)
        assert (found.receipts, found.ids) == (3, ("r0", "r1", "r2"))

    def test_without_an_end_it_runs(self) -> None:
        assert self.spans((self.START, 7, 0), (self.SALE, 7, 1), online=-1) == [(0, None)]

        assert self.spans((self.START, 7, 0), (self.SALE, 7, 1)) == [(0, None)]

    def test_each_mark_of_a_start_begins_another(self) -> None:
        made = ((self.START, None, 0), (self.SALE, None, 1), (self.START, None, 5), (self.SALE, None, 6))
        assert self.spans(*made, online=9) == [(0, 1), (5, 6)]

    def test_the_id_of_a_session_is_remembered(self) -> None:
        made = ((self.START, 7, 0), (self.SALE, None, 1), (self.SALE, 8, 2))
        assert self.spans(*made, online=9) == [(0, 1), (2, 2)]

    def test_what_comes_after_its_end_does_not_move_the_end(self) -> None:
        assert self.spans((self.START, 7, 0), (self.END, 7, 2), (self.SALE, 7, 3), online=4) == [(0, 2)]

    @pytest.mark.parametrize("offline_id", [None, 7])
    def test_registrars_have_sessions_of_their_own(self, offline_id: int | None) -> None:
        found = OfflineSessions()
        for registrar, hour in ((REGISTRAR, 0), (REGISTRAR, 1), ("4000099999", 2), ("4000099999", 3)):
            found.add(OfflineReceipt(13, registrar, self.SALE, offline_id, self.AT + hour * HOUR, f"r{hour}"))
        sessions = found.finish({REGISTRAR: self.AT + 9 * HOUR})
        assert [(one.registrar, one.receipts, one.ended_at) for one in sessions] == [
            (REGISTRAR, 2, self.AT + HOUR),
            ("4000099999", 2, None),
        ]

    def test_unless_something_was_made_online_since(self) -> None:
        assert self.spans((self.START, 7, 0), (self.SALE, 7, 1), online=2) == [(0, 1)]

    def test_or_another_session_began(self) -> None:
        made = ((self.START, 7, 0), (self.SALE, 7, 1), (self.START, 8, 5), (self.END, 8, 6))
        assert self.spans(*made) == [(0, 1), (5, 6)]

    def test_without_a_start_it_begins_with_its_first_receipt(self) -> None:
        assert self.spans((self.SALE, 7, 1), (self.END, 7, 3)) == [(1, 3)]
        assert self.spans((self.SALE, 7, 1), (self.SALE, 8, 2), (self.END, 8, 3)) == [(1, 1), (2, 3)]

    def test_an_end_alone_is_no_session(self) -> None:
        assert self.spans((self.END, 7, 1)) == []

    def test_marks_without_an_id_bound_it_too(self) -> None:
        assert self.spans((self.START, None, 0), (self.SALE, 7, 1), (self.END, None, 2)) == [(0, 2)]

    def test_what_comes_with_its_end_does_not_begin_another(self) -> None:
        assert self.spans((self.START, 7, 0), (self.END, 7, 2), (self.SALE, 7, 2)) == [(0, 2)]


class TestFiscalNumbers:
    def group(self, **changes: Any) -> Unnumbered:
        at = kyiv("2026-11-20T10:00")
        group = Unnumbered(
            shop_id=13,
            registrar=REGISTRAR,
            shift_id="s1",
            offline=False,
            first_at=at,
            last_at=at,
            receipts=1,
            ids=("r9",),
        )
        return replace(group, **changes)

    def test_a_receipt_without_one_is_urgent(self) -> None:
        (found,) = check(unnumbered=[self.group()])
        assert (found.kind, found.urgency, found.receipts) == (
            FindingKind.FISCAL_NUMBER_MISSING,
            Urgency.NOW,
            ("r9",),
        )

    def test_offline_ones_may_wait_while_the_session_may_last(self) -> None:
        running = session("2026-11-20T09:00", None)
        (found,) = check(unnumbered=[self.group(offline=True)], offline=[running])
        assert found.urgency is Urgency.SOON
        (found,) = check(unnumbered=[self.group()], offline=[running])
        assert found.urgency is Urgency.NOW

    @pytest.mark.parametrize(
        "one",
        [
            session("2026-11-20T09:00", 2 * HOUR),
            session("2026-11-20T10:30", None),
            session("2026-11-20T09:00", None, registrar="4000099999"),
        ],
    )
    def test_but_not_without_one_that_runs(self, one: OfflineSession) -> None:
        (found,) = check(unnumbered=[self.group(offline=True)], offline=[one])
        assert found.urgency is Urgency.NOW

    @pytest.mark.parametrize(("more", "urgency"), [(timedelta(0), Urgency.SOON), (MOMENT, Urgency.NOW)])
    def test_a_session_may_last_36_hours(self, more: timedelta, urgency: Urgency) -> None:
        began = kyiv("2026-11-20T10:00")
        facts = {"unnumbered": [self.group(offline=True)], "offline": [session("2026-11-20T10:00", None)]}
        found = check(now=began + 36 * HOUR + more, **facts)
        assert [one.urgency for one in found if one.kind is FindingKind.FISCAL_NUMBER_MISSING] == [urgency]

    def test_nor_when_it_lasts_too_long(self) -> None:
        long = session("2026-11-18T09:00", None)
        assert {finding.urgency for finding in check(unnumbered=[self.group(offline=True)], offline=[long])} == {
            Urgency.NOW
        }


class TestLocalNumbers:
    AT = kyiv("2026-11-10T08:00")

    def numbers(self, *runs: tuple[int, int], read: DaysRead | None = None, step: timedelta = HOUR) -> Any:
        found = LocalNumbers(read or DaysRead())
        for place, (first, last) in enumerate(runs):
            at = self.AT + place * step
            found.add(NumberRun(13, REGISTRAR, "s1", first, last, at, at, f"r{first}", f"r{last}"))
        return tuple([(odd.numbers, odd.count) for odd in group] for group in found.finish())

    def test_a_run_has_no_gap_at_its_edges(self) -> None:
        assert self.numbers((118, 240)) == ([], [])

    def test_a_gap_is_told(self) -> None:
        assert self.numbers((1, 117), (120, 130), (132, 140)) == ([(("118–119", "131"), 3)], [])

    def test_a_late_receipt_fills_it(self) -> None:
        assert self.numbers((1, 117), (120, 130), (118, 119)) == ([], [])
        assert self.numbers((1, 117), (121, 130), (119, 119)) == ([(("118", "120"), 2)], [])
        assert self.numbers((3, 3), (1, 2), (4, 9)) == ([], [])

    @pytest.mark.parametrize("runs", [[(1, 117), (1, 50)], [(118, 240), (1, 500)], [(118, 240), (2, 3)]])
    def test_a_registrar_may_begin_anew(self, runs: list[tuple[int, int]]) -> None:
        assert self.numbers(*runs) == ([], [])

    def test_each_series_has_its_own_gaps(self) -> None:
        assert self.numbers((1, 117), (1, 5), (7, 9)) == ([(("6",), 1)], [])

    def test_a_number_given_again_is_told(self) -> None:
        assert self.numbers((1, 118), (118, 130)) == ([], [(("118",), 1)])
        assert self.numbers((1, 118), (117, 130)) == ([], [(("117–118",), 2)])
        assert self.numbers((1, 10), (13, 20), (9, 14)) == ([], [(("9–10", "13–14"), 4)])

    def test_another_registrar_is_another_series(self) -> None:
        found = LocalNumbers(DaysRead())
        for registrar, first in (("4000000001", 1), ("4000000002", 50)):
            found.add(NumberRun(13, registrar, "s1", first, first + 9, self.AT, self.AT, "a", "b"))
        assert found.finish() == ([], [])

    def test_days_that_were_not_read_make_no_gap(self) -> None:
        def read(*spans: tuple[int, int]) -> DaysRead:
            windows = [Window(date(2026, 11, first), date(2026, 11, last)) for first, last in spans]
            return DaysRead({(RecordKind.RECEIPTS, 13): [ReadSpan(one.begins_at, one.ends_at) for one in windows]})

        three_days = {"step": timedelta(days=3)}
        assert self.numbers((1, 9), (20, 30), read=read((9, 10), (13, 15)), **three_days) == ([], [])
        assert self.numbers((1, 9), (20, 30), read=read((9, 15)), **three_days) == ([(("10–19",), 10)], [])

    def test_findings_stay_short(self) -> None:
        ((ranges, count),), _ = self.numbers(*((n, n) for n in range(1, 41, 2)), step=timedelta(minutes=1))
        assert (ranges, count) == (("2", "4", "6", "8", "10"), 19)
