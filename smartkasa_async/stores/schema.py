"""The tables of a store, and the types of their columns.

`account_id` stands first in every key: whose row it is, 0 where a store is of one account only. Columns keep the API's
field names. Money is in hryvnias, `business_date` is the day in Kyiv, every time is UTC, `raw`
is the record's JSON as the service sent it, and `deleted_at` is since when the service no longer lists it. Items and
payments belong to their receipt and are replaced with it, so its id and their position are their key; times of items
are left out, since they can be Kyiv time labelled as UTC. `tax_a` to `tax_z` are a receipt's taxes А, Б, В, Г, Д, З.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.extras import naming_extras
from smartkasa_async.stores.errors import UnfitValueError

with naming_extras():
    from sqlalchemy import (
        BigInteger,
        Boolean,
        Column,
        Date,
        DateTime,
        Index,
        Integer,
        MetaData,
        Numeric,
        Table,
        Text,
    )
    from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

TAX_LETTERS = {"a": "А", "b": "Б", "v": "В", "g": "Г", "d": "Д", "z": "З"}
"""The Cyrillic letter of each tax of a receipt, by the Latin one in the names of columns."""
Z_REPORT_TAXES = ("a", "b", "v", "d", "z")
"""The taxes that a Z-report has columns of."""

_DIGITS = 18
_EXACT = Context(prec=_DIGITS, traps=[Inexact, InvalidOperation])
_NOISE = Decimal("1e-9")
_AMOUNTS_KEPT = 8_192
_UNITS_KEPT = 16_384


def _without_noise(value: Decimal, unit: Decimal) -> Decimal:
    """Remove what a binary fraction added."""
    rounded = value.quantize(unit)
    if abs(value - rounded) > _NOISE:
        raise Inexact
    return rounded


class ExactDecimal(TypeDecorator[Decimal]):
    """NUMERIC of 18 digits that never rounds; sums made by the database are exact as well.

    Only what a binary fraction added on its way is taken off, as in the JSON number 0.30000000000000004.

    SQLite has no exact NUMERIC: it would keep 0.10 as a binary fraction. There the value stands as a whole number of
    the smallest unit, so with a scale of 4 a total of 1438.50 hryvnias is the integer 14385000.
    """

    impl = Numeric
    cache_ok: bool | None = True

    def __init__(self, scale: int) -> None:
        super().__init__(_DIGITS, scale)
        self.scale = scale
        self._unit = Decimal(1).scaleb(-scale)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the database's own type: a whole number for SQLite, NUMERIC elsewhere."""
        chosen: TypeEngine[Any] = BigInteger() if dialect.name == "sqlite" else Numeric(_DIGITS, self.scale)
        return dialect.type_descriptor(chosen)

    def bind_processor(self, dialect: Dialect) -> Callable[[Decimal | None], object]:
        """Make the function that turns a Decimal into what the database's driver takes."""
        unit, scale, whole = self._unit, self.scale, dialect.name == "sqlite"
        quantize, shift = _EXACT.quantize, _EXACT.scaleb

        def process(value: Decimal | None) -> object:
            if value is None:
                return None
            try:
                try:
                    exact = quantize(value, unit)
                except Inexact:
                    exact = _without_noise(value, unit)
                number = int(shift(exact, scale))
            except (Inexact, InvalidOperation, ValueError) as error:
                raise UnfitValueError(
                    msg(
                        "{value} cannot be stored exactly: there is room for {before} digits before the point"
                        " and {after} after it",
                        value=value,
                        before=_DIGITS - scale,
                        after=scale,
                    )
                ) from error
            return number if whole else exact

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[object], Decimal | None]:  # noqa: ARG002
        """Make the function that turns what the driver gives into a Decimal."""
        scale, whole = self.scale, dialect.name == "sqlite"

        def process(value: object) -> Decimal | None:
            if value is None:
                return None
            number = Decimal(str(value))
            return number.scaleb(-scale) if whole else number

        return lru_cache(_AMOUNTS_KEPT, typed=True)(process)  # the same prices, taxes and zeros come again and again


class WholeUnits(dict[str, int]):
    """Decimals by their text as SQLite keeps them, as whole numbers of the smallest unit; many come more than once."""

    def __init__(self, type_: ExactDecimal, dialect: Dialect) -> None:
        """Begin with none.

        Args:
            type_: The type of the column.
            dialect: SQLite.
        """
        super().__init__()
        self._scale = type_.scale
        self._process = type_.bind_processor(dialect)

    def __missing__(self, text: str) -> int:
        """Convert a decimal; one that is written plainly and fits is made of its digits."""
        whole, _, fraction = text.partition(".")
        missing = self._scale - len(fraction)
        if missing >= 0 and len(text) < _DIGITS - missing and (whole + fraction).isdecimal():
            number: Any = int(whole + fraction + "0" * missing)
        else:
            number = self._process(Decimal(text))
        if len(self) >= _UNITS_KEPT:
            self.clear()
        self[text] = number
        return number  # type: ignore[no-any-return]


class UtcDateTime(TypeDecorator[datetime]):
    """Point in time, stored in UTC and given back aware."""

    impl = DateTime(timezone=True)
    cache_ok: bool | None = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object]:
        """Make the function that turns an aware time of any offset into UTC."""
        as_text = dialect.name == "sqlite"

        def process(value: datetime | None) -> object:
            if value is None:
                return None
            try:
                moment = value.astimezone(UTC)
            except OverflowError as error:  # 0001-01-01T00:00:00+02:00, which some programs write for no time at all
                message = msg("{moment} cannot be stored: it is no time in UTC", moment=value.isoformat())
                raise UnfitValueError(message) from error
            return _as_text(moment) if as_text else moment

        return process

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Mark the stored time as UTC; SQLite gives it back without an offset."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _as_text(moment: datetime) -> str:
    """Write a time in UTC as SQLAlchemy does in SQLite, by msgspec, which is five times as fast as `isoformat`."""
    text: str = to_builtins(moment)
    return f"{text[:10]} {text[11:26]}" if moment.microsecond else f"{text[:10]} {text[11:19]}.000000"


METADATA = MetaData()

MONEY_SCALE = 4
"""Digits after the point of money: its unit is a ten-thousandth of a hryvnia."""

QUANTITY_SCALE = 6
"""Digits after the point of quantities."""

_MONEY = ExactDecimal(MONEY_SCALE)
_QUANTITY = ExactDecimal(QUANTITY_SCALE)
_PERCENTAGE = ExactDecimal(6)
_TIME = UtcDateTime()


def _table(name: str, *parts: Column[Any] | Index, **options: Any) -> Table:
    """Make a table of rows of accounts."""
    account_id: Column[Any] = Column("account_id", BigInteger, primary_key=True, autoincrement=False)
    return Table(name, METADATA, account_id, *parts, **options)


def _listed() -> tuple[Column[Any], ...]:
    """Columns of everything that the service lists."""
    return Column("deleted_at", _TIME), Column("raw", Text)


SCHEMA_VERSIONS = Table(
    "schema_versions",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", _TIME, nullable=False),
)

SHOPS = _table(
    "shops",
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("state", Integer),
    Column("fiscalization_enabled", Boolean),
    Column("is_vat_taxation", Boolean),
    Column("is_excise_taxation", Boolean),
    Column("phone_number", Text),
    Column("email", Text),
    Column("created_at", _TIME),
    Column("updated_at", _TIME),
    *_listed(),
)

TERMINALS = _table(
    "terminals",
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("shop_id", BigInteger),
    Column("name", Text),
    Column("serial_number", Text),
    Column("state", Integer),
    Column("activated_at", _TIME),
    Column("created_at", _TIME),
    Column("updated_at", _TIME),
    *_listed(),
)

EMPLOYEES = _table(
    "employees",
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text),
    Column("middle_name", Text),
    Column("phone_number", Text),
    Column("email", Text),
    Column("role_id", BigInteger),
    Column("state", Integer),
    Column("joined_at", _TIME),
    Column("created_at", _TIME),
    Column("updated_at", _TIME),
    *_listed(),
)

CATEGORIES = _table(
    "categories",
    Column("id", Text, primary_key=True),
    Column("parent_id", Text),
    Column("title", Text, nullable=False),
    Column("products_count", Integer),
    Column("created_at", _TIME),
    Column("updated_at", _TIME),
    *_listed(),
)

PRODUCTS = _table(
    "products",
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("number", Text),
    Column("alter_number", Text),
    Column("remote_id", Text),
    Column("price", _MONEY, nullable=False),
    Column("procurement_price", _MONEY),
    Column("category_id", Text),
    Column("subgroup_id", BigInteger),
    Column("unit_type_id", BigInteger),
    Column("unit_type_name", Text),
    Column("tax_group_id", Integer),
    Column("classifier_type_id", Integer),
    Column("classifier_code", Text),
    Column("sold_by_weight", Boolean),
    Column("created_at", _TIME),
    Column("updated_at", _TIME),
    *_listed(),
    Index("products_by_number", "account_id", "number"),
)

CARDS = _table(
    "cards",
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("shop_id", BigInteger),
    Column("product_id", Text),
    Column("count", _QUANTITY),
    Column("counting_enabled", Boolean),
    Column("created_at", _TIME),
    Column("updated_at", _TIME),
    *_listed(),
)

SHIFTS = _table(
    "shifts",
    Column("id", Text, primary_key=True),
    Column("shop_id", BigInteger),
    Column("terminal_id", BigInteger),
    Column("state", Integer, nullable=False),
    Column("opened_at", _TIME, nullable=False),
    Column("opened_by", Text),
    Column("closed_at", _TIME),
    Column("closed_by", Text),
    Column("cash_balance", _MONEY),
    Column("fiscal_number", Text),
    Column("registrar_fiscal_number", Text),
    Column("remote_shift_id", Text),
    Column("employee_id", BigInteger),
    Column("terminal_user_id", BigInteger),
    *_listed(),
)

_BY_ACCOUNT = {"postgresql_partition_by": "HASH (account_id)"}

RECEIPTS = _table(
    "receipts",
    Column("id", Text, primary_key=True),
    Column("shop_id", BigInteger),
    Column("terminal_id", BigInteger),
    Column("shift_id", Text),
    Column("type", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    Column("total_amount", _MONEY, nullable=False),
    Column("rounding_amount", _MONEY),
    Column("discount_type_id", Integer),
    Column("discount_amount", _MONEY),
    Column("discount_percentage", _PERCENTAGE),
    Column("fiscal_number", Text),
    Column("registrar_fiscal_number", Text),
    Column("registrar_local_number", Text),
    Column("related_fiscal_number", Text),
    Column("offline_id", BigInteger),
    Column("offline_local_number", BigInteger),
    Column("offline_seed", Text),
    Column("previous_receipt_hash", Text),
    *(Column(f"tax_{letter}", _MONEY) for letter in TAX_LETTERS),
    Column("seller_id", BigInteger),
    Column("cashier_name", Text),
    Column("title", Text),
    Column("description", Text),
    Column("is_hidden", Boolean),
    *_listed(),
    Index("receipts_by_shop_and_day", "account_id", "shop_id", "business_date"),
    Index("receipts_by_shift", "account_id", "shift_id"),
    Index("receipts_by_registrar_and_number", "account_id", "registrar_fiscal_number", "fiscal_number"),
    **_BY_ACCOUNT,
)

RECEIPT_ITEMS = _table(
    "receipt_items",
    Column("receipt_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("product_id", Text),
    Column("name", Text),
    Column("sku", Text),
    Column("quantity", _QUANTITY, nullable=False),
    Column("price", _MONEY, nullable=False),
    Column("amount", _MONEY, nullable=False),
    Column("discount_amount", _MONEY),
    Column("tax_group_id", Integer),
    Column("classifier_type_id", Integer),
    Column("classifier_code", Text),
    Column("unit_type_id", BigInteger),
    Column("unit_type_name", Text),
    Column("is_product", Boolean),
    sqlite_with_rowid=False,
    **_BY_ACCOUNT,
)

PAYMENTS = _table(
    "payments",
    Column("receipt_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("transaction_type_id", Integer, nullable=False),
    Column("payment_type_id", Integer, nullable=False),
    Column("amount", _MONEY, nullable=False),
    Column("deposit_amount", _MONEY),
    Column("change_amount", _MONEY),
    Column("state", Integer),
    Column("timestamp", _TIME),
    Column("rrn", Text),
    Column("approval_code", Text),
    sqlite_with_rowid=False,
    **_BY_ACCOUNT,
)

PARTITIONED = (RECEIPTS, RECEIPT_ITEMS, PAYMENTS)
"""The tables that PostgreSQL divides by account; the others are small beside them."""

Z_REPORTS = _table(
    "z_reports",
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("shop_id", BigInteger),
    Column("terminal_id", BigInteger),
    Column("shift_id", Text),
    Column("fiscal_number", Text, nullable=False),
    Column("registrar_fiscal_number", Text),
    Column("business_date", Date, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("terminal_user_name", Text),
    Column("turnover_amount", _MONEY),
    Column("cash_amount", _MONEY),
    Column("cash_total", _MONEY),
    Column("cash_receipts_count", Integer),
    Column("service_input", _MONEY),
    Column("service_output", _MONEY),
    Column("payload_timestamp", _TIME),
    Column("payload_registrar_local_number", Text),
    Column("payload_cash_amount", _MONEY),
    Column("payload_cash_total", _MONEY),
    Column("payload_cash_commission", _MONEY),
    Column("payload_cash_receipts_count", Integer),
    Column("payload_service_input", _MONEY),
    Column("payload_service_output", _MONEY),
    Column("payload_turnover_amount", _MONEY),
    *(
        column
        for operation in ("sale", "refund")
        for column in (
            Column(f"{operation}_receipts_count", Integer),
            Column(f"{operation}_total", _MONEY),
            Column(f"{operation}_cash_total", _MONEY),
            Column(f"{operation}_cashless_total", _MONEY),
            *(Column(f"{operation}_tax_{letter}_total", _MONEY) for letter in Z_REPORT_TAXES),
        )
    ),
    *_listed(),
    Index("z_reports_by_shop_and_day", "account_id", "shop_id", "business_date"),
    Index("z_reports_by_shift", "account_id", "shift_id"),
)

PRODUCT_SALES = _table(
    "product_sales",
    Column("shop_id", BigInteger, primary_key=True, autoincrement=False),
    Column("business_date", Date, primary_key=True),
    Column("product_id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("number", Text),
    Column("category_id", Text),
    Column("subgroup_id", BigInteger),
    Column("price", _MONEY),
    Column("total_amount", _MONEY, nullable=False),
    Column("total_count", _QUANTITY, nullable=False),
    Column("raw", Text),
    sqlite_with_rowid=False,
)

STOCK_HISTORY = _table(
    "stock_history",
    Column("business_date", Date, primary_key=True),
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("shop_id", BigInteger),
    Column("product_id", Text),
    Column("count", _QUANTITY),
    Column("price", _MONEY),
    Column("procurement_price", _MONEY),
    Index("stock_history_by_product", "account_id", "product_id", "business_date"),
    sqlite_with_rowid=False,
)
"""Stock cards as the last sync of a business day that kept history found them, with the prices of their products."""

HISTORY_DAYS = _table(
    "history_days",
    Column("business_date", Date, primary_key=True),
    Column("kept_at", _TIME, nullable=False),
    sqlite_with_rowid=False,
)
"""Business days of which history was kept, and when last; of other days nothing is known."""

PRICE_HISTORY = _table(
    "price_history",
    Column("product_id", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("business_date", Date, nullable=False),
    Column("noticed_at", _TIME, nullable=False),
    Column("before", _MONEY),
    Column("after", _MONEY, nullable=False),
    sqlite_with_rowid=False,
)
"""Prices of products by the order in which they were noticed; `before` is NULL in the first row, which is no change."""

WATERMARKS = _table(
    "watermarks",
    Column("kind", Text, primary_key=True),
    Column("shop_id", BigInteger, primary_key=True, autoincrement=False),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, nullable=False),
    Column("read_at", _TIME, nullable=False),
    Column("is_confirmed", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""Spans of business days that were read whole when they were final; those of a shop never overlap.

`read_at` is when one of the days was last read, by the clock of the machine that read it, and `is_confirmed` is
whether a later run has checked them.
"""

SYNCED_DAYS = _table(
    "synced_days",
    Column("kind", Text, primary_key=True),
    Column("shop_id", BigInteger, primary_key=True, autoincrement=False),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, nullable=False),
    Column("read_at", _TIME, nullable=False),
    sqlite_with_rowid=False,
)
"""Spans of business days that were read whole, final or not; those of a kind and shop never overlap.

The last day of a span was read until `read_at` where it was not over by then. Of other days nothing is known: what the
store does not have of them may be there.
"""

SYNCED_LISTS = _table(
    "synced_lists",
    Column("kind", Text, primary_key=True),
    Column("read_at", _TIME, nullable=False),
    sqlite_with_rowid=False,
)
"""When the lists of the whole account were read whole last."""

QUARANTINE = _table(
    "quarantine",
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("shop_id", BigInteger),
    Column("error", Text, nullable=False),
    Column("message", Text),
    Column("raw", Text, nullable=False),
    Column("seen_at", _TIME, nullable=False),
)
"""Records that could not be decoded; `key` is their id, or a digest of their JSON where it has none.

`error` is the reason in English, and `message` its template and values as JSON, from which it is translated.
"""

RELAYS = _table(
    "relays",
    Column("receiver", Text, primary_key=True),
    Column("term", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("checkpoint", Text),
    Column("reconciled_day", Date),
    Column("digest_day", Date),
    sqlite_with_rowid=False,
)
"""How far the relay to each receiver has come.

`term` counts the relays that were started for it, so that one that another took over from writes nothing more;
`sequence` is the number of its last message, `checkpoint` the one of `watch_receipts`.
"""

RELAY_ALERTS = _table(
    "relay_alerts",
    Column("receiver", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("since", _TIME, nullable=False),
    sqlite_with_rowid=False,
)
"""What a receiver was notified of and has not passed yet, so that it is notified once."""

RELAY_MESSAGES = _table(
    "relay_messages",
    Column("receiver", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("due_at", _TIME, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_tried_at", _TIME),
    Column("reason", Text),
    Column("dead_at", _TIME),
    Index("relay_messages_by_id", "account_id", "receiver", "id", unique=True),
    Index("relay_messages_by_subject", "account_id", "receiver", "subject", "sequence"),
)
"""Messages that are yet to be delivered, or that were given up: `dead_at` is since when; delivered ones are removed."""
