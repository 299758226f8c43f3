"""What the batch operations share: all rows or none, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sandbox.validation import INVALID, Refused, refuse_fields

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call
    from smartkasa_async.sandbox.schema import Table


def batch_rows(call: Call, key: str) -> list[dict[str, Any]]:
    """Return the objects of a batch create, or raise the 422 for something else."""
    rows = call.fields("batch").get(key)
    if not rows:
        raise refuse_fields(**{key: "blank"})
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refuse_fields(**{key: "invalid"})
    return rows


def doomed_rows(call: Call, table: Table) -> list[dict[str, Any]]:
    """Return the rows that a batch delete names, in its order; an unknown id refuses the whole batch (inferred)."""
    ids = call.fields("batch").get("ids")
    if not ids:
        raise refuse_fields(ids="blank")
    if not isinstance(ids, list) or not all(isinstance(key, str) for key in ids):
        raise refuse_fields(ids="invalid")
    keys = list(dict.fromkeys(key.lower() for key in ids))
    where = Where()
    where.within("id", keys)
    found = {row["id"]: row for row in call.storage.rows(table, where)}
    if len(found) < len(keys):
        raise refuse_fields(ids="invalid")
    return [found[key] for key in keys]


def refuse_batch(key: str, messages: str | None = None) -> Refused:
    """Make the 422 of a batch: it does not say which row is wrong."""
    error = INVALID if messages is None else INVALID | {"messages": messages}
    return Refused(422, {"errors": {key: [error]}})
