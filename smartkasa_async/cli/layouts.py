"""The options that say how a price list is laid out, where finding it out goes wrong."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from smartkasa_async._i18n.message import N_
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.outcomes import library_language
from smartkasa_async.cli.suggestions import did_you_mean, hint_of

if TYPE_CHECKING:
    from smartkasa_async.catalog import Choice, Layout

PresetName = Literal[
    "bas", "cashalot", "horoshop", "loyverse", "odoo", "opencart", "poster", "prom", "rozetka", "shopify",
    "woocommerce", "none",
]  # fmt: skip


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LayoutOptions:
    """What is known about a price list; the names and meanings are those of `Layout`."""

    preset: Annotated[PresetName | None, Parameter(help=N_("Program that wrote the file; none for no program's."))] = (
        None
    )
    encoding: Annotated[str | None, Parameter(help=N_("Encoding, such as utf-8, cp1251 or cp866."))] = None
    delimiter: Annotated[
        str | None, Parameter(help=N_("Character between the fields of a CSV file; tab for a tab."))
    ] = None
    decimal: Annotated[str | None, Parameter(help=N_("Decimal mark of numbers, a comma or a point."))] = None
    thousands: Annotated[str | None, Parameter(help=N_("Mark between thousands, a comma, a point or a space."))] = None
    currency: Annotated[
        str | None,
        Parameter(help=N_("UAH where headers name another currency and the prices are in hryvnias all the same.")),
    ] = None
    header_row: Annotated[
        int | None, Parameter(help=N_("Number of the row with the headers, from 1; 0 where there are none."))
    ] = None
    sheet: Annotated[str | None, Parameter(help=N_("Sheet of a workbook."))] = None
    hidden: Annotated[
        Literal["take", "skip"] | None,
        Parameter(help=N_("Hidden rows of a workbook: take them, as without this option, or skip them.")),
    ] = None
    column: Annotated[
        list[str] | None,
        Parameter(metavar="FIELD=HEADER", help=N_("Header of a field, or number of its column; may be given again.")),
    ] = None
    unit: Annotated[
        list[str] | None,
        Parameter(
            metavar="WORD=UNIT",
            help=N_("Unit of the service, by name or code, that a word of the price list means; may be given again."),
        ),
    ] = None
    mapping: Annotated[
        Path | None, Parameter(help=N_("TOML file with the headers of fields, in the table fields."))
    ] = None
    yes: Annotated[
        bool,
        Parameter(help=N_("Do not ask on a terminal: go on with what is clear, and refuse what is in doubt.")),
    ] = False
    forget_layout: Annotated[
        bool,
        Parameter(help=N_("Forget the layout that was confirmed for files with these headers, and ask anew.")),
    ] = False

    def layout(self) -> "Layout":
        """Make the layout.

        Raises:
            CommandError: A column has no header or a word no unit, or columns and a mapping are given.
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
            hidden=self.hidden,
            preset="" if self.preset == "none" else self.preset,
            mapping=dict(map(_column, self.column)) if self.column else self.mapping,
            units=dict(map(_unit, self.unit)) if self.unit else None,
        )


def _unit(text: str) -> tuple[str, str]:
    word, _sign, unit = (part.strip() for part in text.partition("="))
    if not (word and unit):
        raise CommandError(_("--unit {text} names no unit; write --unit WORD=UNIT", text=text))
    return word, unit


def _column(text: str) -> tuple[str, str | int | None]:
    from smartkasa_async.catalog.sources.field_names import field_named, fields_listed  # noqa: PLC0415

    word, sign, header = text.partition("=")
    if not sign:
        raise CommandError(_("--column {text} has no header; write --column FIELD=HEADER", text=text))
    field = field_named(word)
    if field is None:
        listed = fields_listed(library_language())
        message = _("--column {text}: there is no field {word}", text=text, word=word.strip())
        similar = did_you_mean(word, dict.fromkeys([*listed, *fields_listed("uk"), *fields_listed("en")]))
        raise CommandError(message, hint=hint_of(similar, _("Fields: {names}", names=", ".join(listed))))
    header = header.strip()
    if header.startswith("«") and header.endswith("»"):  # as messages show it
        header = header[1:-1].strip()
    return field.value, int(header) if header.isdecimal() else header or None


def options_of(choice: "Choice") -> str:
    """Write a choice as options of the command line."""
    from smartkasa_async.catalog.sources.field_names import name_of_field  # noqa: PLC0415  (an extra)

    words: list[str] = []
    for name, value in choice.layout.items():
        if name == "mapping":
            for field, target in value.items():
                words += ["--column", f"{name_of_field(field, library_language())}={target}"]
        else:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join(words)
