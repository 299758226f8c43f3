"""What a reconciliation reads of a store: shift by shift, a few shifts with their receipts in memory at a time."""

from __future__ import annotations

from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, or_, select, true, union
from sqlalchemy.exc import OperationalError

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.reports.quarantine import read_unreadable
from smartkasa_async.reports.reconciliation.clearing import (
    IS_NUMERIC,
    MOST_DIGITS,
    clear,
    receipt_sums,
    summed,
    suspects_of,
)
from smartkasa_async.reports.reconciliation.figures import FIGURES
from smartkasa_async.reports.reconciliation.ledger import (
    ItemRecord,
    PaymentRecord,
    ReceiptRecord,
    Shift,
    ShiftHead,
    SoldProduct,
    ZReportRecord,
    assign_records,
)
from smartkasa_async.reports.reconciliation.product_queries import read_sold_products
from smartkasa_async.reports.reconciliation.quarantine import Quarantine
from smartkasa_async.reports.reconciliation.receipt_amounts import half_up
from smartkasa_async.reports.reconciliation.receipt_check import check_receipt
from smartkasa_async.reports.reconciliation.shift_sums import sum_up
from smartkasa_async.reports.records_within import are_most
from smartkasa_async.stores.schema import (
    MONEY_SCALE,
    PAYMENTS,
    RECEIPT_ITEMS,
    RECEIPTS,
    SHIFTS,
    SHOPS,
    TAX_LETTERS,
    Z_REPORTS,
)
from smartkasa_async.stores.sync_state import read_days_read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from typing import Any

    from sqlalchemy import ColumnElement, CompoundSelect, Select, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.days import Window
    from smartkasa_async.records.synced_days import DaysRead
    from smartkasa_async.reports.quarantine import Unreadable
    from smartkasa_async.reports.reconciliation.clearing import ReceiptSums
    from smartkasa_async.reports.reconciliation.continuity import KnownNumbers
    from smartkasa_async.reports.reconciliation.shift_sums import ShiftSums
    from smartkasa_async.stores.store import Store

_SHIFTS_AT_ONCE = 64
_SUSPECTS_AT_ONCE = 500
_AROUND = timedelta(days=31)
_ZERO = Decimal(0)
_MOST_TOLERANCE = Decimal(10) ** 9
_STREAMED = {"yield_per": 1_000}
_OVERFLOW = "integer overflow"
"""What SQLite says of a sum beyond 64 bits."""

_THERE = RECEIPTS.c.deleted_at.is_(None)

ITEM_COLUMNS = tuple(
    RECEIPT_ITEMS.c[name] for name in ("product_id", "amount", "discount_amount", "tax_group_id", "price", "quantity")
)
"""Columns of an item, in the order of `item_record`."""

PAYMENT_COLUMNS = tuple(PAYMENTS.c[name] for name in ("transaction_type_id", "payment_type_id", "amount"))
"""Columns of a payment, in the order of `payment_record`."""

RECEIPT_COLUMNS = tuple(
    RECEIPTS.c[name]
    for name in (
        "id",
        "shift_id",
        "type",
        "state",
        "business_date",
        "total_amount",
        "rounding_amount",
        "discount_amount",
        "discount_percentage",
        "fiscal_number",
        "registrar_local_number",
        "deleted_at",
        *(f"tax_{letter}" for letter in TAX_LETTERS),
    )
)
"""Columns of a receipt, in the order of `receipt_record`."""

_STATED = (*FIGURES, "cash_amount")

_PAYLOAD = (
    "cash_amount",
    "cash_total",
    "cash_receipts_count",
    "service_input",
    "service_output",
    "turnover_amount",
)


@asynccontextmanager
async def open_ledger(store: Store, window: Window, tax_tolerance: Decimal) -> AsyncIterator[Ledger]:
    """Open what the store has of a span of business days; it stays as it is now, whatever is written meanwhile."""
    async with store.reading() as connection:
        read, unreadable = await read_days_read(connection), await read_unreadable(connection)
        yield Ledger(connection, window, read, unreadable, tax_tolerance)


class Ledger:
    """Reads the shops of a store; shifts that the window touches are summed up with all their receipts.

    `read` holds which days were read into the store.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        window: Window,
        read: DaysRead,
        unreadable: Sequence[Unreadable],
        tax_tolerance: Decimal = _ZERO,
    ) -> None:
        self._connection = connection
        self._window = window
        self._unreadable = unreadable
        self._tax_tolerance = tax_tolerance
        self._sums: dict[str, ReceiptSums] = {}
        self._sold: Mapping[int, list[SoldProduct]] = {}
        self._doubtful: set[str | None] = set()
        self._may_have_copies = True
        self.read = read

    def quarantine(self, shop_id: int | None) -> Quarantine:
        """Return what of a shop is in quarantine; what names no shop may be of any."""
        return Quarantine([one for one in self._unreadable if one.shop_id in {None, shop_id}], shop_id)

    async def shop_titles(self, chosen: Collection[int] | None) -> dict[int | None, str | None]:
        """Return the title of each shop that was synced or has records, None for records that name no shop.

        A shop that the service no longer lists, and of which nothing was read, can be read no more: it is left out.

        Args:
            chosen: Ids of shops; None for all.
        """
        known = select(SHOPS.c.id, SHOPS.c.title, SHOPS.c.deleted_at)
        titles: dict[int | None, str | None] = {
            row.id: row.title
            for row in await self._connection.execute(known)
            if row.deleted_at is None or self._was_read(row.id)
        }
        used = union(*(select(table.c.shop_id).where(self._within(table)) for table in (RECEIPTS, Z_REPORTS)))
        for (shop_id,) in await self._connection.execute(used):
            titles.setdefault(shop_id, None)
        if any(one.shop_id is None for one in self._unreadable):
            titles.setdefault(None, None)
        if chosen is None:
            return titles
        return {shop_id: titles.get(shop_id) for shop_id in chosen}

    def _was_read(self, shop_id: int) -> bool:
        """Return whether any receipts or Z-reports of a shop were read."""
        kinds = (RecordKind.RECEIPTS, RecordKind.Z_REPORTS)
        return self.read.spans is None or any(self.read.spans.get((kind, shop_id)) for kind in kinds)

    async def count_shifts(self, chosen: Collection[int] | None) -> int:
        """Count the shifts that receipts and Z-reports of the window name.

        Args:
            chosen: Ids of shops; None for all.
        """
        named = self._shift_ids(_is_asked_for(chosen)).subquery()
        return (await self._connection.execute(select(func.count()).select_from(named))).scalar_one()

    async def copies(self, shop_id: int | None) -> dict[str, str]:
        """Return the ids of receipts whose registrar and fiscal number an earlier one has, each with that one's id."""
        if not self._may_have_copies:
            return {}
        columns = RECEIPTS.c
        of_shop = (_of(RECEIPTS, shop_id), _THERE, func.coalesce(columns.fiscal_number, "") != "")
        numbers = (columns.registrar_fiscal_number, columns.fiscal_number)
        twice = select(*numbers).where(*of_shop).group_by(*numbers).having(func.count() > 1).subquery()
        same = and_(
            columns.fiscal_number == twice.c.fiscal_number,
            columns.registrar_fiscal_number.is_not_distinct_from(twice.c.registrar_fiscal_number),
        )
        query = select(*numbers, columns.id).join(twice, same).where(*of_shop).order_by(columns.created_at, columns.id)
        first: dict[tuple[str | None, str], str] = {}
        copies = {}
        for registrar, number, id_ in await self._connection.execute(query):
            original = first.setdefault((registrar, number), id_)
            if original != id_:
                copies[id_] = original
        return copies

    async def registrars(self, shop_id: int | None) -> list[list[ShiftHead]]:
        """Return the shifts of each registrar in the order of time, with their Z-reports."""
        heads = await self._heads(shop_id)
        stray_reports = await self._add_z_reports(shop_id, heads)
        await self._add_shifts(shop_id, heads)
        stray_receipts = await self._stray_receipts(shop_id)
        by_registrar: defaultdict[str | None, list[ShiftHead]] = defaultdict(list)
        for head in heads.values():
            by_registrar[head.registrar].append(head)
        registrars = by_registrar.keys() | stray_reports.keys() | stray_receipts.keys()
        return [
            assign_records(
                by_registrar.get(registrar, ()),
                stray_reports.get(registrar, ()),
                stray_receipts.get(registrar, ()),
                shop_id=shop_id,
                registrar=registrar,
            )
            for registrar in sorted(registrars, key=lambda one: (one is None, one or ""))
        ]

    def have_all_numbers(self, heads: Iterable[ShiftHead]) -> bool:
        """Return whether the shifts of a registrar leave out no local number from their first to their last.

        Then it need not be looked up which numbers other receipts have.
        """
        numbers: set[int] = set()
        for head in heads:
            sums = head.receipt_sums
            if sums is None or not sums.is_plain or head.unassigned_receipts or not self._is_around(sums.day):
                return False
            numbers.update(sums.local_numbers())
        return not numbers or max(numbers) - min(numbers) < len(numbers)

    def _is_around(self, day: date) -> bool:
        return self._window.start - _AROUND <= day <= self._window.end + _AROUND

    async def numbers(self, shop_id: int | None) -> Mapping[str | None, Sequence[int]]:
        """Return the local numbers around the window, by registrar; those of receipts that name none under None."""
        columns = RECEIPTS.c
        query = (
            select(columns.registrar_fiscal_number, func.aggregate_strings(columns.registrar_local_number, ","))
            .where(
                _of(RECEIPTS, shop_id),
                _THERE,
                columns.business_date.between(self._window.start - _AROUND, self._window.end + _AROUND),
                IS_NUMERIC,
            )
            .group_by(columns.registrar_fiscal_number)
        )
        rows = await self._connection.execute(query)
        return {registrar: [*map(int, numbers.split(","))] for registrar, numbers in rows}

    async def shifts(
        self, heads: Sequence[ShiftHead], copies: Mapping[str, str], known: KnownNumbers
    ) -> AsyncIterator[ShiftSums]:
        """Sum up shifts, in the order given; those that the database does not clear are read whole.

        Args:
            heads: The shifts.
            copies: Ids of receipts that are copies, each with that of the original.
            known: The local numbers of their registrar that the store has.
        """
        copied = {id_ for (id_,) in await self._connection.execute(_shifts_of(copies))} if copies else set()
        doubtful = self._doubtful | copied
        for start in range(0, len(heads), _SHIFTS_AT_ONCE):
            portion = heads[start : start + _SHIFTS_AT_ONCE]
            found = [clear(head, doubtful, known) for head in portion]
            read = [head for head, cleared in zip(portion, found, strict=True) if cleared is None]
            shifts = iter(await self._whole(read)) if read else iter(())
            for cleared in found:
                yield cleared or sum_up(next(shifts), copies, known, self._tax_tolerance)

    async def _whole(self, heads: Sequence[ShiftHead]) -> list[Shift]:
        """Read shifts with their receipts."""
        hosts = {id_: head for head in heads for id_ in head.unassigned_receipts}
        by_id = {head.shift_id: head for head in heads if head.shift_id is not None}
        receipts: defaultdict[tuple[int, bool], list[ReceiptRecord]] = defaultdict(list)
        for receipt in await self._receipts([*by_id], [*hosts]):
            head = hosts[receipt.id] if receipt.shift_id is None else by_id[receipt.shift_id]
            receipts[id(head), receipt.is_deleted].append(receipt)
        return [
            Shift(head, tuple(receipts[id(head), False]), deleted=tuple(receipts[id(head), True])) for head in heads
        ]

    async def sold_products(self, shop_id: int | None) -> list[SoldProduct]:
        """Return the products on which receipts and product sales differ, of days of which both were read, in order."""
        return [] if shop_id is None else self._sold.get(shop_id, [])

    def _is_comparable(self, shop_id: int, day: date) -> bool:
        kinds = (RecordKind.PRODUCT_SALES, RecordKind.RECEIPTS)
        return all(self.read.has_read_day(kind, shop_id, day) for kind in kinds)

    async def sum_up(self, shops: Collection[int | None], chosen: Collection[int] | None) -> None:
        """Sum up the receipts of all shifts that receipts and Z-reports of the window name, and what all shops sold.

        Args:
            shops: Ids of the shops that are to be compared.
            chosen: Ids of shops; None for all.
        """
        shifts = select(self._shift_ids(_is_asked_for(chosen)).subquery().c.shift_id)
        is_most = await are_most(self._connection, self._window, None)
        if is_most:
            numbers = (RECEIPTS.c.registrar_fiscal_number, RECEIPTS.c.fiscal_number)
            twice = select(*numbers).where(RECEIPTS.c.fiscal_number != "").group_by(*numbers).having(func.count() > 1)
            self._may_have_copies = (await self._connection.execute(twice.limit(1))).first() is not None
        query = summed(shifts, _units(self._tax_tolerance), in_order=is_most)
        suspects: list[str] = []
        try:
            async with self._connection.stream(query, execution_options=_STREAMED) as rows:
                async for part in rows.partitions():
                    self._sums |= {row.shift_id: receipt_sums(row) for row in part}
                    suspects += [id_ for row in part for id_ in suspects_of(row)]
        except OperationalError as error:
            if _OVERFLOW not in f"{error.orig}":
                raise
            self._sums = {}  # no sum is known, so no shift is cleared
        for start in range(0, len(suspects), _SUSPECTS_AT_ONCE):
            receipts = await self._receipts([], suspects[start : start + _SUSPECTS_AT_ONCE])
            self._doubtful |= {one.shift_id for one in receipts if any(check_receipt(one, self._tax_tolerance))}
        comparable = {shop_id: self._comparable_days(shop_id) for shop_id in shops if shop_id is not None}
        self._sold = await read_sold_products(self._connection, comparable, in_order=is_most and chosen is None)

    def _comparable_days(self, shop_id: int) -> frozenset[date]:
        days = (self._window.start + timedelta(days=number) for number in range(self._window.days))
        return frozenset(day for day in days if self._is_comparable(shop_id, day))

    async def _heads(self, shop_id: int | None) -> dict[str, ShiftHead]:
        """Return the shifts of a shop that have receipts and are touched by the window."""
        touched = self._touched(shop_id).subquery()
        shifts = select(touched.c.shift_id).where(~_is_closed_elsewhere(touched.c.shift_id, shop_id))
        heads: dict[str, ShiftHead] = {}
        others = set()
        for (shift_id,) in await self._connection.execute(shifts):
            sums = self._sums.get(shift_id)
            if sums is not None and sums.is_of_one_shop and sums.shop_id == shop_id:
                heads[shift_id] = ShiftHead(
                    shop_id=shop_id,
                    registrar=sums.registrar,
                    shift_id=shift_id,
                    begins_at=sums.begins_at,
                    ends_at=sums.ends_at,
                    receipt_sums=self._sums.pop(shift_id),
                )
            else:
                others.add(shift_id)
        if others:
            found = await self._heads_of(shop_id, shifts)
            heads |= {shift_id: head for shift_id, head in found.items() if shift_id in others}
        return heads

    async def _heads_of(self, shop_id: int | None, shifts: Select[Any]) -> dict[str, ShiftHead]:
        """Read the shifts that have receipts of the shop, whatever else they have."""
        columns = RECEIPTS.c
        query = (
            select(
                columns.shift_id,
                func.max(columns.registrar_fiscal_number),
                func.min(columns.created_at),
                func.max(columns.created_at),
            )
            .where(_of(RECEIPTS, shop_id), _THERE, columns.shift_id.in_(shifts))
            .group_by(columns.shift_id)
        )
        return {
            shift_id: ShiftHead(
                shop_id=shop_id, registrar=registrar, shift_id=shift_id, begins_at=begins_at, ends_at=ends_at
            )
            for shift_id, registrar, begins_at, ends_at in await self._connection.execute(query)
        }

    async def _add_shifts(self, shop_id: int | None, heads: dict[str, ShiftHead]) -> None:
        """Add to shifts what the service has of their beginning and end."""
        known = select(SHIFTS.c.id, SHIFTS.c.registrar_fiscal_number, SHIFTS.c.opened_at, SHIFTS.c.closed_at).where(
            SHIFTS.c.id.in_(self._touched(shop_id))
        )
        for shift_id, registrar, opened_at, closed_at in await self._connection.execute(known):
            if head := heads.get(shift_id):
                head.registrar = head.registrar or registrar
                head.begins_at = min(head.begins_at, opened_at)
                head.ends_at = max(head.ends_at, closed_at or head.ends_at)
                head.closed_at = closed_at
                head.is_open = closed_at is None

    async def _add_z_reports(
        self, shop_id: int | None, heads: dict[str, ShiftHead]
    ) -> Mapping[str | None, list[ZReportRecord]]:
        """Add the Z-reports to their shifts, and shifts that have no receipts; return those that name no shift."""
        query = (
            select(Z_REPORTS)
            .where(
                _of(Z_REPORTS, shop_id),
                Z_REPORTS.c.deleted_at.is_(None),
                or_(self._within(Z_REPORTS), Z_REPORTS.c.shift_id.in_(self._touched(shop_id))),
            )
            .order_by(Z_REPORTS.c.created_at, Z_REPORTS.c.id)
        )
        strays: defaultdict[str | None, list[ZReportRecord]] = defaultdict(list)
        for row in (await self._connection.execute(query)).mappings():
            report = z_report_record(dict(row))
            if report.shift_id is None:
                strays[report.registrar].append(report)
                continue
            head = heads.get(report.shift_id)
            if head is None:
                head = heads[report.shift_id] = _head_of(report)
            head.registrar = head.registrar or report.registrar
            head.ends_at = max(head.ends_at, report.closed_at)
            head.z_reports.append(report)
        return strays

    async def _stray_receipts(self, shop_id: int | None) -> Mapping[str | None, list[tuple[str, datetime]]]:
        """Read which receipts of the window name no shift, by registrar."""
        columns = RECEIPTS.c
        query = select(columns.registrar_fiscal_number, columns.id, columns.created_at).where(
            _of(RECEIPTS, shop_id), _THERE, columns.shift_id.is_(None), self._within(RECEIPTS)
        )
        strays: defaultdict[str | None, list[tuple[str, datetime]]] = defaultdict(list)
        for registrar, id_, created_at in await self._connection.execute(query):
            strays[registrar].append((id_, created_at))
        return strays

    async def _receipts(self, shift_ids: list[str], ids: list[str]) -> list[ReceiptRecord]:
        """Read receipts with items and payments, those that are deleted included, in the order of their making."""
        columns = RECEIPTS.c
        chosen: ColumnElement[bool] = columns.id.in_(ids)
        if shift_ids:
            chosen = or_(columns.shift_id.in_(shift_ids), chosen)
        items: defaultdict[str, list[Any]] = defaultdict(list)
        payments: defaultdict[str, list[Any]] = defaultdict(list)
        for table, names, parts, make in (
            (RECEIPT_ITEMS, ITEM_COLUMNS, items, item_record),
            (PAYMENTS, PAYMENT_COLUMNS, payments, payment_record),
        ):
            query = select(table.c.receipt_id, *names).join(RECEIPTS, columns.id == table.c.receipt_id).where(chosen)
            for receipt_id, *values in await self._connection.execute(query):
                parts[receipt_id].append(make(*values))
        query = select(*RECEIPT_COLUMNS).where(chosen).order_by(columns.created_at, columns.id)
        return [receipt_record(row, items, payments) for row in await self._connection.execute(query)]

    def _touched(self, shop_id: int | None) -> CompoundSelect[Any]:
        return self._shift_ids(lambda table: _of(table, shop_id))

    def _shift_ids(self, of_shops: Callable[[Table], ColumnElement[bool]]) -> CompoundSelect[Any]:
        return union(
            *(
                select(table.c.shift_id).where(
                    of_shops(table), self._within(table), table.c.deleted_at.is_(None), table.c.shift_id.is_not(None)
                )
                for table in (RECEIPTS, Z_REPORTS)
            )
        )

    def _within(self, table: Table) -> ColumnElement[bool]:
        return table.c.business_date.between(self._window.start, self._window.end)


def _is_asked_for(chosen: Collection[int] | None) -> Callable[[Table], ColumnElement[bool]]:
    return lambda table: true() if chosen is None else table.c.shop_id.in_(chosen)


def _of(table: Table, shop_id: int | None) -> ColumnElement[bool]:
    return table.c.shop_id.is_(None) if shop_id is None else table.c.shop_id == shop_id


def _is_closed_elsewhere(shift_id: ColumnElement[Any], shop_id: int | None) -> ColumnElement[bool]:
    """Return whether a Z-report of another shop closes a shift: its receipts are compared with it there."""
    columns = Z_REPORTS.c
    return exists().where(
        columns.shift_id == shift_id, columns.shop_id.is_distinct_from(shop_id), columns.deleted_at.is_(None)
    )


def _shifts_of(receipt_ids: Collection[str]) -> Select[Any]:
    return select(RECEIPTS.c.shift_id).where(RECEIPTS.c.id.in_(receipt_ids)).distinct()


def _units(amount: Decimal) -> int:
    """Turn hryvnias into units of money, rounded down."""
    return int(min(amount, _MOST_TOLERANCE).scaleb(MONEY_SCALE))


def _head_of(report: ZReportRecord) -> ShiftHead:
    """Make the shift of a Z-report of which the store has no receipts."""
    return ShiftHead(
        shop_id=report.shop_id,
        registrar=report.registrar,
        shift_id=report.shift_id,
        begins_at=report.closed_at,
        ends_at=report.closed_at,
    )


def item_record(  # noqa: PLR0917 the columns of its row
    product_id: str | None,
    amount: Decimal,
    discount: Decimal | None,
    tax_group: int | None,
    price: Decimal,
    quantity: Decimal,
) -> ItemRecord:
    """Make an item."""
    return ItemRecord(product_id, amount, discount or _ZERO, tax_group, half_up(price * quantity))


def payment_record(means: int, kind: int, amount: Decimal) -> PaymentRecord:
    """Make a payment."""
    return PaymentRecord(means, kind, amount)


def receipt_record(
    row: Sequence[Any], items: Mapping[str, list[ItemRecord]], payments: Mapping[str, list[PaymentRecord]]
) -> ReceiptRecord:
    """Make a receipt of its row and of the items and payments by their receipt's id."""
    (
        id_,
        shift_id,
        type_,
        state,
        day,
        total,
        rounding,
        discount,
        percentage,
        fiscal_number,
        number,
        deleted_at,
        *taxes,
    ) = row
    return ReceiptRecord(
        id=id_,
        shift_id=shift_id,
        type=type_,
        state=state,
        day=day,
        total=total,
        rounding=rounding or _ZERO,
        discount=discount or _ZERO,
        discount_percentage=percentage or _ZERO,
        fiscal_number=fiscal_number,
        local_number=local_number(number),
        is_deleted=deleted_at is not None,
        taxes={letter: tax for letter, tax in zip(TAX_LETTERS, taxes, strict=True) if tax},
        items=tuple(items.get(id_, ())),
        payments=tuple(payments.get(id_, ())),
    )


def z_report_record(row: Mapping[str, Any]) -> ZReportRecord:
    """Make a Z-report of its row; a shift that is named by an empty text is none."""
    payload = {name: row[f"payload_{name}"] for name in _PAYLOAD}
    return ZReportRecord(
        id=row["id"],
        shop_id=row["shop_id"],
        registrar=row["registrar_fiscal_number"],
        shift_id=row["shift_id"] or None,
        fiscal_number=row["fiscal_number"],
        closed_at=row["payload_timestamp"] or row["created_at"],
        day=row["business_date"],
        figures=_decimals({name: row[name] for name in _STATED}),
        payload=_decimals(payload),
    )


def _decimals(values: Mapping[str, Any]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items() if value is not None}


def local_number(text: str | None) -> int | None:
    """Read a registrar's own number of a receipt; None where it is no number, or none that can be counted from."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
