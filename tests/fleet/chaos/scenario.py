"""A fleet to which all goes wrong that can: what it has to write and to read, its faults, and what must be true after.

Days are compressed: a pass over today is due every few seconds, a nightly one a few times a minute.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
from psycopg.sql import SQL, Identifier

from smartkasa_async._support import clock
from smartkasa_async.fleet.accounts import Accounts, NewAccount
from smartkasa_async.fleet.credentials import Credentials, CredentialStore
from smartkasa_async.fleet.database import Database
from smartkasa_async.fleet.demo.comparison import find_differences
from smartkasa_async.fleet.demo.postgresql import running_postgresql
from smartkasa_async.fleet.demo.workers import worker_environment
from smartkasa_async.fleet.dispatch import Dispatcher
from smartkasa_async.fleet.errors import FleetDatabaseError
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.queue import Queue
from smartkasa_async.fleet.secrets import add_key, read_key_file
from smartkasa_async.fleet.state import allow_workers, set_up
from smartkasa_async.fleet.store_access import open_account_store
from smartkasa_async.fleet.uploads import UploadOptions, Uploads
from smartkasa_async.records.days import business_day
from smartkasa_async.sandbox import Fault, Sandbox, Simulation, simulate
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import METADATA
from tests.fleet.chaos.faults import plan_faults
from tests.fleet.chaos.supervisor import supervised
from tests.support.till import receipt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from smartkasa_async.fleet.demo.postgresql import EmbeddedPostgresql
    from smartkasa_async.sandbox import Drift, Merchant
    from tests.fleet.chaos.faults import PlannedFault
    from tests.fleet.chaos.supervisor import Supervisor

__all__ = ["Report", "Size", "run_chaos"]

_DAYS = 3
_LOOK_EVERY = 0.25
_PACE = 40.0
_PACE_SPAN = 10.0
_PACE_SLACK = 2.0
"""Seconds by which a busy machine may delay what was sent in time, so that it arrives together with what came after."""

_BY_NUMBER = UploadOptions(key="alter_number")
_UPLOADED = 25
_PUSHED = 12
_LOOKED_AT = 20
"""Accounts as which it is tried to see others' rows."""
_ROLE = "smartkasa_worker"
"""What the workers log in as."""
_REVOKED = 1
"""Place of the merchant whose key is revoked."""

_POLICY = Policy(
    reference_data_every=15.0,
    calls_per_second=_PACE,
    top_up_every=1.0,
    first_retry_after=0.5,
    longest_retry_after=4.0,
    failures_to_pause=1000,
    worker_silent_after=4.0,
    breaker_window=6.0,
    probe_after=0.5,
    longest_probe_after=2.0,
    ease_every=1.0,
)


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a run is.

    Attributes:
        merchants: How many merchants there are; the first has many times the receipts of another.
        workers: How many worker processes.
        slots: How many jobs each runs at a time.
        faults: How many faults there are, besides the key that is revoked.
        runs_apart: Most runs of tasks between two of them.
        largest: Customers a day of the first merchant; others have 5.
        today_every: Seconds between two passes over today.
        night_every: Seconds between two nightly passes.
        longest: Seconds after which it has failed.
    """

    merchants: int = 200
    workers: int = 3
    slots: int = 4
    faults: int = 24
    runs_apart: int = 30
    largest: int = 500
    today_every: float = 15.0
    night_every: float = 60.0
    longest: float = 1800.0


@dataclass
class Report:
    """What became of a run.

    Attributes:
        seed: Its seed.
        faults: How many faults of each kind there were.
        runs: Runs of tasks by outcome.
        ends: How many workers ended with each status, and were started anew.
        seconds: How long it took.
        wrong: All that must not be, a line for each thing.
    """

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    runs: dict[str, int] = field(default_factory=dict)
    ends: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


async def run_chaos(size: Size, seed: int, folder: Path, *, python: str = sys.executable) -> Report:
    """Run a fleet, let its faults happen, and judge what is left.

    Args:
        size: How large it is.
        seed: What is drawn.
        folder: An empty folder.
        python: What runs the workers; a stand-in for Python cannot be frozen.
    """
    began = time.monotonic()
    report = Report(seed)
    with running_postgresql() as server, Sandbox().in_thread() as box:
        async with Database(server.address, connections=12).opened() as database:
            fleet = await _make_fleet(database, box, size, folder)
            environment = worker_environment(server.address_for(_ROLE), folder / "keys")
            with supervised(size.workers, size.slots, environment, folder, python) as supervisor:
                scene = _Scene(server, box, database, fleet, supervisor, Random(seed), report)  # noqa: S311 for tests
                dispatching = asyncio.create_task(scene.dispatch())
                try:
                    async with asyncio.timeout(size.longest):
                        for fault in plan_faults(seed, count=size.faults, runs_apart=size.runs_apart):
                            await scene.let_happen(fault)
                        await scene.come_to_rest()
                except TimeoutError:
                    report.wrong.append(f"not done after {size.longest} s: {await scene.unfinished()}")
                finally:
                    dispatching.cancel()
                statuses = await asyncio.to_thread(supervisor.stop)
                report.ends.update(supervisor.ends)
                if any(statuses):
                    report.wrong.append(f"workers that were stopped ended with {statuses}")
            report.wrong += await _judge(database, fleet)
            report.wrong += await _seen_across_accounts(server.address_for(_ROLE), fleet)
            rows = await database.rows("SELECT coalesce(outcome, 'open') AS outcome, count(*) FROM runs GROUP BY 1")
            report.runs = {row["outcome"]: row["count"] for row in rows}
    report.seconds = time.monotonic() - began
    return report


@dataclass
class _Fleet:
    """The accounts, and what was ordered for them."""

    merchants: dict[int, Merchant]
    drifts: list[Drift]
    numbers: list[str]
    """Numbers of the uploaded products."""
    uploaders: list[int]
    pusher: int
    revoked: int


async def _make_fleet(database: Database, box: Sandbox, size: Size, folder: Path) -> _Fleet:
    """Make tables, accounts and orders; the ids of merchants collide on purpose."""
    async with open_store(database.address):
        pass
    policy = msgspec.structs.replace(_POLICY, today_every=size.today_every, night_every=size.night_every)
    await set_up(database, policy)
    await allow_workers(database, _ROLE)
    key_file = folder / "keys"
    add_key(key_file)
    credential_store, accounts = CredentialStore(database, read_key_file(key_file)), Accounts(database, policy)
    today = business_day(clock.now())
    start = today - timedelta(days=_DAYS - 1)
    merchants: dict[int, Merchant] = {}
    drifts = []
    for number in range(size.merchants):
        business = Simulation(
            seed=1 + number // 2,
            shops=1,
            products=10,
            start=start,
            days=_DAYS,
            receipts_per_day=5 if number else size.largest,
        )
        drifting = number % 3 == 0
        merchant = box.add_merchant(simulation=None if drifting else business)
        if drifting:
            drifts.append(merchant.drift(simulate(business), since=today, every=2, seed=number, deletions=True))
        credentials = Credentials(merchant.api_key, merchant.phone_number, merchant.password)
        account = NewAccount(name=f"m{number}", credentials=credentials, base_url=merchant.url)
        merchants[await accounts.add(account, credential_store)] = merchant
    ids = list(merchants)
    fleet = _Fleet(
        merchants=merchants,
        drifts=drifts,
        numbers=[f"up-{number:03}" for number in range(_UPLOADED)],
        uploaders=[ids[2], ids[-1]],
        pusher=ids[-2],
        revoked=ids[_REVOKED],
    )
    await _order(Uploads(database), accounts, fleet)
    return fleet


async def _order(uploads: Uploads, accounts: Accounts, fleet: _Fleet) -> None:
    """Order two uploads and a push."""
    rows = [f"{number};Товар {number};10,50" for number in fleet.numbers]
    content = "\n".join(["Артикул;Назва;Ціна", *rows, ""]).encode()
    for account_id in fleet.uploaders:
        await uploads.add(accounts, account_id, "products", name="prices.csv", content=content, options=_BY_NUMBER)
    shop = fleet.merchants[fleet.pusher].rows("shops")[0]["id"]
    lines = [msgspec.json.encode(receipt(number, shop_id=shop)) for number in range(1, _PUSHED + 1)]
    await uploads.add(accounts, fleet.pusher, "receipts", name="receipts.jsonl", content=b"\n".join(lines))


@dataclass
class _Scene:
    """Where the faults happen."""

    server: EmbeddedPostgresql
    box: Sandbox
    database: Database
    fleet: _Fleet
    supervisor: Supervisor
    chance: Random
    report: Report
    is_revoked: bool = False

    async def dispatch(self) -> None:
        """Do what a worker does once a minute, since here a day has fewer."""
        queue = Queue(self.database)
        await queue.open()
        dispatcher = Dispatcher(self.database, queue, _POLICY)
        while True:
            with suppress(FleetDatabaseError):
                await dispatcher.dispatch()
            await asyncio.sleep(1.0)

    async def let_happen(self, fault: PlannedFault) -> None:
        """Wait for a fault's time, and let it happen.

        All accounts are read meanwhile, so that its time comes however far apart their passes are.
        """
        await self._rows("UPDATE schedule SET next_at = least(next_at, now()) WHERE task = 'today' RETURNING 1")
        until = await self._ended() + fault.after
        await self._until(lambda: self._has_ended(until))
        self.report.faults[fault.kind] += 1
        await getattr(self, f"_{fault.kind.name.lower()}")()
        if not self.is_revoked:
            self.is_revoked = True
            self.fleet.merchants[self.fleet.revoked].faults.add(Fault("status", status=401, times=None))

    async def come_to_rest(self) -> None:
        """End all faults but the revoked key, let what is still to come arrive, and wait until all has been read."""
        self.box.faults.clear()
        for drift in self.fleet.drifts:
            drift.finish()
        await self._until(self._is_finished)
        since = self.database.now()
        accounts = Accounts(self.database, _POLICY)
        for account in await accounts.list(state="active"):
            await accounts.request(account.account_id, "night")
        await self._until(lambda: self._is_finished(since))

    async def unfinished(self, since: datetime | None = None) -> list[str]:
        """Return the active accounts whose orders wait, or without a whole nightly pass since a moment."""
        rows = await self._rows(
            "SELECT name FROM accounts WHERE state = 'active' AND (EXISTS (SELECT FROM uploads"
            " WHERE uploads.account_id = accounts.account_id AND ended_at IS NULL)"
            " OR %s::timestamptz IS NOT NULL AND NOT EXISTS (SELECT FROM runs"
            " WHERE runs.account_id = accounts.account_id AND task = 'night' AND outcome = 'done'"
            " AND started_at >= %s))",
            since,
            since,
        )
        return [row["name"] for row in rows]

    async def _until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        while True:
            if await is_so():
                return
            await asyncio.sleep(_LOOK_EVERY)

    async def _is_finished(self, since: datetime | None = None) -> bool:
        return not await self.unfinished(since)

    async def _has_ended(self, runs: int) -> bool:
        return await self._ended() >= runs

    async def _ended(self) -> int:
        return int((await self._rows("SELECT count(*) AS count FROM runs WHERE ended_at IS NOT NULL"))[0]["count"])

    async def _rows(self, query: Any, *values: object) -> list[dict[str, Any]]:
        """Ask the database, for as long as it takes to get an answer."""
        while True:
            with suppress(FleetDatabaseError):
                return await self.database.rows(query, values)
            await asyncio.sleep(_LOOK_EVERY)

    async def _kill(self) -> None:
        self.supervisor.signal(self._some_worker(), signal.SIGKILL)

    async def _freeze(self) -> None:
        worker = self._some_worker()
        self.supervisor.signal(worker, signal.SIGSTOP)
        await asyncio.sleep(2 * _POLICY.worker_silent_after)
        self.supervisor.signal(worker, signal.SIGCONT)

    async def _stop(self) -> None:
        self.supervisor.signal(self._some_worker(), signal.SIGTERM)

    async def _crash(self) -> None:
        await self._stop_database(at_once=True)

    async def _restart(self) -> None:
        await self._stop_database(at_once=False)

    async def _stop_database(self, *, at_once: bool) -> None:
        await asyncio.to_thread(self.server.stop, at_once=at_once)
        await asyncio.sleep(self.chance.choice([0.0, 1.0]))
        await asyncio.to_thread(self.server.start)

    async def _cut(self) -> None:
        await self._rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < 0.3"
        )

    async def _outage(self) -> None:
        self.box.faults.add(self.chance.choice([Fault("status", times=None), Fault("drop_before", times=None)]))
        await asyncio.sleep(self.chance.choice([1.0, 4.0]))
        self.box.faults.clear()

    async def _slow(self) -> None:
        self.box.faults.add(Fault("delay", seconds=0.5, times=50, probability=0.3))

    async def _lost(self) -> None:
        self.box.faults.add(Fault("drop_after", times=20, probability=0.2))

    async def _expiry(self) -> None:
        for merchant in self.fleet.merchants.values():
            self.chance.choice([merchant.expire_access_tokens, merchant.expire_tokens])()

    def _some_worker(self) -> int:
        return self.chance.randrange(self.supervisor.count)


async def _judge(database: Database, fleet: _Fleet) -> list[str]:
    """List all that must not be."""
    wrong = []
    paused = {account.account_id: account for account in await Accounts(database, _POLICY).list(state="paused")}
    for account_id, merchant in fleet.merchants.items():
        if account_id in paused:
            continue
        async with open_account_store(database.address, account_id) as store:
            wrong += [f"account {account_id}: {line}" for line in await find_differences(store, merchant)]
    if [*paused] != [fleet.revoked]:
        wrong.append(f"paused are {paused}, and must be {fleet.revoked}")
    wrong += [f"account {each.name} is paused without a reason" for each in paused.values() if not each.reason]
    wrong += _written_twice(fleet)
    for account_id, merchant in fleet.merchants.items():
        most = merchant.most_requests(within=_PACE_SPAN)
        if most > _PACE * (_PACE_SPAN + _PACE_SLACK):
            wrong.append(f"account {account_id} sent {most} requests in {_PACE_SPAN} s, with a pace of {_PACE}")
    left = await database.rows("SELECT run_id, account_id, task, worker, started_at FROM runs WHERE ended_at IS NULL")
    wrong += [f"a run has no end: {row}" for row in left]
    left = await database.rows("SELECT account_id, task FROM schedule WHERE task IN ('upload', 'push')")
    wrong += [f"{row['task']} of account {row['account_id']} is still to be done" for row in left]
    return wrong


def _written_twice(fleet: _Fleet) -> list[str]:
    """List what was written into the service more than once, or not at all."""
    wrong = []
    for account_id in fleet.uploaders:
        products = Counter(row["alter_number"] for row in fleet.merchants[account_id].rows("products"))
        wrong += [
            f"product {number} stands {products[number]} times with account {account_id}"
            for number in fleet.numbers
            if products[number] != 1
        ]
    receipts = fleet.merchants[fleet.pusher].rows("receipts", registrar_fiscal_number="4000000001")
    pushed = Counter(row["fiscal_number"] for row in receipts)
    if pushed != Counter(f"{number:06}" for number in range(1, _PUSHED + 1)):
        wrong.append(f"the pushed receipts are {pushed}")
    return wrong


async def _seen_across_accounts(address: str, fleet: _Fleet) -> list[str]:
    """List the tables in which the workers' role sees rows of other accounts than the one that it names."""
    wrong = []
    tables = [table.name for table in METADATA.sorted_tables if "account_id" in table.columns]
    async with Database(address).opened() as database:
        for account_id in (None, *list(fleet.merchants)[:_LOOKED_AT]):
            for table in tables:
                async with database.transaction() as connection:
                    name = "" if account_id is None else str(account_id)
                    await connection.execute("SELECT set_config('smartkasa.account_id', %s, true)", [name])
                    query = SQL("SELECT count(*) AS count FROM public.{} WHERE account_id IS DISTINCT FROM %s")
                    cursor = await connection.execute(query.format(Identifier(table)), [account_id])
                    row = await cursor.fetchone()
                if row is None or row["count"]:
                    wrong.append(f"a session of account {account_id} sees rows of others in {table}: {row}")
    return wrong
