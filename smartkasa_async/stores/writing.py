"""Write a batch into the tables: the SQL, compiled once for each kind of database, and the order in which it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import UNSET
from sqlalchemy import and_, bindparam, case, delete, exists, func, null, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async.records.batch import Batch, RecordKind
from smartkasa_async.stores import rows
from smartkasa_async.stores.accounts import ACCOUNT, of_account
from smartkasa_async.stores.errors import UnfitValueError
from smartkasa_async.stores.schema import METADATA, PAYMENTS, QUARANTINE, RECEIPT_ITEMS, RECEIPTS, SHIFTS, TERMINALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Delete, Dialect, Select, Table, Update

    from smartkasa_async.models import Receipt
    from smartkasa_async.stores.rows import Columns

    Insert = sqlite.Insert | postgresql.Insert


class BulkStatement:
    """A statement that is executed for many rows, given as columns by the names of its parameters.

    It is compiled once: SQLAlchemy would look up the name and type of each value anew for every row, which takes longer
    than the database does.
    """

    def __init__(
        self, statement: Insert | Delete | Update, dialect: Dialect, *, copied_into: Table | None = None
    ) -> None:
        """Compile the statement.

        Args:
            statement: The statement; its parameters are named as columns of its table.
            dialect: The database.
            copied_into: The table that it only adds rows to, so that PostgreSQL can take them by COPY, which is faster.
        """
        compiled = of_account(statement, bindparam("account_id")).compile(dialect=dialect)
        self._sql = str(compiled)
        self._copied_into = copied_into if dialect.name == "postgresql" else None
        self._conversions = [
            (name, statement.table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        ]

    def execute(self, connection: Connection, columns: Columns) -> int:
        """Execute it for the rows, if there are any, all of the account of the connection.

        Returns:
            How many rows were changed; negative where the database's driver does not tell.
        """
        account_id = connection.get_execution_options()[ACCOUNT]
        columns = {"account_id": [account_id] * len(next(iter(columns.values()))), **columns}
        values = [
            columns[name] if convert is None else [None if value is None else convert(value) for value in columns[name]]
            for name, convert in self._conversions
        ]
        rows = [*zip(*values, strict=True)]
        if not rows:
            return 0
        if self._copied_into is not None and _can_copy(connection):
            _copy(connection, self._copied_into.name, [name for name, _ in self._conversions], rows)
            return len(rows)
        return connection.exec_driver_sql(self._sql, rows).rowcount


def _can_copy(connection: Connection) -> bool:
    """Return whether row security, under which PostgreSQL has no COPY, does not hold for the user."""
    known = connection.info
    if _MAY_COPY not in known:
        held = connection.exec_driver_sql(f"SELECT row_security_active('{RECEIPT_ITEMS.name}')").scalar()
        known[_MAY_COPY] = not held
    return bool(known[_MAY_COPY])


def _copy(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows by asyncpg's COPY, in the transaction that an earlier statement has begun."""
    from asyncpg import (  # type: ignore[import-untyped]  # noqa: PLC0415  (of an extra)
        InterfaceError,
        PostgresError,
    )

    try:
        connection.connection.run_async(
            lambda driver: driver.copy_records_to_table(table, records=rows, columns=columns)
        )
    except (PostgresError, InterfaceError) as error:  # SQLAlchemy translates those of what it executes itself
        raise DBAPIError(f"COPY {table}", None, error) from error


_MAY_COPY = "smartkasa_may_copy"

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
        list_anew: Marks receipts as listed.
        delete_items: Deletes the items of receipts.
        insert_items: Puts in items.
        delete_payments: Deletes the payments of receipts.
        insert_payments: Puts in payments.
        quarantine: Puts records into quarantine.
        is_occupied: Reads whether records of a `kind` are in quarantine.
        release: Takes records out of quarantine.
    """

    upsert: Mapping[RecordKind, BulkStatement]
    upsert_nested_shifts: BulkStatement
    set_shops_of_shifts: Update
    receipt_versions: Select[tuple[str, datetime]]
    list_anew: BulkStatement
    delete_items: BulkStatement
    insert_items: BulkStatement
    delete_payments: BulkStatement
    insert_payments: BulkStatement
    quarantine: BulkStatement
    is_occupied: Select[tuple[bool]]
    release: BulkStatement

    @classmethod
    def for_dialect(cls, dialect: Dialect) -> Statements:
        """Return the statements for one of `DIALECTS`; making them takes longer than opening a store."""
        kind = (dialect.name, dialect.driver)
        if kind not in _made:
            _made[kind] = cls._make(dialect)
        return _made[kind]

    @classmethod
    def _make(cls, dialect: Dialect) -> Statements:
        def bulk(table: Table, make: Callable[[Insert], Insert]) -> BulkStatement:
            return BulkStatement(make(_insert(table, dialect)), dialect)

        special = {RecordKind.RECEIPTS: _upsert_newer, RecordKind.SHIFTS: _upsert_shift}
        return cls(
            upsert={kind: bulk(table, special.get(kind, _upsert)) for kind, table in TABLES.items()},
            upsert_nested_shifts=bulk(SHIFTS, _upsert_nested_shift),
            set_shops_of_shifts=update(SHIFTS)
            .where(SHIFTS.c.shop_id.is_(None))
            .values(shop_id=_shop_of(SHIFTS.c.terminal_id)),
            receipt_versions=select(RECEIPTS.c.id, RECEIPTS.c.updated_at).where(
                RECEIPTS.c.id.in_(bindparam("ids", expanding=True))
            ),
            list_anew=BulkStatement(update(RECEIPTS).where(_is(RECEIPTS.c.id)).values(deleted_at=null()), dialect),
            delete_items=BulkStatement(delete(RECEIPT_ITEMS).where(_is(RECEIPT_ITEMS.c.receipt_id)), dialect),
            insert_items=BulkStatement(_insert(RECEIPT_ITEMS, dialect), dialect, copied_into=RECEIPT_ITEMS),
            delete_payments=BulkStatement(delete(PAYMENTS).where(_is(PAYMENTS.c.receipt_id)), dialect),
            insert_payments=BulkStatement(_insert(PAYMENTS, dialect), dialect, copied_into=PAYMENTS),
            quarantine=bulk(QUARANTINE, _upsert),
            is_occupied=select(exists().where(_is(QUARANTINE.c.kind))),
            release=BulkStatement(delete(QUARANTINE).where(_is(QUARANTINE.c.kind), _is(QUARANTINE.c.key)), dialect),
        )


def _is(column: Column[Any]) -> ColumnElement[bool]:
    return column == bindparam(column.name)


def _insert(table: Table, dialect: Dialect) -> Insert:
    filled = [column.name for column in table.columns if column.name != "deleted_at"]
    return _INSERT[dialect.name](table).values({name: bindparam(name) for name in filled})


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


ValueT = TypeVar("ValueT")

_MOST_IDS = 500
"""Ids in one statement: databases limit the parameters, SQLite to 999 in old versions."""


def write_batch(connection: Connection, statements: Statements, batch: Batch[Any], *, keep_raw: bool) -> None:
    """Insert or replace the records, and update the quarantine.

    Raises:
        UnfitValueError: A value cannot be kept exactly, or is too large.
    """
    try:
        _write_records(connection, statements, batch, keep_raw=keep_raw)
    except ArithmeticError as error:
        raise UnfitValueError(
            msg(
                "A record has a number or a time that the database has no room for: {reason}",
                reason=external_message(error),
            )
        ) from error
    _quarantine(connection, statements, batch)


def _write_records(connection: Connection, statements: Statements, batch: Batch[Any], *, keep_raw: bool) -> None:
    kind, raws = batch.kind, batch.raw if keep_raw else [None] * len(batch.records)
    if kind is RecordKind.RECEIPTS:
        _write_receipts(connection, statements, zip(batch.records, raws, strict=True))
    else:
        if kind is RecordKind.Z_REPORTS:
            statements.upsert_nested_shifts.execute(connection, rows.nested_shift_columns(batch.records, raws))
        _upsert_records(connection, statements, kind, zip(batch.records, raws, strict=True))
        if kind is RecordKind.TERMINALS:
            connection.execute(statements.set_shops_of_shifts)


def _upsert_records(
    connection: Connection, statements: Statements, kind: RecordKind, pairs: Iterable[tuple[Any, bytes | None]]
) -> int:
    """Insert or replace records, each with its JSON, and return what `BulkStatement.execute` does.

    They go in the order of ids, so that writers in several processes do not wait for each other in a circle.
    """
    ordered = sorted(pairs, key=lambda pair: rows.key_of(kind, pair[0]))
    records, raws = [record for record, _ in ordered], [raw for _, raw in ordered]
    return statements.upsert[kind].execute(connection, rows.record_columns(kind, records, raws))


def _write_receipts(
    connection: Connection, statements: Statements, pairs: Iterable[tuple[Receipt, bytes | None]]
) -> None:
    """Insert or replace receipts; those that are kept in a newer version stay as they are, but are not deleted.

    Items and payments that a receipt lacks stay as they are: single reads come without payments.
    """
    latest: dict[str, tuple[Receipt, bytes | None]] = {}
    for receipt, raw in pairs:
        before = latest.get(receipt.id)
        if before is None or before[0].updated_at <= receipt.updated_at:
            latest[receipt.id] = receipt, raw
    written = _upsert_records(connection, statements, RecordKind.RECEIPTS, latest.values())
    if written != len(latest):
        for id_ in _outdated(connection, statements, latest):
            del latest[id_]
    receipts = [receipt for receipt, _ in latest.values()]
    with_items = [receipt for receipt in receipts if receipt.items is not UNSET]
    with_payments = [receipt for receipt in receipts if receipt.payment_transactions is not UNSET]
    statements.delete_items.execute(connection, {"receipt_id": [receipt.id for receipt in with_items]})
    statements.insert_items.execute(connection, rows.item_columns(with_items))
    statements.delete_payments.execute(connection, {"receipt_id": [receipt.id for receipt in with_payments]})
    statements.insert_payments.execute(connection, rows.payment_columns(with_payments))


def _outdated(
    connection: Connection, statements: Statements, latest: Mapping[str, tuple[Receipt, bytes | None]]
) -> list[str]:
    """Find the receipts that are kept in a newer version, and note that they are listed."""
    outdated = [
        row.id
        for ids in chunks(latest)
        for row in connection.execute(statements.receipt_versions, {"ids": ids})
        if row.updated_at != latest[row.id][0].updated_at
    ]
    statements.list_anew.execute(connection, {"id": outdated})
    return outdated


def _quarantine(connection: Connection, statements: Statements, batch: Batch[Any]) -> None:
    """Let the decoded records out of quarantine, if any are there, and put the undecodable ones in."""
    if connection.scalar(statements.is_occupied, {"kind": batch.kind}):
        keys = [rows.key_of(batch.kind, record) for record in batch.records]
        statements.release.execute(connection, {"kind": [batch.kind] * len(keys), "key": keys})
    columns = rows.quarantine_columns(batch.kind, batch.undecodable, datetime.now(UTC))
    statements.quarantine.execute(connection, columns)


def chunks(values: Iterable[ValueT]) -> Iterator[list[ValueT]]:
    """Return the values in lists that fit into one statement."""
    remaining = iter(values)
    while chunk := list(islice(remaining, _MOST_IDS)):
        yield chunk
