"""A dry run knows what the journal knows, and writes nothing down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from smartkasa_async.push import push_receipts
from tests.support.till import TILL, receipt, receipts, stored

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async import SmartKasa
    from smartkasa_async.sandbox import Sandbox


async def test_a_dry_run_tells_what_an_earlier_push_brought(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    await push_receipts(kasa, receipts(2), journal=journal)
    before = journal.read_bytes()

    summary = await push_receipts(kasa, receipts(3), journal=journal, dry_run=True)

    assert (summary.already_there, summary.created) == (2, 1)
    assert journal.read_bytes() == before
    assert stored(box) == {TILL: ["000001", "000002"]}


async def test_a_dry_run_makes_no_journal(kasa: SmartKasa, tmp_path: Path) -> None:
    summary = await push_receipts(kasa, [receipt(1)], journal=tmp_path / "journal", dry_run=True)

    assert summary.created == 1
    assert not await anyio.Path(tmp_path, "journal").exists()
