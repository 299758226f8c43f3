"""`smartkasa call`: every operation by its name, JSON in and out, and what is said of mistakes; and the lists."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import operations
from smartkasa_async.cli.commands.call import named_operation
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.sandbox.faults import Fault

if TYPE_CHECKING:
    from smartkasa_async.operations import Operation
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli


def names() -> list[str]:
    return [f"{operation.area}.{operation.name}" for operation in operations.ALL]


@pytest.mark.parametrize("operation", operations.ALL, ids=names())
def test_every_operation_has_its_names(operation: Operation[Any]) -> None:
    assert named_operation(f"{operation.area}.{operation.name}") is operation
    assert named_operation(f"{operation.area}.{operation.name}".replace("_", "-")) is operation
    assert named_operation(operation.id) is operation


def test_answer_without_fields_is_an_empty_object(environment: Sandbox, cli: Cli) -> None:
    made = cli("call", "shops.create", '{"title": "Новий"}')
    assert made.document["meta"] == {}


def test_a_session_that_is_not_there_is_not_ended(environment: Sandbox, cli: Cli) -> None:
    ended = cli("call", "auth.logout")
    assert ended.code == 4
    assert "There is no session to end" in ended.err


def test_operations_are_listed_without_a_name(cli: Cli) -> None:
    listed = cli("call", "--json").records
    assert [record["name"] for record in listed] == names()
    assert len(listed) == 56
    shops = next(record for record in listed if record["name"] == "shops.update")
    assert (shops["method"], shops["path"], shops["takes_id"]) == ("PUT", "/api/v1/rsn/shops/{id}", True)
    assert "title" in shops["body"]
    assert [name for name in names() if name not in cli("call").out] == []


@pytest.mark.parametrize(
    ("name", "word"), [("shops.creat", "shops.create"), ("shop.create", "shops.create"), ("zzz", "smartkasa call")]
)
def test_unknown_operations_are_told_with_likely_ones(name: str, word: str) -> None:
    with pytest.raises(CommandError) as caught:
        named_operation(name)
    assert name in caught.value.message
    assert word in str(caught.value.hint)


def test_records_are_made_read_and_deleted(environment: Sandbox, cli: Cli) -> None:
    made = cli("call", "categories.create", '{"title": "Крупи"}')
    assert (made.code, made.document["data"]["title"]) == (0, "Крупи")
    number = made.document["data"]["id"]
    listed = cli("call", "listCategories", "--query", f"id={number}").document
    assert ([each["id"] for each in listed["data"]], listed["meta"]["total_count"]) == ([number], 1)
    assert cli("call", "categories.delete", "--id", number).code == 0
    assert environment.rows("categories") == []


def test_body_comes_from_argument_file_or_standard_input(environment: Sandbox, cli: Cli) -> None:
    Path("body.json").write_text('{"title": "файл"}', "utf-8")
    assert cli("call", "categories.create", '{"title": "аргумент"}').code == 0
    assert cli("call", "categories.create", "@body.json").code == 0
    assert cli("call", "categories.create", "@-", stdin='{"title": "ввід"}').code == 0
    assert {row["title"] for row in environment.rows("categories")} == {"аргумент", "файл", "ввід"}


def test_money_is_exact_in_both_directions(environment: Sandbox, cli: Cli) -> None:
    body = '{"title": "Гречка", "number": "4823012345015", "price": 12345678901234.57}'
    created = cli("call", "products.create", body)
    assert created.code == 0
    assert environment.rows("products")[0]["price"] == Decimal("12345678901234.57")
    shown = cli("call", "products.get", "--id", created.document["data"]["id"])
    assert shown.document["data"]["price"] == "12345678901234.57"


def test_fields_that_would_not_be_sent_are_refused(environment: Sandbox, cli: Cli) -> None:
    result = cli("call", "products.update", '{"prise": "74.50"}', "--id", "1")
    assert (result.code, "no field prise" in result.err) == (2, True)
    batch = '{"products": [{"title": "Чай", "price": 1}, {"title": "Кава", "barcode": "1"}]}'
    assert "no field products[1].barcode" in cli("call", "products.create_batch", batch).err
    assert environment.calls.total() == 0


def test_body_may_begin_with_a_byte_order_mark(environment: Sandbox, cli: Cli) -> None:
    assert cli("call", "shops.create", "@-", stdin='\ufeff{"title": "Крамниця"}').code == 0


def test_query_parameters_as_pairs_and_as_json(environment: Sandbox, cli: Cli) -> None:
    environment.load(simulate(Simulation(shops=2, days=2)))
    shop = cli("call", "shops.list", "--query", "per_page=1", "--query", "page=2").document
    assert (shop["meta"]["current_page"], len(shop["data"])) == (2, 1)
    number = shop["data"][0]["id"]
    pairs = ["--query", f"shop_id={number}", "--query", "date_start=2020-01-01", "--query", "is_hidden=false"]
    found = cli("call", "receipts.list", *pairs).document
    query = {"shop_id": number, "date_start": "2020-01-01", "is_hidden": False, "title": None}
    assert cli("call", "receipts.list", "--query", json.dumps(query)).document == found
    assert found["meta"]["total_count"] == len(environment.rows("receipts", shop_id=number)) > 0


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["shops.get"], ["shops.get", "--id"]),
        (["shops.list", "--id", "5"], ["shops.list", "--id"]),
        (["shops.list", '{"a": 1}'], ["shops.list", "no body"]),
        (["shops.create"], ["shops.create needs a body", "title, "]),
        (["shops.create", '{"titel": "x"}'], ["`title`", "title, "]),
        (["shops.create", "{nonsense"], ["shops.create", "title, "]),
        (["shops.create", '{"title": 5}'], ["Expected `str`", "$.title"]),
        (["shops.create", "@nothing.json"], ["nothing.json"]),
        (["shops.list", "--query", "color=5"], ["shops.list", "color", "business_category_id"]),
        (["unit_types.list", "--query", "color=5"], ["none"]),
        (["shops.list", "--query", "page=one"], ["page is 'one'", "a whole number"]),
        (["receipts.list", "--query", "date_start=31.10"], ["'31.10'", "2026-10-31"]),
        (["receipts.list", "--query", "is_hidden=perhaps"], ["true or false"]),
        (["receipts.list", "--query", "total_amount=much"], ["a number"]),
        (["shops.list", "--query", "page"], ["NAME=VALUE"]),
        (["shops.list", "--query", '{"page": '], ["JSON"]),
    ],
)
def test_mistakes_are_told_before_anything_is_sent(
    environment: Sandbox, cli: Cli, words: list[str], parts: list[str]
) -> None:
    result = cli("call", *words)
    assert (result.code, result.out) == (2, "")
    assert [part for part in parts if part not in result.err] == []
    assert environment.calls.total() == 0


def test_what_the_service_refuses_is_told(environment: Sandbox, cli: Cli) -> None:
    environment.load(simulate(Simulation(shops=1, days=1)))
    result = cli("call", "shops.create", '{"title": ""}', "--json")
    assert (result.code, result.error["error"], result.error["exit"]) == (1, "ValidationError", 1)
    assert "title: blank" in result.error["message"]
    assert cli("call", "shops.get", "--id", "1").code == 1


@pytest.mark.parametrize(
    ("words", "table"),
    [
        (["shops", "list"], "shops"),
        (["terminals", "list"], "terminals"),
        (["employees", "list"], "employees"),
        (["categories", "list"], "categories"),
        (["units", "list"], "unit_types"),
    ],
)
def test_lists_give_every_record(environment: Sandbox, cli: Cli, words: list[str], table: str) -> None:
    environment.load(simulate(Simulation(shops=2, days=1)))
    ids = {str(row["id"]) for row in environment.rows(table)}
    machine = cli(*words, "--json")
    assert {str(record["id"]) for record in machine.records} == ids
    assert machine.err == ""
    people = cli(*words)
    assert {line.split()[0] for line in people.out.splitlines()[1:]} == ids
    assert people.err == f"{len(ids)} records\n"
    assert cli(*words, "--quiet").err == ""
    assert len(cli(*words, "--limit", "1", "--json").records) == 1


def test_lists_go_over_pages_and_filters(environment: Sandbox, cli: Cli) -> None:
    environment.load(simulate(Simulation(shops=3, days=1)))
    shop = environment.rows("shops")[0]
    assert [record["id"] for record in cli("shops", "list", "--title", shop["title"], "--json").records] == [shop["id"]]
    terminals = cli("terminals", "list", "--shop-id", str(shop["id"]), "--json").records
    assert {record["shop_id"] for record in terminals} == {shop["id"]}


def test_list_of_a_service_that_fails(environment: Sandbox, cli: Cli) -> None:
    environment.faults.add(Fault("status", path="/api/v1/rsn/shops", status=403, times=None))
    assert cli("shops", "list").code == 4
    environment.faults.clear()
    environment.faults.add(Fault("status", path="/api/v1/rsn/shops", status=500, times=None))
    result = cli("shops", "list", "--set", "timeout=0.2")
    assert (result.code, result.out) == (3, "")
