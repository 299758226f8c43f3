"""A compliance finding: what, how urgent, where, when, how much of what limit, by which rule, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async.records.days import KYIV
from smartkasa_async.reports.compliance.messages import ADVICE, RULES, WORDS

if TYPE_CHECKING:
    from datetime import datetime

    from smartkasa_async.reports.compliance.facts import FiscalFacts, NumberingIssue, Turnover, Unnumbered
    from smartkasa_async.reports.compliance.messages import Language

_HUNDREDTH = Decimal("0.01")
_MICROSECONDS_PER_HOUR = 3_600_000_000


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
    """A registrar gave a local number again without having begun anew."""
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


class Unit(StrEnum):
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
    unit: Unit
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
        return RULES[self.kind].title.in_(language)

    def rule(self, language: Language = "en") -> str:
        """Say what the rule demands."""
        return RULES[self.kind].demand.in_(language)

    def source(self, language: Language = "en") -> str:
        """Say where the rule stands."""
        return RULES[self.kind].source.in_(language)

    def advice(self, language: Language = "en") -> str:
        """Say what to do."""
        return ADVICE[self.kind, self.urgency].in_(language)

    def figures(self, language: Language = "en") -> str:
        """Say what was measured against the limit, and what it is about."""
        form = self.unit.value
        if self.unit is Unit.HOURS:
            form = "hours_over" if self.is_breach else "hours_left"
        measured = WORDS[form].in_(language).format(measured=self.measured, limit=self.limit, over=abs(self.over))
        if self.by_clock is not None:
            measured += WORDS["by_clock"].in_(language).format(hours=self.by_clock)
        return f"{measured} ({self.detail})" if self.detail else measured

    def describe(self, language: Language = "en") -> str:
        """Say the whole in one sentence: where, when, what, by which rule, and what to do."""
        place = [f"{self.shop_title or self.shop_id}", self.registrar, self.shift_id]
        where = ", ".join(part for part in place if part)
        return (
            f"{where}, {self.since_kyiv:%Y-%m-%d %H:%M}: {self.title(language)}: {self.figures(language)}; "
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
        unit=Unit.RECEIPTS if numbers is None else Unit.NUMBERS,
        detail=detail,
        receipts=group.ids,
        receipts_count=receipts,
    )


def hours_by_clock(since: datetime, until: datetime) -> Decimal | None:
    """Give the hours between two moments by the clock in Kyiv; None where they are those that elapsed."""
    elapsed = until - since
    by_clock = until.astimezone(KYIV).replace(tzinfo=None) - since.astimezone(KYIV).replace(tzinfo=None)
    return None if by_clock == elapsed else hours(by_clock)


def hours(duration: timedelta) -> Decimal:
    """Give a length of time in hours, a begun hundredth counted whole, so that what is above a limit looks so."""
    microseconds = Decimal(duration // timedelta(microseconds=1))
    return (microseconds / _MICROSECONDS_PER_HOUR).quantize(_HUNDREDTH, ROUND_UP)
