"""The merged OpenAPI document, and what the contract tests ask of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "DOCUMENT",
    "FORMATS",
    "PROJECT",
    "SAMPLES",
    "SCHEMAS",
    "Example",
    "SpecOperation",
    "body_schema",
    "examples",
    "faults",
    "load_json",
    "nested_schemas",
    "pointer",
    "query_parameters",
    "resolve",
    "response_schema",
    "spec_operations",
]

PROJECT = Path(__file__).parent.parent.parent
_HTTP_METHODS = ("get", "post", "put", "patch", "delete")
_BASE = "urn:smartkasa"


def load_json(file: Path) -> Any:
    """Read a JSON file with its numbers exact: integers as int, all others as Decimal."""
    return json.loads(file.read_text("utf-8"), parse_float=Decimal)


DOCUMENT: dict[str, Any] = load_json(PROJECT / "openapi" / "smartkasa.json")
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
SAMPLES: list[dict[str, Any]] = load_json(PROJECT / "tests" / "fixtures" / "documentation.json")


@dataclass(frozen=True)
class SpecOperation:
    """One operation of the document."""

    method: str
    path: str
    spec: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Example:
    """An example with the place of the schema that describes it."""

    name: str
    schema: str
    value: Any


def spec_operations() -> list[SpecOperation]:
    """List every operation of the document in its order."""
    return [
        SpecOperation(method.upper(), path, spec)
        for path, item in DOCUMENT["paths"].items()
        for method, spec in item.items()
        if method in _HTTP_METHODS
    ]


def pointer(*steps: str) -> str:
    """Write a JSON pointer into the document."""
    return "#" + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a `$ref` to what it names; anything else is returned as it is."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def query_parameters(operation: SpecOperation) -> list[dict[str, Any]]:
    """List the query parameters of an operation in their order."""
    return [found for p in operation.spec.get("parameters", []) if (found := resolve(p))["in"] == "query"]


def body_schema(operation: SpecOperation) -> dict[str, Any] | None:
    """Return the schema of an operation's request body; None where there is no body."""
    body = operation.spec.get("requestBody")
    return body["content"]["application/json"]["schema"] if body else None


def response_schema(operation: SpecOperation, status: str | None = None) -> dict[str, Any]:
    """Return the schema of an operation's answer with this status; by default that of its success answer."""
    if status is None:
        [status] = [code for code in operation.spec["responses"] if code.startswith("2")]
    response = resolve(operation.spec["responses"][status])
    schema: dict[str, Any] = response["content"]["application/json"]["schema"]
    return schema


def nested_schemas(schema: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk through a schema and the schemas written inside it, each with its place; references are not followed."""
    yield place, schema
    for name, field in schema.get("properties", {}).items():
        yield from nested_schemas(field, f"{place}.{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from nested_schemas(schema[keyword], f"{place}[]")
    for keyword in ("anyOf", "oneOf", "allOf"):
        for number, option in enumerate(schema.get(keyword, [])):
            yield from nested_schemas(option, f"{place}|{number}")


def examples() -> list[Example]:
    """List every example of a request, an answer or a parameter."""
    return list(_examples(DOCUMENT, ()))


def faults(value: Any, schema: str) -> list[str]:
    """Validate a value strictly: keys that the schema does not name are faults too, and formats are checked.

    Args:
        value: JSON value.
        schema: JSON pointer of the schema in the document.

    Returns:
        What is wrong and where; empty for a valid value.
    """
    validator = Draft202012Validator({"$ref": _BASE + schema}, registry=_closed_registry, format_checker=FORMATS)
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)]


def _examples(node: Any, steps: tuple[str, ...]) -> Iterator[Example]:
    if isinstance(node, list):
        node = {str(number): item for number, item in enumerate(node)}
    if not isinstance(node, dict):
        return
    described = "schema" in node and isinstance(node.get("examples"), dict)
    if described:
        schema = pointer(*steps, "schema")
        for name, example in node["examples"].items():
            yield Example("/".join((*steps, name)), schema, example["value"])
    for key, child in node.items():
        if not (described and key == "examples"):
            yield from _examples(child, (*steps, key))


def _closed(node: Any) -> Any:
    """Forbid keys that an object's schema does not name."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(child) for key, child in node.items()}
    if closed.get("type") == "object" and isinstance(closed.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


def _parses(parse: Callable[[str], object]) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        return not isinstance(value, str) or parse(value) is not None

    return check


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment


def _finite(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError("not a number")
    return number


FORMATS = FormatChecker(formats=())
FORMATS.checks("date-time", raises=ValueError)(_parses(_instant))
FORMATS.checks("date", raises=ValueError)(_parses(date.fromisoformat))
FORMATS.checks("uuid", raises=ValueError)(_parses(UUID))
FORMATS.checks("decimal", raises=(ValueError, InvalidOperation))(_parses(_finite))

_closed_registry: Registry[Any] = Registry().with_resource(_BASE, DRAFT202012.create_resource(_closed(DOCUMENT)))
