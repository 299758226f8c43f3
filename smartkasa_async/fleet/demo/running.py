"""How the demo goes: a sandbox with many merchants, a fleet that reads them all, and a worker that is killed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import msg
from smartkasa_async._support import clock
from smartkasa_async.fleet.accounts import Accounts, NewAccount
from smartkasa_async.fleet.credentials import Credentials, CredentialStore
from smartkasa_async.fleet.database import Database
from smartkasa_async.fleet.demo.comparison import find_differences
from smartkasa_async.fleet.demo.postgresql import running_postgresql
from smartkasa_async.fleet.demo.workers import running_workers, worker_environment
from smartkasa_async.fleet.errors import FleetError
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.secrets import add_key, read_key_file
from smartkasa_async.fleet.state import set_up
from smartkasa_async.fleet.status import read_status
from smartkasa_async.fleet.store_access import open_account_store
from smartkasa_async.records.days import business_day
from smartkasa_async.sandbox import RateLimit, Sandbox, Simulation
from smartkasa_async.stores import open_store

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable
    from datetime import date

    from smartkasa_async._i18n.message import Message
    from smartkasa_async.fleet.status import FleetStatus
    from smartkasa_async.sandbox import Merchant

_DAYS = 2
_SECONDS_BETWEEN_LOOKS = 0.5
_CALLS_PER_SECOND = 50.0
_JOBS_OF_VICTIM = 2

_POLICY = Policy(
    today_every=30.0,
    night_every=60.0,
    calls_per_second=_CALLS_PER_SECOND,
    top_up_every=1.0,
    first_retry_after=2.0,
    worker_silent_after=5.0,
)
"""A day in a minute."""


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """How large the demo is.

    Attributes:
        merchants: How many merchants the sandbox has.
        workers: How many worker processes there are, one of which is killed.
        slots: How many jobs each runs at a time.
        longest: Seconds after which it ends, whether it has succeeded or not.
    """

    merchants: int = 50
    workers: int = 3
    slots: int = 4
    longest: float = 600.0


@dataclass(frozen=True, slots=True)
class Compared:
    """An account's store beside its merchant.

    Attributes:
        name: The account.
        receipts: Receipts that the merchant has.
        differences: What differs, a line for each thing.
    """

    name: str
    receipts: int
    differences: list[str]


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """What the demo came to.

    Attributes:
        accounts: Each store beside its merchant.
        status: The fleet's last status.
        taken_over: Jobs of the killed worker that others took over.
        seconds: From the start of the workers until all accounts had been read whole.
    """

    accounts: list[Compared]
    status: FleetStatus
    taken_over: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every store equals its merchant, and jobs of the killed worker were taken over."""
        return self.taken_over > 0 and not any(account.differences for account in self.accounts)


async def run_demo(options: DemoOptions, note: Callable[[Message], None]) -> DemoResult:
    """Run the demo.

    Args:
        options: How large it is.
        note: Called with what happens, for people.

    Raises:
        FleetError: There is no PostgreSQL, or the fleet was not done in time.
    """
    with TemporaryDirectory(prefix="smartkasa-demo-") as name, running_postgresql() as server:
        folder = Path(name)
        note(msg("PostgreSQL runs in a folder of its own."))
        async with Sandbox(rate_limit=RateLimit(per_second=2 * _CALLS_PER_SECOND, burst=100)) as box:
            merchants = _add_merchants(box, options.merchants, business_day(clock.now()))
            async with Database(server.address, connections=8).opened() as database:
                key_file = folder / "keys"
                add_key(key_file)
                accounts = await _make_fleet(database, key_file, merchants)
                note(msg("The sandbox serves {count} merchants at {address}.", count=len(merchants), address=box.url))
                environment = worker_environment(server.address, key_file)
                async with running_workers(options.workers, options.slots, environment, folder) as workers:
                    began = time.monotonic()
                    taken_over = await _watch_for(options.longest, database, workers, note)
                    seconds = time.monotonic() - began
                    status = await read_status(database, _POLICY)
                note(msg("All accounts have been read whole; the workers have ended."))
                compared = [await _compare(database.address, *pair) for pair in accounts.items()]
    return DemoResult(accounts=compared, status=status, taken_over=taken_over, seconds=seconds)


def _add_merchants(box: Sandbox, count: int, today: date) -> list[Merchant]:
    """Add merchants whose business ends today; the ids of some collide on purpose."""
    start = today - timedelta(days=_DAYS - 1)
    return [
        box.add_merchant(
            simulation=Simulation(
                seed=1 + number // 2, shops=1 + number % 2, start=start, days=_DAYS, products=20, receipts_per_day=15
            )
        )
        for number in range(count)
    ]


async def _make_fleet(database: Database, key_file: Path, merchants: list[Merchant]) -> dict[int, Merchant]:
    """Make the tables, and an account for each merchant."""
    async with open_store(database.address):
        pass
    await set_up(database, _POLICY)
    accounts, credential_store = Accounts(database, _POLICY), CredentialStore(database, read_key_file(key_file))
    return {
        await accounts.add(
            NewAccount(
                name=f"merchant-{number:03}",
                credentials=Credentials(merchant.api_key, merchant.phone_number, merchant.password),
                base_url=merchant.url,
            ),
            credential_store,
        ): merchant
        for number, merchant in enumerate(merchants, 1)
    }


async def _watch_for(
    seconds: float, database: Database, workers: list[Process], note: Callable[[Message], None]
) -> int:
    try:
        async with asyncio.timeout(seconds):
            return await _watch(database, workers, note)
    except TimeoutError:
        raise FleetError(msg("The fleet was not done after {seconds} s", seconds=seconds)) from None


async def _watch(database: Database, workers: list[Process], note: Callable[[Message], None]) -> int:
    """Kill a worker while it has work, and wait until that was taken over and all accounts have been read whole."""
    victim = workers[0]
    note(msg("{count} workers have begun.", count=len(workers)))
    jobs = 0
    while jobs < _JOBS_OF_VICTIM:
        await _look(workers)
        jobs = await _count(
            database,
            "SELECT count(*) AS count FROM runs JOIN workers USING (worker) WHERE pid = %s AND ended_at IS NULL",
            victim.pid,
        )
    victim.kill()
    await victim.wait()
    note(msg("Worker {pid} was killed (kill -9) while it ran jobs: {count}.", pid=victim.pid, count=jobs))
    while await _count(
        database,
        "SELECT count(*) AS count FROM accounts WHERE NOT EXISTS (SELECT FROM runs WHERE"
        " runs.account_id = accounts.account_id AND task = 'night' AND outcome = 'done')"
        " OR EXISTS (SELECT FROM runs JOIN workers USING (worker)"
        " WHERE runs.account_id = accounts.account_id AND pid = %s AND ended_at IS NULL)",
        victim.pid,
    ):
        await _look(workers[1:])
    return await _count(database, "SELECT count(*) AS count FROM runs WHERE outcome = 'lost'")


async def _look(workers: list[Process]) -> None:
    """Wait until it is time to look once more.

    Raises:
        FleetError: A worker has ended by itself.
    """
    await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
    for worker in workers:
        if worker.returncode is not None:
            raise FleetError(msg("A worker has ended by itself with status {status}", status=worker.returncode))


async def _count(database: Database, query: str, *values: object) -> int:
    row = await database.row(query, values)
    return row["count"] if row else 0


async def _compare(address: str, account_id: int, merchant: Merchant) -> Compared:
    async with open_account_store(address, account_id) as store:
        differences = await find_differences(store, merchant)
    return Compared(f"merchant-{account_id:03}", len(merchant.rows("receipts")), differences)
