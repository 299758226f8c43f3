"""The simulated business adds up: an independent checker recomputes everything from the rows, in Decimal.

It shares no code with the simulation, and each of its rules is shown to notice a planted fault.
"""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.sandbox.business import Simulation, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = dict[str, Any]
ZERO = Decimal(0)
KOPECK = Decimal("0.01")
RATES = {"А": 20, "Б": 7, "В": 0, "Г": 0, "Д": 0, "З": 5}
GROUPS = ["", "А", "Б", "В", "Д", "З", "ЗА", "ЗВ", "Г", "ГА", "ГВ"]
COLUMNS = {"a": "А", "b": "Б", "v": "В", "d": "Д", "z": "З"}
SIGNS = {0: 1, 1: -1, 2: -1}
COIN_50_SHOPS = (0, 2)
"""Of every four shops, those that round to 50 kopecks; the others round to 10."""


def half_up(value: Decimal) -> Decimal:
    return value.quantize(KOPECK, ROUND_HALF_UP)


class Books:
    """Find what doesn't add up in the rows of a business."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self.rows = rows
        self.items = self.by("receipt_items", "receipt_id")
        self.payments = self.by("payments", "receipt_id")
        self.receipts = self.by("receipts", "shift_id")
        self.place = {shop["id"]: n for n, shop in enumerate(rows["shops"])}

    def by(self, table: str, column: str) -> dict[Any, list[Row]]:
        grouped = defaultdict(list)
        for row in self.rows[table]:
            grouped[row[column]].append(row)
        return grouped

    def problems(self) -> Iterator[str]:
        for receipt in self.rows["receipts"]:
            for rule in (self.goods, self.money, self.rounding, self.tax):
                if not rule(receipt):
                    yield f"{rule.__name__} of a receipt of type {receipt['type']}"
        yield from self.z_reports()
        yield from self.drawers()
        yield from self.local_numbers()

    def goods(self, receipt: Row) -> bool:
        """Lines, discounts and rounding make the total."""
        lines = self.items[receipt["id"]]
        if receipt["type"] not in (0, 3, 4):
            return bool(not lines and receipt["discount_amount"] == receipt["rounding_amount"] == 0)
        net = sum((line["amount"] - (line["discount_amount"] or ZERO) for line in lines), ZERO)
        if receipt["discount_percentage"] and receipt["discount_amount"] != half_up(
            net * receipt["discount_percentage"] / 100
        ):
            return False
        return bool(
            lines
            and all(line["amount"] == half_up(line["price"] * line["quantity"]) for line in lines)
            and receipt["total_amount"] == net - receipt["discount_amount"] + receipt["rounding_amount"]
        )

    def money(self, receipt: Row) -> bool:
        """Payments make the total, in the direction that the type says."""
        payments = self.payments[receipt["id"]]
        paid = sum((SIGNS[row["payment_type_id"]] * row["amount"] for row in payments), ZERO)
        total = receipt["total_amount"]
        expected = {0: total, 3: -total, 5: total}.get(receipt["type"], ZERO) if receipt["state"] != 1 else ZERO
        change_is_right = all(row["deposit_amount"] - row["change_amount"] == row["amount"] for row in payments)
        return change_is_right and bool(paid == expected and bool(payments) == (expected != 0 or receipt["type"] == 4))

    def rounding(self, receipt: Row) -> bool:
        """Only the part in cash is rounded, by the shop's coin."""
        cash = sum((row["amount"] for row in self.payments[receipt["id"]] if row["transaction_type_id"] == 0), ZERO)
        if not cash or receipt["type"] not in (0, 3, 4):
            return bool(receipt["rounding_amount"] == 0)
        coin = Decimal("0.5") if self.place[receipt["shop_id"]] % 4 in COIN_50_SHOPS else Decimal("0.1")
        return cash % coin == 0 and -coin / 2 < receipt["rounding_amount"] <= coin / 2

    def tax(self, receipt: Row) -> bool:
        """Excise first, VAT on the rest, on each group's sum after all discounts."""
        lines = self.items[receipt["id"]]
        nets = [line["amount"] - (line["discount_amount"] or ZERO) for line in lines]
        groups: defaultdict[int, Decimal] = defaultdict(Decimal)
        before = passed = ZERO
        for line, net in zip(lines, nets, strict=True):
            passed += net
            share = half_up(receipt["discount_amount"] * passed / sum(nets, ZERO))
            groups[line["tax_group_id"]] += net - (share - before)
            before = share
        found: dict[str, Decimal] = {}
        for group, whole in groups.items():
            rest = whole
            for letter in GROUPS[group]:
                part = half_up(rest * RATES[letter] / (100 + RATES[letter]))
                found[letter] = found.get(letter, ZERO) + part
                rest -= part
        return bool(receipt["tax_amount"] == {letter: amount * 100 for letter, amount in found.items()})

    def z_reports(self) -> Iterator[str]:
        reports = self.by("z_reports", "shift_id")
        for shift in self.rows["shifts"]:
            found, receipts = reports[shift["id"]], self.receipts[shift["id"]]
            owed = any(row["type"] in (3, 5) or (row["type"], row["state"]) == (0, 2) for row in receipts)
            if len(found) != owed:
                yield f"{len(found)} Z-reports of a shift that owes {int(owed)}"
                continue
            for report in found:
                wrong = sorted(key for key, value in self.expected(shift, receipts).items() if report[key] != value)
                if wrong:
                    yield f"Z-report: {', '.join(wrong)}"
                yield from self.payload(report)

    def expected(self, shift: Row, receipts: list[Row]) -> Row:
        sales = [row for row in receipts if row["type"] == 0 and row["state"] == 2]
        refunds = [row for row in receipts if row["type"] == 3]
        withdrawals = [row for row in receipts if row["type"] == 5]
        return {
            **self.turnover("sale", sales),
            **self.turnover("refund", refunds),
            "service_input": total(row for row in receipts if row["type"] == 1),
            "service_output": total(row for row in receipts if row["type"] == 2),
            "cash_total": total(withdrawals),
            "cash_receipts_count": len(withdrawals),
            "turnover_amount": total(sales) - total(refunds),
            "cash_amount": shift["cash_balance"],
            "created_at": shift["closed_at"],
            "terminal_id": shift["terminal_id"],
            "shop_id": shift["shop_id"],
            "registrar_fiscal_number": shift["registrar_fiscal_number"],
            "terminal_user_name": shift["closed_by"],
        }

    def turnover(self, prefix: str, receipts: list[Row]) -> Row:
        payments = [payment for row in receipts for payment in self.payments[row["id"]]]
        cash = sum((row["amount"] for row in payments if row["transaction_type_id"] == 0), ZERO)
        cashless = sum((row["amount"] for row in payments if row["transaction_type_id"] != 0), ZERO)
        taxes = {
            f"{prefix}_tax_{column}_total": sum(Decimal(row["tax_amount"].get(letter, 0)) for row in receipts) / 100
            for column, letter in COLUMNS.items()
        }
        return taxes | {
            f"{prefix}_receipts_count": len(receipts),
            f"{prefix}_total": total(receipts),
            f"{prefix}_cash_total": cash,
            f"{prefix}_cashless_total": cashless,
        }

    @staticmethod
    def payload(report: Row) -> Iterator[str]:
        expected = {
            "cash": {"total": report["cash_total"], "commission": 0, "receipts_count": report["cash_receipts_count"]},
            "timestamp": f"{report['created_at'].timestamp() * 1000:.0f}",
            "cashierName": report["terminal_user_name"],
            "fiscalNumber": report["fiscal_number"],
            "registrarFiscalNumber": report["registrar_fiscal_number"],
        } | {key: report[key] for key in ("cash_amount", "service_input", "service_output", "turnover_amount")}
        payload = dict(report["payload"])
        if not payload.pop("registrarLocalNumber").isdigit() or payload != expected:
            yield "Z-report: payload"

    def drawers(self) -> Iterator[str]:
        """Each shift's cash balance follows from the one before; the drawer is never below zero."""
        for terminal_id, shifts in self.by("shifts", "terminal_id").items():
            drawer = ZERO
            for shift in sorted(shifts, key=lambda row: row["opened_at"]):
                for receipt in sorted(self.receipts[shift["id"]], key=lambda row: row["created_at"]):
                    drawer += self.into_drawer(receipt)
                    if drawer < 0:
                        yield f"drawer of terminal {terminal_id} below zero"
                if drawer != shift["cash_balance"]:
                    yield "cash balance of a shift"
                    drawer = shift["cash_balance"]

    def into_drawer(self, receipt: Row) -> Decimal:
        if receipt["type"] in (1, 2, 5):
            sign = 1 if receipt["type"] == 1 else -1
            return Decimal(sign * receipt["total_amount"])
        cash = (row for row in self.payments[receipt["id"]] if row["transaction_type_id"] == 0)
        return sum((SIGNS[row["payment_type_id"]] * row["amount"] for row in cash), ZERO)

    def local_numbers(self) -> Iterator[str]:
        for registrar, receipts in self.by("receipts", "registrar_fiscal_number").items():
            fiscal = sorted((row for row in receipts if row["fiscal_number"]), key=lambda row: row["created_at"])
            if [int(row["registrar_local_number"]) for row in fiscal] != list(range(1, len(fiscal) + 1)):
                yield f"local numbers of {registrar}"
        for registrar, reports in self.by("z_reports", "registrar_fiscal_number").items():
            numbers = [int(row["payload"]["registrarLocalNumber"]) for row in reports]
            if numbers != list(range(1, len(numbers) + 1)):
                yield f"Z-report numbers of {registrar}"


def total(receipts: Any) -> Decimal:
    return sum((row["total_amount"] for row in receipts), ZERO)


MONTH = Simulation()
SIMULATIONS = [
    MONTH,
    Simulation(seed=2, shops=4, terminals_per_shop=1, days=60, receipts_per_day=15, products=40),
    Simulation(
        seed=3, shops=2, terminals_per_shop=4, start=date(2026, 3, 20), days=15, receipts_per_day=120, products=900
    ),
    Simulation(seed=4, shops=10, days=7, receipts_per_day=8, products=17),
    Simulation(seed=5, shops=1, terminals_per_shop=1, days=3, receipts_per_day=3000),
    Simulation(seed=6, receipts_per_day=0),
    Simulation(seed=7, shops=1, products=1, days=10),
]


@pytest.mark.parametrize("simulation", SIMULATIONS, ids=lambda simulation: f"seed-{simulation.seed}")
def test_everything_adds_up(simulation: Simulation) -> None:
    assert list(Books(simulate(simulation).rows).problems()) == []


@dataclass(frozen=True)
class Fault:
    table: str
    which: Callable[[Row], bool]
    column: str
    change: Callable[[Any], Any]
    problem: str


def is_sale(row: Row) -> bool:
    return bool(row["type"] == 0 and row["state"] == 2 and row["tax_amount"].get("А"))


FAULTS = [
    Fault("receipts", is_sale, "total_amount", lambda value: value + KOPECK, "goods of a receipt of type 0"),
    Fault(
        "receipts",
        lambda row: row["type"] == 3,
        "total_amount",
        lambda value: value + KOPECK,
        "goods of a receipt of type 3",
    ),
    Fault("receipts", lambda row: row["type"] == 4, "type", lambda _: 0, "money of a receipt of type 0"),
    Fault("receipts", is_sale, "tax_amount", lambda value: value | {"А": value["А"] + 1}, "tax of a receipt of type 0"),
    Fault("receipts", lambda row: row["type"] == 2, "total_amount", lambda value: value + 1, "cash balance of a shift"),
    Fault(
        "receipts", is_sale, "registrar_local_number", lambda value: str(int(value) + 1), "local numbers of 4000300001"
    ),
    Fault(
        "receipts",
        lambda row: row["rounding_amount"] > 0,
        "rounding_amount",
        lambda _: ZERO,
        "goods of a receipt of type 0",
    ),
    Fault("receipt_items", lambda _: True, "amount", lambda value: value + KOPECK, "goods of a receipt of type 0"),
    Fault("payments", lambda _: True, "amount", lambda value: value + KOPECK, "money of a receipt of type 0"),
    Fault("payments", lambda _: True, "change_amount", lambda value: value + 1, "money of a receipt of type 0"),
    Fault(
        "payments",
        lambda row: row["pan"] and row["amount"] % 1,
        "transaction_type_id",
        lambda _: 0,
        "rounding of a receipt of type 0",
    ),
    Fault("shifts", lambda _: True, "cash_balance", lambda value: value + 1, "cash balance of a shift"),
    Fault("z_reports", lambda _: True, "sale_total", lambda value: value + KOPECK, "Z-report: sale_total"),
    Fault(
        "z_reports", lambda _: True, "refund_tax_a_total", lambda value: value + KOPECK, "Z-report: refund_tax_a_total"
    ),
    Fault("z_reports", lambda _: True, "payload", lambda value: value | {"service_input": ZERO}, "Z-report: payload"),
    Fault("z_reports", lambda _: True, "shift_id", lambda _: "lost", "0 Z-reports of a shift that owes 1"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.table}-{fault.column}-{fault.problem}")
def test_the_checker_notices(fault: Fault) -> None:
    rows = deepcopy(simulate(Simulation(shops=1, days=12)).rows)
    row = next(row for row in rows[fault.table] if fault.which(row))
    row[fault.column] = fault.change(row[fault.column])
    assert fault.problem in set(Books(rows).problems())


def test_a_lost_receipt_is_noticed() -> None:
    rows = deepcopy(simulate(Simulation(shops=1, days=3)).rows)
    rows["receipts"].remove(next(row for row in rows["receipts"] if is_sale(row)))
    problems = set(Books(rows).problems())
    assert any("sale_receipts_count" in problem for problem in problems)
    assert "local numbers of 4000300001" in problems


def test_every_day_with_sales_has_a_z_report_and_no_shift_is_too_long() -> None:
    rows = simulate(MONTH).rows
    assert all(row["closed_at"] - row["opened_at"] <= timedelta(hours=24) for row in rows["shifts"])
    reported = {row["shift_id"] for row in rows["z_reports"]}
    assert {row["shift_id"] for row in rows["receipts"] if is_sale(row)} <= reported
    assert {row["id"] for row in rows["shifts"]} - reported, "a shift with service operations only owes no Z-report"
