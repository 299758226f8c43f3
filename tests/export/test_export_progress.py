"""What an export tells of how much there is left."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.export import export_tables
from smartkasa_async.sandbox.business import Simulation, simulate
from smartkasa_async.stores import open_store
from tests.support.stored_ledger import write_business

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ["receipt_items", "receipts", "shops"]


@pytest.mark.parametrize("is_part", [False, True], ids=["whole", "a shop"])
async def test_rows_are_counted_beforehand_and_what_belongs_to_receipts_is_estimated(
    tmp_path: Path, *, is_part: bool
) -> None:
    business = simulate(Simulation(shops=3, days=3, receipts_per_day=10, products=30))
    shop_id = business.rows["shops"][0]["id"]
    own = [row["id"] for row in business.rows["receipts"] if not is_part or row["shop_id"] == shop_id]
    every, items = len(business.rows["receipts"]), len(business.rows["receipt_items"])
    belonging = sum(row["receipt_id"] in set(own) for row in business.rows["receipt_items"])
    others = len(own) + (1 if is_part else 3)
    told: list[tuple[int, int | None]] = []
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await write_business(store, business)
        await export_tables(
            store,
            tmp_path / "out",
            tables=TABLES,
            format="csv",
            shops={shop_id} if is_part else None,
            on_progress=lambda progress: told.append((progress.done, progress.total)),
        )
    estimated = len(own) * items // every
    assert estimated != belonging or not is_part
    assert told[0] == (belonging, max(belonging, estimated + others))
    assert told[-1] == (belonging + others, belonging + others)


async def test_there_is_never_less_to_write_than_is_written(tmp_path: Path) -> None:
    business = simulate(Simulation(shops=3, days=3, receipts_per_day=10, products=30))
    receipts, items = business.rows["receipts"], business.rows["receipt_items"]
    shop_of = {row["id"]: row["shop_id"] for row in receipts}
    own = Counter(shop_of.values())
    belonging = Counter(shop_of[row["receipt_id"]] for row in items)
    shop_id = max(own, key=lambda shop: belonging[shop] / own[shop])  # with more items in a receipt than others
    assert own[shop_id] * len(items) // len(receipts) < belonging[shop_id]
    told: list[tuple[int, int | None]] = []
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await write_business(store, business)
        await export_tables(
            store,
            tmp_path / "out",
            tables=["receipt_items"],
            format="csv",
            shops={shop_id},
            on_progress=lambda progress: told.append((progress.done, progress.total)),
        )
    assert told == [(belonging[shop_id], belonging[shop_id])]
