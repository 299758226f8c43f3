"""The SQL that writes, made once for each kind of database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, delete, func, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.stores.bulk import BulkInsert
from smartkasa_async.stores.schema import METADATA, PAYMENTS, QUARANTINE, RECEIPT_ITEMS, RECEIPTS, SHIFTS, TERMINALS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Delete, Dialect, Select, Table, Update

    Insert = sqlite.Insert | postgresql.Insert

_INSERT: dict[str, Callable[[Table], Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

DIALECTS = frozenset(_INSERT)
"""Databases that have `INSERT … ON CONFLICT DO UPDATE`, and so can be a store."""

TABLES: Mapping[RecordKind, Table] = {kind: METADATA.tables[kind] for kind in RecordKind}
"""Where the records of each kind go."""


@dataclass(frozen=True)
class Statements:
    """What is executed to write a batch.

    Attributes:
        upsert: Puts records of each kind into their table.
        upsert_nested_shifts: Puts in the shifts that Z-reports carry.
        place_shifts: Gives shifts their terminal's shop where none was known.
        receipt_versions: Reads `id` and `updated_at` of the receipts with the `ids`.
        list_again: Takes the mark of what is gone off the receipts with the `ids`.
        delete_items: Deletes the items of the receipts with the `ids`.
        insert_items: Puts in items.
        delete_payments: Deletes the payments of the receipts with the `ids`.
        insert_payments: Puts in payments.
        quarantine: Puts records into quarantine.
        release: Takes the records of a `kind` with the `ids` out of quarantine.
    """

    upsert: Mapping[RecordKind, BulkInsert]
    upsert_nested_shifts: BulkInsert
    place_shifts: Update
    receipt_versions: Select[tuple[str, datetime]]
    list_again: Update
    delete_items: Delete
    insert_items: BulkInsert
    delete_payments: Delete
    insert_payments: BulkInsert
    quarantine: BulkInsert
    release: Delete

    @classmethod
    def for_dialect(cls, dialect: Dialect) -> Statements:
        """Make the statements for one of `DIALECTS`."""

        def bulk(table: Table, make: Callable[[Insert], Insert]) -> BulkInsert:
            filled = [column.name for column in table.columns if column.name != "deleted_at"]
            insert = _INSERT[dialect.name](table).values({name: bindparam(name) for name in filled})
            return BulkInsert(make(insert), dialect)

        special = {RecordKind.RECEIPTS: _upsert_newer, RecordKind.SHIFTS: _upsert_shift}
        return cls(
            upsert={kind: bulk(table, special.get(kind, _upsert)) for kind, table in TABLES.items()},
            upsert_nested_shifts=bulk(SHIFTS, _upsert_nested_shift),
            place_shifts=update(SHIFTS)
            .where(SHIFTS.c.shop_id.is_(None))
            .values(shop_id=_shop_of(SHIFTS.c.terminal_id)),
            receipt_versions=select(RECEIPTS.c.id, RECEIPTS.c.updated_at).where(_among(RECEIPTS.c.id)),
            list_again=update(RECEIPTS)
            .where(_among(RECEIPTS.c.id), RECEIPTS.c.deleted_at.is_not(None))
            .values(deleted_at=null()),
            delete_items=delete(RECEIPT_ITEMS).where(_among(RECEIPT_ITEMS.c.receipt_id)),
            insert_items=bulk(RECEIPT_ITEMS, lambda insert: insert),
            delete_payments=delete(PAYMENTS).where(_among(PAYMENTS.c.receipt_id)),
            insert_payments=bulk(PAYMENTS, lambda insert: insert),
            quarantine=bulk(QUARANTINE, _upsert),
            release=delete(QUARANTINE).where(QUARANTINE.c.kind == bindparam("kind"), _among(QUARANTINE.c.key)),
        )


def _upsert(insert: Insert) -> Insert:
    """Replace a row whose key is there already; what comes again is not gone."""
    return _on_conflict(insert, {name: insert.excluded[name] for name in _replaceable(insert)})


def _upsert_newer(insert: Insert) -> Insert:
    """Replace a row unless its version is newer."""
    replaced = {name: insert.excluded[name] for name in _replaceable(insert)}
    return _on_conflict(insert, replaced, where=insert.excluded.updated_at >= insert.table.c.updated_at)


def _upsert_shift(insert: Insert) -> Insert:
    """Replace a listed shift; the API does not say its shop, so it is that of the terminal."""
    replaced = {
        name: case((_lags(insert), SHIFTS.c[name]), else_=insert.excluded[name]) for name in _replaceable(insert)
    }
    shop = func.coalesce(SHIFTS.c.shop_id, insert.excluded.shop_id)
    return _on_conflict(insert.values(shop_id=_shop_of(bindparam("terminal_id"))), replaced | {"shop_id": shop})


def _upsert_nested_shift(insert: Insert) -> Insert:
    """Complete a shift by what came within a Z-report, which says less than the list and can lag."""
    told = {name: func.coalesce(insert.excluded[name], SHIFTS.c[name]) for name in _replaceable(insert)}
    replaced = {name: case((_lags(insert), SHIFTS.c[name]), else_=value) for name, value in told.items()}
    return _on_conflict(
        insert,
        replaced | {"deleted_at": SHIFTS.c.deleted_at, "shop_id": told["shop_id"], "terminal_id": told["terminal_id"]},
    )


def _lags(insert: Insert) -> ColumnElement[bool]:
    """Tell whether a shift comes as open that is kept as closed: none opens again."""
    return and_(SHIFTS.c.closed_at.is_not(None), insert.excluded.closed_at.is_(None))


def _shop_of(terminal_id: ColumnElement[Any]) -> ColumnElement[Any]:
    return select(TERMINALS.c.shop_id).where(TERMINALS.c.id == terminal_id).scalar_subquery()


def _replaceable(insert: Insert) -> list[str]:
    return [column.name for column in insert.table.columns if not column.primary_key and column.name != "deleted_at"]


def _on_conflict(
    insert: Insert, replaced: Mapping[str, ColumnElement[Any]], where: ColumnElement[bool] | None = None
) -> Insert:
    if "deleted_at" in insert.table.c:
        replaced = {"deleted_at": null(), **replaced}
    key = [column.name for column in insert.table.primary_key]
    return insert.on_conflict_do_update(index_elements=key, set_=replaced, where=where)


def _among(column: Column[Any]) -> ColumnElement[bool]:
    return column.in_(bindparam("ids", expanding=True))
