"""A worker process that is busy when it is stopped: what ends in time is done, and the rest is given back."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.fleet.accounts import NewAccount
from smartkasa_async.fleet.credentials import Credentials, CredentialStore
from smartkasa_async.fleet.demo.workers import worker_command, worker_environment
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.secrets import add_key, read_key_file
from smartkasa_async.fleet.state import set_up
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.processes import running

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.database import Database

_FINISH_WITHIN = 5.0
_LONGEST = 30.0
"""Seconds that a worker has to end, whatever it does."""


async def _until_running(database: Database, jobs: int) -> None:
    while True:
        if len(await database.rows("SELECT FROM runs WHERE ended_at IS NULL")) == jobs:
            return
        await asyncio.sleep(0.05)  # another process gives no other sign


@pytest.mark.skipif(sys.platform == "win32", reason="workers are stopped by a signal")
async def test_a_busy_worker_that_is_stopped_ends_in_time(
    database: Database, accounts: Accounts, tmp_path: Path
) -> None:
    key_file = tmp_path / "keys"
    add_key(key_file)
    credential_store = CredentialStore(database, read_key_file(key_file))
    await set_up(database, Policy(top_up_every=0.1, finish_within=_FINISH_WITHIN))
    with Sandbox().in_thread() as box:
        for name, seconds in (("slow", 0.3), ("hanging", 600.0)):
            merchant = box.add_merchant()
            merchant.faults.add(Fault("delay", seconds=seconds, times=None, path="/api/v1/rsn/shops"))
            credentials = Credentials(merchant.api_key, merchant.phone_number, merchant.password)
            account = NewAccount(name=name, credentials=credentials, base_url=merchant.url)
            await accounts.request(await accounts.add(account, credential_store), "today")
        await database.execute("UPDATE schedule SET next_at = '2999-01-01' WHERE task <> 'today'")
        environment = worker_environment(database.address, key_file)
        with running(worker_command(2), limit=120, env=environment, stdin=subprocess.DEVNULL) as worker:
            await _until_running(database, 2)
            worker.send_signal(signal.SIGTERM)
            began = time.monotonic()
            assert await asyncio.to_thread(worker.wait, _LONGEST) == 0
            assert time.monotonic() - began < _LONGEST
    outcomes = {
        name: (await accounts.runs((await accounts.find(name)).account_id))[0].outcome for name in ("slow", "hanging")
    }
    assert outcomes == {"slow": "done", "hanging": "returned"}
    (left,) = await database.rows(
        "SELECT job_id, failures FROM schedule JOIN accounts USING (account_id)"
        " WHERE name = 'hanging' AND task = 'today' AND next_at < '2999-01-01'"
    )
    assert (left["job_id"], left["failures"]) == (None, 0)
    assert await database.rows("SELECT * FROM workers") == []
