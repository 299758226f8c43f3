"""The options that say how a price list is laid out, where finding it out goes wrong."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from smartkasa_async.catalog import Layout

__all__ = ["LayoutOptions", "PresetName"]

PresetName = Literal["bas", "cashalot", "horoshop", "prom", "rozetka", "none"]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LayoutOptions:
    """What is known about a price list; the names and meanings are those of `Layout`.

    Attributes:
        preset: Program that wrote it.
        encoding: Encoding.
        delimiter: Character between the fields.
        decimal: Decimal mark.
        thousands: Mark between thousands.
        currency: Currency of the prices.
        header_row: Number of the row with the headers.
        sheet: Sheet of a workbook.
        column: Field and header, or the column's number.
        mapping: TOML file with fields and headers.
    """

    preset: PresetName | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    currency: str | None = None
    header_row: int | None = None
    sheet: str | None = None
    column: Annotated[list[str] | None, Parameter(metavar="FIELD=HEADER")] = None
    mapping: Path | None = None

    def layout(self) -> "Layout":
        """Make the layout.

        Raises:
            CommandError: A column has no header, or columns and a mapping are given.
            InvalidRequestError: An option has a value that no file can have.
        """
        from smartkasa_async.catalog import Layout  # noqa: PLC0415  (help pages need none of it)

        if self.column and self.mapping:
            raise CommandError(_("{one} and {other} exclude each other; give one", one="--column", other="--mapping"))
        return Layout(
            encoding=self.encoding,
            delimiter="\t" if self.delimiter == "tab" else self.delimiter,
            decimal=self.decimal,
            thousands=self.thousands,
            currency=self.currency,
            header_row=self.header_row,
            sheet=self.sheet,
            preset="" if self.preset == "none" else self.preset,
            mapping=dict(map(_column, self.column)) if self.column else self.mapping,
        )


def _column(text: str) -> tuple[str, str | int | None]:
    field, sign, header = text.partition("=")
    if not sign:
        raise CommandError(_("--column {text} has no header; write --column FIELD=HEADER", text=text))
    return field, int(header) if header.isdecimal() else header or None
