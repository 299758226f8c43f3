"""The role that workers log in as: it does all the work, and sees no other account in the store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from smartkasa_async.fleet.database import Database, connection_string
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.runs import Held, Result
from smartkasa_async.fleet.state import allow_workers, set_up
from smartkasa_async.fleet.store_access import open_account_store
from smartkasa_async.fleet.worker import Worker
from smartkasa_async.records.batch import RecordKind
from tests.fleet.conftest import new_account
from tests.support.stored import SHOP, batch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.work import TaskName


@pytest.fixture
async def role_address(database: Database) -> AsyncIterator[str]:
    """Give the address by which a worker logs in."""
    role = f"worker_{uuid4().hex}"
    await set_up(database, Policy(top_up_every=0.05))
    await allow_workers(database, role)
    yield make_url(database.address).set(username=role).render_as_string(hide_password=False)
    async with database.transaction() as connection:
        await connection.execute(f"DROP OWNED BY {role}")
        await connection.execute(f"DROP ROLE {role}")


async def test_a_worker_of_the_role_does_the_work_and_sees_no_other_account(
    database: Database, role_address: str, accounts: Accounts, credential_store: CredentialStore
) -> None:
    for name in ("one", "two"):
        await accounts.request(await accounts.add(new_account(name), credential_store), "today")
    await database.execute("UPDATE schedule SET next_at = '2999-01-01' WHERE task <> 'today'")
    ids: asyncio.Queue[int] = asyncio.Queue()

    async def do(_task: TaskName, held: Held) -> Result:
        async with open_account_store(role_address, held.account_id, held) as store:
            await store.write(batch(RecordKind.SHOPS, SHOP))
        ids.put_nowait(held.account_id)
        return Result()

    async with Database(role_address, connections=10).opened() as limited:
        worker = asyncio.create_task(Worker(limited, lambda _policy: do, slots=2).run())
        async with asyncio.timeout(30):
            one, two = sorted([await ids.get(), await ids.get()])
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)

    async with await psycopg.AsyncConnection.connect(connection_string(role_address)) as connection:
        assert await (await connection.execute("SELECT account_id FROM shops")).fetchall() == []
        await connection.execute(f"SET LOCAL smartkasa.account_id = '{one}'")
        assert await (await connection.execute("SELECT account_id FROM shops")).fetchall() == [(one,)]
        hidden = await connection.execute("UPDATE shops SET title = 'x' WHERE account_id = %s", [two])
        assert hidden.rowcount == 0
    async with await psycopg.AsyncConnection.connect(connection_string(role_address)) as connection:
        await connection.execute("CREATE TEMP TABLE accounts AS SELECT 1::bigint AS account_id, 99::bigint AS epoch")
        await connection.execute("GRANT ALL ON pg_temp.accounts TO PUBLIC")
        fooled = await connection.execute("SELECT smartkasa_fleet.may_write(1, 99)")
        assert await fooled.fetchone() == (False,)
    async with open_account_store(role_address, one) as store:
        assert await store.purge() == 1
    assert await database.rows("SELECT account_id FROM public.shops") == [{"account_id": two}]
