"""Schemas of tools, short enough for a model to carry: no titles, no defaults that say nothing."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from smartkasa_async.mcp.answers import TOKENS

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
FLAG: dict[str, Any] = {"type": "boolean"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
OBJECT: dict[str, Any] = {"type": "object"}
OBJECTS: dict[str, Any] = {"type": "array", "items": OBJECT}
MOST_ID = 2**63 - 1
"""What a database takes for an id at most."""
TEXT_OR_NULL = {"type": ["string", "null"]}

_TITLE = "title"
_ENVELOPE = {
    "complete_until": TEXT_OR_NULL,
    "not_read": OBJECTS,
    "rows_in_all": WHOLE,
    "next_cursor": TEXT_OR_NULL,
}


def answer_schema(row: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Return the schema of an answer.

    Args:
        row: Schemas of a row's fields, each of which may be left out where it is not known.
        facts: Schemas of what stands beside the rows.
    """
    rows = {"type": "array", "items": {"type": "object", "properties": row}}
    return {"type": "object", "properties": {**_ENVELOPE, **facts, "rows": rows}, "required": [*_ENVELOPE, "rows"]}


def without_titles(schema: Any) -> Any:
    """Take the titles out of a schema that pydantic made: they repeat the names of the fields."""
    if isinstance(schema, list):
        return [without_titles(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: without_titles(each)
        for name, each in schema.items()
        if not (name == _TITLE and isinstance(each, str)) and not (name == "default" and each in {"", None})
    }


def _as_text(value: object) -> object:
    return f"{value}" if isinstance(value, int) and not isinstance(value, bool) else value


Days = Annotated[
    str,
    Field(
        description="In Kyiv: 2026-10-31, today, yesterday, -7d, 2026-10-01..2026-10-07, last week, 2026-10, last month"
    ),
]
Shop = Annotated[str, BeforeValidator(_as_text), Field(description="Id or part of the title; all if empty")]
Number = Annotated[str, BeforeValidator(_as_text)]
Cursor = Annotated[str, Field()]
Tokens = Annotated[int, Field(description=f"Size of the answer, {TOKENS} if left out")]
