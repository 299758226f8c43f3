"""Inserts of many rows, compiled once.

SQLAlchemy would look each value's name and type up anew for every row, which takes longer than the database does.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from smartkasa_async._i18n.message import msg
from smartkasa_async.stores.errors import UnfitValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Dialect
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.dml import Insert
    from sqlalchemy.types import TypeEngine


class BulkInsert:
    """An insert of rows given as mappings from the names of its parameters to values; UNSET becomes NULL."""

    def __init__(self, insert: Insert, dialect: Dialect) -> None:
        compiled = insert.compile(dialect=dialect)
        names = compiled.positiontup or ()
        self.sql: str = str(compiled)
        self._values = itemgetter(*names)
        conversions = (_conversion(insert.table.c[name].type, dialect) for name in names)
        self._conversions = [(place, convert) for place, convert in enumerate(conversions) if convert is not None]

    async def execute(self, connection: AsyncConnection, rows: Iterable[dict[str, Any]]) -> None:
        """Execute the statement with the rows, if there are any.

        Raises:
            UnfitValueError: A value cannot be kept exactly, or is too large.
        """
        try:
            parameters = [self._parameters(row) for row in rows]
            if parameters:
                await connection.exec_driver_sql(self.sql, parameters)
        except ArithmeticError as error:
            raise UnfitValueError(
                msg("A record has a number or a time that the database has no room for: {reason}", reason=error)
            ) from error

    def _parameters(self, row: dict[str, Any]) -> tuple[Any, ...]:
        values = [None if value is UNSET else value for value in self._values(row)]
        for place, convert in self._conversions:
            value = values[place]
            if value is not None:
                values[place] = convert(value)
        return tuple(values)


def _conversion(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)
