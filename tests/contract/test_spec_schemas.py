"""What holds for every schema of the OpenAPI document.

Each test collects all that break its rule, so that a failure names every place at once.
"""

from __future__ import annotations

from typing import Any

from tests.support.spec import (
    SCHEMAS,
    SpecOperation,
    body_schema,
    nested_schemas,
    resolve,
    response_schema,
    spec_operations,
)

KEYWORDS = {
    *("$ref", "type", "format", "description", "properties", "required", "items", "additionalProperties", "anyOf"),
    *("x-extensible-enum", "const", "minimum", "x-source", "x-enum-varnames", "x-enum-descriptions"),
}
SECRETS = {"password", "access", "refresh", "csrf", "pin_code"}
FORMATS = {
    "string": {"uuid", "date", "date-time", "decimal", "password", "phone"},
    "number": {"decimal"},
    "integer": set[str](),
    "boolean": set[str](),
    "array": set[str](),
    "object": set[str](),
}

NODES = [node for name, schema in SCHEMAS.items() for node in nested_schemas(schema, name)]
INLINE = [
    node
    for operation in spec_operations()
    for place, schema in [
        (f"{operation} body", body_schema(operation) or {}),
        *((f"{operation} {status}", response_schema(operation, status)) for status in operation.spec["responses"]),
        *((f"{operation} {p['name']}", p["schema"]) for p in map(resolve, operation.spec.get("parameters", []))),
    ]
    for node in nested_schemas(schema, place)
]
PROPERTIES = [
    (f"{place}.{name}", field) for place, schema in NODES for name, field in schema.get("properties", {}).items()
]


def types_of(schema: dict[str, Any]) -> set[str]:
    types = schema.get("type", [])
    return {types} if isinstance(types, str) else set(types)


def is_nullable(field: dict[str, Any]) -> bool:
    takes_any_json = set(field) <= {"description", "x-source"}
    return takes_any_json or "null" in types_of(field) or any(is_nullable(one) for one in field.get("anyOf", []))


def reachable(schema: dict[str, Any]) -> set[str]:
    """Name the component schemas that a schema leads to."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        for _, node in nested_schemas(waiting.pop(), ""):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(SCHEMAS[name])
    return found


def answer_schemas() -> set[str]:
    answers = [response_schema(o, status) for o in spec_operations() for status in o.spec["responses"]]
    return {name for schema in answers for name in reachable(schema)}


def request_schemas() -> set[str]:
    return {name for o in spec_operations() for name in reachable(body_schema(o) or {})}


def test_schemas_use_known_keywords_only() -> None:
    # A comma in an unquoted description of a YAML flow mapping ends it, and its rest becomes a keyword.
    assert {place: set(schema) - KEYWORDS for place, schema in NODES + INLINE if set(schema) - KEYWORDS} == {}


def test_schemas_and_properties_are_described() -> None:
    assert [name for name, schema in SCHEMAS.items() if not schema.get("description", "").endswith(".")] == []
    assert [place for place, field in PROPERTIES if not field.get("description")] == []


def test_objects_say_what_they_hold() -> None:
    bare = [
        place
        for place, schema in NODES + INLINE
        if "object" in types_of(schema) and "properties" not in schema and "additionalProperties" not in schema
    ]

    assert bare == []
    assert [name for name, schema in SCHEMAS.items() if schema.get("properties") == {}] == ["EmptyMeta"]


def test_arrays_say_what_they_hold() -> None:
    assert [place for place, schema in NODES + INLINE if "array" in types_of(schema) and "items" not in schema] == []


def test_objects_inside_objects_are_named() -> None:
    inline = [place for place, schema in NODES if "properties" in schema and place not in SCHEMAS]

    assert inline == []


def test_required_properties_exist() -> None:
    assert {
        place: set(schema.get("required", [])) - set(schema.get("properties", {}))
        for place, schema in NODES
        if set(schema.get("required", [])) - set(schema.get("properties", {}))
    } == {}


def test_answer_properties_are_either_required_or_nullable() -> None:
    undecided = [
        f"{name}.{field}"
        for name in sorted(answer_schemas() - request_schemas())
        for field, schema in SCHEMAS[name].get("properties", {}).items()
        if (field in SCHEMAS[name].get("required", [])) == is_nullable(schema)
    ]

    assert undecided == []


def test_updates_require_nothing() -> None:
    updates = [o for o in spec_operations() if o.spec["x-method"] == "update"]
    bodies = {str(o): resolve(body_schema(o) or {}) for o in updates}

    assert len(bodies) == 8
    assert [operation for operation, schema in bodies.items() if schema.get("required")] == []


def test_single_answers_and_lists_have_data_and_meta() -> None:
    def is_answer(operation: SpecOperation) -> bool:
        schema = resolve(response_schema(operation))
        return [list(schema["properties"]), schema["required"]] == [["data", "meta"]] * 2

    assert [str(o) for o in spec_operations() if not is_answer(o)] == []


def test_formats_fit_their_types() -> None:
    misplaced = [
        place
        for place, schema in NODES + INLINE
        if "format" in schema and not any(schema["format"] in FORMATS[kind] for kind in types_of(schema) - {"null"})
    ]

    assert misplaced == []


def test_numbers_are_exact() -> None:
    numbers = {place: schema for place, schema in NODES + INLINE if "number" in types_of(schema)}

    assert [place for place, schema in numbers.items() if schema.get("format") != "decimal"] == []


def test_secrets_are_marked() -> None:
    marked = {place for place, field in PROPERTIES if field.get("format") == "password"}

    assert marked == {place for place, _ in PROPERTIES if place.rpartition(".")[2] in SECRETS}


def test_codes_are_named_and_open() -> None:
    enums = {name: schema for name, schema in SCHEMAS.items() if "x-extensible-enum" in schema}

    assert len(enums) == 8
    assert [place for place, schema in NODES + INLINE if "x-extensible-enum" in schema and place not in enums] == []
    for name, schema in enums.items():
        assert schema["type"] == "integer", name
        codes, names = schema["x-extensible-enum"], set(schema["x-enum-varnames"])
        assert len(codes) == len(names) == len(schema["x-enum-descriptions"]), name
        assert "Codes that are not listed must be expected." in schema["description"], name


def test_what_is_inferred_says_so() -> None:
    described = [(place, schema.get("description", "")) for place, schema in NODES]
    marked = [(place, schema["x-source"]) for place, schema in NODES if "x-source" in schema]

    assert {source for _, source in marked} == {"inferred"}
    assert [
        place
        for place, _ in marked
        if not any(place.startswith(around) and "inferred" in text for around, text in described)
    ] == []
