"""SQL that the views need and SQLAlchemy lacks: money as BI tools read it, proportions, statements about views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func
from sqlalchemy import literal_column as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.sql.compiler import DDLCompiler, SQLCompiler

ZERO: ColumnElement[Any] = sql("0")


class Shown(FunctionElement[Any]):
    """A sum of exact decimals as BI tools read it: NUMERIC, in SQLite the nearest real number."""

    inherit_cache: bool | None = True

    def __init__(self, total: ColumnElement[Any], scale: int) -> None:
        """Show a sum.

        Args:
            total: The sum.
            scale: Digits after the point of the columns that are summed.
        """
        super().__init__(total, sql(str(scale)))


@compiles(Shown, "postgresql")
def _show_numeric(element: Shown, compiler: SQLCompiler, **options: Any) -> str:
    total, scale = _parts(element, compiler, options)
    return f"CAST({total} AS NUMERIC(28, {scale}))"


@compiles(Shown, "sqlite")
def _show_real(element: Shown, compiler: SQLCompiler, **options: Any) -> str:
    total, scale = _parts(element, compiler, options)
    return f"({total}) / {10 ** int(scale)}.0"


class _Proportion(FunctionElement[Any]):
    inherit_cache: bool | None = True


def proportion(
    amount: ColumnElement[Any], part: ColumnElement[Any], whole: ColumnElement[Any], *, of_nothing: Any = ZERO
) -> ColumnElement[Any]:
    """Give amount·part/whole in money, rounded half away from zero to the kopeck.

    Products in SQLite would not always fit into whole numbers, so they are real there.

    Args:
        amount: Money.
        part: Money, as `whole`, or a number, as `whole`.
        whole: What the part belongs to.
        of_nothing: What stands where the whole is 0.
    """
    return func.coalesce(_Proportion(amount, part, whole), of_nothing)


@compiles(_Proportion, "postgresql")
def _round_numeric(element: _Proportion, compiler: SQLCompiler, **options: Any) -> str:
    amount, part, whole = _parts(element, compiler, options)
    return f"round(({amount}) * ({part}) / nullif({whole}, 0), 2)"


@compiles(_Proportion, "sqlite")
def _round_real(element: _Proportion, compiler: SQLCompiler, **options: Any) -> str:
    amount, part, whole = _parts(element, compiler, options)
    return f"CAST(round(({amount}) * 1.0 * ({part}) / (({whole}) * 100.0)) AS INTEGER) * 100"


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> list[str]:
    return [compiler.process(part, **options) for part in element.clauses]


class CreateView(ExecutableDDLElement):
    """Statement that creates a view."""

    def __init__(self, name: str, query: Select[Any]) -> None:
        self.name = name
        self.query = query


@compiles(CreateView)
def _create(element: CreateView, compiler: DDLCompiler, **_options: Any) -> str:
    return f"CREATE VIEW {element.name} AS {compiler.sql_compiler.process(element.query, literal_binds=True)}"


class DropView(ExecutableDDLElement):
    """Statement that drops a view where there is one."""

    def __init__(self, name: str) -> None:
        self.name = name


@compiles(DropView)
def _drop(element: DropView, _compiler: DDLCompiler, **_options: Any) -> str:
    return f"DROP VIEW IF EXISTS {element.name}"
