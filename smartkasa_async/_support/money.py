"""Amounts of money, and quantities, as people read them."""

from __future__ import annotations

from decimal import Decimal

NO_HRYVNIAS = Decimal("0.00")
"""Where sums of money begin, so that they have kopecks."""


def with_kopecks(amount: Decimal) -> Decimal:
    """Return an amount in hryvnias with its kopecks, and with what is finer where there is any."""
    rounded = round(amount, 2)
    return rounded if rounded == amount else amount.normalize()


def hryvnias(amount: Decimal) -> str:
    """Write an amount in hryvnias with its kopecks, and with what is finer where there is any."""
    return f"{with_kopecks(amount):f}"


def without_zeros(number: Decimal) -> str:
    """Write a quantity without zeros at its end."""
    return f"{number.normalize():f}"
