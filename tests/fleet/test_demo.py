"""The demo of a fleet: what it compares, and how it ends. That it works is shown by the small fleet in `chaos`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from smartkasa_async import SmartKasa
from smartkasa_async.fleet.demo.comparison import find_differences
from smartkasa_async.fleet.demo.postgresql import running_postgresql
from smartkasa_async.fleet.demo.running import Compared, DemoResult
from smartkasa_async.fleet.errors import FleetError
from smartkasa_async.fleet.status import FleetStatus
from smartkasa_async.sandbox import Sandbox, Simulation
from smartkasa_async.stores import open_store
from smartkasa_async.sync import sync_receipts, sync_reference_data, sync_z_reports

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 10, 1)
STATUS = FleetStatus(
    active=2, paused=[], lag=None, oldest_due=None, due=0, runs={}, queues={}, workers=[], breaker="closed"
)
GOOD = DemoResult(accounts=[Compared("a", 3, []), Compared("b", 4, [])], status=STATUS, taken_over=1, seconds=9.0)


async def test_a_store_is_compared_record_by_record_and_field_by_field(tmp_path: Path) -> None:
    async with Sandbox() as box, open_store(tmp_path / "kasa.sqlite") as store:
        merchant = box.add_merchant(simulation=Simulation(shops=1, start=DAY, days=1, products=5))
        async with SmartKasa(**merchant.credentials) as kasa:
            await sync_reference_data(kasa, store)
            await sync_receipts(kasa, store, start=DAY, end=DAY)
            await sync_z_reports(kasa, store, start=DAY, end=DAY)
        assert await find_differences(store, merchant) == []
        first, second = (row["id"] for row in merchant.rows("receipts")[:2])
        with merchant.opened() as service:
            service.storage.execute("UPDATE receipts SET total_amount = '0.01' WHERE id = ?", (first,))
            service.storage.execute("DELETE FROM receipts WHERE id = ?", (second,))
            service.storage.execute("UPDATE shops SET id = id + 1")
        shop = merchant.rows("shops")[0]["id"]
        differences = await find_differences(store, merchant)
        assert f"shops {shop} is not in the store" in differences
        assert f"shops {shop - 1} is in the store, and the service has none" in differences
        assert f"receipts {second} is in the store, and the service has none" in differences
        assert [line for line in differences if line.startswith(f"receipts {first} has total_amount")]


def test_it_is_good_only_if_all_stores_are_equal_and_jobs_were_taken_over() -> None:
    assert GOOD.ok
    assert not replace(GOOD, taken_over=0).ok
    assert not replace(GOOD, accounts=[Compared("a", 3, ["receipts 1 is not in the store"])]).ok


def test_a_machine_without_postgresql_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("smartkasa_async.fleet.demo.postgresql.find_spec", lambda _: None)
    monkeypatch.setattr("smartkasa_async.fleet.demo.postgresql.shutil.which", lambda _: None)
    monkeypatch.setattr("smartkasa_async.fleet.demo.postgresql._DEBIAN", tmp_path)
    with pytest.raises(FleetError, match="pip install pgserver"), running_postgresql():
        pass
