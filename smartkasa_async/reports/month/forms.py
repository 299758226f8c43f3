"""What the sheets of a month are made of: typed rows, and the columns that show them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._i18n.message import N_, NP_

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal


class Kind(Enum):
    """What the cells of a column hold."""

    TEXT = auto()
    LINK = auto()
    """The address behind the text to the left of it; workbooks put it behind that text."""
    MONEY = auto()
    """Hryvnias."""
    FIGURE = auto()
    """Hryvnias or a number of units, by the row."""
    COUNT = auto()
    QUANTITY = auto()
    PERCENT = auto()
    DAY = auto()
    TIME = auto()
    """A moment, aware; people read it in Kyiv."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: Its name in files, which is the same in each language and that of the row's field.
        title: Its header, in English.
        kind: What its cells hold.
        width: Its width in a workbook, in characters.
        is_summed: Whether its total is given.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 14
    is_summed: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet.

    Attributes:
        name: Its name in files.
        title: Its title, in English.
        columns: Its columns.
        about: What it has, by which rule, and what nobody has checked, in English.
        marked: The column that marks a row which needs a look, where it is not empty; None for none.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    about: str
    marked: str | None = None


class SummaryRow(NamedTuple):
    """A shop; money in hryvnias."""

    shop: str
    sale_receipts: int
    sales: Decimal
    refund_receipts: int
    refunds: Decimal
    net: Decimal
    rounding: Decimal
    vat: Decimal
    excise: Decimal
    z_reports: int
    z_sales: Decimal
    z_refunds: Decimal
    differences: int
    findings: int
    receipts_until: datetime | None
    z_reports_until: datetime | None
    note: str


class IncomeRow(NamedTuple):
    """What a registrar took on a day by one means of payment; None where it is unknown."""

    day: date
    shop: str
    registrar: str | None = None
    means: str | None = None
    sales: Decimal | None = None
    refunds: Decimal | None = None
    net: Decimal | None = None
    note: str = ""


class ZReportRow(NamedTuple):
    """A Z-report, or one that is missing, of which nothing but the place is known."""

    day: date
    shop: str
    closed_at: datetime | None = None
    registrar: str | None = None
    number: str | None = None
    shift: str | None = None
    sale_receipts: int | None = None
    refund_receipts: int | None = None
    sales: Decimal | None = None
    sales_cash: Decimal | None = None
    sales_cashless: Decimal | None = None
    sales_vat: Decimal | None = None
    sales_excise: Decimal | None = None
    refunds: Decimal | None = None
    refunds_cash: Decimal | None = None
    refunds_cashless: Decimal | None = None
    refunds_vat: Decimal | None = None
    refunds_excise: Decimal | None = None
    note: str = ""


class VatRow(NamedTuple):
    """What was sold and refunded on a day at one rate, of one code of goods; `total` is base, VAT and excise."""

    day: date
    rate: str
    classifier: str | None = None
    code: str | None = None
    sales_base: Decimal | None = None
    sales_vat: Decimal | None = None
    sales_excise: Decimal | None = None
    sales_total: Decimal | None = None
    refunds_base: Decimal | None = None
    refunds_vat: Decimal | None = None
    refunds_excise: Decimal | None = None
    refunds_total: Decimal | None = None
    note: str = ""


class ExciseRow(NamedTuple):
    """Excise of a shop on a day; `total` is what the goods were sold for."""

    day: date
    shop: str
    rate: str
    code: str | None
    sales_total: Decimal
    sales_excise: Decimal
    refunds_total: Decimal
    refunds_excise: Decimal
    net_excise: Decimal
    note: str


class RefundRow(NamedTuple):
    """A refund, and the sale that it names."""

    day: date
    made_at: datetime
    shop: str
    registrar: str | None
    receipt: str | None
    receipt_link: str | None
    amount: Decimal
    cashier: str | None
    sale: str | None
    sale_link: str | None
    sold_at: datetime | None
    sale_amount: Decimal | None
    note: str


class DifferenceRow(NamedTuple):
    """A figure that differs, or days of which nothing is known."""

    severity: str
    kind: str
    days: str
    shop: str
    registrar: str | None = None
    shift: str | None = None
    receipt: str | None = None
    receipt_link: str | None = None
    receipts: int | None = None
    figure: str | None = None
    by_receipts: Decimal | None = None
    compared_with: Decimal | None = None
    amount: Decimal | None = None
    explanation: str = ""


class FindingRow(NamedTuple):
    """A fiscal finding."""

    urgency: str
    finding: str
    shop: str
    registrar: str | None
    shift: str | None
    since: datetime | None
    until: datetime | None
    figures: str | None
    receipt: str | None
    receipt_link: str | None
    receipts: int | None
    rule: str | None
    source: str | None
    advice: str | None


class ProductRow(NamedTuple):
    """What a product brought in, discounts and refunds taken off; `cost` is None where no purchase price is known."""

    number: str | None
    title: str
    unit: str | None
    quantity: Decimal | None
    amount: Decimal
    cost: Decimal | None = None
    profit: Decimal | None = None
    margin: Decimal | None = None
    below_cost: Decimal | None = None
    lines_below_cost: int | None = None
    price_source: str | None = None


_DAY = Column("day", N_("Day"), Kind.DAY, 11)
_SHOP = Column("shop", N_("Shop"), width=24)
_REGISTRAR = Column("registrar", N_("Registrar"), width=13)
_SHIFT = Column("shift", N_("Shift"), width=16)
_NOTE = Column("note", N_("Note"), width=28)
_RECEIPT = (Column("receipt", N_("Receipt"), width=15), Column("receipt_link", N_("Page of the receipt"), Kind.LINK))


def _money(name: str, title: str, *, width: int = 14) -> Column:
    return Column(name, title, Kind.MONEY, width, is_summed=True)


def _count(name: str, title: str, *, is_summed: bool = True) -> Column:
    return Column(name, title, Kind.COUNT, 14, is_summed)


SUMMARY = Form(
    "summary",
    N_("Summary"),
    (
        _SHOP,
        _count("sale_receipts", N_("Sale receipts")),
        _money("sales", N_("Sales")),
        _count("refund_receipts", N_("Refund receipts")),
        _money("refunds", N_("Refunds")),
        _money("net", N_("Net sales")),
        _money("rounding", N_("Cash rounding"), width=15),
        _money("vat", N_("VAT"), width=13),
        _money("excise", N_("Excise"), width=13),
        _count("z_reports", N_("Z-reports")),
        _money("z_sales", N_("Sales by Z-reports")),
        _money("z_refunds", N_("Refunds by Z-reports")),
        _count("differences", N_("Differences")),
        _count("findings", N_("Findings")),
        Column("receipts_until", N_("Receipts complete until"), Kind.TIME, 16),
        Column("z_reports_until", N_("Z-reports complete until"), Kind.TIME, 16),
        _NOTE,
    ),
    N_(
        "Sales are paid sale receipts, refunds are refund receipts; VAT and excise are those that the receipts state, "
        "refunds taken off. Hryvnias; days and times are in Kyiv."
    ),
    marked="note",
)
INCOME = Form(
    "income",
    N_("Income by day"),
    (
        _DAY,
        _SHOP,
        _REGISTRAR,
        Column("means", N_("Means of payment"), width=30),
        _money("sales", N_("Sales")),
        _money("refunds", N_("Refunds")),
        _money("net", N_("Net income")),
        _NOTE,
    ),
    N_(
        "For the record of income of a sole trader, which has no set form: sums as they were paid, VAT and excise "
        "included, refunds taken off by the day of the refund. Not checked with an accountant."
    ),
    marked="note",
)
Z_REPORTS = Form(
    "z_reports",
    N_("Z-reports"),
    (
        _DAY,
        _SHOP,
        Column("closed_at", N_("Closed"), Kind.TIME, 16),
        _REGISTRAR,
        Column("number", N_("Number"), width=13),
        _SHIFT,
        _count("sale_receipts", N_("Sale receipts")),
        _count("refund_receipts", N_("Refund receipts")),
        _money("sales", N_("Sales")),
        _money("sales_cash", N_("Cash sales")),
        _money("sales_cashless", N_("Cashless sales")),
        _money("sales_vat", N_("Sales, VAT"), width=13),
        _money("sales_excise", N_("Sales, excise"), width=13),
        _money("refunds", N_("Refunds"), width=13),
        _money("refunds_cash", N_("Cash refunds"), width=13),
        _money("refunds_cashless", N_("Cashless refunds")),
        _money("refunds_vat", N_("Refunds, VAT"), width=13),
        _money("refunds_excise", N_("Refunds, excise"), width=13),
        _NOTE,
    ),
    N_(
        "Figures as the Z-reports state them. Shifts with sales and no Z-report, and days that were not read, stand in "
        "their places (law 265/95-ВР, article 3, point 9). What a shift holds is compared on the sheet of differences."
    ),
    marked="note",
)
VAT = Form(
    "vat",
    N_("VAT by day"),
    (
        _DAY,
        Column("rate", N_("Rate"), width=32),
        Column("classifier", N_("Classifier"), width=14),
        Column("code", N_("Code"), width=13),
        _money("sales_base", N_("Sales, base")),
        _money("sales_vat", N_("Sales, VAT")),
        _money("sales_excise", N_("Sales, excise"), width=13),
        _money("sales_total", N_("Sales, total")),
        _money("refunds_base", N_("Refunds, base"), width=13),
        _money("refunds_vat", N_("Refunds, VAT"), width=13),
        _money("refunds_excise", N_("Refunds, excise"), width=13),
        _money("refunds_total", N_("Refunds, total"), width=13),
        _NOTE,
    ),
    N_(
        "For the tax invoice by daily totals. Taxes are inside the prices: of each tax group of a receipt, excise "
        "first, VAT on the rest, to the kopeck; what receipts state otherwise has rows of its own. Whether refunds "
        "reduce the totals of their day or need an adjustment is not checked with an accountant."
    ),
    marked="note",
)
EXCISE = Form(
    "excise",
    N_("Excise"),
    (
        _DAY,
        _SHOP,
        Column("rate", N_("Rate"), width=32),
        Column("code", N_("UKTZED code"), width=13),
        _money("sales_total", N_("Sales, total")),
        _money("sales_excise", N_("Sales, excise")),
        _money("refunds_total", N_("Refunds, total")),
        _money("refunds_excise", N_("Refunds, excise")),
        _money("net_excise", N_("Excise less refunds")),
        _NOTE,
    ),
    N_(
        "Retail excise of 5 % inside the prices, by the shop where goods were sold: amount · 5/105, VAT on the rest. "
        "Not checked with an accountant."
    ),
    marked="note",
)
REFUNDS = Form(
    "refunds",
    N_("Refunds"),
    (
        _DAY,
        Column("made_at", N_("Time"), Kind.TIME, 16),
        _SHOP,
        _REGISTRAR,
        *_RECEIPT,
        _money("amount", N_("Amount")),
        Column("cashier", N_("Cashier"), width=24),
        Column("sale", N_("Sale receipt"), width=15),
        Column("sale_link", N_("Page of the sale receipt"), Kind.LINK),
        Column("sold_at", N_("Sold"), Kind.TIME, 16),
        Column("sale_amount", N_("Sale amount"), Kind.MONEY),
        _NOTE,
    ),
    N_("Each refund with the sale that it names. A receipt's number leads to its page at the tax service."),
    marked="note",
)
DIFFERENCES = Form(
    "differences",
    N_("Differences"),
    (
        Column("severity", N_("Severity"), width=12),
        Column("kind", N_("Kind"), width=24),
        Column("days", N_("Days"), width=22),
        _SHOP,
        _REGISTRAR,
        _SHIFT,
        *_RECEIPT,
        _count("receipts", N_("Receipts"), is_summed=False),
        Column("figure", N_("Figure"), width=22),
        Column("by_receipts", N_("By receipts"), Kind.FIGURE),
        Column("compared_with", N_("Compared with"), Kind.FIGURE),
        Column("amount", NP_("of amounts", "Difference"), Kind.FIGURE),
        Column("explanation", N_("Explanation"), width=90),
    ),
    N_(
        "Receipts, payments, Z-reports and product sales compared shift by shift, to the kopeck: a row for each "
        "figure, the cause first. Notices are to be known although all sums agree."
    ),
)
FINDINGS = Form(
    "findings",
    N_("Fiscal findings"),
    (
        Column("urgency", N_("Urgency"), width=14),
        Column("finding", N_("Finding"), width=32),
        _SHOP,
        _REGISTRAR,
        _SHIFT,
        Column("since", N_("Since"), Kind.TIME, 16),
        Column("until", N_("Until"), Kind.TIME, 16),
        Column("figures", N_("Measured"), width=32),
        *_RECEIPT,
        _count("receipts", N_("Receipts"), is_summed=False),
        Column("rule", N_("Rule"), width=44),
        Column("source", N_("Source"), width=30),
        Column("advice", N_("What to do"), width=60),
    ),
    N_("Breaches of the fiscal rules, and those that are near; what a rule rests on stands beside it."),
)
PRODUCTS = Form(
    "products",
    N_("Products"),
    (
        Column("number", N_("Barcode"), width=16),
        Column("title", N_("Product"), width=44),
        Column("unit", N_("Unit"), width=9),
        Column("quantity", N_("Quantity"), Kind.QUANTITY, 12),
        _money("amount", N_("Revenue")),
        _money("cost", N_("Cost")),
        _money("profit", N_("Profit")),
        Column("margin", N_("Margin, %"), Kind.PERCENT, 10),
        _money("below_cost", N_("Below cost")),
        _count("lines_below_cost", N_("Lines below cost")),
        Column("price_source", N_("Cost by prices of"), width=18),
    ),
    N_(
        "Discounts and refunds taken off. Cost is by the purchase prices that the store's history has of the day of the"
        " sale or the last day before it, else by those of the catalogue as it was synced last, as the last column"
        " says; it is empty where none is known, and then there is no profit."
    ),
    marked="below_cost",
)
FORMS = (SUMMARY, INCOME, Z_REPORTS, VAT, EXCISE, REFUNDS, DIFFERENCES, FINDINGS, PRODUCTS)
"""All sheets, in their order."""
