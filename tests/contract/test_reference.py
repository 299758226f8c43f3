"""The OpenAPI document says all that the reference facts say.

The facts stand outside of the project; the environment variable SMARTKASA_REFERENCE names their folder.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from smartkasa_async.operations import find
from tests.support.reference import NEEDS_REFERENCE, reference_file
from tests.support.spec import (
    DOCUMENT,
    SpecOperation,
    body_schema,
    faults,
    pointer,
    query_parameters,
    resolve,
    response_schema,
    spec_operations,
)

pytestmark = NEEDS_REFERENCE

FACTS = reference_file("operations.json")
EXCHANGES = reference_file("exchanges.json")
FILTER_TYPES = {
    "integer": {"integer"},
    "float": {"number"},
    "string": {"string"},
    "trueclass": {"boolean"},
    "true": {"boolean"},
    "datetime": {"string"},
}
FIELD = re.compile(r"(?P<type>\w+)(?:\((?P<format>[\w-]+)\))?")


def operation_of(fact: dict[str, Any]) -> SpecOperation:
    return SpecOperation(fact["method"], fact["path"], DOCUMENT["paths"][fact["path"]][fact["method"].lower()])


def name_of(fact: dict[str, Any]) -> str:
    return f"{fact['method']} {fact['path']}"


for_each_fact = pytest.mark.parametrize("fact", FACTS, ids=name_of)


def options(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """List what a schema allows: the options of a union, each with one type."""
    schema = resolve(schema)
    if "anyOf" in schema:
        return [option for part in schema["anyOf"] for option in options(part)]
    types = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    return [{**schema, "type": kind} for kind in types]


def at(schema: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """List what the document allows at a path such as `data[].items[].price`; empty where it knows no such field."""
    found = options(schema)
    for step in re.findall(r"\[\]|[^.\[\]]+", path):
        deeper = []
        for option in found:
            if takes_any_json(option):
                deeper.append(option)
            elif step == "[]":
                deeper += options(option["items"]) if "items" in option else []
            elif step in option.get("properties", {}):
                deeper += options(option["properties"][step])
            elif isinstance(option.get("additionalProperties"), dict):
                deeper += options(option["additionalProperties"])
        found = deeper
    return found


def takes_any_json(schema: dict[str, Any]) -> bool:
    return schema["type"] is None and set(schema) <= {"description", "x-source", "type"}


def takes(allowed: list[dict[str, Any]], recorded: str) -> bool:
    """Tell whether one of the allowed types takes what was recorded, for example `string(date-time)|null`."""
    return all(_takes_one(allowed, part) for part in recorded.split("|"))


def _takes_one(allowed: list[dict[str, Any]], recorded: str) -> bool:
    match = FIELD.fullmatch(recorded)
    assert match, recorded
    if any(map(takes_any_json, allowed)):
        return True
    kinds = {match["type"], "number"} if match["type"] == "integer" else {match["type"]}
    exact = [option for option in allowed if option["type"] in kinds]
    if match["format"] in {"date-time", "decimal"}:
        return any(option.get("format") == match["format"] for option in exact)
    return bool(exact)


def missing_fields(schema: dict[str, Any], fields: list[dict[str, str]]) -> list[str]:
    # A question mark follows fields that were not in every sample.
    paths = [(field["path"].replace("?", ""), field["type"]) for field in fields]
    return [f"{path}: {kind}" for path, kind in paths if not takes(at(schema, path), kind)]


def test_the_operations_are_the_same() -> None:
    assert {str(operation) for operation in spec_operations()} == {name_of(fact) for fact in FACTS}


@for_each_fact
def test_envelope_is_the_recorded_one(fact: dict[str, Any]) -> None:
    assert operation_of(fact).spec.get("x-envelope") == fact["envelope"]
    assert find(fact["method"], fact["path"]).envelope == fact["envelope"]


@for_each_fact
def test_recorded_statuses_are_described(fact: dict[str, Any]) -> None:
    assert {str(status) for status in fact["statuses"]} <= set(operation_of(fact).spec["responses"])
    assert find(fact["method"], fact["path"]).status in fact["statuses"]


@pytest.mark.parametrize("fact", [f for f in FACTS if f["method"] == "GET" and "{id}" not in f["path"]], ids=name_of)
def test_documented_filters_are_parameters(fact: dict[str, Any]) -> None:
    described = {p["name"]: resolve(p["schema"])["type"] for p in query_parameters(operation_of(fact))}
    for parameter in fact["documented_parameters"]:
        if parameter["name"] in {"page", "per_page"}:  # typed as text in places, numbers in every sample
            assert described[parameter["name"]] == "integer"
            continue
        words = re.findall(r"[\w:]+", parameter["type"])[1:]
        kinds: set[str] = set().union(*(FILTER_TYPES.get(word, set()) for word in words))
        if kinds:
            assert described.get(parameter["name"]) in kinds, parameter
        elif not words:
            assert parameter["name"] in described, parameter


@for_each_fact
def test_recorded_request_fields_are_described(fact: dict[str, Any]) -> None:
    envelope = fact["envelope"]
    fields = [
        {**field, "path": field["path"].removeprefix(f"{envelope}.")}
        for field in fact["request_fields"]
        if field["path"] != envelope
    ]

    assert missing_fields(body_schema(operation_of(fact)) or {}, fields) == []


@for_each_fact
def test_recorded_answer_fields_are_described(fact: dict[str, Any]) -> None:
    assert missing_fields(response_schema(operation_of(fact)), fact["response_fields"]) == []


@for_each_fact
def test_recorded_errors_are_valid(fact: dict[str, Any]) -> None:
    for error in fact["errors"]:
        response = operation_of(fact).spec["responses"][str(error["status"])]
        assert response_faults(fact, str(error["status"]), error["body"], response) == []


@pytest.mark.parametrize("exchange", EXCHANGES, ids=name_of)
def test_recorded_exchanges_are_valid(exchange: dict[str, Any]) -> None:
    operation, answer = operation_of(exchange), exchange["response"]
    response = operation.spec["responses"][str(answer["status"])]
    body = exchange["request"].get("body")
    media = ("requestBody", "content", "application/json", "schema")
    steps = ("paths", operation.path, operation.method.lower(), *media)
    envelope = operation.spec.get("x-envelope")

    assert response_faults(exchange, str(answer["status"]), answer["body"], response) == []
    if envelope is not None and answer["status"] != 422:
        assert faults(body[envelope], pointer(*steps)) == []


def response_faults(fact: dict[str, Any], status: str, body: Any, response: dict[str, Any]) -> list[str]:
    shared = str(response.get("$ref", ""))
    place = shared or pointer("paths", fact["path"], fact["method"].lower(), "responses", status)
    return faults(body, f"{place}/content/application~1json/schema")
