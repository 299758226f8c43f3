"""`smartkasa fleet`: a fleet is made, gets accounts, and tells how it is."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from unittest.mock import AsyncMock

import pytest
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import make_url

from smartkasa_async._i18n.kept_message import encode_message
from smartkasa_async._i18n.message import msg
from smartkasa_async.fleet.database import Database
from tests.support.processes import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartkasa_async._i18n.message import Message
    from tests.support.commandline import Cli

_CREDENTIALS = json.dumps({"api_key": "secret-key", "phone_number": "0501234567", "password": "secret-word"})


@pytest.fixture
def fleet(empty_postgresql: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """Give the command line with a fleet that has no accounts."""
    _drop(empty_postgresql)
    monkeypatch.setenv("SMARTKASA_STORE", empty_postgresql)
    assert cli("fleet", "init").code == 0
    yield cli
    _drop(empty_postgresql)


def _drop(address: str) -> None:
    async def drop() -> None:
        async with Database(address).opened() as database:
            await database.execute("DROP SCHEMA IF EXISTS smartkasa_fleet CASCADE")

    asyncio.run(drop())


def test_init_makes_a_key_for_its_owner_alone_and_keeps_both_when_run_again(fleet: Cli, home: Path) -> None:
    file = home / "config" / "smartkasa" / "fleet.keys"
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_text()
    result = fleet("--json", "fleet", "init")
    assert (result.document["migrations"], result.document["new_key"]) == (0, None)
    assert file.read_text() == before


def test_init_takes_a_policy_and_names_what_is_wrong_in_one(fleet: Cli, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"today_every": 300}')
    assert fleet("--json", "fleet", "init", "--policy", str(policy)).document["policy"]["today_every"] == 300
    assert fleet("--json", "fleet", "init").document["policy"]["today_every"] == 300
    policy.write_text('{"today_evry": 300}')
    result = fleet("fleet", "init", "--policy", str(policy))
    assert result.code == 2
    assert "today_evry" in result.err


def test_a_role_that_sees_all_accounts_is_no_role_for_workers(fleet: Cli) -> None:
    result = fleet("fleet", "init", "--worker-role", "postgres")
    assert (result.code, "superuser" in result.err) == (2, True)


def test_an_account_is_added_shown_paused_resumed_and_removed(fleet: Cli) -> None:
    assert fleet("fleet", "add", "coffee", "--stdin", "--tier", "slow", stdin=_CREDENTIALS).code == 0
    (account,) = fleet("--json", "fleet", "list").records
    assert (account["name"], account["state"], account["tier"]) == ("coffee", "active", "slow")

    assert fleet("fleet", "pause", "coffee", "--reason", "moves house").code == 0
    assert "moves house" in fleet("fleet", "list", "--paused").out
    assert "moves house" in fleet("fleet", "status").out
    assert fleet("fleet", "run", "today", "coffee").code == 2
    assert fleet("fleet", "resume", "coffee").code == 0
    assert fleet("fleet", "run", "today", "coffee").code == 0

    shown = fleet("--json", "fleet", "show", "coffee").document
    assert shown["account"]["state"] == "active"
    assert {task["task"] for task in shown["schedule"]} == {"today", "night"}
    removed = fleet("fleet", "remove", "coffee")
    assert (removed.code, f"as account {account['account_id']}" in removed.out) == (0, True)
    result = fleet("fleet", "show", "coffee")
    assert (result.code, "fleet list" in result.err) == (2, True)


def test_reasons_and_errors_that_have_translations_are_shown(fleet: Cli, empty_postgresql: str) -> None:
    fleet("fleet", "add", "coffee", "--stdin", stdin=_CREDENTIALS)
    fleet("fleet", "pause", "coffee")
    _fail_a_run_by(empty_postgresql, msg("Account {account} was removed", account=1))
    shown = fleet("--json", "fleet", "show", "coffee").document
    assert shown["account"]["reason"] == "paused by smartkasa fleet pause"
    assert [one["error"] for one in shown["runs"]] == ["Account 1 was removed"]
    status = fleet("--json", "fleet", "status").document
    assert [one["reason"] for one in status["paused"]] == ["paused by smartkasa fleet pause"]
    (listed,) = fleet("--json", "fleet", "list", "--paused").records
    assert listed["reason"] == "paused by smartkasa fleet pause"
    assert "Account 1 was removed; Row 2 is wrong\n" in fleet("fleet", "show", "coffee").out
    assert "fleet pause" in fleet("fleet", "status").out


def _fail_a_run_by(address: str, error: Message) -> None:
    async def fail() -> None:
        async with Database(address).opened() as database:
            await database.execute(
                "INSERT INTO runs (account_id, task, job_id, worker, started_at, ended_at, outcome, error,"
                " error_message, figures) VALUES (1, 'upload', 1, 'w', now(), now(), 'incomplete', %s, %s, %s)",
                [str(error), encode_message(error), '{"problems": {"en": ["Row 2 is wrong"], "uk": ["…"]}}'],
            )

    asyncio.run(fail())


def test_an_account_is_removed_with_what_the_store_has_of_it(fleet: Cli) -> None:
    assert fleet("fleet", "add", "coffee", "--stdin", stdin=_CREDENTIALS).code == 0
    result = fleet("fleet", "remove", "coffee", "--purge")
    assert (result.code, "0 rows" in result.out) == (0, True)
    assert fleet("fleet", "show", "coffee").code == 2


def test_no_command_shows_a_secret(fleet: Cli) -> None:
    outputs = [fleet("fleet", "add", "coffee", "--stdin", stdin=_CREDENTIALS)]
    for words in (["list"], ["show", "coffee"], ["status"], ["add", "coffee"]):
        outputs += [fleet("fleet", *words), fleet("--json", "fleet", *words)]
    outputs.append(fleet("fleet", "add", "x", "--stdin", stdin=_CREDENTIALS.replace("secret-key", "secret key")))
    assert outputs[-1].code == 2
    for output in outputs:
        assert "secret-" not in output.out + output.err
        assert "secret key" not in output.out + output.err


def test_accounts_of_a_file_are_added_all_or_none(fleet: Cli, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    header = "name,api_key,phone_number,password\n"
    file.write_text(f"{header}one,k1,0501234567,p1\ntwo,,0501234567,p2\n,k3,0501234567,p3\n")
    result = fleet("fleet", "import", str(file))
    assert result.code == 2
    assert "Row 3, column api_key" in result.out
    assert "Row 4, column name" in result.out
    assert fleet("--json", "fleet", "list").records == []
    file.write_text(f"{header}one,k1,0501234567,p1\ntwo,k2,0501234567,p2\n")
    assert set(fleet("--json", "fleet", "import", str(file)).document["accounts"]) == {"one", "two"}
    assert "2 accounts" in fleet("fleet", "list").err


def test_files_wait_for_upload_and_months_for_backfill(fleet: Cli, tmp_path: Path) -> None:
    fleet("fleet", "add", "coffee", "--stdin", stdin=_CREDENTIALS)
    prices = tmp_path / "prices.csv"
    prices.write_text("a,b\n")
    assert fleet("--json", "fleet", "run", "upload", "coffee", str(prices)).document["upload_id"] == 1
    assert fleet("fleet", "run", "upload", "coffee").code == 2
    assert fleet("fleet", "run", "push", "coffee", str(prices)).code == 2
    months = fleet("--json", "fleet", "backfill", "coffee", "--start", "2026-01", "--end", "2026-03")
    assert months.document == {"accounts": 1, "months": 3}
    assert fleet("fleet", "backfill", "--all", "--start", "2026-04", "--end", "2026-03").code == 2
    assert fleet("fleet", "backfill", "--start", "2026-04").code == 2
    tasks = {task["task"] for task in fleet("--json", "fleet", "show", "coffee").document["schedule"]}
    assert tasks == {"today", "night", "upload", "backfill"}


def test_the_master_key_is_changed(fleet: Cli, home: Path) -> None:
    fleet("fleet", "add", "coffee", "--stdin", stdin=_CREDENTIALS)
    file = home / "config" / "smartkasa" / "fleet.keys"
    old = file.read_text()
    result = fleet("--json", "fleet", "rotate-key", "--new")
    assert result.document["rows"] == 0  # workers that have not read the file anew can read all of them
    assert file.read_text().endswith(old)
    assert "fleet rotate-key" in fleet("fleet", "rotate-key", "--new").out
    rotated = fleet("--json", "fleet", "rotate-key")
    assert rotated.document["rows"] == 1
    assert rotated.document["key"] != result.document["key"]
    first = file.read_text().splitlines()[0]
    file.write_text(f"{first}\n")
    assert fleet("--json", "fleet", "rotate-key").document["rows"] == 0


def test_retry_lets_all_paused_accounts_go_on(fleet: Cli) -> None:
    fleet("fleet", "add", "coffee", "--stdin", stdin=_CREDENTIALS)
    fleet("fleet", "pause", "coffee")
    assert fleet("fleet", "retry").code == 2
    assert fleet("--json", "fleet", "retry", "--all").document == {"accounts": ["coffee"]}
    assert fleet("--json", "fleet", "status").document["active"] == 1


def test_keys_that_others_can_read_are_refused(fleet: Cli, home: Path) -> None:
    (home / "config" / "smartkasa" / "fleet.keys").chmod(0o644)
    result = fleet("fleet", "add", "coffee", "--stdin", stdin=_CREDENTIALS)
    assert (result.code, "chmod 600" in result.err) == (4, True)


@pytest.mark.parametrize("queues", ["light,heavy", ","])
def test_queues_that_there_are_not_are_named(fleet: Cli, queues: str) -> None:
    result = fleet("fleet", "worker", "--queues", queues)
    assert (result.code, "light, night, upload, backfill" in result.err) == (2, True)


def test_a_store_that_is_no_postgresql_is_refused(cli: Cli) -> None:
    result = cli("fleet", "list")
    assert (result.code, "postgresql+asyncpg://" in result.err) == (2, True)


def test_a_database_without_a_fleet_says_how_to_make_one(
    empty_postgresql: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    _drop(empty_postgresql)
    monkeypatch.setenv("SMARTKASA_STORE", empty_postgresql)
    result = cli("fleet", "status")
    assert (result.code, "smartkasa fleet init" in result.err) == (2, True)


def test_a_database_that_is_not_there_is_status_3(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("smartkasa_async.fleet.database._SECONDS_TO_CONNECT", 0.2)
    monkeypatch.setenv("SMARTKASA_STORE", f"postgresql+asyncpg://postgres:secret-word@/x?host={tmp_path}")
    result = cli("fleet", "status")
    assert result.code == 3
    assert ".s.PGSQL.5432" in result.err, "it does not say what of the database is not there"
    assert "secret-word" not in result.err
    assert not logging.getLogger("psycopg.pool").isEnabledFor(logging.WARNING), "the pool says the same once more"


@pytest.mark.parametrize(("user", "database", "status"), [("stranger", None, 4), (None, "absent", 2)])
def test_a_server_that_refuses_is_not_waited_for(
    empty_postgresql: str,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    *,
    user: str | None,
    database: str | None,
    status: int,
) -> None:
    monkeypatch.setattr(AsyncConnectionPool, "open", AsyncMock(side_effect=AssertionError("it is waited for")))
    address = make_url(empty_postgresql).set(username=user, database=database)
    monkeypatch.setenv("SMARTKASA_STORE", address.render_as_string(hide_password=False))
    result = cli("fleet", "status")
    assert result.code == status, result.err
    assert (user or database or "") in result.err, "it does not say what is refused"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_worker_that_is_asked_to_end_does_so_with_status_0(fleet: Cli) -> None:
    command = [sys.executable, "-m", "smartkasa_async", "fleet", "worker", "--slots", "1"]
    with running(command, stderr=subprocess.PIPE) as worker:
        assert worker.stderr is not None
        assert "1 slots" in worker.stderr.readline()
        worker.send_signal(signal.SIGTERM)
        assert "given back" in worker.stderr.read()
    assert worker.returncode == 0
