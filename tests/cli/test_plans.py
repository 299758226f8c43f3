"""`smartkasa plan`, `apply` and `undo`: a plan is shown, approved by its code, carried out once, and undone."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.cli.commands import plans as commands
from smartkasa_async.plans import read_plan
from smartkasa_async.sandbox import Simulation, simulate
from tests.support.planned_store import state_of
from tests.support.processes import finished
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli

AT_ONCE = ("--late-write-window", "0.1")
UPDATE = "PATCH /api/v1/inventory/products/{id}"


@pytest.fixture
def shop(environment: Sandbox) -> Sandbox:
    """Fill the sandbox with a shop."""
    environment.load(simulate(Simulation(shops=1, days=1, start=date(2026, 10, 1))))
    return environment


def price_list(box: Sandbox, *more: str) -> str:
    rows = [row["number"] for row in box.rows("products") if row["number"]][:3]
    Path("new.csv").write_text("Штрихкод;Ціна\n" + "".join(f"{row};77,70\n" for row in (*rows, *more)), "utf-8")
    return "new.csv"


def code() -> str:
    return read_plan("plan.json").code


def undo_code() -> str:
    return read_plan("plan.json").undo_code


def test_prices_are_planned_applied_and_undone(shop: Sandbox, cli: Cli) -> None:
    before = state_of(shop)
    result = cli("plan", "prices", price_list(shop), "--out", "plan.json")
    assert result.code == 0, result.err
    assert "3 to change" in result.out
    assert f"smartkasa apply plan.json --yes {code()}" in result.out
    assert state_of(shop) == before
    applied = cli("apply", "plan.json", "--yes", code(), *AT_ONCE)
    assert applied.code == 0, applied.err
    assert "smartkasa undo plan.json" in applied.out
    assert shop.calls[UPDATE] == 3
    again = cli("apply", "plan.json", "--yes", code(), *AT_ONCE)
    assert (again.code, "was applied already" in again.err) == (2, True)
    undone = cli("undo", "plan.json", "--yes", undo_code(), "--json", *AT_ONCE)
    assert (undone.code, undone.document["updated"]) == (0, 3)
    assert state_of(shop) == before


def test_counts_and_catalogue_are_planned_too(shop: Sandbox, cli: Cli) -> None:
    product = shop.rows("products", id=shop.rows("cards")[0]["product_id"])[0]
    shop_id = f"{shop.rows('cards')[0]['shop_id']}"
    Path("list.csv").write_text(f"Штрихкод;Назва;Залишок\n{product['number']};Нова назва;77\n", "utf-8")
    assert cli("plan", "stock", "list.csv", "--shop", shop_id, "--out", "stock.json").code == 0
    assert cli("plan", "catalog", "list.csv", "--out", "catalog.json", "--json").document["counts"]["changes"] == 1
    assert read_plan("stock.json").changes[0].after == {"count": "77"}
    assert read_plan("catalog.json").changes[0].after == {"title": "Нова назва"}


def test_rows_that_cannot_be_planned_are_shown_in_the_users_language(shop: Sandbox, cli: Cli) -> None:
    words = ("plan", "prices", price_list(shop, "4006381333931"), "--out", "plan.json")
    result = cli(*words)
    assert (result.code, "1 row is not planned:" in result.out, "line 5" in result.out) == (1, True, True)
    ukrainian = cli(*words, "--lang", "uk")
    assert "1 рядок поза планом:" in ukrainian.out
    assert "рядок 5" in ukrainian.out


@pytest.mark.parametrize("words", [(), ("--yes", "000000x")])
def test_without_its_code_nothing_is_applied(shop: Sandbox, cli: Cli, words: tuple[str, ...]) -> None:
    cli("plan", "prices", price_list(shop), "--out", "plan.json")
    result = cli("apply", "plan.json", *words)
    assert (result.code, "code" in result.err, code() in result.err) == (2, True, False)
    assert "--yes CODE" in result.err
    assert shop.calls[UPDATE] == 0
    cli("apply", "plan.json", "--yes", code(), *AT_ONCE)
    result = cli("undo", "plan.json", *words)
    assert (result.code, "as undo_code" in result.err, undo_code() in result.err) == (2, True, False)
    assert shop.calls[UPDATE] == 3


def test_what_would_be_given_back_is_shown_before_it_is(
    shop: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("plan", "prices", price_list(shop), "--out", "plan.json")
    assert "was not applied" in cli("undo", "plan.json").err
    cli("apply", "plan.json", "--yes", code(), *AT_ONCE)
    monkeypatch.setattr(commands, "can_ask", lambda: True)
    monkeypatch.setattr(commands, "ask_line", lambda _question: undo_code())
    result = cli("undo", "plan.json", *AT_ONCE)
    assert (result.code, shop.calls[UPDATE]) == (0, 6)
    assert "Undo of plan" in result.out
    assert "price 77.70 → " in result.out


def test_a_plan_of_nothing_is_not_written(shop: Sandbox, cli: Cli) -> None:
    cli("plan", "prices", price_list(shop), "--out", "plan.json")
    cli("apply", "plan.json", "--yes", code(), *AT_ONCE)
    result = cli("plan", "prices", "new.csv", "--out", "other.json")
    assert (result.code, Path("other.json").exists()) == (0, False)
    assert "nothing to change" in result.out
    assert cli("plan", "prices", "new.csv", "--out", "other.json", "--json").document["plan"] is None


@pytest.mark.parametrize("right", [True, False])
def test_at_a_terminal_the_code_is_asked_for(
    shop: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch, right: bool
) -> None:
    cli("plan", "prices", price_list(shop), "--out", "plan.json")
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return code() if right else ""

    monkeypatch.setattr(commands, "can_ask", lambda: True)
    monkeypatch.setattr(commands, "ask_line", answer)
    result = cli("apply", "plan.json", *AT_ONCE)
    assert (result.code, shop.calls[UPDATE]) == ((0, 3) if right else (2, 0))
    assert "3 to change" in result.out
    assert asked == [f"To approve it, type {code()}: "]


def test_what_changed_since_is_named(shop: Sandbox, cli: Cli) -> None:
    cli("plan", "prices", price_list(shop), "--out", "first.json")
    cli("plan", "prices", "new.csv", "--out", "plan.json")
    assert cli("apply", "plan.json", "--yes", code(), *AT_ONCE).code == 0
    result = cli("apply", "first.json", "--yes", read_plan("first.json").code, *AT_ONCE, "--lang", "uk")
    assert result.code == 1
    assert "змінилися після створення плану" in result.err


def test_hours_are_bounded(shop: Sandbox, cli: Cli) -> None:
    result = cli("plan", "prices", price_list(shop), "--out", "plan.json", "--valid-for", "721")
    assert (result.code, Path("plan.json").exists()) == (2, False)


def test_it_works_in_processes_of_their_own(shop: Sandbox) -> None:
    before = state_of(shop)
    command: list[str | Path] = [warm_python(), "-m", "smartkasa_async"]
    planned = finished([*command, "plan", "prices", price_list(shop), "--out", "plan.json"], env=dict(os.environ))
    assert planned.returncode == 0, planned.stderr
    for word, given in (("apply", code()), ("undo", undo_code())):
        words = [*command, word, "plan.json", "--yes", given, "--json", *AT_ONCE]
        ended = finished(words, env=dict(os.environ))
        assert json.loads(ended.stdout)["updated"] == 3, ended.stderr
    assert state_of(shop) == before
