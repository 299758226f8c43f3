"""What the templates are told of each operation."""

from __future__ import annotations

from typing import Any

import pytest

from codegen.document import SpecError
from codegen.operations import OperationView, areas, operations


def operation(**changes: Any) -> dict[str, Any]:
    """Describe an operation that reads one unit, with other values; None leaves a key out."""
    spec = {
        "operationId": "getUnitType",
        "summary": "Read a unit",
        "description": "Answers one unit.",
        "tags": ["unit_types"],
        "x-area": "unit_types",
        "x-method": "get",
        "x-retry": "safe",
        "x-source": "blueprint",
        "responses": {"200": answer("UnitAnswer"), "401": answer("Refusal")},
        **changes,
    }
    return {key: value for key, value in spec.items() if value is not None}


def answer(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def parameter(name: str, schema: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": "Only  such\nunits.", "schema": schema, **more}


def document(*specs: dict[str, Any]) -> dict[str, Any]:
    unit = {"$ref": "#/components/schemas/Unit"}
    return {
        "security": [{"ApiKey": [], "AccessToken": []}],
        "tags": [{"name": "unit_types", "description": "Units."}, {"name": "pos", "description": "Receipts."}],
        "paths": {f"/units/{number}": {"get": spec, "summary": "Units."} for number, spec in enumerate(specs)},
        "components": {
            "parameters": {"Page": parameter("page", {"type": "integer"})},
            "schemas": {
                "Unit": {"type": "object", "properties": {}},
                "Code": {"type": "integer", "x-extensible-enum": [0]},
                "UnitAnswer": {"properties": {"data": unit}},
                "UnitList": {"properties": {"data": {"type": "array", "items": unit}}},
                "UnitDeletion": {"properties": {"data": {"anyOf": [unit, {"type": "array", "items": unit}]}}},
                "UnitBatch": {"properties": {"units": {"type": "array", "items": unit}}},
                "IdBatch": {"properties": {"ids": {"type": "array", "items": {"type": "string", "format": "uuid"}}}},
            },
        },
    }


def view(**changes: Any) -> OperationView:
    [described] = operations(document(operation(**changes)))
    return described


def test_plain_read() -> None:
    described = view()

    assert (described.constant, described.method, described.path) == ("GET_UNIT_TYPE", "GET", "/units/0")
    assert (described.auth, described.envelope, described.pages, described.body) == ("access", None, None, None)
    assert (described.status, described.response, described.data) == (200, "UnitAnswer", "structs.Unit")


@pytest.mark.parametrize(
    ("security", "auth"),
    [
        ([{"ApiKey": []}], "none"),
        ([{"ApiKey": [], "RefreshToken": []}], "refresh"),
        ([{"ApiKey": [], "AccessToken": []}], "access"),
    ],
)
def test_token_follows_the_security_scheme(security: list[dict[str, Any]], auth: str) -> None:
    assert view(security=security).auth == auth


@pytest.mark.parametrize(
    ("schema", "kind", "annotation"),
    [
        ({"type": "integer"}, "integer", "int"),
        ({"type": "boolean"}, "boolean", "bool"),
        ({"type": "string"}, "string", "str"),
        ({"type": "string", "format": "uuid"}, "string", "str"),
        ({"type": "string", "format": "date"}, "date", "date"),
        ({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}, "moment", "date | datetime"),
        ({"type": "number", "format": "decimal"}, "number", "Decimal"),
        ({"type": "array", "items": {"type": "integer"}}, "integers", "Sequence[int]"),
        ({"$ref": "#/components/schemas/Code"}, "integer", "structs.Code | int"),
    ],
)
def test_filter_types(schema: dict[str, Any], kind: str, annotation: str) -> None:
    [argument] = view(parameters=[parameter("code", schema)]).query

    assert (argument.kind, argument.type, argument.description) == (kind, annotation, "Only such units.")


def test_misspelled_and_reserved_names_get_a_python_name() -> None:
    misspelled = parameter("termianl_user_id", {"type": "integer"}, **{"x-name": "terminal_user_id"})
    reserved = parameter("from", {"type": "string"})

    arguments = view(parameters=[misspelled, reserved, {"$ref": "#/components/parameters/Page"}]).query

    assert [(a.name, a.wire_name) for a in arguments] == [
        ("terminal_user_id", "termianl_user_id"),
        ("from_", "from"),
        ("page", "page"),
    ]


@pytest.mark.parametrize(("body", "item"), [("UnitBatch", ("units", "structs.Unit")), ("IdBatch", ("ids", "str"))])
def test_batches_take_a_list(body: str, item: tuple[str, str]) -> None:
    described = view(**{"x-method": "create_batch", "x-envelope": "batch", "requestBody": answer(body)})

    assert (described.body, described.body_argument, described.batch_item) == (body, *item)


def test_argument_of_a_body_is_named_by_its_entity() -> None:
    described = view(**{"x-envelope": "card", "requestBody": answer("StockCardCreate")})

    assert (described.body, described.body_argument, described.batch_item) == ("StockCardCreate", "stock_card", None)


@pytest.mark.parametrize(
    ("response", "data"),
    [
        ("UnitList", "builtins.list[structs.Unit]"),
        ("UnitDeletion", "structs.Unit | builtins.list[structs.Unit]"),
    ],
)
def test_data_of_lists_and_unions(response: str, data: str) -> None:
    assert view(responses={"200": answer(response)}).data == data


def test_missing_key_names_the_operation() -> None:
    with pytest.raises(SpecError, match=r"GET /units/0: 'x-retry' is missing"):
        view(**{"x-retry": None})


def test_areas_follow_the_order_of_tags_and_methods() -> None:
    described = areas(
        document(
            operation(**{"operationId": "deleteReceipt", "tags": ["pos"], "x-area": "receipts", "x-method": "delete"}),
            operation(**{"operationId": "listReceipts", "tags": ["pos"], "x-area": "receipts", "x-method": "list"}),
            operation(),
        )
    )

    assert [(area.class_name, area.description) for area in described] == [
        ("UnitTypes", "Units."),
        ("Receipts", "Receipts."),
    ]
    assert [view.id for view in described[1].operations] == ["listReceipts", "deleteReceipt"]
