"""A source of dlt: receipts, Z-reports, product sales and reference data of SmartKasa, for any destination of dlt.

Needs the extra `smartkasa-async[dlt]`. It reads by the client's syncs, so that only what is whole is loaded: as many
records as the service counts, in each shop and each window of days. Where that cannot be had, the run ends with an
error, nothing of it is loaded, and the next run begins where the last one that was whole has ended.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from anyio.from_thread import start_blocking_portal
from sqlalchemy import BigInteger, Boolean, Date, Integer

from smartkasa_async._support import clock as _clock
from smartkasa_async._support.extras import naming_extras
from smartkasa_async.client import SmartKasa
from smartkasa_async.records.batch import Batch, KeptRecords, ProductSale, RecordKind, Undecodable
from smartkasa_async.records.days import Window, business_day, today
from smartkasa_async.records.personal import without_personal
from smartkasa_async.stores import rows, schema
from smartkasa_async.stores.schema import ExactDecimal, UtcDateTime
from smartkasa_async.sync import sync_product_sales, sync_receipts, sync_reference_data, sync_z_reports

with naming_extras():
    import dlt
    from dlt.common.destination.exceptions import SqlClientNotAvailable
    from dlt.destinations.exceptions import DatabaseUndefinedRelation
    from dlt.extract.incremental.context import get_interval_context

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from anyio.from_thread import BlockingPortal
    from sqlalchemy import Column, Table

    from smartkasa_async.records.synced_days import SyncedRange
    from smartkasa_async.stores.rows import Columns

    Row = dict[str, Any]

__all__ = ["REFERENCE_LISTS", "smartkasa"]

REFERENCE_LISTS: Final = (
    RecordKind.SHOPS,
    RecordKind.TERMINALS,
    RecordKind.EMPLOYEES,
    RecordKind.SHIFTS,
    RecordKind.CATEGORIES,
    RecordKind.PRODUCTS,
    RecordKind.CARDS,
)
"""Lists of the whole account, each a resource that is read whole in every run."""

_NAME = "smartkasa"
_FIRST_DAY = date(2015, 1, 1)
_DAYS_AT_ONCE = {RecordKind.RECEIPTS: 7, RecordKind.Z_REPORTS: 31, RecordKind.PRODUCT_SALES: 7}
_SYNCS: dict[RecordKind, Callable[..., Any]] = {
    RecordKind.RECEIPTS: sync_receipts,
    RecordKind.Z_REPORTS: sync_z_reports,
    RecordKind.PRODUCT_SALES: sync_product_sales,
}
_PERSONAL = frozenset(
    {"first_name", "last_name", "middle_name", "phone_number", "email", "cashier_name", "opened_by", "closed_by"}
    | {"terminal_user_name"}
)
"""Columns of names, telephone numbers and e-mail addresses."""

_NOT_LISTED = {"shifts": frozenset({"shop_id"})}
"""Columns that the lists themselves do not fill."""

_KEYS_AT_ONCE = 500
_DECIMAL_DIGITS = 18


@dlt.source(
    name=_NAME,
    section=_NAME,
    max_table_nesting=0,
    schema_contract={"tables": "evolve", "columns": "evolve", "data_type": "freeze"},
)
def smartkasa(
    *,
    api_key: str = dlt.secrets.value,
    phone_number: str = dlt.secrets.value,
    password: str = dlt.secrets.value,
    base_url: str | None = None,
    start: date = _FIRST_DAY,
    end: date | None = None,
    shops: list[int] | None = None,
    lag_days: int = 3,
    keep_personal: bool = False,
    concurrency: int = 16,
) -> Any:
    """Make the source of all reference data, receipts, Z-reports and product sales.

    Its tables are shops, terminals, employees, shifts, categories, products, cards, receipts, items, payments,
    Z-reports and product sales. Rows are merged by their keys. Money is decimal, times are in UTC, and
    `business_date` is the day in Kyiv, by which receipts, Z-reports and product sales are incremental: a run reads from
    the last day that was loaded, less `lag_days`, to today. In the interval of a scheduler such as Airflow it reads the
    days of the interval, and `lag_days` before them; with an `end`, the days from `start` to it. Neither moves on where
    the next run without begins. What the service no longer lists keeps its row, and `deleted_at` says since when, where
    the destination can be asked by SQL. Records that do not have the documented
    form stand in the table `quarantine`, and never hold up the others.

    Arguments that are not given come from the configuration of dlt, `[sources.smartkasa]`. Tokens stay in memory.

    Args:
        api_key: Key of the integration.
        phone_number: The user's phone number.
        password: The user's password.
        base_url: Address of the service; None for the live one.
        start: First business day, in Europe/Kyiv, that is ever read.
        end: Last business day, included, for loads of the past; None to go on from the last run to today.
        shops: Ids of the shops; None for all of the account.
        lag_days: Days before the last one that was loaded which are read anew, since receipts come late and change.
        keep_personal: Whether names, telephone numbers and e-mail addresses of people are loaded, tax numbers and
            passports left out in any case; and the JSON of records in quarantine, which may have them.
        concurrency: Maximum number of concurrent requests.

    Returns:
        The source, for `pipeline.run(smartkasa())`, or `smartkasa().with_resources("receipts", "payments")`. Resources
        have the names of their tables; what is in quarantine of each kind is one of its own, `receipts_quarantine`.

    Raises:
        ConfigurationError: A setting of the client is wrong.
    """
    kasa = SmartKasa(
        api_key=api_key,
        phone_number=phone_number,
        password=password,
        base_url=base_url,
        concurrency=concurrency,
    )
    context = get_interval_context()
    scheduled = context is not None and context.interval is not None
    early_days = lag_days if scheduled else 0  # dlt takes off the lag itself where it goes on from the last run
    maker = _Resources(kasa, shops, keep_personal=keep_personal, concurrency=concurrency)
    resources = [resource for kind in REFERENCE_LISTS for resource in maker.of_list(kind)]
    for kind in _SYNCS:
        cursor = dlt.sources.incremental[date](
            "business_date",
            initial_value=start,
            end_value=end,
            lag=lag_days,
            range_end="closed",
            primary_key=(),  # rows of the last day are not left out: they may have changed
            on_cursor_value_missing="include",
            allow_external_schedulers=scheduled,
        )
        resources += maker.of_days(kind, cursor, lag_days, early_days)
    return resources


class _Resources:
    """Makes the resources of one source."""

    def __init__(self, kasa: SmartKasa, shops: Sequence[int] | None, *, keep_personal: bool, concurrency: int) -> None:
        self._kasa = kasa
        self._shops = shops
        self._keep_personal = keep_personal
        self._concurrency = concurrency

    def of_list(self, kind: RecordKind) -> list[Any]:
        """Make the resources of a list of the account."""

        def whole() -> Iterator[Any]:
            collected = _Collected(kind)
            sync = partial(sync_reference_data, self._kasa, collected, kinds=[kind], concurrency=self._concurrency)
            with start_blocking_portal() as portal:
                _require_complete(portal.call(sync))
            yield {"collected": collected}

        reading = dlt.resource(whole, name=f"{kind}_read", selected=False)
        return [reading, *self._made_of(reading, kind)]

    def of_days(self, kind: RecordKind, cursor: Any, lag_days: int, early_days: int) -> list[Any]:
        """Make the resources of a kind of records that are listed by days.

        One reads the windows, and is not loaded itself; the others make their rows of what it gives, so that receipts
        are read once for their items and payments too.
        """

        def windows(days: Any = cursor) -> Iterator[Any]:
            last = today() if days.end_value is None else min(days.end_value, today())
            first = min(days.last_value - timedelta(early_days), last)
            with start_blocking_portal() as portal:
                for window in Window(first, last).split(_DAYS_AT_ONCE[kind]):
                    asked = max(window.end, days.last_value)
                    yield {"business_date": asked, "collected": self._read(portal, kind, window, lag_days)}

        reading = dlt.resource(windows, name=f"{kind}_read", selected=False)
        made = [reading, *self._made_of(reading, kind)]
        if kind is RecordKind.RECEIPTS:
            made.append(self._parts(reading, self._table(schema.RECEIPT_ITEMS), rows.item_columns))
            made.append(self._parts(reading, self._table(schema.PAYMENTS), rows.payment_columns))
        return made

    def _made_of(self, reading: Any, kind: RecordKind) -> list[Any]:
        """Make the resource of the records that were read, and that of those in quarantine."""
        table, quarantine = self._table(schema.METADATA.tables[kind]), self._table(schema.QUARANTINE)

        def records(read: Any) -> Iterator[Any]:
            yield from table.loaded(read["collected"], self._shops)

        def quarantined(read: Any) -> Iterator[Any]:
            yield self._quarantine(quarantine, read["collected"])

        return [
            dlt.transformer(records, data_from=reading, name=table.name, **table.hints),
            dlt.transformer(
                quarantined,
                data_from=reading,
                name=f"{kind}_quarantine",
                table_name=quarantine.name,
                **quarantine.hints,
            ),
        ]

    def _parts(self, reading: Any, table: _LoadedTable, columns_of: Callable[[Iterable[Any]], Columns]) -> Any:
        def parts(read: Any) -> Iterator[Any]:
            receipts = read["collected"].records()
            own = {one.id: _shop_and_day(one) for one in receipts}
            columns = columns_of(receipts)
            of_receipts = [own[id_] for id_ in columns["receipt_id"]]
            in_front: Columns = {
                "business_date": [day for _, day in of_receipts],
                "shop_id": [shop_id for shop_id, _ in of_receipts],
            }
            yield table.rows(in_front | columns)

        return dlt.transformer(parts, data_from=reading, name=table.name, **table.hints)

    def _read(self, portal: BlockingPortal, kind: RecordKind, window: Window, lag_days: int) -> _Collected:
        collected = _Collected(kind, window)
        sync = partial(
            _SYNCS[kind],
            self._kasa,
            collected,
            shops=self._shops,
            start=window.start,
            end=window.end,
            lookback_days=lag_days,
            concurrency=self._concurrency,
        )
        _require_complete(portal.call(sync))
        return collected

    def _table(self, table: Table) -> _LoadedTable:
        return _LoadedTable(table, keep_personal=self._keep_personal)

    def _quarantine(self, table: _LoadedTable, collected: _Collected) -> list[Row]:
        """Return what could not be decoded, and what could not before and can now, marked as deleted."""
        columns = rows.quarantine_columns(collected.kind, collected.undecodable(), _clock.now())
        if not self._keep_personal:
            columns["raw"] = [None] * len(columns["key"])
        released = table.marked_deleted({"kind": str(collected.kind)}, lambda key: key[1] in collected.decoded)
        return table.rows(columns) + released


def _require_complete(report: Any) -> None:
    """Raise where not everything came that the service counts, so that nothing of this run is loaded.

    Raises:
        FailuresError: Names what is missing.
    """
    if not report.complete:
        report.raise_for_failures()


class _LoadedTable:
    """A table of the destination: which rows it is given, and what dlt has to know of it."""

    def __init__(self, table: Table, *, keep_personal: bool) -> None:
        self.name: str = table.name
        left_out = {"account_id", "message", *_NOT_LISTED.get(table.name, ())}
        left_out |= set() if table is schema.QUARANTINE else {"raw"}
        left_out |= set() if keep_personal else _PERSONAL
        own = [column for column in table.columns if column.name not in left_out]
        is_part = "receipt_id" in table.c
        self._key = [column.name for column in table.primary_key if column.name not in left_out]
        columns = {column.name: _hint(column) for column in own}
        if is_part:
            columns = {name: _hint(schema.RECEIPTS.c[name]) for name in ("business_date", "shop_id")} | columns
        else:
            columns["deleted_at"] = {"name": "deleted_at", "data_type": "timestamp", "timezone": True, "nullable": True}
        if table is schema.QUARANTINE:
            columns["raw"]["nullable"] = True
        self._columns = columns
        self.hints: dict[str, Any] = {
            "write_disposition": "merge",
            "primary_key": self._key,
            "columns": columns,
            **({"merge_key": "receipt_id"} if is_part else {}),
        }

    def rows(self, columns: Columns) -> list[Row]:
        """Make rows of the columns that are loaded."""
        filled = [name for name in self._columns if name in columns]
        return [
            dict(zip(filled, values, strict=True)) for values in zip(*(columns[name] for name in filled), strict=True)
        ]

    def loaded(self, collected: _Collected, shops: Collection[int] | None) -> Iterator[list[Row]]:
        """Yield the rows of what was read, and those of what was loaded before and is no longer listed."""
        records = collected.records()
        if records:
            yield self.rows(rows.record_columns(collected.kind, records, [None] * len(records)))
        present = collected.present()
        if vanished := self.marked_deleted(_where(collected.window, shops), lambda key: key not in present):
            yield vanished

    def marked_deleted(self, where: Mapping[str, Any], is_deleted: Callable[[tuple[Any, ...]], bool]) -> list[Row]:
        """Return rows that are loaded and not yet marked as deleted, marked so.

        Args:
            where: What rows must have in columns: a value, a list of values, or a window of days.
            is_deleted: Whether the row with a key is no longer at the service.
        """
        found = _select(self.name, self._key, where)
        keys = [key for key in map(tuple, found) if is_deleted(key)]
        now = _clock.now()
        names = [name for name in self._columns if name != "deleted_at"]
        marked: list[Row] = []
        for first in range(0, len(keys), _KEYS_AT_ONCE):
            some = set(keys[first : first + _KEYS_AT_ONCE])
            last_of_key = self._key[-1]
            rows_found = _select(self.name, names, {**where, last_of_key: sorted({key[-1] for key in some})})
            made = (dict(zip(names, row, strict=True)) for row in rows_found)
            marked += [row | {"deleted_at": now} for row in made if tuple(row[name] for name in self._key) in some]
        return marked


def _where(window: Window | None, shops: Collection[int] | None) -> dict[str, Any]:
    days: dict[str, Any] = {} if window is None else {"business_date": window}
    return days if shops is None or window is None else days | {"shop_id": sorted(shops)}


def _select(table: str, columns: Sequence[str], where: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """Read rows of the destination that are not marked as deleted; none where it has no such table, or no SQL."""
    pipeline, source = dlt.current.pipeline(), dlt.current.source_schema().name
    if source not in pipeline.schema_names:  # nothing was loaded yet
        return []
    try:
        with pipeline.sql_client(source) as client:
            conditions, values = _conditions(where, client.escape_column_name)
            listed = ", ".join(map(client.escape_column_name, columns))
            name = client.make_qualified_table_name(table)
            query = f"SELECT {listed} FROM {name} WHERE {' AND '.join(conditions)}"  # noqa: S608  (names of our own)
            with client.execute_query(query, *values) as cursor:
                found: Sequence[Sequence[Any]] = cursor.fetchall()
                return found
    except (DatabaseUndefinedRelation, SqlClientNotAvailable):
        return []


def _conditions(where: Mapping[str, Any], escaped: Callable[[str], str]) -> tuple[list[str], list[Any]]:
    """Return the conditions of a query in SQL, and the values of their placeholders."""
    conditions, values = [f"{escaped('deleted_at')} IS NULL"], list[Any]()
    for name, wanted in where.items():
        column = escaped(name)
        if isinstance(wanted, Window):
            conditions.append(f"{column} BETWEEN DATE '{wanted.start}' AND DATE '{wanted.end}'")
        elif isinstance(wanted, list):
            conditions.append(f"{column} IN ({', '.join(['%s'] * len(wanted))})")
            values += wanted
        else:
            conditions.append(f"{column} = %s")
            values.append(wanted)
    return conditions, values


def _hint(column: Column[Any]) -> dict[str, Any]:
    """Return what dlt has to know of a column."""
    type_ = column.type
    hint: dict[str, Any] = {"name": column.name, "nullable": bool(column.nullable)}
    if isinstance(type_, ExactDecimal):
        return hint | {"data_type": "decimal", "precision": _DECIMAL_DIGITS, "scale": type_.scale}
    if isinstance(type_, UtcDateTime):
        return hint | {"data_type": "timestamp", "timezone": True}
    names = {Date: "date", Boolean: "bool", BigInteger: "bigint", Integer: "bigint"}
    return hint | {"data_type": next((name for sql, name in names.items() if isinstance(type_, sql)), "text")}


def _shop_and_day(record: Any) -> tuple[int | None, date]:
    if isinstance(record, ProductSale):
        return record.shop_id, record.business_date
    return record.shop_id or None, business_day(record.created_at)


class _Collected:
    """The records of one kind that a sync reads, kept until all of them are there.

    A sync writes them to it as to an empty store, and so reports which of them are listed in the end.
    """

    def __init__(self, kind: RecordKind, window: Window | None = None) -> None:
        self.kind = kind
        self.window = window
        self.decoded: set[str] = set()
        self._records: dict[tuple[Any, ...], Any] = {}
        self._of_shop: dict[int | None, dict[tuple[Any, ...], date]] = defaultdict(dict)
        self._undecodable: dict[str, Undecodable] = {}

    def records(self) -> list[Any]:
        """Return the records."""
        return [*self._records.values()]

    def undecodable(self) -> list[Undecodable]:
        """Return those that could not be decoded."""
        return [*self._undecodable.values()]

    def present(self) -> set[tuple[Any, ...]]:
        """Return the keys of all records that are listed."""
        return {*self._records, *(self._key_of_undecodable(one) for one in self._undecodable.values())}

    def _key_of(self, record: Any) -> tuple[Any, ...]:
        if isinstance(record, ProductSale):
            return record.shop_id, record.business_date, record.line.id
        return (record.id,)

    def _key_of_undecodable(self, one: Undecodable) -> tuple[Any, ...]:
        if self.kind is RecordKind.PRODUCT_SALES:
            shop_id, day, id_ = one.key.split("/", 2)
            return int(shop_id), date.fromisoformat(day), id_
        is_number = isinstance(schema.METADATA.tables[self.kind].c.id.type, BigInteger) and one.key.isdecimal()
        return (int(one.key) if is_number else one.key,)

    async def write(self, batch: Batch[Any]) -> None:
        """Keep records; shops come with all kinds."""
        if batch.kind is not self.kind:
            return
        batch = without_personal(batch)
        for record in batch.records:
            key = self._key_of(record)
            self._records[key] = record
            if self.window is not None:
                shop_id, day = _shop_and_day(record)
                self._of_shop[shop_id][key] = day
            self.decoded.add(rows.key_of(self.kind, record))
        self._undecodable.update((one.key, one) for one in batch.undecodable)

    async def mark_deleted(
        self,
        kind: RecordKind,
        present: Collection[str | int],
        *,
        shop_id: int | None = None,
        window: Window | None = None,
    ) -> int:
        """Leave out records that came and were no longer listed when the list was read whole."""
        if kind is not self.kind:
            return 0
        if window is None or shop_id is None:
            absent = [key for key in self._records if key[-1] not in present]
        else:
            days = self._of_shop[shop_id].items()
            absent = [key for key, day in days if window.start <= day <= window.end and key[-1] not in present]
        for key in absent:
            del self._records[key]
            self._of_shop[shop_id].pop(key, None)
        return len(absent)

    async def synced_ranges(self, kind: RecordKind, shop_id: int) -> Sequence[SyncedRange]:  # noqa: ARG002
        """Return nothing: all that is asked for is read."""
        return ()

    async def mark_synced(self, kind: RecordKind, shop_id: int, synced: SyncedRange) -> None:
        """Do nothing, likewise."""

    async def trim(self, kind: RecordKind, shop_id: int, last: date) -> None:
        """Do nothing, likewise."""

    async def note_read(
        self, kind: RecordKind, read_at: datetime, *, shop_id: int | None = None, window: Window | None = None
    ) -> None:
        """Do nothing: dlt keeps what was read."""

    async def kept(self, kind: RecordKind, shop_id: int, window: Window) -> KeptRecords:  # noqa: ARG002
        """Return nothing."""
        return KeptRecords({})

    async def shop_titles(self) -> Mapping[int, str]:
        """Return nothing: any account may be loaded."""
        return {}
