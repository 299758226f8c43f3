"""Z-reports: how a shift's receipts add up. All money in hryvnias.

A shift with a sale, a refund or a cash withdrawal ends with a Z-report at its closing; one with service operations only
has none.

| column | sum over the shift's receipts |
| --- | --- |
| sale_receipts_count, sale_total | number and `total_amount` of paid sales (type 0, state 2), cash rounding included |
| sale_cash_total, sale_cashless_total | the payments of these sales by means, change taken off; together sale_total |
| sale_tax_a_total … | the sales' tax: a А, b Б, v В, d Д, z З. В and Д are always 0, so is Г, which has no column |
| refund_… | the same over refunds (type 3, state 3), as positive numbers |
| service_input, service_output | `total_amount` of service cash in (type 1) and out (type 2) |
| cash_total, cash_receipts_count | `total_amount` and number of cash withdrawals (type 5), no turnover (inferred) |
| turnover_amount | sale_total − refund_total (inferred) |
| cash_amount | cash in the drawer after the shift, equal to the shift's `cash_balance` (inferred) |

Deferred receipts, cancellations and the marks of offline sessions enter nothing.

The drawer: cash_amount = `cash_balance` of the terminal's shift before, which may have had no Z-report (0 at first)
+ service_input + sale_cash_total − refund_cash_total − cash_total − service_output.

The payload repeats cash_total and cash_receipts_count as `cash` (no commission is taken), and cash_amount,
service_input, service_output and turnover_amount by their names; its `timestamp` is created_at in milliseconds. A
registrar numbers its Z-reports from 1 in `registrarLocalNumber`, apart from its receipts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartkasa_async.sandbox.business.codes import CASH_IN, CASH_OUT, CASH_WITHDRAWAL, PAID, REFUND, SALE
from smartkasa_async.sandbox.business.money import hryvnias

if TYPE_CHECKING:
    from smartkasa_async.sandbox.business.receipts import Receipt, Shift
    from smartkasa_async.sandbox.schema import Row

_TAX_COLUMNS = (("a", "А"), ("b", "Б"), ("d", "Д"), ("v", "В"), ("z", "З"))


@dataclass(slots=True)
class Turnover:
    """The sums of the sales, or of the refunds, of a shift; in kopecks."""

    receipts: int = 0
    total: int = 0
    cash: int = 0
    taxes: Counter[str] = field(default_factory=Counter)

    def add(self, receipt: Receipt, taxes: dict[str, int]) -> None:
        """Count a receipt."""
        self.receipts += 1
        self.total += receipt.total
        self.cash += receipt.cash
        self.taxes.update(taxes)

    def columns(self, prefix: str) -> Row:
        """Return the columns of a Z-report that begin with the prefix."""
        return {
            f"{prefix}_receipts_count": self.receipts,
            f"{prefix}_total": hryvnias(self.total),
            f"{prefix}_cash_total": hryvnias(self.cash),
            f"{prefix}_cashless_total": hryvnias(self.total - self.cash),
        } | {f"{prefix}_tax_{column}_total": hryvnias(self.taxes[letter]) for column, letter in _TAX_COLUMNS}


@dataclass(slots=True)
class ShiftTotals:
    """The sums of a shift; in kopecks."""

    sales: Turnover = field(default_factory=Turnover)
    refunds: Turnover = field(default_factory=Turnover)
    service_input: int = 0
    service_output: int = 0
    withdrawals: int = 0
    withdrawn: int = 0

    def add(self, receipt: Receipt, taxes: dict[str, int]) -> int:
        """Count a receipt and return by how much it changes the cash in the drawer."""
        if receipt.type == SALE and receipt.state == PAID:
            self.sales.add(receipt, taxes)
            return receipt.cash
        if receipt.type == REFUND:
            self.refunds.add(receipt, taxes)
            return -receipt.cash
        if receipt.type == CASH_IN:
            self.service_input += receipt.total
            return receipt.total
        if receipt.type == CASH_OUT:
            self.service_output += receipt.total
            return -receipt.total
        if receipt.type == CASH_WITHDRAWAL:
            self.withdrawals += 1
            self.withdrawn += receipt.total
            return -receipt.total
        return 0

    @property
    def owes_report(self) -> bool:
        """Whether the shift must end with a Z-report."""
        return bool(self.sales.receipts or self.refunds.receipts or self.withdrawals)


def z_report_row(totals: ShiftTotals, shift: Shift, fiscal_number: str) -> Row:
    """Return the Z-report's row for a shift that ends; its `id` comes when all shops' reports are in order of time."""
    till = shift.till
    shared = {
        "cash_amount": hryvnias(till.drawer),
        "service_input": hryvnias(totals.service_input),
        "service_output": hryvnias(totals.service_output),
        "turnover_amount": hryvnias(totals.sales.total - totals.refunds.total),
    }
    withdrawn = hryvnias(totals.withdrawn)
    payload = {
        "cash": {"total": withdrawn, "commission": hryvnias(0), "receipts_count": totals.withdrawals},
        "timestamp": str(round(shift.closed.timestamp() * 1000)),
        "cashierName": shift.cashier.name,
        "fiscalNumber": fiscal_number,
        "registrarLocalNumber": str(till.z_number),
        "registrarFiscalNumber": till.registrar,
        **shared,
    }
    return {
        "cash_receipts_count": totals.withdrawals,
        "cash_total": withdrawn,
        "created_at": shift.closed,
        "fiscal_number": fiscal_number,
        "payload": payload,
        "registrar_fiscal_number": till.registrar,
        "shift_id": shift.id,
        "shop_id": shift.shop_id,
        "terminal_id": till.terminal_id,
        "terminal_user_name": shift.cashier.name,
        **shared,
        **totals.sales.columns("sale"),
        **totals.refunds.columns("refund"),
    }
