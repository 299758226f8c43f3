"""The sums of a reconciliation and of a report page by plain SQL over an SQLite store, as one writes it in an evening.

`python -m benchmarks.peers.sums_by_sql STORE reconcile` finds the shifts whose receipts come to another sum than their
Z-report, the receipts that do not add up, the products whose daily sales differ, and the numbers that are missing or
there twice. It judges nothing, and explains nothing. `page` sums up what a page shows as well: turnover by hour, means
of payment, tax groups and products with their names, the largest refunds, shifts that are long, and what was made
offline or has no fiscal number.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import sys
from contextlib import closing
from time import process_time

__all__ = ["QUERIES"]

_LINES = """
    SELECT receipt_id, sum(amount - coalesce(discount_amount, 0)) AS goods,
        sum(CASE WHEN tax_group_id IN (1, 9) THEN amount - coalesce(discount_amount, 0) ELSE 0 END) AS vat_20,
        sum(CASE WHEN tax_group_id = 2 THEN amount - coalesce(discount_amount, 0) ELSE 0 END) AS vat_7,
        sum(CASE WHEN tax_group_id IN (5, 7) THEN amount - coalesce(discount_amount, 0) ELSE 0 END) AS excise,
        sum(CASE WHEN tax_group_id = 6 THEN amount - coalesce(discount_amount, 0) ELSE 0 END) AS excise_vat
    FROM receipt_items WHERE account_id = 0 GROUP BY account_id, receipt_id
"""
_PAYMENTS = """
    SELECT receipt_id, sum(CASE payment_type_id WHEN 1 THEN -amount ELSE amount END) AS paid,
        sum(CASE WHEN transaction_type_id <> 0 THEN 0 WHEN payment_type_id = 1 THEN -amount ELSE amount END) AS cash
    FROM payments WHERE account_id = 0 GROUP BY account_id, receipt_id
"""
_SALE, _REFUND = "type = 0 AND state = 2", "type = 3"
_FIGURES = ", ".join(
    f"sum(CASE WHEN {condition} THEN {figure} ELSE 0 END) AS {prefix}_{name}"
    for prefix, condition in (("sale", _SALE), ("refund", _REFUND))
    for name, figure in (
        ("receipts_count", "1"),
        ("total", "total_amount"),
        ("cash_total", "cash"),
        ("cashless_total", "paid - cash"),
        *((f"tax_{letter}_total", f"coalesce(tax_{letter}, 0)") for letter in "abvdz"),
    )
)
_STATED = [
    f"{prefix}_{name}"
    for prefix in ("sale", "refund")
    for name in ("receipts_count", "total", "cash_total", "cashless_total", *(f"tax_{tax}_total" for tax in "abvdz"))
]
_IS_DUE = "total_amount <> goods - coalesce(discount_amount, 0) + coalesce(rounding_amount, 0) OR total_amount <> paid"
_TAXES = (
    "abs(coalesce(tax_b, 0) - vat_7 * 7 / 107.0) > 100 OR abs(coalesce(tax_z, 0) - (excise + excise_vat) / 21.0) > 100"
)

QUERIES: dict[str, list[str]] = {
    "reconcile": [
        f"""
        WITH sums AS (
            SELECT shift_id, {_FIGURES},
                sum(({_SALE} OR {_REFUND}) AND ({_IS_DUE})) AS wrong,
                sum(({_SALE} OR {_REFUND}) AND coalesce(discount_amount, 0) = 0 AND ({_TAXES})) AS wrongly_taxed,
                min(CAST(registrar_local_number AS INTEGER)) AS first,
                max(CAST(registrar_local_number AS INTEGER)) AS last
            FROM receipts r
            LEFT JOIN ({_LINES}) i ON i.receipt_id = r.id
            LEFT JOIN ({_PAYMENTS}) p ON p.receipt_id = r.id
            WHERE r.account_id = 0 AND deleted_at IS NULL GROUP BY shift_id
        )
        SELECT * FROM sums LEFT JOIN z_reports z ON z.account_id = 0 AND z.shift_id = sums.shift_id
        WHERE wrong OR wrongly_taxed OR z.id IS NULL OR {" OR ".join(f"sums.{name} <> z.{name}" for name in _STATED)}
        """,  # noqa: S608  no value of a user
        """
        SELECT * FROM (
            SELECT shop_id, business_date, product_id, sum(CASE type WHEN 3 THEN -amount ELSE amount END) AS amount,
                sum(CASE type WHEN 3 THEN -quantity ELSE quantity END) AS quantity
            FROM receipts JOIN receipt_items ON receipt_items.account_id = 0 AND receipt_id = receipts.id
            WHERE receipts.account_id = 0 AND (type = 0 AND state = 2 OR type = 3) AND deleted_at IS NULL
                AND product_id IS NOT NULL
            GROUP BY shop_id, business_date, product_id
        ) ours LEFT JOIN product_sales stated ON stated.account_id = 0 AND stated.shop_id = ours.shop_id
            AND stated.business_date = ours.business_date AND stated.product_id = ours.product_id
        WHERE amount IS NOT total_amount OR quantity IS NOT total_count
        """,
        """
        SELECT registrar, number FROM (
            SELECT registrar_fiscal_number AS registrar, CAST(registrar_local_number AS INTEGER) AS number,
                lag(CAST(registrar_local_number AS INTEGER)) OVER (
                    PARTITION BY registrar_fiscal_number ORDER BY CAST(registrar_local_number AS INTEGER)
                ) AS before
            FROM receipts WHERE account_id = 0 AND deleted_at IS NULL
        ) WHERE number <> before + 1
        """,
        """
        SELECT registrar_fiscal_number, fiscal_number, count(*) FROM receipts
        WHERE account_id = 0 AND deleted_at IS NULL AND fiscal_number <> ''
        GROUP BY registrar_fiscal_number, fiscal_number
        HAVING count(*) > 1
        """,
        """
        SELECT * FROM (
            SELECT registrar_fiscal_number, cash_amount - lag(cash_amount) OVER (
                    PARTITION BY registrar_fiscal_number ORDER BY created_at
                ) - (service_input + sale_cash_total - refund_cash_total - cash_total - service_output) AS moved
            FROM z_reports WHERE account_id = 0 AND deleted_at IS NULL
        ) WHERE moved <> 0
        """,
    ],
}

_NET = "amount - coalesce(receipt_items.discount_amount, 0)"
_WHOLE = "sum({}) OVER (PARTITION BY receipt_id)"
_SHARES = f"""
    SELECT shop_id, business_date, type, tax_group_id, product_id, name, unit_type_name, quantity,
        {_NET} - coalesce(receipts.discount_amount, 0) * ({_NET}) / nullif({_WHOLE.format(_NET)}, 0) AS amount
    FROM receipts JOIN receipt_items ON receipt_items.account_id = 0 AND receipt_id = receipts.id
    WHERE receipts.account_id = 0 AND (type = 0 AND state = 2 OR type = 3) AND deleted_at IS NULL
"""  # noqa: S608  no value of a user
QUERIES["page"] = [
    *QUERIES["reconcile"],
    f"""
    SELECT shop_id, substr(created_at, 1, 13) AS hour, type, count(*), sum(total_amount),
        {", ".join(f"sum(tax_{letter})" for letter in "abvgdz")}
    FROM receipts WHERE receipts.account_id = 0 AND (type = 0 AND state = 2 OR type = 3) AND deleted_at IS NULL
    GROUP BY shop_id, hour, type
    """,  # noqa: S608  no value of a user
    """
    SELECT shop_id, business_date, transaction_type_id, type,
        sum(CASE payment_type_id WHEN 1 THEN -amount ELSE amount END)
    FROM receipts JOIN payments ON payments.account_id = 0 AND receipt_id = receipts.id
    WHERE receipts.account_id = 0 AND (type = 0 AND receipts.state = 2 OR type = 3) AND deleted_at IS NULL
    GROUP BY shop_id, business_date, transaction_type_id, type
    """,
    f"""
    SELECT shop_id, business_date, type, tax_group_id, product_id, max(name), max(unit_type_name), sum(amount),
        sum(quantity)
    FROM ({_SHARES}) GROUP BY shop_id, business_date, type, tax_group_id, product_id
    """,  # noqa: S608  no value of a user
    """
    SELECT * FROM (
        SELECT id, shop_id, created_at, total_amount, fiscal_number, registrar_fiscal_number,
            row_number() OVER (PARTITION BY shop_id ORDER BY total_amount DESC) AS place
        FROM receipts WHERE account_id = 0 AND type = 3 AND deleted_at IS NULL
    ) WHERE place <= 1000 / (SELECT count(*) FROM shops WHERE account_id = 0)
    """,
    """
    SELECT id, opened_at, closed_at FROM shifts
    WHERE account_id = 0 AND deleted_at IS NULL AND julianday(closed_at) - julianday(opened_at) > 1
    """,
    """
    SELECT shop_id, registrar_fiscal_number, shift_id, count(*), min(created_at), max(created_at) FROM receipts
    WHERE account_id = 0 AND deleted_at IS NULL AND type < 100 AND state <> 1 AND coalesce(fiscal_number, '') = ''
    GROUP BY shop_id, registrar_fiscal_number, shift_id
    """,
    """
    SELECT registrar_fiscal_number, type, offline_id, created_at, id FROM receipts
    WHERE account_id = 0 AND deleted_at IS NULL AND (type IN (102, 103) OR offline_id > 0)
    ORDER BY registrar_fiscal_number, created_at
    """,
    """
    SELECT shop_id, shift_id, min(created_at), max(created_at), count(*), sum(total_amount) FROM receipts
    WHERE account_id = 0 AND deleted_at IS NULL GROUP BY shop_id, shift_id
    """,
    """
    SELECT registrar_fiscal_number, max(created_at) FROM receipts
    WHERE account_id = 0 AND deleted_at IS NULL AND coalesce(offline_id, 0) = 0 GROUP BY registrar_fiscal_number
    """,
]


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.sums_by_sql")
    parser.add_argument("store")
    parser.add_argument("what", choices=("reconcile", "page"))
    parser.add_argument("--core", type=int, help="the only core to use")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    with closing(sqlite3.connect(options.store)) as connection:
        connection.execute("PRAGMA cache_size = -16384")  # as much as a store takes
        started = process_time()
        rows = [len(connection.execute(query).fetchall()) for query in QUERIES[options.what]]
        seconds = process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    json.dump({"cpu_seconds": seconds, "peak_bytes": peak, "rows": rows}, sys.stdout)


if __name__ == "__main__":
    _main()
