"""Exact decimals in SQL as whole numbers of their smallest unit, in one form for all databases."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, func
from sqlalchemy import literal_column as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from smartkasa_async._support.money import with_kopecks, without_zeros
from smartkasa_async.stores.schema import MONEY_SCALE, QUANTITY_SCALE

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.compiler import SQLCompiler


class Units(FunctionElement[int]):
    """An exact decimal, or a sum of such, as a whole number of its smallest unit; NULL as 0."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, amount: ColumnElement[Any], scale: int = MONEY_SCALE) -> None:
        super().__init__(func.coalesce(amount, sql("0")), sql(str(10**scale)))


@compiles(Units, "postgresql")
def _scale(element: Units, compiler: SQLCompiler, **options: Any) -> str:
    amount, units = (compiler.process(part, **options) for part in element.clauses)
    return f"CAST({amount} * {units} AS BIGINT)"


@compiles(Units, "sqlite")
def _leave(element: Units, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **options)


def hryvnias_of(units: int) -> Decimal:
    """Return an amount, or a sum, in hryvnias with its kopecks."""
    return with_kopecks(Decimal(units).scaleb(-MONEY_SCALE))


def quantity_of(units: int) -> Decimal:
    """Return a quantity without zeros at its end."""
    return Decimal(without_zeros(Decimal(units).scaleb(-QUANTITY_SCALE)))


class WholeQuotient(FunctionElement[int]):
    """The whole part of a quotient of whole numbers that are not negative."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, amount: ColumnElement[Any], divisor: int) -> None:
        super().__init__(amount, sql(str(divisor)))


@compiles(WholeQuotient, "postgresql")
def _divide_numeric(element: WholeQuotient, compiler: SQLCompiler, **options: Any) -> str:
    amount, divisor = (compiler.process(part, **options) for part in element.clauses)
    return f"div({amount}, {divisor})"


@compiles(WholeQuotient, "sqlite")
def _divide_integers(element: WholeQuotient, compiler: SQLCompiler, **options: Any) -> str:
    amount, divisor = (compiler.process(part, **options) for part in element.clauses)
    return f"({amount}) / {divisor}"
