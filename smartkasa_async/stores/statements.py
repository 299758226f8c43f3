"""The SQL that writes, made once for each kind of database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS, SHIFTS, SHOPS, Z_REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Delete, Table

    Insert = sqlite.Insert | postgresql.Insert

__all__ = ["DIALECTS", "Statements"]

_INSERT: dict[str, Callable[[Table], Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

DIALECTS = frozenset(_INSERT)
"""Databases that have `INSERT … ON CONFLICT DO UPDATE`, and so can be a store."""


@dataclass(frozen=True)
class Statements:
    """Bulk statements; each is executed with a list of rows."""

    upsert_shops: Insert
    upsert_shifts: Insert
    upsert_receipts: Insert
    upsert_z_reports: Insert
    insert_items: Insert
    insert_payments: Insert
    delete_items: Delete
    delete_payments: Delete

    @classmethod
    def for_dialect(cls, dialect: str) -> Statements:
        """Make the statements for one of `DIALECTS`."""
        return cls(
            upsert_shops=_upsert(SHOPS, dialect),
            upsert_shifts=_upsert(SHIFTS, dialect),
            upsert_receipts=_upsert(RECEIPTS, dialect),
            upsert_z_reports=_upsert(Z_REPORTS, dialect),
            insert_items=_INSERT[dialect](RECEIPT_ITEMS),
            insert_payments=_INSERT[dialect](PAYMENTS),
            delete_items=_delete_of_receipt(RECEIPT_ITEMS),
            delete_payments=_delete_of_receipt(PAYMENTS),
        )


def _upsert(table: Table, dialect: str) -> Insert:
    """Make the insert that replaces every other column of a row whose key is there already."""
    insert = _INSERT[dialect](table)
    replaced = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=[column.name for column in table.primary_key], set_=replaced)


def _delete_of_receipt(table: Table) -> Delete:
    return delete(table).where(table.c.receipt_id == bindparam("id"))
