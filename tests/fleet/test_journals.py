"""Journals and checkpoints in the fleet's database: what a SQLite journal does, and no more after a fence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartkasa_async.fleet.journals import DatabaseCheckpointStore, DatabaseJournal
from smartkasa_async.fleet.runs import Held
from smartkasa_async.fleet.verdicts import Outcome, outcome_of
from smartkasa_async.jobs import Entry, JournalError, KnownItem, Result, SqliteJournal
from smartkasa_async.jobs.journal import RowState
from smartkasa_async.sync import CheckpointError
from tests.fleet.conftest import new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.jobs import Journal


@pytest.fixture
async def held(accounts: Accounts, credential_store: CredentialStore) -> Held:
    id_ = await accounts.add(new_account("one"), credential_store)
    return Held(
        account_id=id_,
        name="one",
        epoch=1,
        base_url="",
        calls_per_second=1,
        tier="standard",
        reference_data_at=None,
        complete_until=None,
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def open_(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Journal]:
    """Open the same journal anew, as the next worker does."""
    if request.param == "sqlite":
        return lambda: SqliteJournal(tmp_path / "journal")
    database: Database = request.getfixturevalue("database")
    held: Held = request.getfixturevalue("held")
    return lambda: DatabaseJournal(database, held, "upload-1")


async def test_rows_that_may_have_been_sent_are_known_to_the_next_run(open_: Callable[[], Journal]) -> None:
    journal = open_()
    assert await journal.begin("number") is False
    assert await journal.note_source("digest-1") is None
    ids = await journal.enter(
        [
            Entry("a", 1, RowState.CREATING),
            Entry("b", 2, RowState.CREATING, digest="d"),
            Entry("c", None, RowState.REJECTED),
        ]
    )
    await journal.record([Result(ids[0], RowState.CREATED, "id-a")])
    await journal.note_side_writes(pending=True)
    await journal.close()

    journal = open_()
    assert await journal.begin("number") is True
    assert await journal.note_source("digest-2") == "digest-1"
    a, b, c, new = await journal.look_up(["a", "b", "c", "x"])
    assert (a.row_id, a.state, a.item_id, a.line) == (ids[0], RowState.CREATED, "id-a", None)
    assert (b.state, b.digest) == (RowState.CREATING, "d")
    assert c.state is RowState.REJECTED
    assert (new.row_id, new.state, new.known) == (None, None, ())
    assert await journal.enter([Entry("b", 5, RowState.UPDATING, row_id=b.row_id), Entry("x", 6, RowState.DONE)]) == [
        ids[1],
        ids[2] + 1,
    ]
    (b,) = await journal.look_up(["b"])
    assert (b.line, b.state, b.digest) == (5, RowState.UPDATING, None)
    await journal.record([Result(ids[1], RowState.UPDATED, "id-b")])
    await journal.note_side_writes(pending=False)
    await journal.finish()
    await journal.close()

    journal = open_()
    assert await journal.begin("number") is False
    assert await journal.note_source("digest-3") is None
    assert [one.row_id for one in await journal.look_up(["a", "b"])] == [None, None]
    await journal.close()


async def test_an_unfinished_journal_by_another_key_is_refused(open_: Callable[[], Journal]) -> None:
    journal = open_()
    await journal.begin("number")
    await journal.close()
    journal = open_()
    with pytest.raises(JournalError, match="number"):
        await journal.begin("remote_id")
    await journal.close()


async def test_known_items_are_found_by_key_and_id_and_those_without_a_row_are_missing(
    open_: Callable[[], Journal],
) -> None:
    journal = open_()
    await journal.begin("number")
    await journal.forget_known()
    items = [KnownItem(key, f"id-{number}", b"{}") for number, key in enumerate(["a", "b", "a", "c", " d", "\tid-9"])]
    await journal.add_known([*items, KnownItem("e", "id-e", b"")])
    assert await journal.count_known() == 7
    (a, none) = await journal.look_up(["a", "zz"])
    assert [item.id for item in a.known] == ["id-0", "id-2"]
    assert none.known == ()
    assert [item.key for item in await journal.find_known(["id-3", "id-1", "nowhere"])] == ["b", "c"]
    await journal.enter([Entry("a", 1, RowState.DONE), Entry("\tid-1", 2, RowState.DONE)])
    missing = await journal.missing(0, 10)
    assert [item.key for _, item in missing] == ["c", "\tid-9"]
    assert await journal.count_missing() == 2
    assert [item.key for _, item in await journal.missing(missing[0][0], 10)] == ["\tid-9"]
    await journal.forget_known()
    assert await journal.count_known() == 0
    await journal.close()


async def test_deferred_tasks_come_first_in_first_out_and_end_with_the_run(open_: Callable[[], Journal]) -> None:
    journal = open_()
    await journal.begin("number")
    await journal.defer([b"1", b"2"])
    await journal.defer([b"3"])
    assert await journal.take_deferred(2) == [b"1", b"2"]
    assert await journal.take_deferred(2) == [b"3"]
    assert await journal.take_deferred(2) == []
    await journal.defer([b"4"])
    await journal.close()
    journal = open_()
    await journal.begin("number")
    assert await journal.take_deferred(2) == []
    await journal.close()


async def test_a_worker_that_lost_its_account_enters_no_row_and_so_sends_none(
    database: Database, accounts: Accounts, held: Held
) -> None:
    journal = DatabaseJournal(database, held, "upload-1")
    await journal.begin("number")
    (id_,) = await journal.enter([Entry("a", 1, RowState.CREATING)])
    await accounts.pause(held.account_id, "given to another worker")
    with pytest.raises(JournalError) as caught:
        await journal.enter([Entry("b", 2, RowState.CREATING)])
    assert outcome_of(caught.value) is Outcome.FENCED
    await journal.record([Result(id_, RowState.CREATED, "id-a")])  # what was sent before has happened
    with pytest.raises(JournalError):
        await journal.finish()


async def test_journals_of_an_account_end_with_it(database: Database, accounts: Accounts, held: Held) -> None:
    journal = DatabaseJournal(database, held, "upload-1")
    await journal.begin("number")
    await journal.add_known([KnownItem("a", "id-a", b"{}")])
    await journal.enter([Entry("a", 1, RowState.CREATING)])
    await accounts.remove(held.account_id)
    for row in await database.rows(
        "SELECT (SELECT count(*) FROM journals) + (SELECT count(*) FROM journal_rows)"
        " + (SELECT count(*) FROM journal_known) AS count"
    ):
        assert row["count"] == 0


async def test_a_checkpoint_is_kept_for_the_next_worker_and_not_by_one_that_is_fenced_off(
    database: Database, accounts: Accounts, held: Held
) -> None:
    store = DatabaseCheckpointStore(database, held, "watch")
    assert await store.load() is None
    await store.save(b"1")
    await store.save(b"2")
    assert await DatabaseCheckpointStore(database, held, "watch").load() == b"2"
    await accounts.pause(held.account_id, "no key")
    with pytest.raises(CheckpointError):
        await store.save(b"3")
    assert await store.load() == b"2"
