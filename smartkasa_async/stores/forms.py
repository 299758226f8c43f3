"""Columns in the forms that files take: the database makes these, since Python objects cost many times as much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Text, cast, func, type_coerce

from smartkasa_async.stores.schema import ExactDecimal, UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def arrow_form(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """Return a column as pyarrow takes it best: decimals as whole numbers of the smallest unit, and what SQLite keeps.

    Args:
        column: The column.
        dialect: Name of the database's kind.
    """
    type_ = column.type
    if isinstance(type_, ExactDecimal):
        return _whole(column, type_, dialect)
    if dialect == "sqlite":
        if isinstance(type_, UtcDateTime):
            return type_coerce(column, Text) + "Z"
        return type_coerce(column, Integer if isinstance(type_, Boolean) else Text) if _is_converted(column) else column
    return type_coerce(column, DateTime(timezone=True)) if isinstance(type_, UtcDateTime) else column


def _is_converted(column: ColumnElement[Any]) -> bool:
    """Return whether SQLAlchemy makes a Python object of what SQLite gives."""
    return isinstance(column.type, Boolean | Date)


def csv_form(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """Return a column as the text of its cells, but for text, which is given as it is, and for numbers.

    Args:
        column: The column; of decimals, whole numbers of the smallest unit are given.
        dialect: Name of the database's kind.
    """
    type_ = column.type
    if isinstance(type_, ExactDecimal):
        return _whole(column, type_, dialect)
    if isinstance(type_, UtcDateTime):
        text = (
            func.replace(type_coerce(column, Text), " ", "T") + "Z"
            if dialect == "sqlite"
            else func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )
        return func.replace(text, ".000000Z", "Z", type_=Text)
    if isinstance(type_, Date):
        return type_coerce(column, Text) if dialect == "sqlite" else func.to_char(column, "YYYY-MM-DD", type_=Text)
    if isinstance(type_, Boolean):
        return type_coerce(column, Integer) if dialect == "sqlite" else cast(column, Integer)
    return column


def _whole(column: ColumnElement[Any], type_: ExactDecimal, dialect: str) -> ColumnElement[Any]:
    if dialect == "sqlite":
        return type_coerce(column, BigInteger)
    return cast(type_coerce(column, type_.impl_instance) * 10**type_.scale, BigInteger)
