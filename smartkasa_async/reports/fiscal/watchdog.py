"""`watchdog`: does what was synced break a fiscal rule, or will it soon?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TextIO

from smartkasa_async._clock import SKEW_TOLD
from smartkasa_async._phrases import phrase
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.receipts.days import KYIV, Window, business_day
from smartkasa_async.reports.fiscal.messages import COLUMNS, WORDS
from smartkasa_async.reports.fiscal.rules import check_all
from smartkasa_async.reports.tables import text_table, write_csv

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from os import PathLike

    from smartkasa_async.reports.fiscal.facts import FiscalSource
    from smartkasa_async.reports.fiscal.findings import Finding, FindingKind, Urgency
    from smartkasa_async.reports.fiscal.messages import Language

__all__ = ["WatchdogReport", "watchdog"]

_MONTH = timedelta(days=31)
_BEFORE_ALL = date(2000, 1, 1)

_TABLE = ("urgency", "finding", "shop", "registrar", "shift", "since", "until", "figures", "receipts")


@dataclass(frozen=True, slots=True)
class WatchdogReport:
    """What was found, the most urgent first.

    Attributes:
        now: The moment of asking, in UTC.
        findings: All findings.
        newest_at: When the newest receipt or Z-report was made, by the clock of its registrar; None for none.
    """

    now: datetime
    findings: tuple[Finding, ...]
    newest_at: datetime | None = None

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def of(self, what: FindingKind | Urgency) -> tuple[Finding, ...]:
        """Give the findings of one kind or urgency."""
        return tuple(finding for finding in self.findings if what in {finding.kind, finding.urgency})

    def header(self, language: Language = "en") -> list[str]:
        """Give the headers of the table of findings."""
        return [COLUMNS[name].in_(language) for name in _TABLE]

    def rows(self, language: Language = "en") -> list[list[object]]:
        """Give a row of the table for each finding, times in Kyiv."""
        found = (_cells(finding, language) for finding in self.findings)
        return [[cells[name] for name in _TABLE] for cells in found]

    def notes(self, language: Language = "en") -> list[str]:
        """Say which rules the findings are about, where these stand, and what to do; a line for each kind."""
        notes = dict.fromkeys(
            f"{finding.title(language)} ({WORDS[finding.urgency].in_(language)}): {finding.rule(language)} "
            f"({finding.source(language)}); {finding.advice(language)}"
            for finding in self.findings
        )
        return [*self._clock_note(language), *(notes or [WORDS["clean"].in_(language)])]

    def _clock_note(self, language: Language) -> Iterator[str]:
        """Say that the store has records of a time yet to come, so that a clock is wrong, and judgements may be."""
        if self.newest_at is not None and (self.newest_at - self.now).total_seconds() > SKEW_TOLD:
            yield (
                WORDS["clock"]
                .in_(language)
                .format(
                    newest=f"{self.newest_at.astimezone(KYIV):%Y-%m-%d %H:%M}",
                    now=f"{self.now.astimezone(KYIV):%Y-%m-%d %H:%M}",
                )
            )

    def table(self, language: Language = "en") -> str:
        """Lay the findings out for reading, and say below them which rules they are about and what to do."""
        table = [text_table(self.header(language), self.rows(language)), ""] if self.findings else []
        return "\n".join([*table, *self.notes(language)])

    def write_csv(self, target: str | PathLike[str] | TextIO, language: Language = "en") -> None:
        """Write the findings as a table that a Ukrainian Excel opens, one in each row.

        Args:
            target: Where the file will be, or a text file that is open.
            language: Language of headers and texts.

        Raises:
            OSError: The file cannot be written.
        """
        header = [words.in_(language) for words in COLUMNS.values()]
        write_csv(target, header, ([_cells(finding, language)[name] for name in COLUMNS] for finding in self.findings))

    def __str__(self) -> str:
        return self.table()


async def watchdog(
    store: FiscalSource,
    *,
    now: datetime | None = None,
    shops: Collection[int] | None = None,
    start: date | None = None,
    end: date | None = None,
) -> WatchdogReport:
    """Look through what was synced for breaches of the fiscal rules, and for those that are near.

    It looks at shifts (24 hours), Z-reports of days with sales, offline mode (36 hours on end, 168 in a month), fiscal
    numbers that are missing or repeated, and local numbers that are missing or repeated. It knows no more than the
    store: sync receipts, shifts and Z-reports first. Receipts that name no registrar count for no offline budget and no
    numbering.

    Args:
        store: What was synced.
        now: The moment that decides what is still running, aware; the present one by default.
        shops: Ids of the shops; all by default.
        start: First business day in Kyiv of which findings are given; from the beginning by default.
        end: Last such day, included; until now by default.

    Returns:
        What was found; what touches the span of days is given whole.

    Raises:
        InvalidRequestError: A moment has no offset, or a day is none.
        StoreError: The store cannot be read.
    """
    now = datetime.now(UTC) if now is None else now
    if now.tzinfo is None:
        raise InvalidRequestError(
            phrase("now is {moment} without an offset; give an aware time", moment=now.isoformat()), field="now"
        )
    now = now.astimezone(UTC)
    asked = _asked(start, end, business_day(now))
    facts = await store.fiscal_facts(shops=shops, window=asked and _around(asked))
    found = check_all(facts, now)
    touching = tuple(finding for finding in found if asked is None or _touches(finding, asked))
    made_at = [*(one.last_at for one in facts.turnovers), *(one.made_at for one in facts.z_reports)]
    return WatchdogReport(now, touching, max(made_at, default=None))


def _asked(start: date | None, end: date | None, today: date) -> Window | None:
    if start is None and end is None:
        return None
    first = Window(start, start).start if start else _BEFORE_ALL
    return Window(first, end or max(today, first))


def _around(window: Window) -> Window:
    """Widen a window, so that months are whole, and shifts and sessions with it."""
    return Window((window.start - _MONTH).replace(day=1), window.end + 2 * _MONTH)


def _touches(finding: Finding, window: Window) -> bool:
    return finding.since < window.ends_at and finding.until >= window.begins_at


def _cells(finding: Finding, language: Language) -> dict[str, object]:
    return {
        "urgency": WORDS[finding.urgency].in_(language),
        "finding": finding.title(language),
        "shop_id": finding.shop_id,
        "shop": finding.shop_title or finding.shop_id,
        "registrar": finding.registrar,
        "shift": finding.shift_id,
        "since": f"{finding.since_kyiv:%Y-%m-%d %H:%M:%S}",
        "until": f"{finding.until_kyiv:%Y-%m-%d %H:%M:%S}",
        "since_utc": f"{finding.since:%Y-%m-%dT%H:%M:%SZ}",
        "until_utc": f"{finding.until:%Y-%m-%dT%H:%M:%SZ}",
        "figures": finding.figures(language),
        "measured": finding.measured,
        "limit": finding.limit,
        "unit": finding.unit,
        "detail": finding.detail,
        "receipts": finding.receipts_count,
        "receipt_ids": ", ".join(finding.receipts),
        "rule": finding.rule(language),
        "source": finding.source(language),
        "advice": finding.advice(language),
    }
