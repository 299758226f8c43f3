"""Looks at the store for what is to be sent to a receiver, and puts the news into the outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.relay.digest import event_of_digest, read_digest
from smartkasa_async.relay.events import EventKind
from smartkasa_async.relay.outbox import Draft
from smartkasa_async.relay.rules import (
    FINDING_EVENTS,
    Wording,
    differences_to_report,
    event_of_finding,
    events_of_differences,
    events_of_stock,
    find_news,
    findings_to_report,
    stock_to_report,
)
from smartkasa_async.relay.times import NIGHT_ENDS, day_due
from smartkasa_async.reports.compliance.check import check_compliance
from smartkasa_async.reports.coverage import coverage_of_lists
from smartkasa_async.reports.lookups import find_stock
from smartkasa_async.reports.reconciliation.comparing import reconcile

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime, time
    from decimal import Decimal

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.relay.events import Event
    from smartkasa_async.relay.outbox import Outbox, RelayState
    from smartkasa_async.stores.store import Store

LOOKBACK = timedelta(days=3)
"""How far back breaches and differences are looked for; what is older when a relay begins is no news."""

_MOST_CARDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What is looked for.

    Attributes:
        events: Kinds of events.
        shops: Ids of the shops; None for all.
        language: Language of the texts.
        digest_at: When the digest is due, by the clock in Kyiv; None for none.
        minimum_stock: The minimum of products that have none of their own; None for none.
        minima: Minima of products, by barcode or article, or by id.
    """

    events: frozenset[EventKind]
    shops: frozenset[int] | None = None
    language: Language = "uk"
    digest_at: time | None = None
    minimum_stock: Decimal | None = None
    minima: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def looks_at_stock(self) -> bool:
        """Whether any product has a minimum."""
        return EventKind.STOCK_LOW in self.events and (self.minimum_stock is not None or bool(self.minima))


@dataclass(slots=True)
class _Round:
    """One look at the store: the present moment, what was known before it, and what it brings."""

    now: datetime
    state: RelayState
    wording: Wording
    events: list[Event] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    days: dict[str, date] = field(default_factory=dict)

    def note(self, found: Collection[str], area: str, *, is_whole: bool) -> tuple[str, ...]:
        """Note what is news, and return its keys."""
        news = find_news(found, self.state.known, area, is_whole=is_whole)
        self.new += news.new
        self.over += news.over
        return news.new


class Checker:
    """Looks at a store, and puts what is new for one receiver into its outbox.

    Args:
        store: The store.
        outbox: The receiver's outbox.
        options: What is looked for.
    """

    def __init__(self, store: Store, outbox: Outbox, options: CheckOptions) -> None:
        self._store = store
        self._outbox = outbox
        self._options = options

    async def check(self, now: datetime) -> int:
        """Look at the store once, and put what is new into the outbox.

        Args:
            now: The present moment, in UTC.

        Returns:
            How many messages that made.

        Raises:
            RelayError: Another relay has taken over.
            StoreError: The store could not be read or written.
        """
        wording = Wording(self._options.language, await self._store.shop_titles())
        found = _Round(now, await self._outbox.state(), wording)
        await self._find_breaches(found)
        await self._find_differences(found)
        await self._find_low_stock(found)
        await self._make_digest(found)
        if found.events or found.new or found.over or found.days:
            drafts = [Draft(event) for event in found.events]
            await self._outbox.commit(drafts, new=found.new, over=found.over, **found.days)
        return len(found.events)

    async def _find_breaches(self, found: _Round) -> None:
        wanted = FINDING_EVENTS & self._options.events
        if not wanted:
            return
        start = business_day(found.now) - LOOKBACK
        report = await check_compliance(self._store, shops=self._options.shops, start=start, now=found.now)
        findings = findings_to_report(report.findings, wanted)
        new = found.note(findings, "finding", is_whole=report.is_complete)
        found.events += [event_of_finding(key, findings[key], found.now, found.wording) for key in new]

    async def _find_differences(self, found: _Round) -> None:
        """Compare the days that are over, once a morning; anew until all of them were read."""
        day = day_due(found.now, NIGHT_ENDS, found.state.reconciled_day)
        if day is None or EventKind.DIFFERENCES not in self._options.events:
            return
        result = await reconcile(self._store, shops=self._options.shops, start=day - LOOKBACK, end=day, now=found.now)
        differences = differences_to_report(result.differences)
        new = found.note(differences, "difference", is_whole=result.is_complete)
        found.events += events_of_differences([differences[key] for key in new], found.now, found.wording)
        if result.is_complete:
            found.days["reconciled_day"] = day

    async def _find_low_stock(self, found: _Round) -> None:
        options = self._options
        if not options.looks_at_stock:
            return
        highest = max([*options.minima.values(), *([] if options.minimum_stock is None else [options.minimum_stock])])
        async with self._store.reading() as connection:
            count, _, _, levels = await find_stock(connection, "", options.shops, highest, first=0, most=_MOST_CARDS)
            coverage = await coverage_of_lists(connection, [RecordKind.CARDS], found.now)
        low = stock_to_report(levels, options.minimum_stock, options.minima)
        new = found.note(low, "stock", is_whole=coverage.is_complete and count <= _MOST_CARDS)
        found.events += events_of_stock([low[key] for key in new], found.now, found.wording)

    async def _make_digest(self, found: _Round) -> None:
        if self._options.digest_at is None or EventKind.DIGEST not in self._options.events:
            return
        day = day_due(found.now, self._options.digest_at, found.state.digest_day)
        if day is not None:
            digest = await read_digest(self._store, day, self._options.shops, found.now)
            known = (found.state.known | set(found.new)) - set(found.over)
            low_stock = sum(key.startswith("stock:") for key in known) if self._options.looks_at_stock else None
            found.events.append(event_of_digest(digest, low_stock, found.now, found.wording))
            found.days["digest_day"] = day
