"""Exact decimals in SQL as whole numbers of their smallest unit, in one form for all databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, func
from sqlalchemy import literal_column as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.compiler import SQLCompiler

MONEY_SCALE = 4
"""Digits after the point of money: its unit is a ten-thousandth of a hryvnia."""

QUANTITY_SCALE = 6
"""Digits after the point of quantities."""


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
