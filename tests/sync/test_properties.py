"""Whatever a service and the clocks do to syncs: what is told as complete is what there was, and a right run heals."""

from __future__ import annotations

import asyncio
import json
import os
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from smartkasa_async import PageSizeClampedWarning
from smartkasa_async._support import clock as _clock
from smartkasa_async.records import Window, business_day
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import QUARANTINE, RECEIPTS
from smartkasa_async.sync import sync_receipts
from tests.support.listing_service import ListingService
from tests.support.service import answer
from tests.support.shifting_list import served

if TYPE_CHECKING:
    from smartkasa_async.stores import Store
    from smartkasa_async.sync import ReceiptsReport

EXAMPLES = 25 * int(os.environ.get("CHAOS_SEEDS", "0")) or 12
LOOKBACK = 3
"""Days after a day's end in which receipts of it come, change and go; the sync is told as many."""

LONGEST_LAG = 2
"""States of a list by which an answer may lag behind."""

Contents = frozenset[str]


class Act(NamedTuple):
    """What happens at one request of a sync, before it is answered.

    Attributes:
        kind: What it is.
        place: Chooses a receipt, a day or a number where one is needed.
    """

    kind: str
    place: int


class Run(NamedTuple):
    """One sync, and what happens to it.

    Attributes:
        days_later: Days that have passed since the last one.
        sold: Receipts that came since then.
        ahead: Hours that the machine's clock is ahead.
        acts: What happens at its requests.
        per_page: Receipts on a page.
    """

    days_later: int
    sold: int
    ahead: int
    acts: list[Act]
    per_page: int


class Script(NamedTuple):
    """All that happens.

    Attributes:
        tells: Whether the service tells the time; if not, the clock is ahead in one run at most.
        lags: Whether lists lag behind, and nothing is deleted; else it is the other way about.
        lies: The run in which lists of one page may be answered as empty: one wrong answer is found, not two alike.
        runs: The syncs.
    """

    tells: bool
    lags: bool
    lies: int
    runs: list[Run]


KINDS = ["create", "create", "change", "odd", "lost", "cut", "short", "twice", "shuffled", "delete", "lag"]
ACTS = st.builds(Act, st.sampled_from([*KINDS, *["empty"] * 4, *["nothing"] * 9]), st.integers(0, 30))
RUNS = st.builds(
    Run,
    st.sampled_from([0, 1, 1, 2, 3, 4, 6]),
    st.integers(0, 8),
    st.sampled_from([0, 0, 0, 1, 30, 24 * 3, 24 * 40, -1, -30]),
    st.lists(ACTS, max_size=14),
    st.sampled_from([2, 3, 100, 100]),
)
SCRIPTS = st.builds(Script, st.booleans(), st.booleans(), st.integers(0, 2), st.lists(RUNS, min_size=1, max_size=4))


@dataclass
class DrawnService(ListingService):
    """A service that does at each request what is drawn.

    Attributes:
        acts: What happens, request by request.
        lags: Whether it lags instead of deleting.
        may_lie: Whether it answers a list as empty that is not.
        history: The contents of each shop and day, state by state.
    """

    acts: list[Act] = field(default_factory=list)
    lags: bool = False
    may_lie: bool = False
    history: defaultdict[tuple[int, date], list[Contents]] = field(
        default_factory=lambda: defaultdict(lambda: [frozenset()])
    )

    def __post_init__(self) -> None:
        self._states: list[dict[str, dict[str, Any]]] = [{}]
        self._unseen: set[tuple[int, date]] = set()
        self._act = Act("nothing", 0)
        self.before = self._happen

    def note(self) -> None:
        """Take note of the contents as they are now."""
        self._states.append({id_: dict(one) for id_, one in self.receipts.items()})
        contents: defaultdict[tuple[int, date], set[str]] = defaultdict(set)
        for id_, one in self.receipts.items():
            contents[one["shop_id"], day_of(one)].add(id_)
        for key in {*self.history, *contents}:
            self.history[key].append(frozenset(contents[key]))

    def _happen(self, number: int) -> None:
        self._act = act = self.acts[number] if number < len(self.acts) else Act("nothing", 0)
        self._mark(act.kind)
        if act.kind in {"create", "odd"}:
            self.come(act.place, is_odd=act.kind == "odd")
        elif act.kind == "change" and (open_ := self._open()):
            one = self.receipts[open_[act.place % len(open_)]]
            one["total_amount"], one["updated_at"] = f"{act.place}.00", self.now.isoformat()
            self.note()
        elif act.kind == "delete" and not self.lags and (open_ := self._open()):
            one = self.receipts.pop(open_[act.place % len(open_)])
            self._unseen.add((one["shop_id"], day_of(one)))
            self.note()
        elif act.kind == "lost":
            self.answered[number] = answer({"message": "no"}, 500)
        elif act.kind == "cut":
            self.answered[number] = answer(b'{"data": [')

    def _mark(self, kind: str) -> None:
        if kind != "nothing":
            event(kind)

    def come(self, place: int, *, is_odd: bool = False) -> None:
        """Let a receipt come, of one of the last days; not where a deletion was not seen, which it would hide."""
        shop = self.shops[place % len(self.shops)]
        if any(where == shop for where, _ in self._unseen):
            return
        moment = self.now - timedelta(days=place % (LOOKBACK + 1), minutes=len(self._states))
        self.sell(moment, shop=shop, id_=f"n{len(self._states)}", **({"type": "sale"} if is_odd else {}))
        self.note()

    def _open(self) -> list[str]:
        """Give the receipts that may still change."""
        first = business_day(self.now) - timedelta(days=LOOKBACK)
        return sorted(id_ for id_, one in self.receipts.items() if day_of(one) >= first)

    def listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        act, shown = self._act, self.receipts
        if act.kind == "lag" and self.lags:
            self.receipts = self._states[max(0, len(self._states) - 1 - (1 + act.place % LONGEST_LAG))]
        found = super().listed(query)
        self.receipts = shown
        span = Window(date.fromisoformat(query["date_start"]), date.fromisoformat(query["date_end"]))
        shop = int(query["shop_id"])
        self._unseen = {
            (where, day) for where, day in self._unseen if where != shop or not span.start <= day <= span.end
        }
        if act.kind == "shuffled":
            return sorted(found, key=lambda one: hash((one["id"], act.place)))
        return [] if act.kind == "empty" and self.may_lie else found

    def _page(self, records: list[dict[str, Any]], query: dict[str, str]) -> bytes:
        page = super()._page(records, query)
        if self._act.kind not in {"short", "twice"} or "shop_id" not in query:
            return page
        body = json.loads(page.partition(b"\r\n\r\n")[2])
        if body["data"] and self._act.kind == "short":
            del body["data"][self._act.place % len(body["data"])]
        elif len(body["data"]) > 1:
            body["data"][-1] = body["data"][0]
        return answer(body, 200, *self._headers())


def day_of(one: dict[str, Any]) -> date:
    return business_day(datetime.fromisoformat(one["created_at"]))


class Syncs:
    """Syncs one service into one store, again and again, and looks each time whether what was told is true."""

    def __init__(self, service: DrawnService, store: Store, start: date) -> None:
        self.service, self.store, self.start = service, store, start
        self.ahead = timedelta(0)

    async def run(self, run: Run) -> ReceiptsReport:
        service = self.service
        service.asked.clear()
        service.answered.clear()
        service.acts = run.acts
        self.ahead = timedelta(hours=run.ahead)
        before = {key: len(states) for key, states in service.history.items()}
        async with served(service) as kasa:
            report = await sync_receipts(
                kasa,
                self.store,
                start=self.start,
                lookback_days=LOOKBACK,
                per_page=run.per_page,
                concurrency=1,
                accept_clock_skew=True,
            )
        if not service.may_lie or not any(act.kind == "empty" for act in run.acts):
            await self._check(report, before)
        event("complete" if report.complete else "incomplete")
        return report

    async def _check(self, report: ReceiptsReport, before: dict[tuple[int, date], int]) -> None:
        kept = await self.kept()
        for shop in report.shops:
            cut = {day.start for one in shop.incomplete for day in one.window.split(1)}
            for window in report.window.split(1):
                key = (shop.shop_id, window.start)
                if window.start in cut or key not in self.service.history:
                    continue
                states = self.service.history[key]
                since = max(0, before.get(key, 1) - 1 - LONGEST_LAG * self.service.lags)
                assert kept[key] in states[since:], f"{key} is not as it was at any moment of the run"

    async def kept(self) -> defaultdict[tuple[int, date], Contents]:
        """Give what the store has of each shop and day, in quarantine too."""
        async with self.store.reading() as connection:
            there = await connection.execute(select(RECEIPTS).where(RECEIPTS.c.deleted_at.is_(None)))
            odd = await connection.execute(select(QUARANTINE))
            found: defaultdict[tuple[int, date], set[str]] = defaultdict(set)
            for row in there:
                found[row.shop_id, row.business_date].add(row.id)
            for row in odd:
                # Nothing marks what is in quarantine as deleted.
                if row.key in self.service.receipts:
                    found[row.shop_id, day_of(json.loads(row.raw))].add(row.key)
        return defaultdict(frozenset, {key: frozenset(ids) for key, ids in found.items()})


async def follow(script: Script) -> None:
    service = DrawnService(shops=(1, 2), lags=script.lags)
    if not script.tells:
        service.tell = None
    first = service.now - timedelta(days=9)
    start = business_day(first)
    for shop in service.shops:
        service.sell_daily(start, business_day(service.now - timedelta(days=1)), shop=shop)
    service.note()
    was_ahead = False
    async with open_store("sqlite+aiosqlite://") as store:
        syncs = Syncs(service, store, start)
        with patch.object(_clock, "now", lambda: service.now + syncs.ahead):
            for number, run in enumerate(script.runs):
                service.now += timedelta(days=run.days_later)
                for place in range(run.sold):
                    service.come(place)
                is_ahead = run.ahead > 0 and not script.tells
                too_early = service.now + timedelta(hours=run.ahead) < first
                service.may_lie = number == script.lies
                await syncs.run(run._replace(ahead=0) if too_early or (is_ahead and was_ahead) else run)
                was_ahead |= is_ahead
            service.may_lie = False
            service.now += timedelta(days=run.days_later)
            report = await syncs.run(Run(0, 0, 0, [], 100))
            assert report.complete
            kept = await syncs.kept()
            for key, states in service.history.items():
                assert kept[key] == states[-1], f"{key} was not healed"
            async with store.reading() as connection:
                rows = await connection.execute(select(RECEIPTS).where(RECEIPTS.c.deleted_at.is_(None)))
                amounts = {row.id: row.total_amount for row in rows}
            for id_, amount in amounts.items():
                assert f"{amount:.2f}" == service.receipts[id_]["total_amount"], f"{id_} is of an old version"


@pytest.mark.timeout(60 + 4 * EXAMPLES)
@pytest.mark.filterwarnings(f"ignore::{PageSizeClampedWarning.__module__}.{PageSizeClampedWarning.__name__}")
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(script=SCRIPTS)
def test_what_is_complete_is_what_there_was_and_a_right_run_heals(script: Script) -> None:
    asyncio.run(follow(script))
