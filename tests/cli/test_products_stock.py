"""`smartkasa products stock`: counts brought into a shop's cards, and brought back."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.sandbox import Fault, Simulation, simulate

if TYPE_CHECKING:
    from decimal import Decimal

    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli


@pytest.fixture
def shop(environment: Sandbox) -> int:
    """Fill the sandbox with a shop, and give its id."""
    environment.load(simulate(Simulation(shops=1, days=1, start=date(2026, 10, 1))))
    return int(environment.rows("shops")[0]["id"])


def report(box: Sandbox, *more: str) -> str:
    numbers = [row["number"] for row in box.rows("products") if row["number"]][:2]
    Path("stock.csv").write_text("Штрихкод;Залишок\n" + "".join(f"{row};7\n" for row in (*numbers, *more)), "utf-8")
    return "stock.csv"


def counts(box: Sandbox, shop: int) -> dict[str, Decimal]:
    return {row["product_id"]: row["count"] for row in box.rows("cards", shop_id=shop)}


def test_counts_are_set_and_undone(environment: Sandbox, shop: int, cli: Cli) -> None:
    before = counts(environment, shop)
    result = cli("products", "stock", report(environment), "--shop", str(shop), "--undo", "undo.csv", "--json")
    assert (result.code, result.document["rows"], result.document["failed"]) == (0, 2, [])
    changed = counts(environment, shop)
    assert sum(changed[key] != before.get(key) for key in changed) == 2
    result = cli("products", "stock", "--undo-from", "undo.csv", "--late-write-window", "0.1")
    assert result.code == 0, result.err
    assert counts(environment, shop) == before


def test_rows_that_are_left_out_are_told(environment: Sandbox, shop: int, cli: Cli) -> None:
    words = ("products", "stock", report(environment, "4006381333931"), "--shop", str(shop))
    result = cli(*words, "--dry-run")
    assert result.code == 1
    assert result.out.startswith("stock.csv:\nline 4, ")
    assert "Dry run" in result.out
    assert environment.calls["POST /api/v1/inventory/cards"] == 0
    assert cli(*words, "--lang", "uk").out.startswith("stock.csv:\nрядок 4, ")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "FILE is missing"),
        (["stock.csv"], "--shop is missing"),
        (["stock.csv", "--undo-from", "undo.csv"], "--undo-from and FILE exclude each other"),
        (["--undo-from", "undo.csv", "--journal", "j"], "--undo-from and --journal exclude each other"),
        (["--undo-from", "undo.csv", "--shop", "1"], "--undo-from and --shop exclude each other"),
    ],
)
def test_what_does_not_fit_together_is_refused(words: list[str], part: str, cli: Cli) -> None:
    result = cli("products", "stock", *words)
    assert (result.code, part in result.err) == (2, True), result.err


@pytest.mark.parametrize(("is_changed", "left"), [(False, 3), (True, 7)])
def test_a_stopped_sync_goes_on_and_keeps_what_was_sold_unless_the_file_is_of_a_new_count(
    environment: Sandbox, shop: int, cli: Cli, *, is_changed: bool, left: int
) -> None:
    Path("list.csv").write_text("Штрихкод;Назва;Ціна\n4006381333931;Без картки;10,00\n", "utf-8")
    assert cli("products", "import", "list.csv", "--yes").code == 0
    file = report(environment, "4006381333931")
    words = ("products", "stock", file, "--shop", str(shop), "--concurrency", "1", "--late-write-window", "0.1")
    environment.faults.add(Fault("status", operation="createStockCard", status=403, times=None))
    assert "stopped (2 updated, 1 rejected)" in cli(*words).err
    environment.faults.clear()
    number = Path(file).read_text("utf-8").splitlines()[1].partition(";")[0]
    (sold,) = [row["id"] for row in environment.rows("products", number=number)]
    Path("sold.csv").write_text(f"Штрихкод;Залишок\n{number};3\n", "utf-8")
    assert cli("products", "stock", "sold.csv", "--shop", str(shop), "--late-write-window", "0.1").code == 0
    if is_changed:
        os.utime(file, (1, 1))

    again = cli(*words, "--json")
    assert (again.code, again.document["updated"], again.document["created"]) == (0, 1, 1), again.err
    assert counts(environment, shop)[sold] == left

    assert cli(*words, "--json").code == 0, "an ended sync begins anew: what the file says counts"
    assert counts(environment, shop)[sold] == 7
