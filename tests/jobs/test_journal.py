"""The journal: what a run finds of the one before it, and what it refuses to be kept in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from smartkasa_async.jobs.errors import JournalError
from smartkasa_async.jobs.journal import Entry, KeyStatus, KnownItem, Result, RowState
from smartkasa_async.jobs.journal_sqlite import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from smartkasa_async.jobs.journal import Journal


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    opened = SqliteJournal(tmp_path / "import.journal")
    await opened.begin("number")
    yield opened
    await opened.close()


async def again(journal: SqliteJournal, tmp_path: Path) -> tuple[SqliteJournal, bool]:
    """Let go of a journal as a killed process does, and open it for the next run."""
    await journal.close()
    opened = SqliteJournal(tmp_path / "import.journal")
    return opened, await opened.begin("number")


async def states(journal: Journal, *keys: str) -> list[tuple[int | None, RowState | None, str | None]]:
    return [(status.line, status.state, status.item_id) for status in await journal.look_up(keys)]


async def test_a_new_journal_knows_nothing(journal: SqliteJournal) -> None:
    (status,) = await journal.look_up(["1"])

    assert status == KeyStatus(None, None, None, None, ())


async def test_rows_are_found_by_their_keys_in_the_order_asked_for(journal: SqliteJournal) -> None:
    row_ids = await journal.enter([Entry("b", 2, RowState.CREATING), Entry("a", 3, RowState.DONE, "p-1")])
    await journal.record([Result(row_ids[0], RowState.CREATED, "p-2")])

    assert await states(journal, "a", "нема", "b") == [
        (3, RowState.DONE, "p-1"),
        (None, None, None),
        (2, RowState.CREATED, "p-2"),
    ]


async def test_rows_stand_one_after_the_other_however_many_are_entered_at_once(journal: SqliteJournal) -> None:
    assert await journal.enter([Entry("a", 2, RowState.CREATING), Entry("b", 3, RowState.CREATING)]) == [1, 2]
    again = [Entry("c", 4, RowState.DONE), Entry("a", 2, RowState.CREATED, "p-1", 1), Entry("d", 5, RowState.DONE)]
    assert await journal.enter(again) == [3, 1, 4]
    assert await journal.enter([Entry("e", 6, RowState.IN_DOUBT)]) == [5]

    assert await states(journal, *"abcde") == [
        (2, RowState.CREATED, "p-1"),
        (3, RowState.CREATING, None),
        (4, RowState.DONE, None),
        (5, RowState.DONE, None),
        (6, RowState.IN_DOUBT, None),
    ]


async def test_new_rows_have_the_ids_that_they_are_entered_by(journal: SqliteJournal) -> None:
    with pytest.raises(JournalError):
        await journal.enter([Entry(key, 1, RowState.CREATING) for key in ("a", "b", "a")])
    await journal.enter([Entry("z", 1, RowState.DONE)])
    keys = [f"{number * 7 % 250:03}" for number in range(250)]

    row_ids = await journal.enter([Entry(key, line, RowState.CREATING) for line, key in enumerate(keys)])

    found = await journal.look_up(keys)
    assert [(status.row_id, status.line) for status in found] == list(zip(row_ids, range(250), strict=True))
    assert row_ids == list(range(2, 252))


async def test_an_answer_is_written_in_the_place_of_its_row(journal: SqliteJournal, tmp_path: Path) -> None:
    row_ids = await journal.enter([Entry(f"{number:013}", number, RowState.CREATING) for number in range(1000)])
    assert await states(journal, "0000000000007") == [(7, RowState.CREATING, None)]
    await journal.close()
    pages = page_count(tmp_path)

    await journal.record([Result(row_id, RowState.CREATED, str(UUID(int=row_id))) for row_id in row_ids])

    assert await states(journal, "0000000000007") == [(7, RowState.CREATED, str(UUID(int=8)))]
    await journal.close()
    assert page_count(tmp_path) == pages


def page_count(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "import.journal")) as connection:
        ((count,),) = connection.execute("PRAGMA page_count")
    return int(count)


async def test_keys_are_told_apart_to_the_letter(journal: SqliteJournal) -> None:
    await journal.enter(
        [Entry("a'\"\\", 2, RowState.DONE), Entry("A", 3, RowState.DONE), Entry("\U0001f600", 4, RowState.DONE)]
    )

    assert [line for line, _, _ in await states(journal, "a'\"\\", "A", "a", "\U0001f600")] == [2, 3, None, 4]


async def test_the_next_part_of_a_run_finds_what_became_of_rows_but_not_their_lines(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    (row_id,) = await journal.enter([Entry("a", 2, RowState.CREATING)])
    await journal.record([Result(row_id, RowState.CREATED, "p-1")])

    opened, _ = await again(journal, tmp_path)

    assert await states(opened, "a") == [(None, RowState.CREATED, "p-1")]
    assert await opened.enter([Entry("a", 9, RowState.DONE, "p-1", row_id), Entry("b", 10, RowState.DONE)]) == [1, 2]
    assert await states(opened, "a") == [(9, RowState.DONE, "p-1")]
    await opened.close()


@pytest.mark.parametrize("state", list(RowState))
async def test_a_run_that_did_not_end_is_waited_for_whatever_it_wrote_down(
    journal: SqliteJournal, tmp_path: Path, state: RowState
) -> None:
    await journal.enter([Entry("a", 2, state)])

    opened, is_to_be_waited_for = await again(journal, tmp_path)

    assert is_to_be_waited_for
    await opened.close()


@pytest.mark.parametrize("state", list(RowState))
async def test_a_run_that_ended_is_waited_for_only_where_rows_stayed_open(
    journal: SqliteJournal, tmp_path: Path, state: RowState
) -> None:
    await journal.enter([Entry("a", 2, state)])
    await journal.finish()

    opened, is_to_be_waited_for = await again(journal, tmp_path)

    assert is_to_be_waited_for == (state in {RowState.CREATING, RowState.UPDATING, RowState.IN_DOUBT})
    assert await states(opened, "a") == [(None, None, None)]
    await opened.close()


async def test_categories_may_be_on_their_way_until_their_answer_came(journal: SqliteJournal, tmp_path: Path) -> None:
    await journal.note_side_writes(pending=True)
    await journal.finish()
    opened, before = await again(journal, tmp_path)
    await opened.note_side_writes(pending=False)
    await opened.finish()
    opened, after = await again(opened, tmp_path)

    assert (before, after) == (True, False)
    await opened.close()


async def test_an_unfinished_job_is_not_taken_up_by_another_key(journal: SqliteJournal, tmp_path: Path) -> None:
    await journal.close()
    opened = SqliteJournal(tmp_path / "import.journal")

    with pytest.raises(JournalError, match="job by number that has not ended, and this one is by alter_number"):
        await opened.begin("alter_number")

    assert await opened.begin("number")
    await opened.finish()
    assert not await opened.begin("alter_number")
    await opened.close()


async def test_the_catalogue_is_found_by_key_and_read_anew(journal: SqliteJournal) -> None:
    await journal.add_known([KnownItem("a", "p-1", b"1"), KnownItem("b", "p-2", b"2")])
    await journal.add_known([KnownItem("a", "p-3", b"3")])
    found = [status.known for status in await journal.look_up(["a", "b", "c"])]
    await journal.forget_known()

    assert found == [(KnownItem("a", "p-1", b"1"), KnownItem("a", "p-3", b"3")), (KnownItem("b", "p-2", b"2"),), ()]
    assert (await journal.look_up(["a"]))[0].known == ()


async def test_a_key_that_is_asked_for_twice_has_its_products_once(journal: SqliteJournal) -> None:
    await journal.add_known([KnownItem("a", "p-1", b"1")])

    assert [len(status.known) for status in await journal.look_up(["a", "a"])] == [1, 1]


async def test_what_is_missing_is_what_no_row_of_this_run_has(journal: SqliteJournal, tmp_path: Path) -> None:
    await journal.enter([Entry("seen before", 2, RowState.DONE)])
    opened, _ = await again(journal, tmp_path)
    await opened.add_known([KnownItem(key, f"p-{key}", b"x") for key in ("a", "seen before", " keyless", "b", "c")])
    await opened.add_known([KnownItem("cannot be read", "p-odd", b"")])
    await opened.enter([Entry("b", None, RowState.REJECTED)])

    first = await opened.missing(0, 2)
    rest = await opened.missing(first[-1][0], 2)

    assert [product.key for _, product in first + rest] == ["a", "seen before", "c"]
    assert await opened.count_missing() == 3
    await opened.close()


async def test_what_is_put_aside_comes_back_once_in_its_order(journal: SqliteJournal) -> None:
    await journal.defer([b"1", b"2"])
    await journal.defer([b"3"])

    assert [await journal.take_deferred(2), await journal.take_deferred(2), await journal.take_deferred(2)] == [
        [b"1", b"2"],
        [b"3"],
        [],
    ]


async def test_what_was_aside_is_gone_in_the_next_run(journal: SqliteJournal, tmp_path: Path) -> None:
    await journal.defer([b"1"])
    opened, _ = await again(journal, tmp_path)

    assert await opened.take_deferred(9) == []
    await opened.close()


async def test_a_journal_is_used_by_one_job_at_a_time(journal: SqliteJournal, tmp_path: Path) -> None:
    second = SqliteJournal(tmp_path / "import.journal", busy_seconds=0)

    with pytest.raises(JournalError, match="another job is using it"):
        await second.begin("number")
    assert await states(journal, "a") == [(None, None, None)]


async def test_a_file_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    price_list = tmp_path / "list.csv"
    price_list.write_text("Назва;Ціна\n" * 200, encoding="utf-8")
    before = price_list.read_bytes()

    with pytest.raises(JournalError, match=r"list\.csv: file is not a database; name a file of its own"):
        await SqliteJournal(price_list).begin("number")
    assert price_list.read_bytes() == before


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE receipts (id INTEGER)")
    connection.close()

    with pytest.raises(JournalError, match="another program's database"):
        await SqliteJournal(path).begin("number")


async def test_a_journal_of_another_version_is_refused(journal: SqliteJournal, tmp_path: Path) -> None:
    await journal.close()
    connection = sqlite3.connect(tmp_path / "import.journal")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(JournalError, match="another version of this library"):
        await journal.begin("number")


async def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"nowhere.*see that its folder exists"):
        await SqliteJournal(tmp_path / "nowhere" / "journal").begin("number")


async def test_what_fails_half_way_is_not_written_at_all(journal: SqliteJournal) -> None:
    with pytest.raises(JournalError):
        await journal.enter([Entry("a", 2, RowState.DONE), Entry("a", 3, RowState.DONE)])

    assert await states(journal, "a") == [(None, None, None)]
    assert await journal.enter([Entry("a", 2, RowState.DONE)]) == [1]


async def test_a_damaged_journal_says_what_to_do(journal: SqliteJournal, tmp_path: Path) -> None:
    await journal.close()
    path = tmp_path / "import.journal"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(JournalError, match="the file is damaged; name a new one"):
        await SqliteJournal(path).begin("number")
