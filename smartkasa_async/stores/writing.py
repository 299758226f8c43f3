"""Write a batch into the tables: the SQL, compiled once for each kind of database, and the order in which it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import compress, islice
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import UNSET
from sqlalchemy import Boolean, and_, any_, bindparam, case, delete, exists, func, null, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async.records.batch import Batch, RecordKind
from smartkasa_async.stores import rows
from smartkasa_async.stores.accounts import ACCOUNT, of_account
from smartkasa_async.stores.errors import UnfitValueError
from smartkasa_async.stores.schema import (
    METADATA,
    PAYMENTS,
    QUARANTINE,
    RECEIPT_ITEMS,
    RECEIPTS,
    SHIFTS,
    TERMINALS,
    ExactDecimal,
    WholeUnits,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Delete, Dialect, Exists, Select, Table, Update, UpdateBase
    from sqlalchemy.types import TypeEngine

    from smartkasa_async.models import Receipt
    from smartkasa_async.stores.rows import Columns

    Insert = sqlite.Insert | postgresql.Insert
    Conversion = Callable[[Sequence[Any]], Sequence[Any]]


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
        self._conversions = _conversions(statement.table.c, compiled, dialect)

    def execute(self, connection: Connection, columns: Columns) -> int:
        """Execute it for the rows, if there are any, all of the account of the connection.

        Returns:
            How many rows were changed; negative where the database's driver does not tell.
        """
        account_id = connection.get_execution_options()[ACCOUNT]
        columns = {"account_id": [account_id] * len(next(iter(columns.values()))), **columns}
        rows = [*zip(*(convert(columns[name]) for name, convert in self._conversions), strict=True)]
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


def _conversions(columns: Any, compiled: Any, dialect: Dialect) -> list[tuple[str, Conversion]]:
    """Return the names of a statement's parameters, with what turns a column into what the driver takes."""
    return [(name, _conversion(columns[name].type, dialect)) for name in compiled.positiontup or ()]


def _conversion(type_: TypeEngine[Any], dialect: Dialect) -> Conversion:
    is_sqlite = dialect.name == "sqlite"
    convert = type_.dialect_impl(dialect).bind_processor(dialect)
    if convert is None or (is_sqlite and isinstance(type_, Boolean)):  # SQLite's driver takes a bool as it is
        return lambda column: column
    if is_sqlite and isinstance(type_, ExactDecimal):
        units = WholeUnits(type_, dialect)
        return lambda column: [None if value is None else units[str(value)] for value in column]
    return lambda column: [None if value is None else convert(value) for value in column]


class Probe:
    """Whether rows are there, by one value; compiled once, as a `BulkStatement` is."""

    def __init__(self, condition: Exists, dialect: Dialect) -> None:
        compiled = of_account(select(condition), bindparam("account_id")).compile(dialect=dialect)
        self._sql, self._names = str(compiled), compiled.positiontup or ()

    def read(self, connection: Connection, value: object) -> bool:
        """Return whether there are any, of the account of the connection."""
        account_id = connection.get_execution_options()[ACCOUNT]
        given = tuple(account_id if name == "account_id" else value for name in self._names)
        return bool(connection.exec_driver_sql(self._sql, given).scalar())


class ArrayStatement:
    """A statement of PostgreSQL that takes each column of many rows as an array, and is executed once for all of them.

    It is compiled once, as a `BulkStatement` is.
    """

    def __init__(self, statement: UpdateBase, table: Table, dialect: Dialect) -> None:
        """Compile the statement.

        Args:
            statement: The statement; its parameters are arrays, but for `account_id`, and named as columns of its
                table. What it returns, if anything, is one column.
            table: Its table.
            dialect: The database.
        """
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        self._conversions = _conversions(table.c, compiled, dialect)

    def execute(self, connection: Connection, columns: Columns) -> set[Any]:
        """Execute it for the rows, if there are any, of the account of the connection; give what it returns of them."""
        if not next(iter(columns.values())):
            return set()
        account_id = connection.get_execution_options()[ACCOUNT]
        arrays = [account_id if name == "account_id" else convert(columns[name]) for name, convert in self._conversions]
        found = connection.exec_driver_sql(self._sql, tuple(arrays))
        return set(found.scalars()) if found.returns_rows else set()

    @classmethod
    def insert(cls, table: Table, make: Callable[[Insert], Insert], dialect: Dialect) -> ArrayStatement:
        """Compile an `INSERT … ON CONFLICT` that returns the ids of the rows that it inserted or replaced.

        Args:
            table: The table.
            make: Adds what is done with rows whose key is there already.
            dialect: The database.
        """
        names = [column.name for column in table.columns if column.name not in {"account_id", "deleted_at"}]
        arrays = [bindparam(name, type_=postgresql.ARRAY(table.c[name].type)) for name in names]
        rows = func.unnest(*arrays).table_valued(*names).render_derived()
        of_rows = select(bindparam("account_id", type_=table.c.account_id.type), *rows.c)
        insert = postgresql.insert(table).from_select(["account_id", *names], of_rows)
        return cls(make(insert).returning(table.c.id), table, dialect)

    @classmethod
    def delete(cls, column: Column[Any], dialect: Dialect) -> ArrayStatement:
        """Compile a `DELETE` of the rows that have one of several values in a column."""
        values = bindparam(column.name, type_=postgresql.ARRAY(column.type))
        statement = delete(column.table).where(column == any_(values))
        return cls(of_account(statement, bindparam("account_id")), column.table, dialect)


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

INSERT: dict[str, Callable[[Table], Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""What makes an `INSERT … ON CONFLICT`, by the name of the database."""

DIALECTS = frozenset(INSERT)
"""Databases that have `INSERT … ON CONFLICT DO UPDATE`, and so can be a store."""

TABLES: Mapping[RecordKind, Table] = {kind: METADATA.tables[kind] for kind in RecordKind}
"""Where the records of each kind go."""


class _Upserts(dict[RecordKind, BulkStatement]):
    """What puts records of each kind into their table, compiled when the first are written; few runs write all."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._dialect = dialect

    def __missing__(self, kind: RecordKind) -> BulkStatement:
        special = {RecordKind.RECEIPTS: _upsert_newer, RecordKind.SHIFTS: _upsert_shift}
        upsert = special.get(kind, _upsert)(_insert(TABLES[kind], self._dialect))
        made = self[kind] = BulkStatement(upsert, self._dialect)
        return made


@dataclass(frozen=True)
class Statements:
    """What is executed to write a batch.

    Attributes:
        upsert: Puts records of each kind into their table.
        upsert_nested_shifts: Inserts the shifts in Z-reports, or completes them.
        set_shops_of_shifts: Sets the shop of shifts to their terminal's where none was known.
        insert_new_receipts: Puts receipts into their table in PostgreSQL that are not there yet, and returns their ids.
        upsert_receipts: Puts receipts into their table there, and returns the ids of those that it wrote.
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
    insert_new_receipts: ArrayStatement | None
    upsert_receipts: ArrayStatement | None
    receipt_versions: Select[tuple[str, datetime]]
    list_anew: BulkStatement
    delete_items: BulkStatement | ArrayStatement
    insert_items: BulkStatement
    delete_payments: BulkStatement | ArrayStatement
    insert_payments: BulkStatement
    quarantine: BulkStatement
    is_occupied: Probe
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

        def delete_of(column: Column[Any]) -> BulkStatement | ArrayStatement:
            if has_arrays:
                return ArrayStatement.delete(column, dialect)
            return BulkStatement(delete(column.table).where(_is(column)), dialect)

        has_arrays = dialect.name == "postgresql"
        return cls(
            upsert=_Upserts(dialect),
            upsert_nested_shifts=bulk(SHIFTS, _upsert_nested_shift),
            set_shops_of_shifts=update(SHIFTS)
            .where(SHIFTS.c.shop_id.is_(None))
            .values(shop_id=_shop_of(SHIFTS.c.terminal_id)),
            insert_new_receipts=ArrayStatement.insert(RECEIPTS, _leave, dialect) if has_arrays else None,
            upsert_receipts=ArrayStatement.insert(RECEIPTS, _upsert_newer, dialect) if has_arrays else None,
            receipt_versions=select(RECEIPTS.c.id, RECEIPTS.c.updated_at).where(
                RECEIPTS.c.id.in_(bindparam("ids", expanding=True))
            ),
            list_anew=BulkStatement(update(RECEIPTS).where(_is(RECEIPTS.c.id)).values(deleted_at=null()), dialect),
            delete_items=delete_of(RECEIPT_ITEMS.c.receipt_id),
            insert_items=BulkStatement(_insert(RECEIPT_ITEMS, dialect), dialect, copied_into=RECEIPT_ITEMS),
            delete_payments=delete_of(PAYMENTS.c.receipt_id),
            insert_payments=BulkStatement(_insert(PAYMENTS, dialect), dialect, copied_into=PAYMENTS),
            quarantine=bulk(QUARANTINE, _upsert),
            is_occupied=Probe(exists().where(_is(QUARANTINE.c.kind)), dialect),
            release=BulkStatement(delete(QUARANTINE).where(_is(QUARANTINE.c.kind), _is(QUARANTINE.c.key)), dialect),
        )


def _is(column: Column[Any]) -> ColumnElement[bool]:
    return column == bindparam(column.name)


def _insert(table: Table, dialect: Dialect) -> Insert:
    filled = [column.name for column in table.columns if column.name != "deleted_at"]
    return INSERT[dialect.name](table).values({name: bindparam(name) for name in filled})


_made: dict[tuple[str, str], Statements] = {}


def _upsert(insert: Insert) -> Insert:
    """Replace a row whose key is there already; what is listed is not deleted."""
    return _on_conflict(insert, {name: insert.excluded[name] for name in _replaceable(insert)})


def _leave(insert: Insert) -> Insert:
    """Leave a row whose key is there already."""
    return insert.on_conflict_do_nothing(index_elements=[column.name for column in insert.table.primary_key])


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
    """Insert or replace records, each with its JSON, and return what `BulkStatement.execute` does."""
    return statements.upsert[kind].execute(connection, _in_order(kind, pairs))


def _in_order(kind: RecordKind, pairs: Iterable[tuple[Any, bytes | None]]) -> Columns:
    """Read records into columns in the order of ids, so that writers in several processes never wait in a circle."""
    ordered = sorted(pairs, key=lambda pair: rows.key_of(kind, pair[0]))
    return rows.record_columns(kind, [record for record, _ in ordered], [raw for _, raw in ordered])


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
    new, outdated = _put_receipts(connection, statements, latest)
    statements.list_anew.execute(connection, {"id": outdated})
    for id_ in outdated:
        del latest[id_]
    receipts = [receipt for receipt, _ in latest.values()]
    with_items = [receipt for receipt in receipts if receipt.items is not UNSET]
    with_payments = [receipt for receipt in receipts if receipt.payment_transactions is not UNSET]
    statements.delete_items.execute(connection, {"receipt_id": _ids_but(new, with_items)})
    statements.insert_items.execute(connection, rows.item_columns(with_items))
    statements.delete_payments.execute(connection, {"receipt_id": _ids_but(new, with_payments)})
    statements.insert_payments.execute(connection, rows.payment_columns(with_payments))


def _ids_but(new: Collection[str], receipts: Iterable[Receipt]) -> list[str]:
    """Return the ids of the receipts that may have items and payments: what was just inserted has none."""
    return [receipt.id for receipt in receipts if receipt.id not in new]


def _put_receipts(
    connection: Connection, statements: Statements, latest: Mapping[str, tuple[Receipt, bytes | None]]
) -> tuple[Collection[str], list[str]]:
    """Insert or replace receipts.

    Returns:
        The ids of those that were not there, as far as the database tells, and of those that are kept in a newer
        version.
    """
    if statements.insert_new_receipts is None or statements.upsert_receipts is None:
        if _upsert_records(connection, statements, RecordKind.RECEIPTS, latest.values()) == len(latest):
            return (), []
        return (), [
            row.id
            for ids in chunks(latest)
            for row in connection.execute(statements.receipt_versions, {"ids": ids})
            if row.updated_at != latest[row.id][0].updated_at
        ]
    columns = _in_order(RecordKind.RECEIPTS, latest.values())
    new = statements.insert_new_receipts.execute(connection, columns)
    if len(new) == len(latest):
        return new, []
    were_there = [id_ not in new for id_ in columns["id"]]
    written = new | statements.upsert_receipts.execute(
        connection, {name: [*compress(values, were_there)] for name, values in columns.items()}
    )
    return new, [id_ for id_ in latest if id_ not in written]


def _quarantine(connection: Connection, statements: Statements, batch: Batch[Any]) -> None:
    """Let the decoded records out of quarantine, if any are there, and put the undecodable ones in."""
    if statements.is_occupied.read(connection, batch.kind):
        keys = [rows.key_of(batch.kind, record) for record in batch.records]
        statements.release.execute(connection, {"kind": [batch.kind] * len(keys), "key": keys})
    columns = rows.quarantine_columns(batch.kind, batch.undecodable, datetime.now(UTC))
    statements.quarantine.execute(connection, columns)


def chunks(values: Iterable[ValueT]) -> Iterator[list[ValueT]]:
    """Yield the values in lists that fit into one statement."""
    remaining = iter(values)
    while chunk := list(islice(remaining, _MOST_IDS)):
        yield chunk
