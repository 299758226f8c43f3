"""Counts into the sandbox's stock cards, over a real socket."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog import Layout, SourceError
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs import Stage
from smartkasa_async.stock import undo_stock
from tests.support.catalogue import barcode
from tests.support.stock_store import CARD, CARDS, Store, outcomes_of

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.jobs import Progress


async def test_counts_of_a_file_arrive(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "залишки.csv"
    lines = ["Залишки на складі", "Штрихкод;Товар;Залишок"]
    lines += [f"{barcode(n)};Товар {n};{count}" for n, count in {1: "10,5", 2: "2,000", 5: "7", 6: "1 250,125"}.items()]
    lines += [f"{barcode(77)};Невідомий;3", f"{barcode(3)};Товар 3;-1"]
    path.write_bytes("\r\n".join(lines).encode("cp1251"))
    seen: list[str | None] = []
    progress: list[Progress] = []

    outcomes = await outcomes_of(
        store.sync_rows(
            path,
            layout=Layout(decimal=","),
            on_source_detected=lambda source_info: seen.append(source_info.encoding),
            on_progress=progress.append,
        )
    )

    assert [(outcomes[row].kind.value, outcomes[row].line) for row in sorted(outcomes)] == [
        ("updated", 3),
        ("unchanged", 4),
        ("created", 5),
        ("created", 6),
        ("rejected", 7),
        ("rejected", 8),
    ]
    assert (outcomes[1].count_before, outcomes[1].count) == (Decimal(1), Decimal("10.5"))
    assert [outcomes[row].problems[0].code for row in (5, 6)] == ["product_unknown", "count_negative"]
    assert store.counts == {1: Decimal("10.5"), 2: 2, 3: 3, 4: 4, 5: 7, 6: Decimal("1250.125")}
    assert {(c["id"], c["counting_enabled"]) for c in store.box.rows("cards")} == {(n, True) for n in range(1, 7)}
    assert seen == ["cp1251"]
    assert [(one.stage, one.done, one.total, one.unit) for one in progress] == [
        (Stage.READING, 2, None, "rows"),
        *((Stage.SENDING, done, 3, "cards") for done in range(4)),
    ]
    assert store.writes() == {f"PUT {CARD}": 1, f"POST {CARDS}": 2}


async def test_a_second_sync_has_nothing_to_do(store: Store, tmp_path: Path) -> None:
    await store.sync({1: 9, 5: 2})
    store.box.calls.clear()

    summary = await store.sync({1: 9, 5: 2}, undo=tmp_path / "undo.csv")

    assert (summary.describe(), store.writes(), (tmp_path / "undo.csv").exists()) == ("2 unchanged", {}, False)


async def test_a_dry_run_tells_the_plan_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    tables = ("cards", "products", "shops")
    before = {table: store.box.rows(table) for table in tables}
    undo = tmp_path / "undo.csv"

    outcomes = await outcomes_of(store.sync({1: 9, 2: 2, 5: 7, 77: 1}, dry_run=True, undo=undo))
    summary = await store.sync({1: 9, 2: 2, 5: 7, 77: 1}, dry_run=True)

    assert {row: outcome.kind.value for row, outcome in outcomes.items()} == {
        1: "updated",
        2: "unchanged",
        3: "created",
        4: "rejected",
    }
    assert outcomes[1].describe("uk") == f"{barcode(1)} Товар 1: 1 → 9, змінено"
    assert outcomes[3].describe() == f"{barcode(5)} Товар 5: — → 7, created"
    assert summary.describe() == "dry run: 1 created, 1 updated, 1 unchanged, 1 rejected"
    assert summary.table("uk").startswith("Пробний запуск: у сервіс нічого не записано.\nрядків     4\n")
    assert {table: store.box.rows(table) for table in tables} == before
    assert (store.writes(), undo.exists()) == ({}, False)


async def test_an_undo_restores_all_cards(store: Store, tmp_path: Path) -> None:
    before = store.cards
    undo = tmp_path / "undo.csv"

    await store.sync({1: "9.5", 2: 0, 3: 3, 5: 7, 6: 8}, undo=undo)
    changed = store.cards
    tried = await undo_stock(store.kasa, undo, dry_run=True)
    assert (store.cards, tried.describe()) == (changed, "dry run: 2 updated, 2 deleted")
    undone = await undo_stock(store.kasa, undo, late_write_window=0)
    again = await undo_stock(store.kasa, undo, late_write_window=0)

    assert len(changed) == 6
    assert store.cards == before
    assert (undone.describe(), again.describe()) == ("2 updated, 2 deleted", "4 unchanged")


async def test_an_undo_leaves_cards_that_were_sold_from(store: Store, tmp_path: Path) -> None:
    undo = tmp_path / "undo.csv"
    await store.sync({1: 9, 2: 9, 5: 9}, undo=undo)
    await store.sell(1)
    await store.sell(5)

    kept = await undo_stock(store.kasa, undo, late_write_window=0)
    assert store.counts == {1: 8, 2: 2, 3: 3, 4: 4, 5: 8}
    forced = await undo_stock(store.kasa, undo, overwrite_changed=True, late_write_window=0)

    assert (kept.describe(), forced.describe()) == (
        "1 updated, 2 changed meanwhile",
        "1 updated, 1 unchanged, 1 deleted",
    )
    assert {outcome.problems[0].code for outcome in kept.failed} == {"undo_card_changed"}
    assert store.counts == {1: 1, 2: 2, 3: 3, 4: 4}


async def test_the_undo_file_is_there_before_the_first_change(store: Store, tmp_path: Path) -> None:
    undo = tmp_path / "undo.csv"
    sizes: list[int] = []

    with store.kasa.listening(lambda event: sizes.append(undo.stat().st_size) if undo.exists() else None):
        await store.sync({1: 9, 5: 7}, undo=undo, concurrency=1)

    assert sizes
    assert set(sizes) == {undo.stat().st_size}


async def test_an_undo_file_that_exists_is_kept_and_nothing_is_changed(store: Store, tmp_path: Path) -> None:
    undo = tmp_path / "undo.csv"
    undo.write_text("earlier", encoding="utf-8")

    with pytest.raises(FileExistsError, match="another name"):
        await store.sync({1: 9}, undo=undo)
    assert (undo.read_text(encoding="utf-8"), store.writes()) == ("earlier", {})


async def test_a_shop_that_does_not_exist_is_refused(store: Store) -> None:
    with pytest.raises(InvalidRequestError, match="no shop 999"):
        await store.sync({1: 9}, shop_id=999)
    assert store.writes() == {}


async def test_a_key_that_no_product_has_is_refused(store: Store) -> None:
    with pytest.raises(InvalidRequestError, match="choose another key"):
        await store.sync_rows([{"alter_number": "A-1", "count": 1}], key="alter_number")


async def test_a_file_without_counts_is_refused_before_anything_is_read(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Штрихкод;Ціна\n1;2\n", encoding="utf-8")

    with pytest.raises(SourceError, match="count"):
        await store.sync_rows(path)
    assert not store.box.calls


@pytest.mark.parametrize(("name", "value"), [("concurrency", 0), ("late_write_window", -1), ("key", "title")])
async def test_an_impossible_argument_is_refused(store: Store, name: str, value: object) -> None:
    with pytest.raises(InvalidRequestError, match=name):
        store.sync({1: 9}, **{name: value})


async def test_a_sync_is_done_once(store: Store) -> None:
    sync = store.sync({1: 9})
    await sync

    with pytest.raises(RuntimeError, match="call sync_stock"):
        await sync
