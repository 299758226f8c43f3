"""The fiscal rules over facts, with their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from smartkasa_async._i18n.translate import in_language
from smartkasa_async.records import Window
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.synced_days import DaysRead, ReadSpan
from smartkasa_async.reports import Finding, FindingKind, Urgency
from smartkasa_async.reports.compliance.facts import FiscalFacts, NumberingIssue, ShopFact, Turnover, Unnumbered
from smartkasa_async.reports.compliance.findings import ADVICE, RULES
from smartkasa_async.reports.compliance.rules import check_all
from tests.support.fiscal_records import (
    HOUR,
    MOMENT,
    NOW,
    REGISTRAR,
    check,
    kyiv,
    shift,
    turnover,
    z_report,
)


def read_days(kind: RecordKind, first: int, last: int, **lists: Any) -> DaysRead:
    window = Window(date(2026, 11, first), date(2026, 11, last))
    return DaysRead({(kind, 13): [ReadSpan(window.begins_at, window.ends_at)]}, **lists)


class TestShifts:
    OPENED = "2026-11-19T08:00"

    @pytest.mark.parametrize(
        ("length", "urgency"),
        [
            (18 * HOUR - MOMENT, None),
            (18 * HOUR, Urgency.SOON),
            (24 * HOUR, Urgency.SOON),
            (24 * HOUR + MOMENT, Urgency.NOW),
        ],
    )
    def test_an_open_shift_is_urgent_beyond_24_hours(self, length: timedelta, urgency: Urgency | None) -> None:
        found = check(now=kyiv(self.OPENED) + length, shifts=[shift(self.OPENED)])
        assert [finding.urgency for finding in found] == [urgency] * bool(urgency)

    @pytest.mark.parametrize(
        ("last", "listed", "urgencies"),
        [
            (18, None, []),
            (19, None, []),
            (19, "2026-11-20T02:00", [Urgency.SOON]),
            (20, None, [Urgency.NOW]),
            (19, "2026-11-20T11:00", [Urgency.NOW]),
        ],
    )
    def test_a_shift_was_open_only_as_long_as_was_read(
        self, last: int, listed: str | None, urgencies: list[Urgency]
    ) -> None:
        lists = {RecordKind.SHIFTS: kyiv(listed)} if listed else {}
        read = read_days(RecordKind.Z_REPORTS, 1, last, lists=lists)
        found = check(now=kyiv("2026-11-27T12:00"), shifts=[shift(self.OPENED)], read=read)
        assert [finding.urgency for finding in found] == urgencies

    def test_hours_by_the_clock_are_told_where_they_differ(self) -> None:
        back = shift("2026-10-24T08:00", kyiv("2026-10-25T08:00"))
        (found,) = check(shifts=[back])
        assert (found.measured, found.by_clock) == (Decimal(25), Decimal(24))
        assert "25.00 h of 24.00 h, 1.00 h over (elapsed; 24.00 h by the clock in Kyiv)" in found.describe("en")
        assert "за годинником у Києві — 24.00 год" in found.describe("uk")
        forth = shift("2026-03-28T08:00", kyiv("2026-03-29T08:30"))
        assert check(shifts=[forth]) == []
        (plain,) = check(shifts=[shift("2026-11-10T08:00", kyiv("2026-11-11T09:00"))])
        assert plain.by_clock is None
        assert "clock" not in plain.figures()

    @pytest.mark.parametrize(("minutes", "breaches"), [(59, 1), (60, 0)])
    def test_a_tolerance_lets_a_day_of_25_hours_pass(self, minutes: int, breaches: int) -> None:
        back = shift("2026-10-24T08:00", kyiv("2026-10-25T08:00"))
        facts = FiscalFacts(shops={13: ShopFact("Крамниця", fiscalized=True)}, shifts=[back])
        assert len(check_all(facts, NOW, timedelta(minutes=minutes))) == breaches

    def test_it_says_how_long_and_where(self) -> None:
        (found,) = check(now=kyiv(self.OPENED) + 26.5 * HOUR, shifts=[shift(self.OPENED)])
        assert found.kind is FindingKind.SHIFT_TOO_LONG
        assert (found.shop_id, found.shop_title, found.registrar, found.shift_id) == (13, "Крамниця", REGISTRAR, "s1")
        assert (found.measured, found.limit, found.over) == (Decimal("26.50"), Decimal(24), Decimal("2.50"))
        assert found.since == kyiv(self.OPENED)
        assert found.since_kyiv.isoformat() == "2026-11-19T08:00:00+02:00"

    @pytest.mark.parametrize(("length", "breaches"), [(24 * HOUR, 0), (24 * HOUR + MOMENT, 1)])
    def test_a_closed_shift_is_a_breach_of_the_past(self, length: timedelta, breaches: int) -> None:
        found = check(shifts=[shift("2026-11-10T08:00", kyiv("2026-11-10T08:00") + length)])
        assert [finding.urgency for finding in found] == [Urgency.PAST] * breaches

    @pytest.mark.parametrize(("day", "breaches"), [("2026-10-25", 1), ("2027-03-28", 0), ("2026-10-24", 0)])
    def test_a_day_of_25_hours_is_too_long_for_one_shift(self, day: str, breaches: int) -> None:
        midnight = kyiv(f"{day}T00:00")
        closed = kyiv((date.fromisoformat(day) + timedelta(days=1)).isoformat() + "T00:00")
        found = check(now=closed, shifts=[shift(f"{day}T00:00", closed, opened_at=midnight)])
        assert [finding.measured for finding in found] == [Decimal(25)] * breaches

    def test_a_shift_without_a_time_of_closing_ends_with_its_z_report(self) -> None:
        assert not check(shifts=[shift(self.OPENED)], z_reports=[z_report("2026-11-19T21:00")])
        (found,) = check(shifts=[shift("2026-11-12T08:00")], z_reports=[z_report("2026-11-13T09:00")])
        assert (found.urgency, found.measured) == (Urgency.PAST, Decimal(25))

    def test_a_shift_closed_at_an_unknown_time_is_not_open(self) -> None:
        assert not check(shifts=[shift("2026-11-01T08:00", is_closed=True)])

    def test_a_shift_that_was_not_synced_lasts_as_long_as_its_receipts(self) -> None:
        synced_ranges = [z_report("2026-11-11T08:30")]
        (found,) = check(turnovers=[turnover("2026-11-10T08:00", "2026-11-11T08:01")], z_reports=synced_ranges)
        assert (found.kind, found.urgency, found.measured) == (
            FindingKind.SHIFT_TOO_LONG,
            Urgency.PAST,
            Decimal("24.50"),
        )

    def test_it_names_the_receipts_and_until_when(self) -> None:
        made = turnover("2026-11-10T08:30", "2026-11-11T09:00")
        closed = shift("2026-11-10T08:00", kyiv("2026-11-11T10:00"), registrar=None)
        (found,) = [one for one in check(shifts=[closed], turnovers=[made]) if one.kind is FindingKind.SHIFT_TOO_LONG]
        assert (found.since, found.until) == (kyiv("2026-11-10T08:00"), kyiv("2026-11-11T10:00"))
        assert (found.receipts, found.receipts_count, found.registrar) == (("r1", "r2"), 3, REGISTRAR)
        (found,) = check(shifts=[closed])
        assert (found.receipts, found.receipts_count, found.registrar) == ((), 0, None)

    def test_receipts_that_name_no_shift_are_no_long_shift(self) -> None:
        made = turnover("2026-11-01T08:00", "2026-11-10T20:00", None)
        assert FindingKind.SHIFT_TOO_LONG not in {finding.kind for finding in check(turnovers=[made])}

    @pytest.mark.parametrize(("made", "is_open"), [("2026-11-19T08:00", False), ("2026-11-19T07:59", True)])
    def test_only_a_z_report_since_its_opening_ends_a_shift(self, made: str, is_open: bool) -> None:
        earlier = z_report("2026-11-18T20:00")
        found = check(shifts=[shift(self.OPENED)], z_reports=[earlier, z_report(made)])
        assert [finding.urgency for finding in found] == [Urgency.NOW] * is_open

    @pytest.mark.parametrize(("last", "breaches"), [("2026-11-11T14:00", 1), ("2026-11-10T09:00", 0)])
    def test_a_shift_closed_at_an_unknown_time_lasts_as_long_as_its_receipts(self, last: str, breaches: int) -> None:
        closed = shift("2026-11-10T10:00", is_closed=True)
        made = turnover("2026-11-10T09:00", last, owing=0)
        found = check(shifts=[closed], turnovers=[made])
        assert [finding.urgency for finding in found] == [Urgency.PAST] * breaches


class TestZReports:
    def missing(self, now: datetime = NOW, **facts: Any) -> list[Finding]:
        return [finding for finding in check(now, **facts) if finding.kind is FindingKind.Z_REPORT_MISSING]

    def test_a_day_with_sales_owes_one(self) -> None:
        (found,) = self.missing(turnovers=[turnover("2026-11-10T09:00", "2026-11-10T20:00")])
        assert (found.urgency, found.measured, found.detail) == (Urgency.NOW, Decimal(2), "2026-11-10")
        assert (found.receipts, found.receipts_count) == (("r1", "r2"), 2)

    def test_it_is_past_once_the_registrar_made_another(self) -> None:
        days = [turnover(f"2026-11-1{n}T09:00", f"2026-11-1{n}T20:00", f"s{n}") for n in (0, 1)]
        (found,) = self.missing(turnovers=days, z_reports=[z_report("2026-11-11T21:00", "s1")])
        assert (found.shift_id, found.urgency) == ("s0", Urgency.PAST)

    def test_a_day_with_service_operations_only_owes_none(self) -> None:
        assert not self.missing(turnovers=[turnover("2026-11-10T09:00", "2026-11-10T20:00", owing=0, sales=0)])

    def test_one_on_the_next_day_closes_its_shift(self) -> None:
        turnovers = [turnover("2026-11-10T09:00", "2026-11-10T23:50")]
        assert not self.missing(turnovers=turnovers, z_reports=[z_report("2026-11-11T00:10")])

    def test_one_on_the_same_day_of_another_shift_does_not(self) -> None:
        turnovers = [
            turnover("2026-11-10T08:00", "2026-11-10T13:00", "s1"),
            turnover("2026-11-10T14:00", "2026-11-10T20:00", "s2"),
        ]
        (found,) = self.missing(turnovers=turnovers, z_reports=[z_report("2026-11-10T21:00", "s2")])
        assert found.shift_id == "s1"

    def test_several_on_a_day_are_fine(self) -> None:
        turnovers = [
            turnover("2026-11-10T08:00", "2026-11-10T13:00", "s1"),
            turnover("2026-11-10T14:00", "2026-11-10T20:00", "s2"),
        ]
        made = [
            z_report("2026-11-10T13:30", "s1"),
            z_report("2026-11-10T13:31", "s1"),
            z_report("2026-11-10T21:00", "s2"),
        ]
        assert not self.missing(turnovers=turnovers, z_reports=made)

    @pytest.mark.parametrize(("sales", "total", "missing"), [(4, "60.00", 0), (4, "60.01", 1), (2, "30.00", 1)])
    def test_one_over_several_days_closes_the_shifts_whose_sales_it_states(
        self, sales: int, total: str, missing: int
    ) -> None:
        days = [turnover(f"2026-11-1{n}T09:00", f"2026-11-1{n}T20:00", f"s{n}") for n in (0, 1)]
        over_both = z_report("2026-11-11T21:00", "s1", sales=sales, sale_total=Decimal(total))
        assert len(self.missing(turnovers=days, z_reports=[over_both])) == missing

    def test_today_is_not_over_yet(self) -> None:
        sold = turnover("2026-11-20T08:00", "2026-11-20T11:59")
        assert not self.missing(turnovers=[sold])
        assert self.missing(kyiv("2026-11-21T08:01"), turnovers=[sold])

    def test_a_shift_over_midnight_is_still_running(self) -> None:
        facts = {
            "shifts": [shift("2026-11-19T20:00")],
            "turnovers": [turnover("2026-11-19T20:01", "2026-11-19T23:59")],
        }
        assert not self.missing(kyiv("2026-11-20T02:00"), **facts)
        assert self.missing(kyiv("2026-11-20T20:01"), **facts)

    def test_a_shift_that_closed_without_one_is_not(self) -> None:
        facts = {
            "shifts": [shift("2026-11-19T20:00", kyiv("2026-11-19T23:59"))],
            "turnovers": [turnover("2026-11-19T20:01", "2026-11-19T23:58")],
        }
        assert self.missing(kyiv("2026-11-20T02:00"), **facts)

    def test_a_shift_that_closed_at_an_unknown_time_is_not(self) -> None:
        facts = {
            "shifts": [shift("2026-11-19T20:00", is_closed=True)],
            "turnovers": [turnover("2026-11-19T20:01", "2026-11-19T23:58")],
        }
        assert self.missing(kyiv("2026-11-20T02:00"), **facts)

    @pytest.mark.parametrize(("more", "missing"), [(timedelta(0), 0), (MOMENT, 1)])
    def test_a_shift_may_run_24_hours(self, more: timedelta, missing: int) -> None:
        facts = {
            "shifts": [shift("2026-11-19T08:00")],
            "turnovers": [turnover("2026-11-19T09:00", "2026-11-19T20:00")],
        }
        assert len(self.missing(kyiv("2026-11-20T08:00") + more, **facts)) == missing

    def test_a_shift_that_closed_today_is_not_late_today(self) -> None:
        facts = {
            "shifts": [shift("2026-11-19T20:00", kyiv("2026-11-20T10:00"))],
            "turnovers": [turnover("2026-11-19T20:01", "2026-11-20T09:58")],
        }
        assert not self.missing(kyiv("2026-11-20T23:59"), **facts)
        (found,) = self.missing(kyiv("2026-11-21T00:00"), **facts)
        assert found.detail == "2026-11-19…2026-11-20"

    @pytest.mark.parametrize(
        ("made", "urgency"),
        [
            (("2026-11-09T21:00",), Urgency.NOW),
            (("2026-11-10T20:00",), Urgency.NOW),
            (("2026-11-10T20:01",), Urgency.PAST),
            (("2026-11-10T20:01", "2026-11-09T21:00"), Urgency.PAST),
        ],
    )
    def test_a_z_report_of_the_registrar_from_before_makes_none_past(
        self, made: tuple[str, ...], urgency: Urgency
    ) -> None:
        others = [turnover("2026-11-08T09:00", "2026-11-08T20:00", f"other {moment}") for moment in made]
        reports = [z_report(moment, f"other {moment}") for moment in made]
        sold = turnover("2026-11-10T09:00", "2026-11-10T20:00")
        (found,) = self.missing(turnovers=[*others, sold], z_reports=reports)
        assert found.urgency is urgency

    @pytest.mark.parametrize(
        "skipped",
        [
            turnover("2026-11-19T10:00", "2026-11-20T01:00", "s1"),  # it ends today
            turnover("2026-11-19T10:00", "2026-11-19T23:59", "s1"),  # it may be running
        ],
    )
    def test_what_is_not_judged_hides_nothing_after_it(self, skipped: Turnover) -> None:
        facts: dict[str, Any] = {
            "shifts": [shift("2026-11-19T11:00", kyiv("2026-11-19T21:00"), shift_id="s2", registrar="4000099999")],
            "turnovers": [
                skipped,
                turnover("2026-11-19T11:00", "2026-11-19T20:00", "s2", registrar="4000099999"),
            ],
        }
        assert [found.shift_id for found in self.missing(kyiv("2026-11-20T02:00"), **facts)] == ["s2"]

    def test_receipts_without_a_shift_are_matched_by_registrar(self) -> None:
        days = [turnover(f"2026-11-1{n}T09:00", f"2026-11-1{n}T20:00", None) for n in (0, 1, 2)]
        made = [z_report("2026-11-10T21:00", None), z_report("2026-11-12T21:00", None)]
        (found,) = self.missing(turnovers=days, z_reports=made)
        assert found.detail == "2026-11-11"

        others = [replace(report, registrar="4000099999") for report in made]
        assert len(self.missing(turnovers=days, z_reports=others)) == 3

    def test_nights_without_a_shift_are_closed_after_midnight(self) -> None:
        days = [
            turnover("2026-11-10T22:00", "2026-11-10T23:59", None),
            turnover("2026-11-11T00:01", "2026-11-11T23:59", None),
            turnover("2026-11-12T00:01", "2026-11-12T23:59", None),
        ]
        made = [z_report(f"2026-11-1{n}T02:05", None) for n in (1, 2, 3)]
        assert not self.missing(turnovers=days, z_reports=made)

    @pytest.mark.parametrize(
        ("first", "last", "breaches"), [(11, 15, 0), (1, 9, 0), (1, 10, 0), (10, 11, 1), (1, 15, 1)]
    )
    def test_days_of_which_no_z_reports_were_read_are_not_judged(self, first: int, last: int, breaches: int) -> None:
        sold = [turnover("2026-11-10T09:00", "2026-11-10T20:00")]
        read = read_days(RecordKind.Z_REPORTS, first, last)
        assert len(self.missing(turnovers=sold, read=read)) == breaches

    def test_a_shift_that_was_closed_on_its_day_is_judged_by_that_day(self) -> None:
        sold = [turnover("2026-11-10T09:00", "2026-11-10T20:00")]
        closed = shift("2026-11-10T08:00", kyiv("2026-11-10T21:00"))
        read = read_days(RecordKind.Z_REPORTS, 10, 10)
        assert len(self.missing(turnovers=sold, shifts=[closed], read=read)) == 1

    def test_a_shop_that_is_not_fiscalized_owes_none_without_a_registrar(self) -> None:
        sold = turnover("2026-11-10T09:00", "2026-11-10T20:00", registrar=None)
        assert not self.missing(turnovers=[sold], shops={13: ShopFact("Ринок", fiscalized=False)})
        assert self.missing(turnovers=[sold])


def test_odd_numbers_are_findings_of_the_past() -> None:
    odd = NumberingIssue(
        shop_id=13,
        registrar=REGISTRAR,
        shift_id="s1",
        first_at=NOW,
        last_at=NOW,
        numbers=("118–119",),
        count=2,
        receipts=2,
        ids=("r117", "r120"),
        has_more=True,
    )
    found = check(missing_local_numbers=[odd], repeated_local_numbers=[odd], repeated_fiscal_numbers=[odd])
    assert {finding.urgency for finding in found} == {Urgency.PAST}
    assert {finding.figures("uk") for finding in found} == {"номерів: 2 (118–119, …)"}
    assert {finding.kind for finding in found} == {
        FindingKind.LOCAL_NUMBER_MISSING,
        FindingKind.LOCAL_NUMBER_REPEATED,
        FindingKind.FISCAL_NUMBER_REPEATED,
    }


def test_a_finding_names_its_numbers() -> None:
    odd = NumberingIssue(
        shop_id=13,
        registrar=REGISTRAR,
        shift_id="s1",
        first_at=NOW,
        last_at=NOW,
        numbers=("5", "118–119"),
        count=3,
        receipts=2,
        ids=("r117", "r120"),
    )
    (found,) = check(missing_local_numbers=[odd])
    assert found.detail == "5, 118–119"


@pytest.mark.parametrize(("registrar", "breaches"), [(None, 0), (REGISTRAR, 1)])
def test_receipts_that_need_no_fiscal_number_are_no_findings(registrar: str | None, breaches: int) -> None:
    plain = Unnumbered(
        shop_id=13,
        registrar=registrar,
        shift_id="s1",
        offline=False,
        first_at=NOW,
        last_at=NOW,
        receipts=1,
        ids=("r1",),
    )
    found = check(unnumbered=[plain], shops={13: ShopFact("Ринок", fiscalized=False)})
    assert [finding.kind for finding in found] == [FindingKind.FISCAL_NUMBER_MISSING] * breaches


def test_findings_of_one_moment_are_in_the_order_of_shops_registrars_and_shifts() -> None:
    places: list[tuple[int | None, str, str | None]] = [
        (None, "c", None),
        (2, "b", None),
        (10, "a", None),
        (10, "a", "s"),
        (10, "b", "a"),
    ]
    odd = [
        NumberingIssue(
            shop_id=shop_id,
            registrar=registrar,
            shift_id=shift_id,
            first_at=NOW,
            last_at=NOW,
            numbers=("5",),
            count=1,
            receipts=1,
            ids=(),
        )
        for shop_id, registrar, shift_id in places
    ]
    for order in (odd, odd[::-1]):
        found = check(missing_local_numbers=order)
        assert [(one.shop_id, one.registrar, one.shift_id) for one in found] == places


def test_the_most_urgent_comes_first() -> None:
    found = check(
        shifts=[
            shift("2026-11-01T08:00", kyiv("2026-11-03T08:00")),
            shift("2026-11-19T14:00", shift_id="s2"),
            shift("2026-11-18T14:00", shift_id="s3"),
        ]
    )
    assert [finding.urgency for finding in found] == [Urgency.NOW, Urgency.SOON, Urgency.PAST]


def test_every_rule_has_words_in_both_languages() -> None:
    assert set(RULES) == set(FindingKind)
    assert {(kind, urgency) for kind, urgency in ADVICE if kind in set(FindingKind) and urgency in set(Urgency)} == set(
        ADVICE
    )
    for text in [*(text for rule in RULES.values() for text in rule), *ADVICE.values()]:
        assert text.isascii() or "ВР" in text
        assert any("а" <= letter.lower() <= "я" for letter in in_language(text, "uk"))
