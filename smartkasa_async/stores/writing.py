"""Write a batch into the tables: the SQL, compiled once for each kind of database, and the order in which it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import UNSET
from sqlalchemy import and_, bindparam, case, delete, exists, func, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async.records.batch import Batch, RecordKind
from smartkasa_async.stores import rows
from smartkasa_async.stores.errors import UnfitValueError
from smartkasa_async.stores.schema import METADATA, PAYMENTS, QUARANTINE, RECEIPT_ITEMS, RECEIPTS, SHIFTS, TERMINALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Delete, Dialect, Select, Table, Update
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.types import TypeEngine

    from smartkasa_async.models import Receipt

    Insert = sqlite.Insert | postgresql.Insert


class BulkInsert:
    """An insert of rows given as mappings from the names of its parameters to values; UNSET becomes NULL.

    It is compiled once: SQLAlchemy would look up the name and type of each value anew for every row, which takes longer
    than the database does.
    """

    def __init__(self, insert: Insert, dialect: Dialect) -> None:
        compiled = insert.compile(dialect=dialect)
        names = compiled.positiontup or ()
        self.sql: str = str(compiled)
        self._values = itemgetter(*names)
        conversions = (_conversion(insert.table.c[name].type, dialect) for name in names)
        self._conversions = [(index, convert) for index, convert in enumerate(conversions) if convert is not None]

    async def execute(self, connection: AsyncConnection, rows: Iterable[dict[str, Any]]) -> None:
        """Execute the statement with the rows, if there are any.

        Raises:
            UnfitValueError: A value cannot be kept exactly, or is too large.
        """
        try:
            parameters = [self._parameters(row) for row in rows]
            if parameters:
                await connection.exec_driver_sql(self.sql, parameters)
        except ArithmeticError as error:
            raise UnfitValueError(
                msg(
                    "A record has a number or a time that the database has no room for: {reason}",
                    reason=external_message(error),
                )
            ) from error

    def _parameters(self, row: dict[str, Any]) -> tuple[Any, ...]:
        values = [None if value is UNSET else value for value in self._values(row)]
        for index, convert in self._conversions:
            value = values[index]
            if value is not None:
                values[index] = convert(value)
        return tuple(values)


def _conversion(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


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
        upsert_nested_shifts: Inserts the shifts in Z-reports, or completes them.
        set_shops_of_shifts: Sets the shop of shifts to their terminal's where none was known.
        receipt_versions: Reads `id` and `updated_at` of the receipts with the `ids`.
        list_anew: Marks the receipts with the `ids` as listed.
        delete_items: Deletes the items of the receipts with the `ids`.
        insert_items: Puts in items.
        delete_payments: Deletes the payments of the receipts with the `ids`.
        insert_payments: Puts in payments.
        quarantine: Puts records into quarantine.
        release: Takes the records of a `kind` with the `ids` out of quarantine.
    """

    upsert: Mapping[RecordKind, BulkInsert]
    upsert_nested_shifts: BulkInsert
    set_shops_of_shifts: Update
    receipt_versions: Select[tuple[str, datetime]]
    list_anew: Update
    delete_items: Delete
    insert_items: BulkInsert
    delete_payments: Delete
    insert_payments: BulkInsert
    quarantine: BulkInsert
    release: Delete

    @classmethod
    def for_dialect(cls, dialect: Dialect) -> Statements:
        """Return the statements for one of `DIALECTS`; making them takes longer than opening a store."""
        kind = (dialect.name, dialect.driver)
        if kind not in _made:
            _made[kind] = cls._make(dialect)
        return _made[kind]

    @classmethod
    def _make(cls, dialect: Dialect) -> Statements:
        def bulk(table: Table, make: Callable[[Insert], Insert]) -> BulkInsert:
            filled = [column.name for column in table.columns if column.name != "deleted_at"]
            insert = _INSERT[dialect.name](table).values({name: bindparam(name) for name in filled})
            return BulkInsert(make(insert), dialect)

        special = {RecordKind.RECEIPTS: _upsert_newer, RecordKind.SHIFTS: _upsert_shift}
        return cls(
            upsert={kind: bulk(table, special.get(kind, _upsert)) for kind, table in TABLES.items()},
            upsert_nested_shifts=bulk(SHIFTS, _upsert_nested_shift),
            set_shops_of_shifts=update(SHIFTS)
            .where(SHIFTS.c.shop_id.is_(None))
            .values(shop_id=_shop_of(SHIFTS.c.terminal_id)),
            receipt_versions=select(RECEIPTS.c.id, RECEIPTS.c.updated_at).where(_among(RECEIPTS.c.id)),
            list_anew=update(RECEIPTS)
            .where(_among(RECEIPTS.c.id), RECEIPTS.c.deleted_at.is_not(None))
            .values(deleted_at=null()),
            delete_items=delete(RECEIPT_ITEMS).where(_among(RECEIPT_ITEMS.c.receipt_id)),
            insert_items=bulk(RECEIPT_ITEMS, lambda insert: insert),
            delete_payments=delete(PAYMENTS).where(_among(PAYMENTS.c.receipt_id)),
            insert_payments=bulk(PAYMENTS, lambda insert: insert),
            quarantine=bulk(QUARANTINE, _upsert),
            release=delete(QUARANTINE).where(QUARANTINE.c.kind == bindparam("kind"), _among(QUARANTINE.c.key)),
        )


_made: dict[tuple[str, str], Statements] = {}


def _upsert(insert: Insert) -> Insert:
    """Replace a row whose key is there already; what is listed is not deleted."""
    return _on_conflict(insert, {name: insert.excluded[name] for name in _replaceable(insert)})


def _upsert_newer(insert: Insert) -> Insert:
    """Replace a row unless its version is newer."""
    replaced = {name: insert.excluded[name] for name in _replaceable(insert)}
    return _on_conflict(insert, replaced, where=insert.excluded.updated_at >= insert.table.c.updated_at)


def _upsert_shift(insert: Insert) -> Insert:
    """Replace a listed shift; the API does not give its shop, so it is that of the terminal."""
    replaced = {
        name: case((_lags(insert), SHIFTS.c[name]), else_=insert.excluded[name]) for name in _replaceable(insert)
    }
    shop = func.coalesce(SHIFTS.c.shop_id, insert.excluded.shop_id)
    return _on_conflict(insert.values(shop_id=_shop_of(bindparam("terminal_id"))), replaced | {"shop_id": shop})


def _upsert_nested_shift(insert: Insert) -> Insert:
    """Complete a shift by what came within a Z-report, which has less than the list and can lag."""
    filled = {name: func.coalesce(insert.excluded[name], SHIFTS.c[name]) for name in _replaceable(insert)}
    replaced = {name: case((_lags(insert), SHIFTS.c[name]), else_=value) for name, value in filled.items()}
    return _on_conflict(
        insert,
        replaced
        | {"deleted_at": SHIFTS.c.deleted_at, "shop_id": filled["shop_id"], "terminal_id": filled["terminal_id"]},
    )


def _lags(insert: Insert) -> ColumnElement[bool]:
    """Return whether a shift comes as open that is kept as closed: none reopens."""
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


ValueT = TypeVar("ValueT")

_MOST_IDS = 500
"""Ids in one statement: databases limit the parameters, SQLite to 999 in old versions."""


async def write_batch(
    connection: AsyncConnection, statements: Statements, batch: Batch[Any], *, keep_raw: bool
) -> None:
    """Insert or replace the records, and update the quarantine."""
    records, raws = batch.records, batch.raw if keep_raw else [None] * len(batch.records)
    if batch.kind is RecordKind.RECEIPTS:
        await _write_receipts(connection, statements, records, raws)
    else:
        # In the order of ids, so that writers in several processes do not wait for each other in a circle.
        if batch.kind is RecordKind.Z_REPORTS:
            shifts = sorted(rows.nested_shift_rows(records, raws), key=itemgetter("id"))
            await statements.upsert_nested_shifts.execute(connection, shifts)
        pairs = sorted(zip(records, raws, strict=True), key=lambda pair: rows.key_of(batch.kind, pair[0]))
        made = (rows.record_row(batch.kind, record, raw) for record, raw in pairs)
        await statements.upsert[batch.kind].execute(connection, made)
        if batch.kind is RecordKind.TERMINALS:
            await connection.execute(statements.set_shops_of_shifts)
    await _quarantine(connection, statements, batch)


async def _write_receipts(
    connection: AsyncConnection, statements: Statements, receipts: Sequence[Receipt], raws: Sequence[bytes | None]
) -> None:
    """Insert or replace receipts; those that are kept in a newer version stay as they are, but are not deleted.

    Items and payments that a receipt lacks stay as they are: single reads come without payments.
    """
    latest: dict[str, tuple[Receipt, bytes | None]] = {}
    for receipt, raw in zip(receipts, raws, strict=True):
        before = latest.get(receipt.id)
        if before is None or before[0].updated_at <= receipt.updated_at:
            latest[receipt.id] = receipt, raw
    # In the order of ids, so that writers in several processes do not wait for each other in a circle.
    made = (rows.record_row(RecordKind.RECEIPTS, *latest[id_]) for id_ in sorted(latest))
    await statements.upsert[RecordKind.RECEIPTS].execute(connection, made)
    for ids in chunks(latest):
        kept = await connection.execute(statements.receipt_versions, {"ids": ids})
        versions = {row.id: row.updated_at for row in kept}
        if outdated := [id_ for id_ in ids if versions[id_] != latest[id_][0].updated_at]:
            await connection.execute(statements.list_anew, {"ids": outdated})
        current = [latest[id_][0] for id_ in ids if versions[id_] == latest[id_][0].updated_at]
        with_items = [receipt for receipt in current if receipt.items is not UNSET]
        with_payments = [receipt for receipt in current if receipt.payment_transactions is not UNSET]
        await connection.execute(statements.delete_items, _ids(with_items))
        await statements.insert_items.execute(connection, rows.item_rows(with_items))
        await connection.execute(statements.delete_payments, _ids(with_payments))
        await statements.insert_payments.execute(connection, rows.payment_rows(with_payments))


async def _quarantine(connection: AsyncConnection, statements: Statements, batch: Batch[Any]) -> None:
    """Let the decoded records out of quarantine, if any are there, and put the undecodable ones in."""
    occupied = await connection.scalar(select(exists().where(QUARANTINE.c.kind == batch.kind)))
    if occupied:
        for keys in chunks(rows.key_of(batch.kind, record) for record in batch.records):
            await connection.execute(statements.release, {"kind": batch.kind, "ids": keys})
    now = datetime.now(UTC)
    put = [rows.quarantine_row(batch.kind, undecodable, now) for undecodable in batch.undecodable]
    await statements.quarantine.execute(connection, put)


def _ids(receipts: Iterable[Receipt]) -> dict[str, list[str]]:
    return {"ids": [receipt.id for receipt in receipts]}


def chunks(values: Iterable[ValueT]) -> Iterator[list[ValueT]]:
    """Return the values in lists that fit into one statement."""
    remaining = iter(values)
    while chunk := list(islice(remaining, _MOST_IDS)):
        yield chunk
