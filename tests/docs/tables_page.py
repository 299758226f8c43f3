"""Write the tables of docs/reference/ that no docstring has: the columns of a store, and the operations of the API.

python -m tests.docs.tables_page
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from smartkasa_async import operations
from smartkasa_async.stores import schema
from smartkasa_async.stores.schema import ExactDecimal
from smartkasa_async.stores.views import VIEWS
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PAGES", "render"]

PAGES = {name: PROJECT / "docs" / "reference" / f"{name}.md" for name in ("operations", "tables")}
"""The pages by their names."""

_TYPES = {"UtcDateTime": "time, UTC", "Date": "day in Kyiv"}
_WRITTEN = "This page is written by `python -m tests.docs.tables_page`."


def render(name: str) -> str:
    """Write a page."""
    lines = {"operations": _operations, "tables": _tables}[name]()
    return "\n".join(lines).rstrip("\n") + "\n"


def _operations() -> Iterator[str]:
    yield from (
        "# smartkasa_async.operations",
        "",
        "All operations of the API, as data.",
        "",
        _WRITTEN,
        "",
        "## ALL",
        "",
    )
    yield from ("| `id` | method of the client | `method` and `path` | `retry` | `source` |", "| --- " * 5 + "|")
    for each in operations.ALL:
        called, sent = f"`{each.area}.{each.name}`", f"`{each.method} {each.path}`"
        yield f"| `{each.id}` | {called} | {sent} | {each.retry} | {each.source} |"
    yield from ("", "::: smartkasa_async.operations")


def _tables() -> Iterator[str]:
    yield from ("# Tables and views of a store", "", *(inspect.getdoc(schema) or "").splitlines()[2:], "")
    yield from (
        "`smartkasa_async.stores.schema` has the tables as objects of SQLAlchemy, by their names in capitals.",
        "",
    )
    yield from (_WRITTEN, "")
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
    if isinstance(kind, ExactDecimal):
        return f"decimal, {kind.scale} places"
    return _TYPES.get(type(kind).__name__) or str(kind.python_type.__name__)


if __name__ == "__main__":
    for name, page in PAGES.items():
        page.write_text(render(name), encoding="utf-8")
