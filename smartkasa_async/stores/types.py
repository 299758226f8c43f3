"""Column types: exact money, exact quantities, and points in time in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, Numeric
from sqlalchemy.types import TypeDecorator

from smartkasa_async._i18n.message import msg
from smartkasa_async.stores.errors import UnfitValueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

_DIGITS = 18
_EXACT = Context(prec=_DIGITS, traps=[Inexact, InvalidOperation])


_NOISE = Decimal("1e-9")


def _without_noise(value: Decimal, unit: Decimal) -> Decimal:
    try:
        return _EXACT.quantize(value, unit)
    except Inexact:
        rounded = value.quantize(unit)
        if abs(value - rounded) > _NOISE:
            raise
        return rounded


class ExactDecimal(TypeDecorator[Decimal]):
    """NUMERIC of 18 digits that never rounds; sums made by the database are exact as well.

    Only what a binary fraction added on its way is taken off, as in the JSON number 0.30000000000000004.

    SQLite has no exact NUMERIC: it would keep 0.10 as a binary fraction. There the value stands as a whole number of
    the smallest unit, so with a scale of 4 a total of 1438.50 hryvnias is the integer 14385000.
    """

    impl = Numeric
    cache_ok: bool | None = True

    def __init__(self, scale: int) -> None:
        super().__init__(_DIGITS, scale)
        self.scale = scale
        self._unit = Decimal(1).scaleb(-scale)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the database's own type: a whole number for SQLite, NUMERIC elsewhere."""
        chosen: TypeEngine[Any] = BigInteger() if dialect.name == "sqlite" else Numeric(_DIGITS, self.scale)
        return dialect.type_descriptor(chosen)

    def bind_processor(self, dialect: Dialect) -> Callable[[Decimal | None], object]:
        """Make the function that turns a Decimal into what the database's driver takes."""
        unit, scale, whole = self._unit, self.scale, dialect.name == "sqlite"
        shift = _EXACT.scaleb

        def process(value: Decimal | None) -> object:
            if value is None:
                return None
            try:
                exact = _without_noise(value, unit)
                number = int(shift(exact, scale))
            except (Inexact, InvalidOperation, ValueError) as error:
                raise UnfitValueError(
                    msg(
                        "{value} cannot be stored exactly: there is room for {before} digits before the point"
                        " and {after} after it",
                        value=value,
                        before=_DIGITS - scale,
                        after=scale,
                    )
                ) from error
            return number if whole else exact

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[object], Decimal | None]:  # noqa: ARG002
        """Make the function that turns what the driver gives into a Decimal."""
        scale, whole = self.scale, dialect.name == "sqlite"

        def process(value: object) -> Decimal | None:
            if value is None:
                return None
            number = Decimal(str(value))
            return number.scaleb(-scale) if whole else number

        return process


class UtcDateTime(TypeDecorator[datetime]):
    """Point in time, stored in UTC and given back aware."""

    impl = DateTime(timezone=True)
    cache_ok: bool | None = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object]:
        """Make the function that turns an aware time of any offset into UTC."""
        as_text = dialect.name == "sqlite"

        def process(value: datetime | None) -> object:
            if value is None:
                return None
            try:
                moment = value.astimezone(UTC)
            except OverflowError as error:  # 0001-01-01T00:00:00+02:00, which some programs write for no time at all
                message = msg("{moment} cannot be stored: it is no time in UTC", moment=value.isoformat())
                raise UnfitValueError(message) from error
            return moment.replace(tzinfo=None).isoformat(" ", "microseconds") if as_text else moment

        return process

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Say that the stored time is UTC; SQLite gives it back without an offset."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
