"""Compares the store of an account with its merchant in the sandbox, record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from smartkasa_async.sandbox.schema import TABLES as HELD
from smartkasa_async.stores.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smartkasa_async.sandbox import Merchant, Sandbox
    from smartkasa_async.stores import Store

_TABLES = ("shops", "terminals", "products", "cards", "shifts", "receipts", "receipt_items", "payments", "z_reports")
_NEVER_LISTED = {"products": {"remote_id"}}
_PARTS = ("receipt_items", "payments")


async def find_differences(store: Store, merchant: Merchant | Sandbox) -> list[str]:
    """List all in which a store differs from a merchant of the sandbox, one line for each thing.

    Args:
        store: The store of the account; what it shows as deleted must be missing in the sandbox.
        merchant: The merchant.
    """
    stored = await _read(store)
    deleted = {row["id"] for row in stored["receipts"] if row["deleted_at"]}
    undecoded = await store.quarantined()
    differences = [f"{len(undecoded)} records could not be decoded"] if undecoded else []
    for name in _TABLES:
        there = [row for row in stored[name] if not row.get("deleted_at") and row.get("receipt_id") not in deleted]
        differences += _compare(name, there, merchant.rows(name))
    return differences


async def _read(store: Store) -> dict[str, list[Mapping[str, Any]]]:
    async with store.reading() as connection:
        return {
            name: [dict(row) for row in (await connection.execute(select(METADATA.tables[name]))).mappings()]
            for name in _TABLES
        }


def _compare(name: str, stored: list[Mapping[str, Any]], rows: list[dict[str, Any]]) -> Iterator[str]:
    kept, held = ({_key(name, row): row for row in each} for each in (stored, rows))
    if len(kept) != len(stored):
        yield f"{name}: {len(stored) - len(kept)} records are twice in the store"
    columns = HELD[name].columns.keys() & {*METADATA.tables[name].columns.keys()} - _NEVER_LISTED.get(name, set())
    for key in held.keys() - kept.keys():
        yield f"{name} {key} is not in the store"
    for key in kept.keys() - held.keys():
        yield f"{name} {key} is in the store, and the service has none"
    for key in held.keys() & kept.keys():
        for column in columns:
            if kept[key][column] != held[key][column]:
                yield f"{name} {key} has {column} {kept[key][column]!r}, and must have {held[key][column]!r}"


def _key(name: str, row: Mapping[str, Any]) -> Any:
    return (row["receipt_id"], row["position"]) if name in _PARTS else row["id"]
