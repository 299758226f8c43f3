"""`check_compliance`: does what was synced break a fiscal rule, or will it soon?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO

from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import check_callbacks, check_duration, check_moment, check_store, chosen_shops
from smartkasa_async._support.clock import SKEW_NOTED
from smartkasa_async._support.tables import ResultTable, write_csv
from smartkasa_async.jobs.results import Progress, Stage, plain_values
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import KYIV, Window, business_day
from smartkasa_async.reports.compliance.findings import COLUMNS, WORDS, FindingKind, Urgency
from smartkasa_async.reports.compliance.queries import read_fiscal_facts
from smartkasa_async.reports.compliance.rules import check_all
from smartkasa_async.reports.not_read import NotRead, StoreReport, find_not_read, reading_steps
from smartkasa_async.stores.contents import require_known_shops

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from os import PathLike

    from smartkasa_async.reports.compliance.facts import FiscalFacts
    from smartkasa_async.reports.compliance.findings import Finding
    from smartkasa_async.stores.store import Store

_MONTH = timedelta(days=31)
_BEFORE_ALL = date(2000, 1, 1)

_TABLE = ("urgency", "finding", "shop", "registrar", "shift", "since", "until", "figures", "receipts")


@dataclass(frozen=True, slots=True)
class ComplianceReport(StoreReport):
    """What was found, the most urgent first.

    Attributes:
        now: The moment of asking, in UTC.
        findings: All findings.
        newest_at: When the newest receipt or Z-report was made, by the clock of its registrar; None for none.
        not_read: Days of receipts, Z-reports and the list of shifts that were not read whole; reports leave
            them out.
        shops: Ids of the shops that were looked at.
    """

    now: datetime
    findings: tuple[Finding, ...]
    newest_at: datetime | None = None
    not_read: tuple[NotRead, ...] = ()
    shops: tuple[int, ...] = ()

    def _shop_ids(self) -> Collection[int]:
        return self.shops

    def failures(self) -> Iterator[object]:
        """Yield each finding in one line, and what was not read."""
        for finding in self.findings:
            yield finding.describe()
        for step in self.reading_steps():
            yield step.text

    def of(self, what: FindingKind | Urgency) -> tuple[Finding, ...]:
        """Return the findings of one kind or urgency."""
        return tuple(finding for finding in self.findings if what in {finding.kind, finding.urgency})

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return the findings as a table, times in Kyiv; no table where there are none.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        if not self.findings:
            return []
        cells = [_cells(finding, language) for finding in self.findings]
        header = [in_language(COLUMNS[name], language) for name in _TABLE]
        return [ResultTable(header, [[each[name] for name in _TABLE] for each in cells])]

    def note_lines(self, language: Language = "en") -> list[str]:
        """Describe which rules the findings are about, where these stand, and what to do; a line for each kind."""
        notes = dict.fromkeys(
            f"{finding.title(language)} ({in_language(WORDS[finding.urgency], language)}): {finding.rule(language)} "
            f"({finding.source(language)}); {finding.advice(language)}"
            for finding in self.findings
        )
        clean = in_language(WORDS["clean" if self.is_complete else "clean_so_far"], language)
        return [*self._clock_note(language), *(notes or [clean])]

    def _clock_note(self, language: Language) -> Iterator[str]:
        """Warn that the store has records of a time yet to come, so that a clock is wrong, and judgements may be."""
        if self.newest_at is not None and (self.newest_at - self.now).total_seconds() > SKEW_NOTED:
            yield (
                in_language(WORDS["clock"], language).format(
                    newest=f"{self.newest_at.astimezone(KYIV):%Y-%m-%d %H:%M}",
                    now=f"{self.now.astimezone(KYIV):%Y-%m-%d %H:%M}",
                )
            )

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """Return the report as plain values for JSON, with what each finding is about and what to do.

        Args:
            language: Language of these texts: English (`en`) or Ukrainian (`uk`).
        """
        return {
            "ok": self.ok,
            "complete": self.is_complete,
            **plain_values(
                {
                    "now": self.now,
                    "newest_at": self.newest_at,
                    "shops": self.shops,
                    "not_read": self.not_read,
                    "counts": {urgency: len(self.of(urgency)) for urgency in Urgency},
                    "findings": [_finding_values(one, language) for one in self.findings],
                }
            ),
        }

    def write_csv(
        self, target: str | PathLike[str] | TextIO, language: Language = "en", options: Sequence[str] = ()
    ) -> None:
        """Write the findings as a table that a Ukrainian Excel opens, one in each row, and then what was not read.

        Args:
            target: Where the file will be, or a text file that is open.
            language: Language of headers and texts.
            options: Options that every command is given, such as those that name the store.

        Raises:
            OSError: The file cannot be written.
        """
        header = [in_language(column, language) for column in COLUMNS.values()]
        found = [_cells(finding, language) for finding in self.findings]
        found += [_not_read_cells(one, language, options) for one in self.not_read]
        write_csv(target, header, ([cells.get(name) for name in COLUMNS] for cells in found))


def _finding_values(one: Finding, language: Language) -> dict[str, object]:
    fields = {name: getattr(one, name) for name in one.__dataclass_fields__}
    texts = {
        "title": one.title(language),
        "rule": one.rule(language),
        "source": one.source(language),
        "advice": one.advice(language),
    }
    return {**fields, **texts}


async def check_compliance(
    store: Store,
    *,
    shops: Iterable[int] | None = None,
    start: date | None = None,
    end: date | None = None,
    now: datetime | None = None,
    shift_tolerance: timedelta = timedelta(0),
    on_progress: Callable[[Progress], None] | None = None,
) -> ComplianceReport:
    """Check what was synced for breaches of the fiscal rules, and for those that are near.

    Checks shifts (24 hours), Z-reports of days with sales, offline mode (36 hours in a row, 168 in a month), and fiscal
    and local numbers that are missing or repeated. Sync receipts, shifts and Z-reports first: only the store is read.
    Days that were not read whole are not judged but listed in `not_read`. Receipts that name no registrar count for no
    offline budget and no numbering.

    Hours are counted as time elapsed, so that a shift from eight to eight has 25 of them when the clocks go back; no
    act that we know of states whether the clock counts instead. `shift_tolerance` lets such shifts pass.

    Args:
        store: What was synced.
        shops: Ids of the shops; None for all that the store has.
        start: First business day, in Europe/Kyiv, of which findings are given; None for all from the first.
        end: Last business day, included; None for today.
        now: The moment that decides what is still running, aware; the present one by default.
        shift_tolerance: How much longer than 24 hours a shift may be open.
        on_progress: Called when the store is read, and when the rules are checked.

    Returns:
        What was found; what touches the span of days is given whole.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have, or the store knows nothing of a shop.
        StoreError: The store cannot be read.
    """
    check_store(store, "reading")
    check_moment("now", now)
    check_duration("shift_tolerance", shift_tolerance)
    check_callbacks(on_progress=on_progress)
    now = (_clock.now() if now is None else now).astimezone(UTC)
    asked = _asked(start, end, business_day(now))
    chosen = chosen_shops(shops)
    if on_progress is not None:
        on_progress(Progress(Stage.READING))
    async with store.reading() as connection:
        await require_known_shops(connection, chosen)
    facts = await read_fiscal_facts(store, shops=chosen, window=asked and _around(asked))
    if on_progress is not None:
        on_progress(Progress(Stage.CHECKING))
    found = check_all(facts, now, shift_tolerance)
    touching = tuple(one for one in found if asked is None or _touches(one, asked) or _is_undated(one, now))
    made_at = [*(one.last_at for one in facts.turnovers), *(one.made_at for one in facts.z_reports)]
    looked_at = _looked_at(facts, chosen)
    not_read = tuple(_not_read(facts, looked_at, asked or _since_first(facts, looked_at, business_day(now)), now))
    return ComplianceReport(now, touching, max(made_at, default=None), not_read, tuple(looked_at))


def _looked_at(facts: FiscalFacts, shops: Collection[int] | None) -> list[int]:
    """Return the shops; one that was deleted, and of which nothing was read, can be read no more."""
    if shops is not None:
        return sorted(shops)
    read = {shop_id for _, shop_id in facts.read.spans or ()}
    return sorted(id_ for id_, shop in facts.shops.items() if not shop.is_deleted or id_ in read)


def _since_first(facts: FiscalFacts, shops: Collection[int], today: date) -> Window:
    """Return all days from the first that was read of any shop."""
    spans = [spans for (_, shop_id), spans in (facts.read.spans or {}).items() if shop_id in shops and spans]
    first = min((business_day(one[0].since) for one in spans), default=today)
    return Window(min(first, today), today)


def _not_read(facts: FiscalFacts, shops: Collection[int], window: Window, now: datetime) -> Iterator[NotRead]:
    yield from find_not_read(facts.read, (RecordKind.RECEIPTS, RecordKind.Z_REPORTS), shops, window, now)
    today, listed_at = business_day(now), facts.read.lists.get(RecordKind.SHIFTS)
    is_listed = facts.read.spans is None or (listed_at is not None and business_day(listed_at) >= today)
    if window.start <= today <= window.end and not is_listed:
        yield NotRead(kind=RecordKind.SHIFTS, shop_id=None, start=today, end=today)


def _asked(start: date | None, end: date | None, today: date) -> Window | None:
    if start is None and end is None:
        return None
    first = Window(start, start).start if start is not None else _BEFORE_ALL
    return Window(first, max(today, first) if end is None else end)


def _around(window: Window) -> Window:
    """Widen a window, so that months are whole, and shifts and sessions with it."""
    return Window((window.start - _MONTH).replace(day=1), window.end + 2 * _MONTH)


def _touches(finding: Finding, window: Window) -> bool:
    return finding.since < window.ends_at and finding.until >= window.begins_at


def _is_undated(finding: Finding, now: datetime) -> bool:
    """Return whether it is unknown when records were made that could not be read, so that they may be of any days."""
    return finding.kind is FindingKind.RECORD_UNREADABLE and finding.since == now


def _not_read_cells(one: NotRead, language: Language, options: Sequence[str]) -> dict[str, object]:
    (step,) = reading_steps([one], all_shops=(), language=language, options=options)
    return {
        "urgency": in_language(WORDS["not_read"], language),
        "finding": step.text,
        "shop_id": one.shop_id,
        "shop": one.shop_id,
        "since": f"{one.start}",
        "until": f"{one.end}",
        "advice": step.command,
    }


def _cells(finding: Finding, language: Language) -> dict[str, object]:
    return {
        "urgency": in_language(WORDS[finding.urgency], language),
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
