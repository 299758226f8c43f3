"""What an account leaves behind when it is removed, and what the fleet's tables keep of what is done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.fleet.errors import FencedError
from smartkasa_async.fleet.journals import PUSHES, DatabaseJournal
from smartkasa_async.fleet.retention import prune
from smartkasa_async.fleet.runs import Held
from smartkasa_async.fleet.store_access import open_account_store
from smartkasa_async.fleet.uploads import Uploads
from smartkasa_async.fleet.work import TaskName
from smartkasa_async.jobs.journal import Entry, RowState
from smartkasa_async.records.batch import RecordKind
from tests.fleet.conftest import START, new_account
from tests.support.stored import SHOP, batch

if TYPE_CHECKING:
    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.policy import Policy
    from tests.fleet.conftest import Clock


def _held(account_id: int) -> Held:
    return Held(
        account_id=account_id,
        name="one",
        epoch=1,
        base_url="https://core.smartkasa.ua",
        calls_per_second=5,
        tier="standard",
        reference_data_at=None,
        complete_until=None,
    )


async def _shops(database: Database) -> list[int]:
    rows = await database.rows("SELECT account_id FROM public.shops ORDER BY account_id")
    return [row["account_id"] for row in rows]


async def test_a_purge_deletes_the_rows_of_one_account_and_fences_what_runs_for_it(
    accounts: Accounts, credential_store: CredentialStore, database: Database
) -> None:
    one, two = [await accounts.add(new_account(name), credential_store) for name in ("one", "two")]
    for id_ in (one, two):
        async with open_account_store(database.address, id_) as store:
            await store.write(batch(RecordKind.SHOPS, SHOP))
    assert await accounts.purge(one) == 1
    assert await _shops(database) == [two]
    found = await accounts.find("one")
    assert (found.state, found.reason) == ("paused", "What the store has of it is being deleted")
    async with open_account_store(database.address, one, _held(one)) as store:
        with pytest.raises(FencedError):
            await store.write(batch(RecordKind.SHOPS, SHOP))
    await accounts.remove(one)
    assert await _shops(database) == [two]


async def test_uploads_that_are_done_are_deleted_after_two_weeks(
    accounts: Accounts, credential_store: CredentialStore, database: Database, policy: Policy, clock: Clock
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    uploads = Uploads(database)
    for name in ("done.csv", "waiting.csv"):
        await uploads.add(accounts, id_, "products", name=name, content=b"x")
    first = await uploads.next(id_, TaskName.UPLOAD)
    assert first is not None
    await uploads.end(_held(id_), first)
    clock.advance(86_400 * policy.keep_runs_days - 1)
    await prune(database, policy)
    assert len(await database.rows("SELECT * FROM uploads")) == 2
    clock.advance(2)
    await prune(database, policy)
    assert [row["name"] for row in await database.rows("SELECT name FROM uploads")] == ["waiting.csv"]


async def test_what_was_pushed_is_deleted_from_the_journal_after_its_time_and_the_journal_says_so(
    accounts: Accounts, credential_store: CredentialStore, database: Database, policy: Policy, clock: Clock
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    pushes, upload = (DatabaseJournal(database, _held(id_), name) for name in (PUSHES, "upload-1"))
    for journal in (pushes, upload):
        await journal.begin("fiscal_number")
        await journal.enter(
            [Entry("a", 1, RowState.CREATED), Entry("b", 2, RowState.CREATING), Entry("c", 3, RowState.REJECTED)]
        )
    clock.advance(86_400)
    await pushes.enter([Entry("d", 4, RowState.CREATED)])
    clock.moment = START + timedelta(days=policy.keep_pushed_days)
    await prune(database, policy)
    assert not await pushes.is_pruned()
    clock.advance(1)
    await prune(database, policy)
    assert [status.state for status in await pushes.look_up("abcd")] == [
        None,
        RowState.CREATING,
        None,
        RowState.CREATED,
    ]
    assert [status.state for status in await upload.look_up("abc")] == [
        RowState.CREATED,
        RowState.CREATING,
        RowState.REJECTED,
    ]
    assert (await pushes.is_pruned(), await upload.is_pruned()) == (True, False)


async def test_the_tables_that_grow_with_work_are_those_that_are_pruned(database: Database) -> None:
    """A table that is added has to be thought of: it is one row for each account, or something deletes its rows."""
    tables = await database.rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'smartkasa_fleet' AND tablename !~ '^procrastinate_'"
    )
    once_for_each = {"accounts", "backfill", "checkpoints", "credentials", "journals", "paces", "schedule", "tokens"}
    pruned = {"runs", "uploads", "journal_rows", "workers"}
    emptied_by_each_job = {"journal_known", "journal_deferred"}
    assert {row["tablename"] for row in tables} == once_for_each | pruned | emptied_by_each_job | {"state", "versions"}
