"""What SQLite has to know of the tables to plan queries: all rows may be of one account.

Without it SQLite takes any condition on the first column of an index for one that leaves ten rows, and reads a whole
table in the order of an index. `ANALYZE` would count what is there, which in a new store is nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.stores.schema import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ROWS_OF_EACH = {
    "shops": (30, 1),
    "terminals": (60, 1),
    "employees": (100, 1),
    "categories": (100, 1),
    "products": (10_000, 1),
    "products_by_number": (10_000, 1),
    "cards": (10_000, 1),
    "shifts": (20_000, 1),
    "receipts": (1_000_000, 1),
    "receipts_by_shop_and_day": (1_000_000, 30_000, 100),
    "receipts_by_shift": (1_000_000, 50),
    "receipts_by_registrar_and_number": (1_000_000, 15_000, 1),
    "receipt_items": (3_000_000, 3, 1),
    "payments": (1_000_000, 1, 1),
    "z_reports": (20_000, 1),
    "z_reports_by_shop_and_day": (20_000, 700, 2),
    "z_reports_by_shift": (20_000, 1),
    "product_sales": (1_000_000, 30_000, 100, 1),
    "stock_history": (1_000_000, 10_000, 1),
    "stock_history_by_product": (1_000_000, 100, 1),
    "history_days": (100, 1),
    "price_history": (20_000, 2, 1),
    "watermarks": (100, 50, 2, 1),
    "synced_days": (100, 30, 1, 1),
    "synced_lists": (10, 1),
    "quarantine": (100, 50, 1),
    "relays": (2, 1),
    "relay_alerts": (100, 50, 1),
    "relay_messages": (1_000, 500, 1),
    "relay_messages_by_id": (1_000, 500, 1),
    "relay_messages_by_subject": (1_000, 500, 2, 1),
}
"""About how many rows agree in the first columns of a key or an index: in the account, then in each more.

Keys have the names of their tables.
"""


def note_statistics(connection: Connection) -> None:
    """Note them for the planner of SQLite, in place of all that it has."""
    connection.exec_driver_sql("ANALYZE sqlite_schema")  # makes the table of statistics
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    rows = []
    for table in METADATA.sorted_tables:
        if "account_id" in table.c:
            has_rowid = table.dialect_options["sqlite"]["with_rowid"]
            names = {f"sqlite_autoindex_{table.name}_1" if has_rowid else table.name: table.name}
            names |= {str(index.name): str(index.name) for index in table.indexes}
            for name, key in names.items():
                of_account, *others = _ROWS_OF_EACH[key]
                rows.append((table.name, name, " ".join(map(str, (of_account, of_account, *others)))))
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
    connection.exec_driver_sql("ANALYZE sqlite_schema")  # has it read
