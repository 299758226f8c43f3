"""Z-reports, and what was sold by product."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.products import UNIT_NAMES
from smartkasa_async.sandbox.areas.resource import SHOP_FIELDS, Resource, embed, narrow_by_days
from smartkasa_async.sandbox.areas.shifts import SHIFT_FIELDS
from smartkasa_async.sandbox.auth import OWNER_ID
from smartkasa_async.sandbox.calls import Answer, Call, Endpoint
from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sandbox.validation import Form
from smartkasa_async.sandbox.views import View
from smartkasa_async.sandbox.wire import number, ruby_decimal, utc_time

if TYPE_CHECKING:
    import msgspec

_SHOP = View("shops", SHOP_FIELDS, time=utc_time)
_SHIFT = View("shifts", SHIFT_FIELDS, time=utc_time)


class _ZReports(Resource):
    path = "/api/v1/reports/z-reports"
    filters = Form(
        "Reports::ZReportForm",
        "date_start:text date_end:text termianl_user_id:integer terminal_id:integer shop_id:integer",
    )
    order = "created_at DESC, id"
    listed = View(
        "z_reports",
        "id cash_amount cash_receipts_count cash_total created_at fiscal_number payload refund_cash_total "
        "refund_cashless_total refund_receipts_count refund_tax_a_total refund_tax_b_total refund_tax_d_total "
        "refund_tax_v_total refund_tax_z_total refund_total registrar_fiscal_number sale_cash_total "
        "sale_cashless_total sale_receipts_count sale_tax_a_total sale_tax_b_total sale_tax_d_total sale_tax_v_total "
        "sale_tax_z_total sale_total service_input service_output shift shift_id shop shop_id terminal_id "
        "terminal_user_name turnover_amount",
        time=utc_time,
    )

    def narrow(self, where: Where, name: str, value: Any) -> None:
        if name == "termianl_user_id":
            where.add("shift_id IN (SELECT id FROM shifts WHERE terminal_user_id = ?)", value)
        else:
            narrow_by_days(where, name, value)

    def complete(self, call: Call, view: View, rows: list[dict[str, Any]]) -> None:
        del view
        embed(call, rows, _SHIFT, field="shift", key="shift_id")
        embed(call, rows, _SHOP, field="shop", key="shop_id")


_SALES_FILTERS = Form("Stats::ProductDailySalesForm", "date_start:text date_end:text shop_id:integer")
_SOLD_PRODUCT = View("products", "id category_id number picture? price subgroup_id title unit_type_id")


def _product_sales(call: Call) -> Answer:
    """Answer what paid receipts sold by product, refunds taken off, best-selling first (inferred).

    The id is the shop's, or the owner's where all shops are asked for (inferred); a product's popularity is its share
    of the sold units, in percent (inferred).
    """
    filters = _SALES_FILTERS.filters(call.query)
    where = Where()
    where.add("type IN (0, 3) AND state <> 1 AND product_id IS NOT NULL")
    for name, value in filters.items():
        if name == "shop_id":
            where.add("shop_id = ?", value)
        else:
            narrow_by_days(where, name, value, column="receipts.created_at")
    source = "receipts JOIN receipt_items ON receipt_items.receipt_id = receipts.id"
    sold = call.storage.query(f"SELECT product_id, type, amount, quantity FROM {source}{where}", where.parameters)  # noqa: S608 names of our own schema
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    counts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for product_id, receipt_type, amount, quantity in sold:
        sign = -1 if receipt_type else 1
        amounts[product_id] += sign * Decimal(amount or 0)
        counts[product_id] += sign * Decimal(quantity or 0)
    total_count = sum(counts.values(), Decimal(0))
    lines = list(call.storage.show_by_id(_SOLD_PRODUCT, amounts).values())
    lines.sort(key=lambda line: (-amounts[line["id"]], line["id"]))
    subgroups = call.storage.show_by_id(View("subgroups", "id title"), (line["subgroup_id"] for line in lines))
    return Answer(
        {
            "id": filters.get("shop_id", OWNER_ID),
            "products": [
                line
                | {
                    "popularity": ruby_decimal(_percent(counts[line["id"]], total_count)),
                    "subgroup_title": subgroups.get(line["subgroup_id"], {}).get("title"),
                    "total_amount": ruby_decimal(amounts[line["id"]]),
                    "total_count": ruby_decimal(counts[line["id"]]),
                    "unit_type_name": UNIT_NAMES.get(line["unit_type_id"]),
                }
                for line in lines
            ],
            "total_amount": _number(sum(amounts.values(), Decimal(0))),
            "total_count": _number(total_count),
        }
    )


def _number(value: Decimal) -> msgspec.Raw:
    return number(ruby_decimal(value))


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part * 100 / whole).quantize(Decimal("0.01"), ROUND_HALF_UP) if whole else Decimal(0)


ENDPOINTS = (
    Endpoint("GET", "/api/v1/stats/product_daily_sales/alter", _product_sales),
    _ZReports().endpoint("index"),
)
