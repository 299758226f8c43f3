"""The tables behind the sandbox: columns have the names of the wire's fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
"""One record: column → int, str, bool, None, Decimal, aware UTC datetime, or a list or dict that is stored as JSON."""


class Kind(Enum):
    """How a column's value is stored and shown."""

    INTEGER = "INTEGER"
    TEXT = "TEXT"
    FLAG = "FLAG"
    DECIMAL = "DECIMAL"
    """Stored as Ruby prints it ("7829.0"), shown as a JSON string."""
    NUMBER = "NUMBER"
    """Stored like DECIMAL, shown as a JSON number."""
    TIME = "TIME"
    """Stored in UTC, shown with the offset of the view."""
    UTC_TIME = "UTC_TIME"
    """Stored and shown in UTC."""
    JSON = "JSON"


_SQL_TYPES = {Kind.INTEGER: "INTEGER", Kind.FLAG: "INTEGER"}


@dataclass(frozen=True, eq=False)
class Table:
    """A table: its name, its columns by kind, and the column sets that are indexed."""

    name: str
    columns: dict[str, Kind]
    indexes: tuple[str, ...] = ()

    @property
    def numbered(self) -> bool:
        """Whether the id is a counted integer, not a UUID."""
        return self.columns["id"] is Kind.INTEGER


def _table(name: str, *indexes: str, **columns_by_kind: str) -> Table:
    columns = {column: Kind[kind.upper()] for kind, columns in columns_by_kind.items() for column in columns.split()}
    return Table(name, columns, indexes)


_TABLES = (
    _table(
        "sessions",
        "access",
        "refresh",
        text="id access refresh",
        time="access_expires_at refresh_expires_at",
    ),
    _table(
        "shops",
        integer="id business_category_id employees_count owner_id state terminals_count",
        text="email phone_number title website_url",
        flag="fiscalization_enabled is_excise_taxation is_vat_taxation",
        time="created_at updated_at",
        json="address fiscal_numbers",
    ),
    _table(
        "terminals",
        "shop_id",
        integer="id core_terminal_id shop_id state",
        text="name properties serial_number",
        time="activated_at created_at updated_at",
        json="picture",
    ),
    _table("roles", integer="id state", text="name", time="created_at updated_at"),
    _table(
        "employees",
        "shop_id",
        integer="id shop_id gender_type_id role_id state",
        text="additional_phone_number email first_name inn last_name middle_name notes passport_number passport_serial "
        "phone_number pin_code",
        utc_time="birthday joined_at",
        time="created_at updated_at",
        json="address_legal address_actual avatar",
    ),
    _table("unit_types", integer="id code", flag="is_visible is_weighted", text="name short_name"),
    _table("partners", integer="id partner_type_id state", text="code name title", time="created_at updated_at"),
    _table(
        "categories",
        "created_at DESC, id",
        "parent_id",
        text="id parent_id title",
        integer="color_id partner_id products_count",
        time="created_at updated_at",
        json="shop_ids",
    ),
    _table(
        "products",
        "created_at DESC, id",
        "number",
        "category_id",
        text="id alter_number alter_title category_id classifier_code number remote_id title",
        integer="category_type_id classifier_type_id owner_id partner_id portion_amount portion_type_id subgroup_id "
        "tax_group_id unit_type_id user_id",
        flag="is_free_price is_without_number sold_by_weight",
        decimal="price procurement_price",
        time="created_at updated_at",
        json="bookmark_ids picture",
    ),
    _table("subgroups", integer="id", text="title", time="created_at updated_at"),
    _table(
        "cards",
        "product_id, shop_id",
        "shop_id",
        integer="id owner_id shop_id",
        text="product_id",
        decimal="count",
        flag="counting_enabled",
        time="created_at updated_at",
    ),
    _table(
        "import_jobs",
        integer="id created_count products_count state updated_count",
        text="category_id url filename",
        time="created_at updated_at",
        json="results",
    ),
    _table(
        "shifts",
        "terminal_id",
        text="id closed_by device_uid fiscal_number opened_by registrar_fiscal_number remote_shift_id",
        integer="employee_id shop_id state terminal_id terminal_user_id",
        decimal="cash_balance",
        time="closed_at opened_at",
    ),
    _table(
        "receipts",
        "created_at DESC, id",
        "shop_id, created_at DESC, id",
        "shift_id",
        "fiscal_number",
        "registrar_fiscal_number, fiscal_number",
        text="id cashier_name description fiscal_number offline_seed previous_receipt_hash registrar_fiscal_number "
        "registrar_local_number related_fiscal_number shift_id terminal_shift_id title",
        integer="discount_type_id offline_id offline_local_number seller_id shop_id state terminal_id type",
        decimal="discount_amount discount_percentage rounding_amount total_amount",
        flag="is_hidden",
        time="created_at updated_at",
        json="tax_amount",
    ),
    _table(
        "receipt_items",
        "receipt_id, position",
        text="id receipt_id classifier_code description name product_id sku unit_type_name",
        integer="position classifier_type_id stock_item_id tax_group_id unit_type_id",
        decimal="amount discount_amount price quantity",
        flag="is_free_price is_product sold_by_weight",
        time="created_at updated_at",
    ),
    _table(
        "payments",
        "receipt_id, position",
        text="id receipt_id approval_code batch description pan pan_hash result_code rrn stan",
        integer="position payment_type_id state transaction_type_id",
        decimal="amount change_amount deposit_amount",
        flag="signature",
        time="created_at timestamp updated_at",
        json="payload",
    ),
    _table(
        "z_reports",
        "shop_id, created_at DESC, id",
        integer="id cash_receipts_count refund_receipts_count sale_receipts_count shop_id terminal_id",
        number="cash_amount cash_total refund_cash_total refund_cashless_total refund_tax_a_total refund_tax_b_total "
        "refund_tax_d_total refund_tax_v_total refund_tax_z_total refund_total sale_cash_total sale_cashless_total "
        "sale_tax_a_total sale_tax_b_total sale_tax_d_total sale_tax_v_total sale_tax_z_total sale_total "
        "service_input service_output turnover_amount",
        text="fiscal_number registrar_fiscal_number shift_id terminal_user_name",
        time="created_at",
        json="payload",
    ),
)

TABLES = {table.name: table for table in _TABLES}

UNIT_TYPES: list[dict[str, Any]] = [
    {
        "id": number,
        "code": code,
        "is_visible": True,
        "is_weighted": short_name in {"гр", "кг", "мм", "см"},
        "name": name,
        "short_name": short_name,
    }
    for number, code, name, short_name in (
        (12, 175, "Година", "год"),
        (9, 303, "Грам", "гр"),
        (10, 301, "Кілограм", "кг"),
        (7, 102, "Кілометр", "км"),
        (8, 101, "Метр", "м"),
        (13, 144, "Міліметр", "мм"),
        (5, 2061, "Пляшка", "пляшка"),
        (6, 3011, "Порція", "порція"),
        (14, 104, "Сантиметр", "см"),
        (11, 178, "Хвилина", "хв"),
        (4, 2009, "Штука", "шт"),
    )
]
"""The units that the service was recorded with."""

ROLES: list[dict[str, Any]] = [
    {"id": 1, "name": "Касир", "state": 0},
    {"id": 2, "name": "Адміністратор", "state": 0},
]
"""Roles that exist in an empty sandbox: the API has no operation that creates one."""


def table_script(table: Table) -> str:
    """Return the statements that create a table and its indexes, unless they exist."""
    definitions = []
    for column, kind in table.columns.items():
        constraint = ""
        if column == "id":
            constraint = " PRIMARY KEY AUTOINCREMENT" if table.numbered else " PRIMARY KEY NOT NULL"
        definitions.append(f'"{column}" {_SQL_TYPES.get(kind, "TEXT")}{constraint}')
    statements = [f"CREATE TABLE IF NOT EXISTS {table.name} ({', '.join(definitions)})"]
    statements += [
        f"CREATE INDEX IF NOT EXISTS {table.name}_{position} ON {table.name} ({columns})"
        for position, columns in enumerate(table.indexes)
    ]
    return ";\n".join(statements) + ";"
