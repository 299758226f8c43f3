"""The receipts and Z-reports in quarantine, as far as they can be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Text, and_, cast, exists, or_, select

from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.stores.schema import QUARANTINE, RECEIPTS, Z_REPORTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncConnection


_MOST_LISTED = 10
_MOST_CHARACTERS = 100
_SHIFT = timedelta(hours=24)

_TABLES = {RecordKind.RECEIPTS: RECEIPTS, RecordKind.Z_REPORTS: Z_REPORTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A receipt or Z-report in quarantine, as far as it can be read; None for what cannot be.

    Attributes:
        kind: What it is.
        key: Its id, or a digest of its JSON where it has none.
        error: What is wrong with it, and where.
        shop_id: The shop whose list it stood in.
        registrar: Fiscal number of its registrar.
        shift_id: Id of its shift.
        local_number: The registrar's own number of it.
        made_at: When it was made, aware.
    """

    kind: RecordKind
    key: str
    error: str
    shop_id: int | None = None
    registrar: str | None = None
    shift_id: str | None = None
    local_number: int | None = None
    made_at: datetime | None = None

    @property
    def day(self) -> date | None:
        """Its business day."""
        return None if self.made_at is None else business_day(self.made_at)

    def may_be_of(self, shift_id: str | None, registrar: str | None, since: datetime, until: datetime) -> bool:
        """Return whether it is of a shift, or may be, as nothing that can be read excludes it.

        Args:
            shift_id: Id of the shift; None for one that has none.
            registrar: Its registrar; None for none that is known.
            since: When the shift began, or its first record was made.
            until: When it ended, or its last record was made; a Z-report may come a day later.
        """
        if self.shift_id is not None and shift_id is not None:
            return self.shift_id == shift_id
        if self.registrar is not None and registrar is not None and self.registrar != registrar:
            return False
        return self.made_at is None or since - _SHIFT <= self.made_at <= until + _SHIFT


def unreadable_of(kind: RecordKind, key: str, shop_id: int | None, error: str, raw: str) -> Unreadable:
    """Read what can be read of a record in quarantine."""
    try:
        record = msgspec.json.decode(raw)
    except msgspec.MsgspecError:
        record = None
    fields: dict[str, Any] = record if isinstance(record, dict) else {}
    number = _text(fields.get("registrar_local_number"))
    return Unreadable(
        kind=kind,
        key=key,
        error=error,
        shop_id=shop_id,
        registrar=_text(fields.get("registrar_fiscal_number")),
        shift_id=_text(fields.get("shift_id")),
        local_number=int(number) if number and number.isascii() and number.isdigit() else None,
        made_at=_moment(fields.get("created_at")),
    )


def listed_keys(records: Iterable[Unreadable]) -> str:
    """List the ids of records, the first of very many, each bounded."""
    keys = [one_line(record.key[:_MOST_CHARACTERS]) for record in records]
    return ", ".join([*keys[:_MOST_LISTED], *(["…"] if len(keys) > _MOST_LISTED else [])])


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)[:_MOST_CHARACTERS] or None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        business_day(moment)  # what has no offset, or is no time in Kyiv, is refused
    except (ValueError, OverflowError):
        return None
    return moment


async def read_unreadable(connection: AsyncConnection, shops: Collection[int] | None = None) -> list[Unreadable]:
    """Read the receipts and Z-reports in quarantine that the store has in no earlier version either.

    Args:
        connection: A transaction.
        shops: Ids of shops; None for all. What names no shop may be of any.
    """
    columns = QUARANTINE.c
    found = or_(
        *(
            and_(columns.kind == kind, ~exists().where(cast(table.c.id, Text) == columns.key))
            for kind, table in _TABLES.items()
        )
    )
    if shops is not None:
        found = and_(found, or_(columns.shop_id.is_(None), columns.shop_id.in_(shops)))
    query = select(columns.kind, columns.key, columns.shop_id, columns.error, columns.raw).where(found)
    rows = await connection.execute(query.order_by(columns.kind, columns.key))
    return [unreadable_of(RecordKind(kind), *rest) for kind, *rest in rows]
