"""Imports without a journal of their own leave nothing in the folder of temporary files, however they end."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from smartkasa_async.jobs.journal import Entry, RowState
from smartkasa_async.jobs.journal_sqlite import SqliteJournal, open_journal_copy
from tests.support.processes import finished

KILLED = """
import asyncio, os, signal
from smartkasa_async.catalog import import_products
from tests.support.catalogue_service import FakeKasa, products

kasa = FakeKasa()

async def gate(titles):
    print(*os.listdir(os.environ["TMPDIR"]), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

kasa.gate = gate

async def work():
    await import_products(kasa, products(5000), batch_size=2000, late_write_window=0)

asyncio.run(work())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_import_that_is_killed_leaves_no_temporary_file(tmp_path: Path) -> None:
    temporary, home = tmp_path / "temporary", tmp_path / "home"
    temporary.mkdir()
    folders = {name: str(temporary) for name in ("TMPDIR", "SQLITE_TMPDIR", "TEMP", "TMP")}
    folders |= {name: str(home) for name in ("HOME", "XDG_STATE_HOME")}
    root = Path(__file__).parents[2]

    ended = finished([sys.executable, "-c", KILLED], cwd=root, env=folders | {"PYTHONPATH": str(root)}, text=True)

    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert (ended.stdout.strip(), list(temporary.iterdir())) == ("", []), "neither while it ran nor afterwards"


async def test_copy_of_a_journal_has_its_rows_and_no_file_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    journal = SqliteJournal(tmp_path / "journal")
    await journal.begin("number")
    await journal.enter([Entry("4820", 2, RowState.CREATED, "p-1")])
    before = (tmp_path / "journal").read_bytes()

    async with open_journal_copy(tmp_path / "journal") as copy:  # while the other is still open
        (status,) = await copy.look_up(["4820"])
        await copy.enter([Entry("4821", 3, RowState.CREATED, "p-2")])
        assert (status.state, status.item_id) == (RowState.CREATED, "p-1")
        assert not list(temporary.iterdir())

    assert (await journal.look_up(["4821"]))[0].state is None
    assert (tmp_path / "journal").read_bytes() == before
    await journal.close()
