"""What goes into a simulation and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from smartkasa_async.sandbox.errors import UsageError

if TYPE_CHECKING:
    from decimal import Decimal

    from smartkasa_async.sandbox.business.catalogue import Product
    from smartkasa_async.sandbox.schema import Row

TABLES: Final = (
    "shops",
    "terminals",
    "roles",
    "employees",
    "unit_types",
    "partners",
    "categories",
    "products",
    "subgroups",
    "cards",
    "import_jobs",
    "shifts",
    "receipts",
    "receipt_items",
    "payments",
    "z_reports",
)

_LEAST: Final = {"shops": 1, "terminals_per_shop": 1, "products": 1, "days": 1, "receipts_per_day": 0}


@dataclass(frozen=True, slots=True)
class Simulation:
    """Parameters of a simulation; equal values give equal businesses, row by row.

    Args:
        seed: Seed of all random draws.
        shops: Number of shops, at least 1; their settings repeat after four.
        terminals_per_shop: Number of terminals of each shop, at least 1.
        products: Number of products in the catalogue that the shops share, at least 1.
        start: First business day, in Europe/Kyiv.
        days: Number of calendar days, at least 1.
        receipts_per_day: Customers of each shop and open day, on average over a week; 0 leaves service operations only.

    Raises:
        ValueError: a number is too small or is no whole number, or the start is no date.
    """

    seed: int = 1
    shops: int = 3
    terminals_per_shop: int = 2
    products: int = 200
    start: date = date(2026, 10, 1)
    days: int = 31
    receipts_per_day: int = 40

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated, naming the field."""
        if isinstance(self.start, datetime) or not isinstance(self.start, date):
            raise UsageError("start is {value}: give a datetime.date", value=repr(self.start))
        for field in fields(self):
            value = getattr(self, field.name)
            least = _LEAST.get(field.name)
            if least is not None and (not isinstance(value, int) or value < least):
                raise UsageError(
                    "{field} is {value}: give a whole number, at least {least}",
                    field=field.name,
                    value=repr(value),
                    least=least,
                )


@dataclass(frozen=True, slots=True)
class ShopSummary:
    """What one shop did; money in hryvnias.

    Attributes:
        receipts: All receipts, whatever their type and state.
        sales: Paid sales (type 0, state 2).
        sales_total: Sum of their totals.
        refunds: Refunds (type 3).
        refunds_total: Sum of their totals, a positive number.
        z_reports: Z-reports.
    """

    receipts: int
    sales: int
    sales_total: Decimal
    refunds: int
    refunds_total: Decimal
    z_reports: int


@dataclass(frozen=True, slots=True)
class Business:
    """A simulated business.

    Attributes:
        simulation: What was asked for.
        rows: The records of each table of `TABLES`.
        summary: The figures of each shop by its id.
    """

    simulation: Simulation
    rows: dict[str, list[Row]]
    summary: dict[int, ShopSummary]


@dataclass(frozen=True, slots=True)
class Goods:
    """A product as one shop sells it: its tax group there, and the part of a receipt's line that never changes."""

    product: Product
    tax_group: int
    line: Row


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a shop sells; `weights` rise by the popularity of each of the goods."""

    goods: list[Goods]
    weights: list[float]


@dataclass(slots=True)
class Till:
    """A terminal between shifts: its registrar, its counters, and the kopecks in its drawer."""

    terminal_id: int
    registrar: str
    device_uid: str
    bank_terminal: dict[str, str]
    offline_session: int
    local_number: int = 0
    z_number: int = 0
    drawer: int = 0
