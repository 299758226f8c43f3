"""A compliance finding: what, how urgent, where, when, how much of what limit, by which rule, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async.records.days import KYIV

if TYPE_CHECKING:
    from datetime import datetime

    from smartkasa_async.reports.compliance.facts import FiscalFacts, NumberingIssue, Turnover, Unnumbered

Language = Literal["en", "uk"]

_HUNDREDTH = Decimal("0.01")

_MICROSECONDS_PER_HOUR = 3_600_000_000


class Words(NamedTuple):
    """The same in both languages."""

    en: str
    uk: str

    def in_(self, language: Language) -> str:
        """Give the words in the language asked for."""
        return self.en if language == "en" else self.uk


class Rule(NamedTuple):
    """A rule: its name for people, what it demands, and where it stands."""

    title: Words
    demand: Words
    source: Words


_NOT_CITED = Words("the act is not cited here", "акт тут не наведено")
_NUMBERING = Words(
    "inferred from the numbering of receipts; the act is not cited here",
    "виведено з нумерації чеків; акт тут не наведено",
)
_OFFLINE = Words("law 265/95-ВР, article 5", "Закон 265/95-ВР, стаття 5")
_FISCAL = Words("law 265/95-ВР, article 3, points 1 and 2", "Закон 265/95-ВР, стаття 3, пункти 1 і 2")

RULES: dict[str, Rule] = {
    "shift_too_long": Rule(
        Words("shift longer than 24 hours", "зміна довша за 24 години"),
        Words(
            "a shift lasts at most 24 hours, which are counted as time elapsed",
            "зміна триває не більше 24 годин; їх пораховано як час, що минув",
        ),
        _NOT_CITED,
    ),
    "z_report_missing": Rule(
        Words("sales without a Z-report", "продажі без Z-звіту"),
        Words(
            "a shift with sales, refunds or cash withdrawals ends with a Z-report",
            "зміна з продажами, поверненнями або видачею готівки закінчується Z-звітом",
        ),
        Words("law 265/95-ВР, article 3, point 9", "Закон 265/95-ВР, стаття 3, пункт 9"),
    ),
    "offline_too_long": Rule(
        Words("offline for too long on end", "задовго офлайн поспіль"),
        Words("a registrar works offline for at most 36 hours on end", "каса працює офлайн не більше 36 годин поспіль"),
        _OFFLINE,
    ),
    "offline_month": Rule(
        Words("offline for too long in a month", "задовго офлайн за місяць"),
        Words(
            "a registrar works offline for at most 168 hours in a calendar month",
            "каса працює офлайн не більше 168 годин за календарний місяць",
        ),
        _OFFLINE,
    ),
    "fiscal_number_missing": Rule(
        Words("receipts without a fiscal number", "чеки без фіскального номера"),
        Words(
            "each operation but a deferred one is fiscalized and has a fiscal number",
            "кожну операцію, крім відкладеної, фіскалізовано, і вона має фіскальний номер",
        ),
        _FISCAL,
    ),
    "fiscal_number_repeated": Rule(
        Words("fiscal number repeated", "фіскальний номер повторюється"),
        Words("a fiscal number names one receipt of a registrar", "фіскальний номер має лише один чек каси"),
        _NUMBERING,
    ),
    "local_number_missing": Rule(
        Words("gap in the local numbers", "пропуск у локальних номерах"),
        Words("a registrar numbers its receipts without gaps", "каса нумерує чеки без пропусків"),
        _NUMBERING,
    ),
    "local_number_repeated": Rule(
        Words("local number repeated", "локальний номер повторюється"),
        Words("a registrar gives each local number once", "каса дає кожен локальний номер один раз"),
        _NUMBERING,
    ),
    "record_unreadable": Rule(
        Words("records in quarantine", "записи в карантині"),
        Words(
            "receipts and Z-reports that came and cannot be read are judged by no rule",
            "чеків і Z-звітів, які надійшли, але не прочитані, не перевірено за жодним правилом",
        ),
        Words("no rule of the law", "це не правило закону"),
    ),
}
"""The rules by kind of finding."""

ADVICE: dict[tuple[str, str], Words] = {
    ("shift_too_long", "now"): Words(
        "close the shift with a Z-report at once, then open a new one",
        "негайно закрийте зміну Z-звітом, тоді відкрийте нову",
    ),
    ("shift_too_long", "soon"): Words(
        "close the shift with a Z-report before its 24 hours are over",
        "закрийте зміну Z-звітом, поки не минули її 24 години",
    ),
    ("shift_too_long", "past"): Words(
        "write down why the shift was not closed in time, and see that it is closed every day",
        "зафіксуйте, чому зміну не закрили вчасно, і подбайте, щоб її закривали щодня",
    ),
    ("z_report_missing", "now"): Words(
        "make the Z-report at the till now; if it was made, harvest the Z-reports again",
        "створіть Z-звіт на касі зараз; якщо його створено, завантажте Z-звіти ще раз",
    ),
    ("z_report_missing", "past"): Words(
        "harvest the Z-reports of these days again; if there is none, compare the next one with the receipts, "
        "since it may cover several shifts",
        "завантажте Z-звіти цих днів ще раз; якщо звіту немає, звірте з чеками наступний: він може охоплювати "
        "кілька змін",
    ),
    ("offline_too_long", "now"): Words(
        "stop selling at this till until it is connected and its receipts are sent",
        "припиніть продажі на цій касі, доки не відновите зв'язок і не надішлете її чеки",
    ),
    ("offline_too_long", "soon"): Words(
        "restore the connection of the till before the hours left are used up",
        "відновіть зв'язок каси, поки не вичерпано решту годин",
    ),
    ("offline_too_long", "past"): Words(
        "write down why there was no connection, and see that the till's receipts have all been sent",
        "зафіксуйте, чому не було зв'язку, і перевірте, чи надіслано всі чеки каси",
    ),
    ("offline_month", "now"): Words(
        "do not sell offline at this till until the month ends; see to a second way of connection",
        "до кінця місяця не продавайте на цій касі офлайн; подбайте про запасний канал зв'язку",
    ),
    ("offline_month", "soon"): Words(
        "keep the till connected for the rest of the month; see to a second way of connection",
        "тримайте касу на зв'язку до кінця місяця; подбайте про запасний канал",
    ),
    ("offline_month", "past"): Words(
        "write down why there was no connection, and see to a second way of connection",
        "зафіксуйте, чому не було зв'язку, і подбайте про запасний канал",
    ),
    ("fiscal_number_missing", "now"): Words(
        "sync the receipts again; if the numbers are still missing, have them fiscalized at the till",
        "завантажте чеки ще раз; якщо номерів і далі немає, фіскалізуйте ці чеки на касі",
    ),
    ("fiscal_number_missing", "soon"): Words(
        "made offline and waiting to be sent: restore the connection before 36 hours are over",
        "створені офлайн і чекають на надсилання: відновіть зв'язок, поки не минули 36 годин",
    ),
    ("fiscal_number_repeated", "past"): Words(
        "compare the receipts with the tax service's cabinet; what is recorded twice is counted twice",
        "звірте чеки з електронним кабінетом податкової; чек, записаний двічі, двічі й враховано",
    ),
    ("local_number_missing", "past"): Words(
        "look for the numbers in the tax service's cabinet; they may be of documents that are no receipts",
        "пошукайте номери в електронному кабінеті податкової; це можуть бути документи, які не є чеками",
    ),
    ("record_unreadable", "soon"): Words(
        "look at the records in the quarantine and sync these days again; a newer release may be able to read them",
        "перегляньте записи в карантині й завантажте ці дні ще раз; новіша версія, можливо, зможе їх прочитати",
    ),
    ("local_number_repeated", "past"): Words(
        "compare the receipts with the tax service's cabinet; what is recorded twice is counted twice",
        "звірте чеки з електронним кабінетом податкової; чек, записаний двічі, двічі й враховано",
    ),
}
"""What to do, by kind of finding and urgency."""

WORDS: dict[str, Words] = {
    "now": Words("now", "зараз"),
    "soon": Words("soon", "скоро"),
    "past": Words("past", "минуле"),
    "hours_over": Words("{measured} h of {limit} h, {over} h over", "{measured} год із {limit} год, на {over} довше"),
    "hours_left": Words("{measured} h of {limit} h, {over} h left", "{measured} год із {limit} год, лишилося {over}"),
    "by_clock": Words(" (elapsed; {hours} h by the clock in Kyiv)", " (минуло; за годинником у Києві — {hours} год)"),
    "receipts": Words("receipts: {measured}", "чеків: {measured}"),
    "numbers": Words("numbers: {measured}", "номерів: {measured}"),
    "z_reports": Words("Z-reports: {measured}", "Z-звітів: {measured}"),
    "clean": Words("Nothing was found.", "Нічого не знайдено."),
    "clean_so_far": Words("Nothing was found in what was read.", "У прочитаному нічого не знайдено."),
    "not_read": Words("not read", "не прочитано"),
    "clock": Words(
        "The store has a record of {newest}, and this machine's clock says {now}: this clock or that of a registrar is "
        "wrong, and findings by it may be",
        "У базі є запис від {newest}, а годинник цього комп'ютера показує {now}: цей годинник або годинник ПРРО "
        "помиляється, а з ним, можливо, і зауваження",
    ),
}
"""Urgencies, and figures by their unit."""

COLUMNS: dict[str, Words] = {
    "urgency": Words("urgency", "терміновість"),
    "finding": Words("finding", "зауваження"),
    "shop_id": Words("shop id", "id магазину"),
    "shop": Words("shop", "магазин"),
    "registrar": Words("registrar", "ПРРО"),
    "shift": Words("shift", "зміна"),
    "since": Words("since (Kyiv)", "від (Київ)"),
    "until": Words("until (Kyiv)", "до (Київ)"),
    "since_utc": Words("since (UTC)", "від (UTC)"),
    "until_utc": Words("until (UTC)", "до (UTC)"),
    "figures": Words("figures", "показники"),
    "measured": Words("measured", "виміряно"),
    "limit": Words("limit", "межа"),
    "unit": Words("unit", "одиниця"),
    "detail": Words("detail", "деталі"),
    "receipts": Words("receipts", "чеків"),
    "receipt_ids": Words("receipt ids", "id чеків"),
    "rule": Words("rule", "правило"),
    "source": Words("source", "джерело"),
    "advice": Words("what to do", "що робити"),
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
