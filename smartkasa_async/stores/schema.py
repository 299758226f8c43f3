"""The tables of a store.

Columns keep the API's field names. Money is in hryvnias, `business_date` is the day in Kyiv, every time is UTC, and
`raw` is the record's JSON. Items and payments belong to their receipt and are replaced with it, so its id and their
position are their key; times of items are left out, since they can be Kyiv time labelled as UTC.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, MetaData, Table, Text

from smartkasa_async.stores.types import ExactDecimal, UtcDateTime

__all__ = ["METADATA", "PAYMENTS", "RECEIPTS", "RECEIPT_ITEMS", "SCHEMA_VERSIONS", "SHIFTS", "SHOPS", "Z_REPORTS"]

METADATA = MetaData()

_MONEY = ExactDecimal(4)
_QUANTITY = ExactDecimal(6)
_PERCENTAGE = ExactDecimal(6)
_TIME = UtcDateTime()

SCHEMA_VERSIONS = Table(
    "schema_versions",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", _TIME, nullable=False),
)

SHOPS = Table(
    "shops",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("state", Integer, nullable=False),
    Column("fiscalization_enabled", Boolean),
    Column("is_vat_taxation", Boolean),
    Column("is_excise_taxation", Boolean),
    Column("phone_number", Text),
    Column("email", Text),
    Column("created_at", _TIME, nullable=False),
    Column("updated_at", _TIME, nullable=False),
    Column("raw", Text, nullable=False),
)

SHIFTS = Table(
    "shifts",
    METADATA,
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
    Column("raw", Text, nullable=False),
)

RECEIPTS = Table(
    "receipts",
    METADATA,
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
    Column("seller_id", BigInteger),
    Column("cashier_name", Text),
    Column("title", Text),
    Column("description", Text),
    Column("is_hidden", Boolean),
    Column("raw", Text, nullable=False),
    Index("receipts_by_shop_and_day", "shop_id", "business_date"),
    Index("receipts_by_shift", "shift_id"),
)

RECEIPT_ITEMS = Table(
    "receipt_items",
    METADATA,
    Column("receipt_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("product_id", Text),
    Column("name", Text, nullable=False),
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
)

PAYMENTS = Table(
    "payments",
    METADATA,
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
)

Z_REPORTS = Table(
    "z_reports",
    METADATA,
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
    *(
        column
        for operation in ("sale", "refund")
        for column in (
            Column(f"{operation}_receipts_count", Integer),
            Column(f"{operation}_total", _MONEY),
            Column(f"{operation}_cash_total", _MONEY),
            Column(f"{operation}_cashless_total", _MONEY),
            *(Column(f"{operation}_tax_{letter}_total", _MONEY) for letter in "abvdz"),
        )
    ),
    Column("raw", Text, nullable=False),
    Index("z_reports_by_shop_and_day", "shop_id", "business_date"),
    Index("z_reports_by_shift", "shift_id"),
)
