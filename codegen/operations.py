"""What the templates need to know of each operation, read from the merged document."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codegen.document import SpecError, place_of

if TYPE_CHECKING:
    from codegen.document import Document

__all__ = ["Area", "Argument", "OperationView", "areas", "operations"]

_METHODS = ("get", "post", "put", "patch", "delete")
_KINDS = {
    ("string", None): ("string", "str"),
    ("string", "uuid"): ("string", "str"),
    ("string", "password"): ("string", "str"),
    ("string", "phone"): ("phone", "str"),
    ("string", "date"): ("date", "date"),
    ("string", ("date", "date-time")): ("moment", "date | datetime"),
    ("integer", None): ("integer", "int"),
    ("number", "decimal"): ("number", "Decimal"),
    ("boolean", None): ("boolean", "bool"),
}
_LISTS = {"integer": "integers", "string": "strings"}


@dataclass(frozen=True)
class Argument:
    """One argument of a generated method: a path or query parameter."""

    name: str
    wire_name: str
    kind: str
    type: str
    description: str


@dataclass(frozen=True)
class OperationView:
    """One operation, in the words of the templates."""

    id: str
    method: str
    path: str
    area: str
    name: str
    tag: str
    summary: str
    description: str
    auth: str
    envelope: str | None
    retry: str
    pages: str | None
    source: str
    path_arguments: tuple[Argument, ...]
    query: tuple[Argument, ...]
    body: str | None
    body_argument: str | None
    batch_item: str | None
    status: int
    response: str
    data: str

    @property
    def constant(self) -> str:
        """Name of the operation's constant, for example LIST_SHOPS."""
        return _snake(self.id).upper()


@dataclass(frozen=True)
class Area:
    """One attribute of the client with its operations."""

    name: str
    description: str
    operations: tuple[OperationView, ...]

    @property
    def class_name(self) -> str:
        """Name of the area's class, for example UnitTypes."""
        return "".join(part.capitalize() for part in self.name.split("_"))


def operations(document: Document) -> list[OperationView]:
    """Describe every operation, in the order of the document.

    Raises:
        SpecError: An operation lacks a key that the templates need, or has a value that they cannot use.
    """
    views: dict[tuple[str, str], OperationView] = {}
    for path, item in document["paths"].items():
        for method in [method for method in item if method in _METHODS]:
            try:
                view = _view(document, method, path, item[method])
            except KeyError as missing:
                problem = f"{missing} is missing; add it, CONTRIBUTING.md says under Conventions what it may be"
                raise SpecError(_told(document, method, path, problem)) from missing
            except _FaultError as fault:
                raise SpecError(_told(document, method, path, str(fault))) from None
            twin = views.setdefault((view.area, view.name), view)
            if twin is not view:
                problem = f"kasa.{view.area}.{view.name} is {twin.id} already; give another x-method"
                raise SpecError(_told(document, method, path, problem))
    return list(views.values())


class _FaultError(Exception):
    """What is wrong with an operation, and what to do."""


def _told(document: Document, method: str, path: str, problem: str) -> str:
    place, _, _ = place_of(document, ["paths", path, method]).rpartition(": ")
    return f"{place}: {method.upper()} {path}: {problem}".removeprefix(": ")


def areas(document: Document) -> list[Area]:
    """Group the operations by the client's attribute, in the order of the tags."""
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    order = list(tags)
    views = sorted(operations(document), key=lambda view: order.index(view.tag))
    names = sorted({view.area for view in views}, key=[view.area for view in views].index)
    grouped = {name: tuple(view for view in views if view.area == name) for name in names}
    return [
        Area(name, tags.get(name) or tags[members[0].tag], tuple(sorted(members, key=_position)))
        for name, members in grouped.items()
    ]


def _position(view: OperationView) -> int:
    usual = ["login", "refresh", "logout", "list", "get", "create", "update", "delete", "create_batch", "delete_batch"]
    return usual.index(view.name) if view.name in usual else len(usual)


def _view(document: Document, method: str, path: str, spec: dict[str, Any]) -> OperationView:
    for key in ("operationId", "x-area", "x-method"):
        if not spec[key].isidentifier() or keyword.iskeyword(spec[key]):
            raise _FaultError(f"{key} is {spec[key]!r}, which no name in Python can be; give another one")
    if spec["tags"][0] not in [tag["name"] for tag in document["tags"]]:
        raise _FaultError(f"the tag {spec['tags'][0]!r} is unknown; add it under tags in openapi/smartkasa.yaml")
    parameters = [_resolve(document, parameter) for parameter in spec.get("parameters", [])]
    body = _body_schema(spec)
    item = _batch_item(document, body) if body and spec["x-method"].endswith("_batch") else None
    status, response = _success(spec)
    return OperationView(
        id=spec["operationId"],
        method=method.upper(),
        path=path,
        area=spec["x-area"],
        name=spec["x-method"],
        tag=spec["tags"][0],
        summary=spec["summary"].rstrip("."),
        description=spec["description"].strip(),
        auth=_auth(document, spec),
        envelope=spec.get("x-envelope"),
        retry=_one_of(spec, "x-retry", ("safe", "unsent-only")),
        pages=_one_of(spec, "x-pages", ("numbered", "whole")) if "x-pages" in spec else None,
        source=_one_of(spec, "x-source", ("documentation", "blueprint", "inferred")),
        path_arguments=tuple(_argument(document, p) for p in parameters if p["in"] == "path"),
        query=tuple(_argument(document, p) for p in parameters if p["in"] == "query"),
        body=body,
        body_argument=item[0] if item else _snake(re.sub("(Create|Update)$", "", body)) if body else None,
        batch_item=item[1] if item else None,
        status=status,
        response=response,
        data=_data_type(document, response),
    )


def _one_of(spec: dict[str, Any], key: str, known: tuple[str, ...]) -> str:
    if spec[key] not in known:
        raise _FaultError(f"{key} is {spec[key]!r}; give one of {', '.join(known)}")
    return str(spec[key])


def _argument(document: Document, parameter: dict[str, Any]) -> Argument:
    name = parameter.get("x-name", parameter["name"])
    if not name.isidentifier():
        raise _FaultError(f"the parameter {name!r} has a name that Python cannot have; add a x-name that it can")
    try:
        kind, annotation = _kind(document, parameter["schema"])
    except KeyError:
        kinds = sorted(
            {
                f"{type_} of format {format_}" if format_ else type_
                for type_, format_ in _KINDS
                if format_ != ("date", "date-time")
            }
        )
        raise _FaultError(
            f"the parameter {name} is {dict(parameter['schema'])}, which codegen does not know; give one of"
            f" {', '.join(kinds)}, or a list of integers or strings"
        ) from None
    return Argument(
        name=f"{name}_" if keyword.iskeyword(name) else name,
        wire_name=parameter["name"],
        kind=kind,
        type=annotation,
        description=" ".join(parameter["description"].split()),
    )


def _kind(document: Document, schema: dict[str, Any]) -> tuple[str, str]:
    if "$ref" in schema:
        kind, annotation = _kind(document, _resolve(document, schema))
        return kind, f"structs.{_name(schema)} | {annotation}"
    if schema["type"] == "array":
        kind, annotation = _kind(document, schema["items"])
        return _LISTS[kind], f"Sequence[{annotation}]"
    formats = tuple(option["format"] for option in schema.get("anyOf", ()))
    return _KINDS[schema["type"], formats or schema.get("format")]


def _auth(document: Document, spec: dict[str, Any]) -> str:
    requirements = spec["security"] if "security" in spec else document["security"]
    schemes = {name for requirement in requirements for name in requirement}
    return "refresh" if "RefreshToken" in schemes else "access" if "AccessToken" in schemes else "none"


def _body_schema(spec: dict[str, Any]) -> str | None:
    if "x-envelope" not in spec:
        return None
    return _name(spec["requestBody"]["content"]["application/json"]["schema"])


def _batch_item(document: Document, body: str) -> tuple[str, str]:
    """Return the one list in a batch's body: its field and the type of its items."""
    properties = document["components"]["schemas"][body]["properties"]
    if len(properties) != 1:
        raise _FaultError(f"{body} is the body of a batch and has {len(properties)} properties; give one, the list")
    [(field, schema)] = properties.items()
    return field, f"structs.{_name(schema['items'])}" if "$ref" in schema["items"] else "str"


def _success(spec: dict[str, Any]) -> tuple[int, str]:
    successes = [(code, body) for code, body in spec["responses"].items() if str(code).startswith("2")]
    if len(successes) != 1:
        raise _FaultError(f"it has {len(successes)} answers of success under responses; give one, such as '200'")
    [(status, response)] = successes
    return int(status), _name(response["content"]["application/json"]["schema"])


def _data_type(document: Document, response: str) -> str:
    """Return the annotation of the answer's `data`; of lists, that of their records."""
    data = document["components"]["schemas"][response]["properties"]["data"]
    options = data.get("anyOf") or data.get("oneOf") or [data]
    return " | ".join(_annotation(option) for option in options)


def _annotation(schema: dict[str, Any]) -> str:
    if schema.get("type") == "array":
        return f"builtins.list[{_annotation(schema['items'])}]"
    return f"structs.{_name(schema)}"


def _resolve(document: Document, item: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in item:
        return item
    target: Any = document
    for step in str(item["$ref"]).removeprefix("#/").split("/"):
        target = target[step]
    return _resolve(document, target)


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
