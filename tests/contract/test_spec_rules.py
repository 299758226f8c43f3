"""What holds for every operation of the OpenAPI document.

Each test collects all that break its rule, so that a failure names every place at once.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from codegen.document import SPEC_FOLDER, as_json, merge
from tests.support.spec import (
    DOCUMENT,
    SCHEMAS,
    SpecOperation,
    body_schema,
    query_parameters,
    resolve,
    response_schema,
    spec_operations,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

OPERATIONS = spec_operations()
AREAS = {
    "auth": {"auth"},
    "terminals": {"terminals"},
    "shops": {"shops"},
    "employees": {"employees"},
    "unit_types": {"unit_types"},
    "categories": {"categories"},
    "products": {"products"},
    "cards": {"cards"},
    "subgroups": {"subgroups"},
    "import": {"imports", "categories", "products"},
    "shifts": {"shifts"},
    "pos": {"receipts", "payments"},
    "reports": {"reports"},
}
METHODS = {
    *("login", "refresh", "logout", "list", "list_employees", "get", "create", "update", "delete"),
    *("create_batch", "delete_batch", "product_sales", "z_reports"),
}
OPERATION_KEYS = {
    *("operationId", "summary", "description", "tags", "security", "parameters", "requestBody", "responses"),
    *("x-area", "x-method", "x-retry", "x-source", "x-envelope", "x-pages"),
}
PARAMETER_KEYS = {"name", "in", "description", "required", "style", "explode", "schema", "x-name", "x-source"}


def breaking(rule: Any) -> list[str]:
    return [str(operation) for operation in OPERATIONS if not rule(operation.spec)]


def data_schema(operation: SpecOperation) -> dict[str, Any]:
    found: dict[str, Any] = resolve(response_schema(operation))["properties"]["data"]
    return found


def meta_name(operation: SpecOperation) -> str:
    return str(resolve(response_schema(operation))["properties"]["meta"]["$ref"]).rpartition("/")[2]


def paths_of(area_files: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for file, content in area_files.items():
        for path in content.get("paths", {}).values():
            yield file, path


def schemas_of(area_files: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for file, content in area_files.items():
        yield file, content.get("components", {}).get("schemas", {})


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


@pytest.fixture(scope="module")
def area_files() -> dict[str, Any]:
    return {file.name: yaml.safe_load(file.read_text("utf-8")) for file in (SPEC_FOLDER / "areas").iterdir()}


def test_document_on_disk_is_the_merged_one() -> None:
    assert (SPEC_FOLDER / "smartkasa.json").read_text("utf-8") == as_json(merge())


def test_every_area_file_is_merged(area_files: dict[str, Any]) -> None:
    assert {path for content in area_files.values() for path in content.get("paths", {})} == set(DOCUMENT["paths"])
    assert {name for _, schemas in schemas_of(area_files) for name in schemas} <= set(SCHEMAS)


def test_area_files_hold_paths_and_schemas_only(area_files: dict[str, Any]) -> None:
    assert [name for name, content in area_files.items() if not set(content) <= {"paths", "components"}] == []
    assert [name for name, content in area_files.items() if not set(content.get("components", {})) <= {"schemas"}] == []


def test_area_files_are_named_by_their_tag(area_files: dict[str, Any]) -> None:
    named = {f"{spec['tags'][0]}.yaml": file for file, path in paths_of(area_files) for spec in path.values()}

    assert {tag: file for tag, file in named.items() if tag != file} == {}


def test_there_are_fifty_six_operations_of_thirteen_tags() -> None:
    assert len(OPERATIONS) == 56
    assert {o.spec["tags"][0] for o in OPERATIONS} == {tag["name"] for tag in DOCUMENT["tags"]} == set(AREAS)


def test_operation_ids_are_unique_and_camel_case() -> None:
    ids = [o.spec["operationId"] for o in OPERATIONS]

    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert [name for name in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]*)+", name)] == []


def test_operations_use_known_keys_only() -> None:
    assert {str(o): set(o.spec) - OPERATION_KEYS for o in OPERATIONS if set(o.spec) - OPERATION_KEYS} == {}


def test_operations_are_described() -> None:
    assert breaking(lambda spec: re.fullmatch(r"[A-Z][^\n]*[^.\s]", spec["summary"])) == []
    assert breaking(lambda spec: len(spec["description"]) > 20 and spec["description"].rstrip().endswith(".")) == []


def test_operations_name_an_area_of_their_tag_and_a_method() -> None:
    assert breaking(lambda spec: len(spec["tags"]) == 1 and spec["x-area"] in AREAS[spec["tags"][0]]) == []
    assert breaking(lambda spec: spec["x-method"] in METHODS) == []
    calls = Counter((o.spec["x-area"], o.spec["x-method"]) for o in OPERATIONS)
    assert [call for call, times in calls.items() if times > 1] == []


def test_source_is_the_documentation_or_the_blueprint() -> None:
    assert breaking(lambda spec: spec["x-source"] in {"documentation", "blueprint"}) == []


def test_only_what_does_no_harm_twice_may_be_sent_again() -> None:
    def expected(operation: SpecOperation) -> str:
        sets_a_count = operation.spec["operationId"] == "updateStockCard"
        repeatable = operation.method in {"GET", "PUT", "PATCH"} or operation.spec["operationId"] == "createSession"
        return "safe" if repeatable and not sets_a_count else "unsent-only"

    assert [str(o) for o in OPERATIONS if o.spec["x-retry"] != expected(o)] == []


def test_envelope_stands_exactly_where_fields_are_sent() -> None:
    def sends_fields(operation: SpecOperation) -> bool:
        # A refresh sends an empty object in the flat form and nothing in the enveloped one.
        return "$ref" in (body_schema(operation) or {})

    assert [str(o) for o in OPERATIONS if ("x-envelope" in o.spec) != sends_fields(o)] == []
    assert breaking(lambda spec: (spec.get("x-envelope") == "batch") == spec["x-method"].endswith("_batch")) == []


def test_pages_stand_exactly_on_lists_and_fit_their_meta() -> None:
    styles = {"PageMeta": "numbered", "CountMeta": "whole", "EmptyMeta": None}
    assert [str(o) for o in OPERATIONS if o.spec.get("x-pages") != styles[meta_name(o)]] == []

    def is_list(operation: SpecOperation) -> bool:
        return operation.method == "GET" and data_schema(operation).get("type") == "array"

    assert [str(o) for o in OPERATIONS if ("x-pages" in o.spec) != is_list(o)] == []


def test_numbered_lists_alone_take_page_and_per_page() -> None:
    def takes_pages(operation: SpecOperation) -> bool:
        names = [parameter["name"] for parameter in query_parameters(operation)]
        return names[-2:] == ["page", "per_page"]

    assert [str(o) for o in OPERATIONS if (o.spec.get("x-pages") == "numbered") != takes_pages(o)] == []


def test_path_ids_are_declared() -> None:
    for operation in OPERATIONS:
        declared = [p for p in map(resolve, operation.spec.get("parameters", [])) if p["in"] == "path"]
        assert [p["name"] for p in declared] == re.findall(r"{(\w+)}", operation.path), operation
        assert all(p["required"] for p in declared), operation


def test_parameters_are_described_and_use_known_keys_only() -> None:
    for operation in OPERATIONS:
        parameters = [resolve(parameter) for parameter in operation.spec.get("parameters", [])]
        assert len({p["name"] for p in parameters}) == len(parameters), operation
        for parameter in parameters:
            place = f"{operation} {parameter['name']}"
            assert parameter["description"].endswith("."), place
            assert set(parameter) <= PARAMETER_KEYS, place
            assert resolve(parameter["schema"])["type"] in {"integer", "string", "boolean", "number", "array"}, place


def test_misspelled_filter_has_a_python_name() -> None:
    renamed = {p["name"]: p["x-name"] for o in OPERATIONS for p in query_parameters(o) if "x-name" in p}

    assert renamed == {"termianl_user_id": "terminal_user_id"}


def test_operations_list_the_statuses_that_can_come() -> None:
    def expected(operation: SpecOperation) -> set[str]:
        success = "201" if operation.method == "POST" else "200"
        missing = {"404"} if "{id}" in operation.path else set()
        refused = {"422"} if operation.method != "GET" else set()
        return {success, "401", "429", "default", *missing, *refused}

    assert [str(o) for o in OPERATIONS if set(o.spec["responses"]) != expected(o)] == []


def test_responses_are_described_and_have_a_named_schema() -> None:
    for operation in OPERATIONS:
        for status, response in operation.spec["responses"].items():
            resolved = resolve(response)
            assert resolved["description"].endswith("."), f"{operation} {status}"
            assert "$ref" in response_schema(operation, status), f"{operation} {status}"


def test_tokens_go_where_they_belong() -> None:
    special = {o.spec["operationId"]: o.spec["security"] for o in OPERATIONS if "security" in o.spec}

    assert DOCUMENT["security"] == [{"ApiKey": [], "AccessToken": []}]
    assert special == {"createSession": [{"ApiKey": []}], "refreshSession": [{"ApiKey": [], "RefreshToken": []}]}


def test_every_reference_resolves() -> None:
    for reference in set(references(DOCUMENT)):
        assert reference.startswith("#/components/"), reference
        assert resolve({"$ref": reference}), reference


def test_every_component_is_used() -> None:
    used = set(references(DOCUMENT))
    kinds = {kind: names for kind, names in DOCUMENT["components"].items() if kind != "securitySchemes"}
    defined = {f"#/components/{kind}/{name}" for kind, names in kinds.items() for name in names}

    assert defined - used == set()
