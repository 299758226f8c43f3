"""A compliance finding: what, how urgent, where, when, how much of what limit, by which rule, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._i18n.message import N_, NP_
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async.records.days import KYIV

if TYPE_CHECKING:
    from datetime import datetime

    from smartkasa_async.reports.compliance.facts import FiscalFacts, NumberingIssue, Turnover, Unnumbered

_HUNDREDTH = Decimal("0.01")

_MICROSECONDS_PER_HOUR = 3_600_000_000


class Rule(NamedTuple):
    """A rule: its name for people, what it demands, and where it stands."""

    title: str
    demand: str
    source: str


_NOT_CITED = N_("the act is not cited here")
_NUMBERING = N_("inferred from the numbering of receipts; the act is not cited here")
_OFFLINE = N_("law 265/95-ВР, article 5")
_FISCAL = N_("law 265/95-ВР, article 3, points 1 and 2")

RULES: dict[str, Rule] = {
    "shift_too_long": Rule(
        N_("shift longer than 24 hours"),
        N_("a shift lasts at most 24 hours, which are counted as time elapsed"),
        _NOT_CITED,
    ),
    "z_report_missing": Rule(
        N_("sales without a Z-report"),
        N_("a shift with sales, refunds or cash withdrawals ends with a Z-report"),
        N_("law 265/95-ВР, article 3, point 9"),
    ),
    "offline_too_long": Rule(
        N_("offline for too long on end"),
        N_("a registrar works offline for at most 36 hours on end"),
        _OFFLINE,
    ),
    "offline_month": Rule(
        N_("offline for too long in a month"),
        N_("a registrar works offline for at most 168 hours in a calendar month"),
        _OFFLINE,
    ),
    "fiscal_number_missing": Rule(
        N_("receipts without a fiscal number"),
        N_("each operation but a deferred one is fiscalized and has a fiscal number"),
        _FISCAL,
    ),
    "fiscal_number_repeated": Rule(
        N_("fiscal number repeated"),
        N_("a fiscal number names one receipt of a registrar"),
        _NUMBERING,
    ),
    "local_number_missing": Rule(
        N_("gap in the local numbers"),
        N_("a registrar numbers its receipts without gaps"),
        _NUMBERING,
    ),
    "local_number_repeated": Rule(
        N_("local number repeated"),
        N_("a registrar gives each local number once"),
        _NUMBERING,
    ),
    "record_unreadable": Rule(
        N_("records in quarantine"),
        N_("receipts and Z-reports that came and cannot be read are judged by no rule"),
        N_("no rule of the law"),
    ),
}
"""The rules by kind of finding."""

ADVICE: dict[tuple[str, str], str] = {
    ("shift_too_long", "now"): N_("close the shift with a Z-report at once, then open a new one"),
    ("shift_too_long", "soon"): N_("close the shift with a Z-report before its 24 hours are over"),
    ("shift_too_long", "past"): N_(
        "write down why the shift was not closed in time, and see that it is closed every day"
    ),
    ("z_report_missing", "now"): N_("make the Z-report at the registrar now; if it was made, sync the Z-reports again"),
    ("z_report_missing", "past"): N_(
        "sync the Z-reports of these days again; if there is none, compare the next one with the receipts, "
        "since it may include several shifts"
    ),
    ("offline_too_long", "now"): N_("stop selling at this registrar until it is connected and its receipts are sent"),
    ("offline_too_long", "soon"): N_("restore the connection of the registrar before the hours left are used up"),
    ("offline_too_long", "past"): N_(
        "write down why there was no connection, and see that the registrar's receipts have all been sent"
    ),
    ("offline_month", "now"): N_(
        "do not sell offline at this registrar until the month ends; arrange a second connection"
    ),
    ("offline_month", "soon"): N_(
        "keep the registrar connected for the rest of the month; arrange a second connection"
    ),
    ("offline_month", "past"): N_("write down why there was no connection, and arrange a second connection"),
    ("fiscal_number_missing", "now"): N_(
        "sync the receipts again; if the numbers are still missing, have them fiscalized at the registrar"
    ),
    ("fiscal_number_missing", "soon"): N_(
        "made offline and waiting to be sent: restore the connection before 36 hours are over"
    ),
    ("fiscal_number_repeated", "past"): N_(
        "compare the receipts with the tax service's cabinet; what is recorded twice is counted twice"
    ),
    ("local_number_missing", "past"): N_(
        "look for the numbers in the tax service's cabinet; they may be of documents that are no receipts"
    ),
    ("record_unreadable", "soon"): N_(
        "look at the records in the quarantine and sync these days again; a newer release may be able to read them"
    ),
    ("local_number_repeated", "past"): N_(
        "compare the receipts with the tax service's cabinet; what is recorded twice is counted twice"
    ),
}
"""What to do, by kind of finding and urgency."""

WORDS: dict[str, str] = {
    "now": N_("now"),
    "soon": N_("soon"),
    "past": N_("past"),
    "hours_over": N_("{measured} h of {limit} h, {over} h over"),
    "hours_left": N_("{measured} h of {limit} h, {over} h left"),
    "by_clock": N_(" (elapsed; {hours} h by the clock in Kyiv)"),
    "receipts": N_("receipts: {measured}"),
    "numbers": N_("numbers: {measured}"),
    "z_reports": N_("Z-reports: {measured}"),
    "clean": N_("Nothing was found."),
    "clean_so_far": N_("Nothing was found in what was read."),
    "not_read": N_("not read"),
    "clock": N_(
        "The store has a record of {newest}, and by this machine's clock it is {now}: this clock or that of a "
        "registrar is wrong, and findings by it may be"
    ),
}
"""Urgencies, and figures by their unit."""

COLUMNS: dict[str, str] = {
    "urgency": N_("urgency"),
    "finding": N_("finding"),
    "shop_id": N_("shop id"),
    "shop": N_("shop"),
    "registrar": NP_("column of findings", "registrar"),
    "shift": N_("shift"),
    "since": N_("since (Kyiv)"),
    "until": N_("until (Kyiv)"),
    "since_utc": N_("since (UTC)"),
    "until_utc": N_("until (UTC)"),
    "figures": N_("figures"),
    "measured": N_("measured"),
    "limit": N_("limit"),
    "unit": N_("unit"),
    "detail": N_("detail"),
    "receipts": NP_("number of", "receipts"),
    "receipt_ids": N_("receipt ids"),
    "rule": N_("rule"),
    "source": N_("source"),
    "advice": N_("what to do"),
}
"""Headers of the columns, in the order of a file of findings."""


class FindingKind(StrEnum):
    """The rule that a finding is about."""

    SHIFT_TOO_LONG = "shift_too_long"
    """A shift is or was open for more than 24 hours, or soon will be."""
    Z_REPORT_MISSING = "z_report_missing"
    """A shift of a day that is over has sales and no Z-report."""
    OFFLINE_TOO_LONG = "offline_too_long"
    """A registrar is or was offline for more than 36 hours on end, or soon will be."""
    OFFLINE_MONTH = "offline_month"
    """A registrar was offline for more than 168 hours in a calendar month, or soon will have been."""
    FISCAL_NUMBER_MISSING = "fiscal_number_missing"
    """Receipts that must have a fiscal number have none."""
    FISCAL_NUMBER_REPEATED = "fiscal_number_repeated"
    """Several receipts of a registrar have the same fiscal number."""
    LOCAL_NUMBER_MISSING = "local_number_missing"
    """Numbers are left out between the local numbers of a registrar."""
    LOCAL_NUMBER_REPEATED = "local_number_repeated"
    """A registrar repeated a local number without having begun anew."""
    RECORD_UNREADABLE = "record_unreadable"
    """Receipts or Z-reports came and could not be read: they are in the store's quarantine."""


class Urgency(StrEnum):
    """How soon something must be done."""

    NOW = "now"
    """A rule is broken, and it gets worse or can be fixed."""
    SOON = "soon"
    """No rule is broken yet."""
    PAST = "past"
    """A rule was broken; what is left is to find out why and to document it."""


class FindingUnit(StrEnum):
    """What a finding's figures count."""

    HOURS = "hours"
    RECEIPTS = "receipts"
    NUMBERS = "numbers"
    Z_REPORTS = "z_reports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found.

    Attributes:
        kind: The rule.
        urgency: How soon something must be done.
        shop_id: Id of the shop; None where the records name none.
        shop_title: Its title; None where it was not synced.
        registrar: Fiscal number of the registrar; None where the records name none.
        shift_id: Id of the shift; None where it is about none, or the receipts name none.
        since: When it began, in UTC.
        until: When it ended, or the moment of asking, in UTC.
        measured: What was measured; hours are of time elapsed, rounded up to hundredths.
        limit: What is allowed.
        unit: What both count.
        detail: The days, the month or the numbers that it is about.
        receipts: Ids of the first receipts behind it.
        receipts_count: Number of all receipts behind it.
        by_clock: Hours by the clock in Kyiv, where that was put forward or back meanwhile; None where they are those
            measured.
    """

    kind: FindingKind
    urgency: Urgency
    shop_id: int | None
    shop_title: str | None
    registrar: str | None
    shift_id: str | None
    since: datetime
    until: datetime
    measured: Decimal
    limit: Decimal
    unit: FindingUnit
    detail: str = ""
    receipts: tuple[str, ...] = ()
    receipts_count: int = 0
    by_clock: Decimal | None = None

    @property
    def since_kyiv(self) -> datetime:
        """When it began, in Kyiv."""
        return self.since.astimezone(KYIV)

    @property
    def until_kyiv(self) -> datetime:
        """When it ended, or the moment of asking, in Kyiv."""
        return self.until.astimezone(KYIV)

    @property
    def is_breach(self) -> bool:
        """Whether a rule is broken already."""
        return self.urgency is not Urgency.SOON

    @property
    def over(self) -> Decimal:
        """By how much the limit is exceeded; below zero for what is left of it."""
        return self.measured - self.limit

    def title(self, language: Language = "en") -> str:
        """Name the finding."""
        return in_language(RULES[self.kind].title, language)

    def rule(self, language: Language = "en") -> str:
        """Describe what the rule demands."""
        return in_language(RULES[self.kind].demand, language)

    def source(self, language: Language = "en") -> str:
        """Return the source of the rule."""
        return in_language(RULES[self.kind].source, language)

    def advice(self, language: Language = "en") -> str:
        """Describe what to do."""
        return in_language(ADVICE[self.kind, self.urgency], language)

    def figures(self, language: Language = "en") -> str:
        """Describe what was measured against the limit, and what it is about."""
        form = self.unit.value
        if self.unit is FindingUnit.HOURS:
            form = "hours_over" if self.is_breach else "hours_left"
        measured = in_language(WORDS[form], language).format(
            measured=self.measured, limit=self.limit, over=abs(self.over)
        )
        if self.by_clock is not None:
            measured += in_language(WORDS["by_clock"], language).format(hours=self.by_clock)
        return f"{measured} ({self.detail})" if self.detail else measured

    def describe(self, language: Language = "en") -> str:
        """Describe the finding in one sentence: where, when, what, by which rule, and what to do."""
        where = [f"{self.shop_title or self.shop_id}", self.registrar, self.shift_id]
        names = ", ".join(part for part in where if part)
        return (
            f"{names}, {self.since_kyiv:%Y-%m-%d %H:%M}: {self.title(language)}: {self.figures(language)}; "
            f"{self.rule(language)} ({self.source(language)}): {self.advice(language)}"
        )

    def __str__(self) -> str:
        return one_line(self.describe())


def counted(
    kind: FindingKind,
    urgency: Urgency,
    facts: FiscalFacts,
    group: Turnover | Unnumbered | NumberingIssue,
    span: tuple[datetime, datetime],
    *,
    receipts: int,
    numbers: int | None = None,
    detail: str = "",
) -> Finding:
    """Make a finding about receipts, or numbers, of which there should be none.

    Args:
        kind: The rule.
        urgency: How soon something must be done.
        facts: What the store has.
        group: Where they are.
        span: When the first and the last of them were.
        receipts: Number of receipts behind it.
        numbers: How many numbers it is about; None where it is about the receipts.
        detail: The days or the numbers that it is about.
    """
    return Finding(
        kind=kind,
        urgency=urgency,
        shop_id=group.shop_id,
        shop_title=facts.title(group.shop_id),
        registrar=group.registrar,
        shift_id=group.shift_id,
        since=span[0],
        until=span[1],
        measured=Decimal(receipts if numbers is None else numbers),
        limit=Decimal(0),
        unit=FindingUnit.RECEIPTS if numbers is None else FindingUnit.NUMBERS,
        detail=detail,
        receipts=group.ids,
        receipts_count=receipts,
    )


def hours_by_clock(since: datetime, until: datetime) -> Decimal | None:
    """Return the hours between two moments by the clock in Kyiv; None where they are those that elapsed."""
    elapsed = until - since
    by_clock = until.astimezone(KYIV).replace(tzinfo=None) - since.astimezone(KYIV).replace(tzinfo=None)
    return None if by_clock == elapsed else hours(by_clock)


def hours(duration: timedelta) -> Decimal:
    """Return a length of time in hours, a begun hundredth counted whole, so that what is above a limit looks so."""
    microseconds = Decimal(duration // timedelta(microseconds=1))
    return (microseconds / _MICROSECONDS_PER_HOUR).quantize(_HUNDREDTH, ROUND_UP)
