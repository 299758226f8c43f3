"""Groups of options that several commands have: days, shops, and the layout of a price list."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from smartkasa_async._i18n.message import N_
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _, language
from smartkasa_async.cli.suggestions import did_you_mean, hint_of
from smartkasa_async.records.days import Window, month_of, today
from smartkasa_async.records.written_days import read_day, read_month

if TYPE_CHECKING:
    from smartkasa_async.catalog import Layout

_MOST_DAYS = 36_500

Shops = Annotated[
    list[int] | None,
    Parameter(name="--shop", metavar="ID", help=N_("Only the shop with this id; may be repeated.")),
]
"""Type of the option `--shop`."""

Refetch = Annotated[bool, Parameter(help=N_("Read again the days that the store already has in full."))]
"""Type of the option `--refetch`."""


AcceptClockSkew = Annotated[
    bool,
    Parameter(help=N_("Continue even if the clocks of this machine and of the service differ by more than an hour.")),
]
"""Type of the option `--accept-clock-skew`."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Period:
    """The business days of a command, in Kyiv; a command's own docstring may describe an option in other words.

    Attributes:
        start: First day.
        end: Last day.
        day: The only day.
        days: Number of days that end with `end`.
        month: A month, `2026-10`.
    """

    start: Annotated[
        str | None,
        Parameter(
            name=["--start", "--since"],
            metavar="DAY",
            allow_leading_hyphen=True,
            help=N_("First business day in Kyiv: 2026-10-31, 31.10.2026, today, yesterday, or -7d for a week ago."),
        ),
    ] = None
    end: Annotated[
        str | None,
        Parameter(
            name=["--end", "--until"],
            metavar="DAY",
            allow_leading_hyphen=True,
            help=N_("Last business day, in the same forms; today by default."),
        ),
    ] = None
    day: Annotated[
        str | None,
        Parameter(metavar="DAY", allow_leading_hyphen=True, help=N_("A single business day, in the same forms.")),
    ] = None
    days: Annotated[int | None, Parameter(help=N_("Number of days, up to and including the last one."))] = None
    month: Annotated[
        str | None,
        Parameter(metavar="MONTH", help=N_("All days of a month: 2026-10, 10.2026, october, this or last.")),
    ] = None

    def window(self) -> Window:
        """Return the days; the last is today by default.

        Raises:
            CommandError: No days are given, or impossible ones.
        """
        start, end = self.bounds()
        if start is None:
            hint = _("For example: --days 7, or --month last, or --month 2026-10, or --day yesterday")
            raise CommandError(_("No days are given; give --start, --days or --month"), hint=hint)
        return _window(start, end or today())

    def bounds(self) -> tuple[date | None, date | None]:
        """Return first and last day, each None if no option gives it.

        Raises:
            CommandError: The options contradict one another, or give impossible days, or only days in the future.
        """
        start, end = self._bounds()
        if start is not None and start > today():
            raise CommandError(
                _(
                    "These days are yet to come: the first is {start}, and in Kyiv it is {today}",
                    start=start,
                    today=today(),
                )
            )
        return start, end

    def _bounds(self) -> tuple[date | None, date | None]:
        if self.month is not None:
            others: dict[str, object] = {
                "--start": self.start,
                "--end": self.end,
                "--day": self.day,
                "--days": self.days,
            }
            self._refuse("--month", others)
            return _month(self.month)
        if self.day is not None:
            self._refuse("--day", {"--start": self.start, "--end": self.end, "--days": self.days})
            day = parse_day("--day", self.day)
            return day, day
        end = None if self.end is None else parse_day("--end", self.end)
        if self.days is not None:
            self._refuse("--days", {"--start": self.start})
            if not 1 <= self.days <= _MOST_DAYS:
                wanted = _("a whole number from 1 to {most}", most=_MOST_DAYS)
                raise _wrong("--days", self.days, wanted)
            end = end or today()
            return end - timedelta(days=self.days - 1), end
        start = None if self.start is None else parse_day("--start", self.start)
        if start is not None and end is not None:
            _window(start, end)
        return start, end

    def _refuse(self, name: str, others: dict[str, object]) -> None:
        for other, value in others.items():
            if value is not None:
                raise CommandError(_("{one} and {other} exclude each other; give one", one=name, other=other))


def parse_day(name: str, text: str) -> date:
    """Read a business day.

    Args:
        name: The option, for the error.
        text: `2026-10-31`, `31.10.2026`, `today`, `yesterday` or `-7d`, in Kyiv.

    Raises:
        CommandError: It is no day, or it is ambiguous.
    """
    day = read_day(text, today())
    if day is None:
        wanted = _("a day such as 2026-10-31, 31.10.2026, today, yesterday, or -7d for a week ago")
        raise _wrong(name, repr(text), wanted)
    return day


def parse_month(text: str, option: str = "--month") -> date:
    """Read a month, and return its first day.

    Args:
        text: `2026-10`, `10.2026`, `october`, `this` or `last`.
        option: The option that it is the value of.

    Raises:
        CommandError: It is no month.
    """
    first = read_month(text, today())
    if first is None:
        raise _wrong(option, repr(text), _("a month such as 2026-10, 10.2026, october, this or last"))
    return first


def _month(text: str) -> tuple[date, date]:
    """Return the days of a month; of the present one, those until today."""
    month = month_of(parse_month(text))
    # A future month stays a period, to be refused as such.
    return month.start, max(month.start, min(month.end, today()))


def _wrong(where: str, value: object, wanted: str) -> CommandError:
    return CommandError(_("{where} is {value}; give {wanted}", where=where, value=value, wanted=wanted))


def _window(start: date, end: date) -> Window:
    if end < start:
        raise CommandError(_("The last day is {end}, before the first, which is {start}", start=start, end=end))
    return Window(start, end)


PresetName = Literal[
    "bas", "cashalot", "horoshop", "loyverse", "odoo", "opencart", "poster", "prom", "rozetka", "shopify",
    "woocommerce", "none",
]  # fmt: skip


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LayoutOptions:
    """The layout of a price list, with the names of `Layout`."""

    preset: Annotated[PresetName | None, Parameter(help=N_("Program that wrote the file; none to use no preset."))] = (
        None
    )
    encoding: Annotated[str | None, Parameter(help=N_("Encoding, such as utf-8, cp1251 or cp866."))] = None
    delimiter: Annotated[
        str | None, Parameter(help=N_("Character between the fields of a CSV file; tab for a tab."))
    ] = None
    decimal: Annotated[str | None, Parameter(help=N_("Decimal separator: a comma or a point."))] = None
    thousands: Annotated[str | None, Parameter(help=N_("Thousands separator: a comma, a point or a space."))] = None
    currency: Annotated[
        str | None,
        Parameter(help=N_("UAH if the headers name another currency but the prices are in hryvnias.")),
    ] = None
    header_row: Annotated[int | None, Parameter(help=N_("Number of the header row, from 1; 0 if there is none."))] = (
        None
    )
    sheet: Annotated[str | None, Parameter(help=N_("Sheet of a workbook."))] = None
    hidden: Annotated[
        Literal["take", "skip"] | None,
        Parameter(help=N_("Hidden rows of a workbook: take them (the default) or skip them.")),
    ] = None
    column: Annotated[
        list[str] | None,
        Parameter(metavar="FIELD=HEADER", help=N_("Header of a field, or number of its column; may be repeated.")),
    ] = None
    unit: Annotated[
        list[str] | None,
        Parameter(
            metavar="WORD=UNIT",
            help=N_("Unit of the service, by name or code, for a word of the price list; may be repeated."),
        ),
    ] = None
    mapping: Annotated[
        Path | None, Parameter(help=N_("TOML file with the headers of the fields, in the table fields."))
    ] = None
    yes: Annotated[
        bool,
        Parameter(help=N_("Do not ask at a terminal: continue if the layout is clear, stop if it is in doubt.")),
    ] = False
    forget_layout: Annotated[
        bool,
        Parameter(help=N_("Forget the layout that was confirmed for files with these headers, and ask again.")),
    ] = False

    def layout(self) -> "Layout":
        """Build the layout.

        Raises:
            CommandError: A column has no header or a word no unit, or columns and a mapping are given.
            InvalidRequestError: An option has an impossible value.
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
    from smartkasa_async.catalog.sources.fields import field_named, fields_listed  # noqa: PLC0415

    word, sign, header = text.partition("=")
    if not sign:
        raise CommandError(_("--column {text} has no header; write --column FIELD=HEADER", text=text))
    field = field_named(word)
    if field is None:
        listed = fields_listed(language())
        message = _("--column {text}: there is no field {word}", text=text, word=word.strip())
        similar = did_you_mean(word, dict.fromkeys([*listed, *fields_listed("uk"), *fields_listed("en")]))
        raise CommandError(message, hint=hint_of(similar, _("Fields: {names}", names=", ".join(listed))))
    header = header.strip()
    if header.startswith("«") and header.endswith("»"):  # the way messages quote it
        header = header[1:-1].strip()
    return field.value, int(header) if header.isdecimal() else header or None
