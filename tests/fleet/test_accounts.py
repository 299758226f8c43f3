"""Accounts are added, found, paused, resumed, retried and removed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.fleet.errors import FleetError
from smartkasa_async.fleet.uploads import Uploads
from tests.fleet.conftest import START, new_account

if TYPE_CHECKING:
    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.database import Database
    from tests.fleet.conftest import Clock


async def test_an_account_is_found_by_its_name_and_its_id(
    accounts: Accounts, credential_store: CredentialStore
) -> None:
    id_ = await accounts.add(new_account("coffee", tier="slow", calls_per_second=2.5), credential_store)
    found = await accounts.find("coffee")
    assert found == await accounts.find(str(id_))
    assert (found.account_id, found.state, found.tier, found.calls_per_second) == (id_, "active", "slow", 2.5)
    assert found.added_at == START
    schedule = await accounts.schedule(id_)
    assert {task.task for task in schedule} == {"today", "night"}
    assert all(START < task.next_at < START + timedelta(days=2) for task in schedule)


async def test_a_name_that_is_mistyped_is_answered_with_the_likely_one(
    accounts: Accounts, credential_store: CredentialStore
) -> None:
    await accounts.add(new_account("coffee-lviv"), credential_store)
    with pytest.raises(FleetError, match="did you mean coffee-lviv"):
        await accounts.find("cofee-lviv")
    with pytest.raises(FleetError, match="fleet list"):
        await accounts.find("zzz")


async def test_adding_a_name_once_more_replaces_its_credentials_and_fences_off_what_runs(
    accounts: Accounts, credential_store: CredentialStore
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    await accounts.pause(id_, "no key")
    assert await accounts.add(new_account("one", tier="slow"), credential_store) == id_
    found = await accounts.find("one")
    assert (found.state, found.reason, found.tier) == ("active", None, "slow")
    assert found.epoch == 3


async def test_a_pause_keeps_its_first_reason_in_both_languages(
    accounts: Accounts, credential_store: CredentialStore
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    await accounts.pause(id_, msg("The client is closed"))
    await accounts.pause(id_, "later")
    (found,) = await accounts.list(state="paused")
    assert found.reason == "The client is closed"
    assert in_language(found.reason, "uk") != found.reason
    assert found.paused_at == START
    assert await accounts.list(state="active") == []
    await accounts.resume(id_)
    assert (await accounts.find("one")).reason is None


async def test_retry_makes_what_failed_due_at_once(
    accounts: Accounts, credential_store: CredentialStore, database: Database
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    await database.execute("UPDATE schedule SET failures = 5 WHERE task = 'night'")
    await accounts.pause(id_, "no key")
    await accounts.retry(id_)
    assert (await accounts.find("one")).state == "active"
    assert {(task.task, task.failures, task.next_at) for task in await accounts.schedule(id_)} == {
        ("today", 0, START),
        ("night", 0, START),
    }


async def test_a_paused_account_takes_no_requests(accounts: Accounts, credential_store: CredentialStore) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    await accounts.pause(id_, "no key")
    with pytest.raises(FleetError, match="fleet resume"):
        await accounts.request(id_, "today")


async def test_what_is_refused_since_the_account_is_paused_is_not_done_later(
    accounts: Accounts, credential_store: CredentialStore, database: Database
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    await accounts.pause(id_, "no key")
    with pytest.raises(FleetError, match="fleet resume"):
        await accounts.backfill(id_, date(2026, 1, 5), date(2026, 3, 1))
    with pytest.raises(FleetError, match="fleet resume"):
        await Uploads(database).add(accounts, id_, "products", name="prices.csv", content=b"a,b\n")
    assert await database.rows("SELECT month::text FROM backfill UNION ALL SELECT name FROM uploads") == []


async def test_a_removed_account_leaves_nothing_in_the_fleet(
    accounts: Accounts, credential_store: CredentialStore, database: Database
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    await accounts.backfill(id_, date(2026, 1, 5), date(2026, 3, 1))
    await accounts.remove(id_)
    for row in await database.rows(
        "SELECT (SELECT count(*) FROM credentials) + (SELECT count(*) FROM tokens) + (SELECT count(*) FROM schedule)"
        " + (SELECT count(*) FROM backfill) AS count"
    ):
        assert row["count"] == 0


async def test_backfill_counts_the_months_that_wait(
    accounts: Accounts, credential_store: CredentialStore, clock: Clock
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    assert await accounts.backfill(id_, date(2026, 1, 5), date(2026, 3, 1)) == 3
    assert await accounts.backfill(id_, date(2026, 1, 5), date(2026, 4, 1)) == 1
    assert {task.task: task.next_at for task in await accounts.schedule(id_)}["backfill"] == clock()


@pytest.mark.parametrize("name", ["", " one", "one\n"])
def test_a_name_that_cannot_be_typed_is_refused(name: str) -> None:
    with pytest.raises(FleetError, match="name"):
        new_account(name)


def test_settings_that_cannot_be_used_are_refused_when_an_account_is_made() -> None:
    with pytest.raises(ConfigurationError, match="calls_per_second"):
        new_account("one", calls_per_second=0)
    with pytest.raises(FleetError, match="standard, slow"):
        new_account("one", tier="fast")
