"""A fleet goes on from a backup: what came after it is read once more, and nothing is pushed twice."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from smartkasa_async.fleet.accounts import Accounts, NewAccount
from smartkasa_async.fleet.credentials import Credentials, CredentialStore
from smartkasa_async.fleet.database import Database, connection_string
from smartkasa_async.fleet.demo.comparison import find_differences
from smartkasa_async.fleet.demo.postgresql import find_programs
from smartkasa_async.fleet.errors import FleetError
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.runs import Held
from smartkasa_async.fleet.state import note_restored, set_up
from smartkasa_async.fleet.tasks import AccountWork
from smartkasa_async.fleet.uploads import Uploads
from smartkasa_async.fleet.verdicts import Outcome
from smartkasa_async.fleet.work import TaskName
from smartkasa_async.records.days import today
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.stores import open_store
from tests.support import till
from tests.support.postgresql import new_database
from tests.support.processes import finished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from smartkasa_async.fleet.secrets import KeyRing

_DAYS = 2


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    try:
        found = find_programs(tmp_path)
    except FleetError:
        pytest.skip("there is no PostgreSQL")
    if not (found / "pg_dump").exists():
        pytest.skip("there is no pg_dump")
    return found


@pytest.fixture
def databases(postgresql: str) -> Iterator[tuple[str, str]]:
    """Give the addresses of two databases, the fleet's and the one that it is restored into."""
    with new_database(postgresql) as before, new_database(postgresql) as after:
        yield before, after


def _carry_out(*command: object) -> None:
    ended = finished([str(word) for word in command], limit=60)
    assert ended.returncode == 0, ended.stderr


@asynccontextmanager
async def _worker(database: Database, keys: KeyRing) -> AsyncIterator[AccountWork]:
    async with open_store(database.address) as store:
        yield AccountWork(database, CredentialStore(database, keys), store, Policy())


async def test_a_fleet_that_is_restored_goes_on(
    databases: tuple[str, str], programs: Path, keys: KeyRing, tmp_path: Path
) -> None:
    business = Simulation(
        seed=3, shops=1, products=8, start=today() - timedelta(days=_DAYS - 1), days=_DAYS, receipts_per_day=5
    )
    dump = tmp_path / "fleet.dump"
    before, after = databases
    with Sandbox().in_thread() as box:
        merchant = box.add_merchant()
        drift = merchant.drift(simulate(business), since=today(), every=2, seed=1)
        async with Database(before).opened() as database, _worker(database, keys) as work:
            await set_up(database)
            accounts = Accounts(database, Policy())
            account = NewAccount(
                name="one",
                credentials=Credentials(merchant.api_key, merchant.phone_number, merchant.password),
                base_url=merchant.url,
            )
            held = Held(
                account_id=await accounts.add(account, CredentialStore(database, keys)),
                name="one",
                epoch=1,
                base_url=merchant.url,
                calls_per_second=1000,
                tier="standard",
                reference_data_at=None,
                complete_until=None,
            )
            assert (await work.do(TaskName.TODAY, held)).outcome is Outcome.DONE
            (shop,) = merchant.rows("shops")
            content = b"\n".join(msgspec.json.encode(receipt) for receipt in till.receipts(3, shop_id=shop["id"]))
            await Uploads(database).add(accounts, held.account_id, "receipts", name="r.jsonl", content=content)
            _carry_out(programs / "pg_dump", "--format=custom", f"--file={dump}", connection_string(before))
            assert (await work.do(TaskName.PUSH, held)).outcome is Outcome.DONE
        drift.finish()
        pushed = len(merchant.rows("receipts", registrar_fiscal_number=till.TILL))
        _carry_out(programs / "pg_restore", "--exit-on-error", f"--dbname={connection_string(after)}", dump)
        async with Database(after).opened() as database, _worker(database, keys) as work:
            await set_up(database)
            await note_restored(database)
            for task in (TaskName.PUSH, TaskName.TODAY, TaskName.NIGHT):
                result = await work.do(task, held)
                assert (result.outcome, result.error) == (Outcome.DONE, None)
            async with open_store(after, account_id=held.account_id) as store:
                assert await find_differences(store, merchant) == []
        assert len(merchant.rows("receipts", registrar_fiscal_number=till.TILL)) == pushed == 3
