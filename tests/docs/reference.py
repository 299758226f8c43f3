"""Write docs/reference/: every public name with its signature and its docstring.

python -m tests.docs.reference
"""

from __future__ import annotations

import enum
import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from smartkasa_async import models, operations
from smartkasa_async._generated import areas
from smartkasa_async.stores import schema
from smartkasa_async.stores.types import ExactDecimal
from smartkasa_async.stores.views import VIEWS
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FOLDER", "render"]

FOLDER = PROJECT / "docs" / "reference"

_HEAD = "This page is written by `python -m tests.docs.reference` from the docstrings."
_WIDTH = 80
_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|The \w+ itself raises|The generator itself raises):$")
_MODULE = re.compile(r"\b(?:smartkasa_async(?:\.\w+)*|collections\.abc|typing|datetime|decimal|os|structs)\.(?=\w)")
_ITEM = re.compile(r"^    (\S[^:]*): (.*)$")


class _Page(NamedTuple):
    """A page of the reference.

    Attributes:
        module: The module whose `__all__` is told.
        about: What is in it.
    """

    module: str
    about: str


PAGES = {
    "client": _Page("smartkasa_async", "The client, its settings, sessions and lists."),
    "errors": _Page(
        "smartkasa_async.errors", "What can go wrong. What to do about each stands in [errors](../errors.md)."
    ),
    "events": _Page("smartkasa_async.events", "What `on_event` is told."),
    "catalog": _Page("smartkasa_async.catalog", "Price lists."),
    "stock": _Page("smartkasa_async.stock", "Counts of stock."),
    "push": _Page("smartkasa_async.push", "Receipts that were made elsewhere."),
    "sync": _Page(
        "smartkasa_async.sync", "Receipts, Z-reports, product sales and reference data: sync, verify, watch."
    ),
    "records": _Page("smartkasa_async.records", "What a sync hands over: records, business days, sinks."),
    "reports": _Page("smartkasa_async.reports", "Reconciliation, watchdog, report page."),
    "stores": _Page("smartkasa_async.stores", "Databases."),
    "export": _Page("smartkasa_async.export", "Tables of a store as files."),
    "jobs": _Page("smartkasa_async.jobs", "What imports, counts and pushes share: journals."),
    "sandbox": _Page("smartkasa_async.sandbox", "The service, embedded."),
}
"""Pages by their names, each of one module."""

_ELSEWHERE = {name for page in ("errors",) for name in import_module(PAGES[page].module).__all__}


def render() -> dict[str, str]:
    """Write all pages, by their names."""
    pages = {name: "\n".join(_module(name, page)) for name, page in PAGES.items()}
    written = {"areas": _areas(), "models": _models(), "operations": _operations(), "tables": _tables()}
    return pages | {name: "\n".join(lines) for name, lines in written.items()}


def _module(name: str, page: _Page) -> Iterator[str]:
    module = import_module(page.module)
    yield from (f"# {page.module}", "", page.about, "", _HEAD, "")
    for public in module.__all__:
        if public.startswith("__") or (name != "errors" and public in _ELSEWHERE):
            continue
        value = getattr(module, public)
        if inspect.ismodule(value):
            continue
        yield from _entry(public, value, "##")


def _entry(name: str, value: Any, level: str) -> Iterator[str]:
    yield from (f"{level} {name}", "")
    if inspect.isclass(value):
        yield from _class(name, value, level)
    elif callable(value):
        yield from _callable(name, value)
    else:
        yield from (f"`{name} = {value!r}`", "")


def _callable(name: str, value: Any, *, bound: bool = False) -> Iterator[str]:
    is_async = inspect.iscoroutinefunction(value)
    yield from ("```text", f"{'await ' if is_async else ''}{name}{_signature(value, bound=bound)}", "```", "")
    yield from _doc(inspect.getdoc(value) or "")


def _class(name: str, value: type[Any], level: str) -> Iterator[str]:
    if issubclass(value, enum.Enum):
        yield from _doc(inspect.getdoc(value) or "")
        yield from (f"- `{member.name} = {member.value!r}`" for member in value)
        yield ""
        return
    base = value.__bases__[0]
    if issubclass(value, Exception):
        yield from (f"A `{base.__name__}`.", "")
    elif not getattr(value, "_is_protocol", False) and value.__init__ is not object.__init__:
        yield from ("```text", f"{name}{_signature(value)}", "```", "")
    yield from _doc(inspect.getdoc(value) or "")
    for method, member in _members(value):
        yield from (f"{level}# {name}.{method}", "")
        if isinstance(member, property):
            yield from _doc(inspect.getdoc(member) or "")
        else:
            yield from _callable(
                method, getattr(value, method), bound=not isinstance(member, classmethod | staticmethod)
            )


def _members(value: type[Any]) -> Iterator[tuple[str, Any]]:
    """List the public methods and properties that a class or a base of this project defines, with a docstring."""
    found: dict[str, Any] = {}
    for base in reversed(value.__mro__):
        if base.__module__.startswith("smartkasa_async"):
            found |= {name: member for name, member in vars(base).items() if not name.startswith("_")}
    for name, member in found.items():
        plain = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if (isinstance(plain, property) or inspect.isfunction(plain)) and inspect.getdoc(plain):
            yield name, member


def _shown(default: object) -> str:
    """Write a default; what is in a set has no order of its own, so that it would differ from run to run."""
    if isinstance(default, frozenset):
        return f"frozenset({{{', '.join(sorted(map(repr, default)))}}})"
    return repr(default)


def _signature(value: Any, *, bound: bool = False) -> str:
    """Write a signature, an argument on each line where it is long."""
    signature = inspect.signature(value)
    parameters = list(signature.parameters.values())
    if bound:
        parameters = parameters[1:]
    words = [_argument(one) for one in parameters if one.kind is not one.KEYWORD_ONLY]
    keywords = [_argument(one) for one in parameters if one.kind is one.KEYWORD_ONLY]
    if keywords and not any(one.kind is one.VAR_POSITIONAL for one in parameters):
        words.append("*")
    words += keywords
    answer = signature.return_annotation
    arrow = "" if inspect.isclass(value) or answer is inspect.Signature.empty else f" -> {_plain(answer)}"
    line = f"({', '.join(words)}){arrow}"
    return line if len(line) <= _WIDTH else "(\n" + "".join(f"    {word},\n" for word in words) + f"){arrow}"


def _argument(parameter: inspect.Parameter) -> str:
    stars = "*" * ((parameter.kind is parameter.VAR_POSITIONAL) + 2 * (parameter.kind is parameter.VAR_KEYWORD))
    kind = "" if parameter.annotation is parameter.empty else f": {_plain(parameter.annotation)}"
    is_made = "<factory>" in repr(parameter.default) or inspect.isfunction(parameter.default)
    default = "…" if is_made else _plain(_shown(parameter.default))
    return f"{stars}{parameter.name}{kind}" + ("" if parameter.default is parameter.empty else f" = {default}")


def _plain(annotation: Any) -> str:
    """Write an annotation or a value without the modules that tell a reader nothing."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    text = re.sub(
        r"\b(?:smartkasa_async(?:\.\w+)*|collections\.abc|typing|datetime|decimal|os|structs)\.(?=\w)", "", text
    )
    return text.replace("'", '"')


def _doc(text: str) -> Iterator[str]:
    """Turn a docstring into Markdown: its sections become lists."""
    inside, item = False, ""
    for line in text.splitlines():
        if found := _SECTION.match(line):
            inside = True
            yield from (f"**{found[1]}**", "")
        elif inside and line.startswith("    "):
            if (found := _ITEM.match(line)) and not line.startswith("     "):
                if item:
                    yield item
                item = f"- `{found[1]}`: {found[2]}"
            elif item:
                item += f" {line.strip()}"
            else:
                item = f"- {line.strip()}"
        else:
            if item:
                yield item
            inside, item = inside and not line, ""
            yield line
    if item:
        yield item
    yield ""


def _areas() -> Iterator[str]:
    yield from ("# Areas of the client", "", "All operations of the API, as methods of a `SmartKasa`.", "", _HEAD, "")
    for area in dict.fromkeys(operation.area for operation in operations.ALL):
        yield from (f"## kasa.{area}", "")
        kind = getattr(areas, "".join(part.title() for part in area.split("_")))
        for operation in operations.ALL:
            if operation.area == area:
                yield from (f"### kasa.{area}.{operation.name}", "")
                yield from _callable(operation.name, getattr(kind, operation.name), bound=True)


def _models() -> Iterator[str]:
    yield from ("# smartkasa_async.models", "", "What goes to the service and comes from it.", "", _HEAD, "")
    for name in sorted(models.__all__):
        value = getattr(models, name)
        if inspect.isclass(value) and issubclass(value, msgspec.Struct):
            yield from (f"## {name}", "", _first(value), "")
            fields = [field.name for field in msgspec.structs.fields(value)]
            notes = _notes(value)
            yield from (f"- `{field}`{': ' + notes[field] if field in notes else ''}" for field in fields)
            yield ""
        elif inspect.isclass(value) and issubclass(value, enum.Enum):
            yield from (f"## {name}", "", _first(value), "")
            yield from (f"- `{member.name} = {member.value!r}`" for member in value)
            yield ""
        else:
            yield from (f"## {name}", "", f"`{name} = {_plain(repr(value))}`", "")


def _operations() -> Iterator[str]:
    yield from ("# smartkasa_async.operations", "", "All operations of the API, as data.", "", _HEAD, "", "## ALL", "")
    yield from ("| `id` | method of the client | `method` and `path` | `retry` | `source` |", "| --- " * 5 + "|")
    for each in operations.ALL:
        called, sent = f"`{each.area}.{each.name}`", f"`{each.method} {each.path}`"
        yield f"| `{each.id}` | {called} | {sent} | {each.retry} | {each.source} |"
    yield ""
    yield from _entry("find", operations.find, "##")
    yield from _entry("Operation", operations.Operation, "##")


def _tables() -> Iterator[str]:
    yield from ("# Tables and views of a store", "", *(inspect.getdoc(schema) or "").splitlines()[2:], "")
    yield from (
        "`smartkasa_async.stores.schema` has the tables as objects of SQLAlchemy, by their names in capitals.",
        "",
    )
    yield from ("This page is written by `python -m tests.docs.reference` from the schema.", "")
    for name, table in schema.METADATA.tables.items():
        key = ", ".join(f"`{column.name}`" for column in table.primary_key)
        yield from (f"## {name}", "", f"Key: {key}.", "", "| column | type | always there |", "| --- " * 3 + "|")
        for column in table.columns:
            yield f"| `{column.name}` | {_type(column.type)} | {'' if column.nullable else 'yes'} |"
        yield ""
    for name, query in VIEWS.items():
        yield from (f"## {name}", "", "A view, of these columns:", "")
        yield from (f"- `{column}`" for column in query.selected_columns.keys())  # noqa: SIM118  (its items are columns)
        yield ""


def _type(kind: Any) -> str:
    """Name a column's type as its values are seen by SQLAlchemy."""
    decimals = f"decimal, {kind.scale} places" if isinstance(kind, ExactDecimal) else None
    return decimals or {"UtcDateTime": "time, UTC", "Date": "day in Kyiv"}.get(
        type(kind).__name__, kind.python_type.__name__
    )


def _first(value: type[Any]) -> str:
    return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())


def _notes(value: type[Any]) -> dict[str, str]:
    """Read the texts that stand below the fields in the source."""
    found: dict[str, str] = {}
    for base in reversed(value.__mro__):
        if base.__module__.startswith("smartkasa_async"):
            source = inspect.getsource(base)
            pairs = re.findall(r'^    (\w+):[^\n]*\n    """(.*?)"""', source, re.DOTALL | re.MULTILINE)
            found |= {name: " ".join(text.split()) for name, text in pairs}
    return found


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for page, text in render().items():
        (FOLDER / f"{page}.md").write_text(text.rstrip("\n") + "\n", encoding="utf-8")
