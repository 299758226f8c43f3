"""The options that say which days: `--start`, `--end`, `--day`, `--days` and `--month`, business days in Kyiv."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from cyclopts import Parameter

from smartkasa_async._i18n.message import N_
from smartkasa_async.cli.dates import read_day, read_month
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _
from smartkasa_async.records.days import Window, today

_MOST_DAYS = 36_500

Shops = Annotated[
    list[int] | None,
    Parameter(name="--shop", metavar="ID", help=N_("Only the shop with this id; may be given again.")),
]
"""Type of the option `--shop`."""

Refetch = Annotated[bool, Parameter(help=N_("Read also the days that the store has whole."))]
"""Type of the option `--refetch`."""


AcceptClockSkew = Annotated[
    bool,
    Parameter(help=N_("Go on though the clocks of this machine and of the service are more than an hour apart.")),
]
"""Type of the option `--accept-clock-skew`."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Span:
    """Which days a command is about; a command whose docstring names an option too says it in its own words.

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
            help=N_("Last business day, written likewise; today where it is left out."),
        ),
    ] = None
    day: Annotated[
        str | None,
        Parameter(metavar="DAY", allow_leading_hyphen=True, help=N_("A single business day, written likewise.")),
    ] = None
    days: Annotated[int | None, Parameter(help=N_("Number of days that end with the last one."))] = None
    month: Annotated[
        str | None,
        Parameter(metavar="MONTH", help=N_("All days of a month: 2026-10, 10.2026, october, this or last.")),
    ] = None

    def window(self) -> Window:
        """Return the days; the last is today where nothing says another.

        Raises:
            CommandError: The options say no days, or such as cannot be.
        """
        start, end = self.bounds()
        if start is None:
            hint = _("For example: --days 7, or --month last, or --month 2026-10, or --day yesterday")
            raise CommandError(_("It is not said which days; give --start, --days or --month"), hint=hint)
        return _window(start, end or today())

    def bounds(self) -> tuple[date | None, date | None]:
        """Return first and last day, each None where nothing says it.

        Raises:
            CommandError: The options contradict one another, or say days that cannot be, or only such as are yet to
                come, of which "whole" and "nothing found" would be no news.
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
        name: The option that says it.
        text: `2026-10-31`, `31.10.2026`, `today`, `yesterday` or `-7d`, in Kyiv.

    Raises:
        CommandError: It is no day, or could be two.
    """
    day = read_day(text, today())
    if day is None:
        wanted = _("a day such as 2026-10-31, 31.10.2026, today, yesterday, or -7d for a week ago")
        raise _wrong(name, repr(text), wanted)
    return day


def _month(text: str) -> tuple[date, date]:
    """Return the days of a month; of the present one, those until today."""
    first = read_month(text, today())
    if first is None:
        raise _wrong("--month", repr(text), _("a month such as 2026-10, 10.2026, october, this or last"))
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return first, max(first, min(last, today()))  # one to come stays a span, to be refused as such


def _wrong(place: str, value: object, wanted: str) -> CommandError:
    return CommandError(_("{place} is {value}; give {wanted}", place=place, value=value, wanted=wanted))


def _window(start: date, end: date) -> Window:
    if end < start:
        raise CommandError(_("The last day is {end}, before the first, which is {start}", start=start, end=end))
    return Window(start, end)
