"""The options that say which days: `--start`, `--end`, `--days` and `--month`, business days in Kyiv."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from cyclopts import Parameter

from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import N_, _
from smartkasa_async.receipts.days import Window, today

__all__ = ["Again", "Shops", "Span", "parse_day"]

_FIRST, _LAST = date(2000, 1, 1), date(9998, 12, 31)
"""Days that can be meant; the last year of the calendar has days whose end is no time in Kyiv."""

Shops = Annotated[
    list[int] | None,
    Parameter(name="--shop", metavar="ID", help=N_("Only the shop with this id; may be given again.")),
]
"""Type of the option `--shop`."""

Again = Annotated[bool, Parameter(help=N_("Read also the days that the store has whole."))]
"""Type of the option `--again`."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Span:
    """Which days a command is about; a command whose docstring names an option too says it in its own words.

    Attributes:
        start: First day.
        end: Last day.
        days: Number of days that end with `end`.
        month: A month, `2026-10`.
    """

    start: Annotated[
        str | None, Parameter(metavar="DAY", help=N_("First business day: 2026-10-31, today or yesterday, in Kyiv."))
    ] = None
    end: Annotated[str | None, Parameter(metavar="DAY", help=N_("Last business day; today where it is left out."))] = (
        None
    )
    days: Annotated[int | None, Parameter(help=N_("Number of days that end with the last one."))] = None
    month: Annotated[str | None, Parameter(metavar="YYYY-MM", help=N_("All days of a month, 2026-10."))] = None

    def window(self) -> Window:
        """Return the days; the last is today where nothing says another.

        Raises:
            CommandError: The options say no days, or such as cannot be.
        """
        start, end = self.bounds()
        if start is None:
            hint = _("For example: --days 7, or --month 2026-10, or --start yesterday --end yesterday")
            raise CommandError(_("It is not said which days; give --start, --days or --month"), hint=hint)
        return _window(start, end or today())

    def bounds(self) -> tuple[date | None, date | None]:
        """Return first and last day, each None where nothing says it.

        Raises:
            CommandError: The options contradict one another, or say days that cannot be.
        """
        if self.month is not None:
            self._refuse("--month", {"--start": self.start, "--end": self.end, "--days": self.days})
            return _month(self.month)
        end = None if self.end is None else parse_day("--end", self.end)
        if self.days is not None:
            self._refuse("--days", {"--start": self.start})
            if self.days < 1:
                raise CommandError(_("--days is {days}; give a whole number above 0", days=self.days))
            end = end or today()
            if self.days > (end - _FIRST).days:
                raise CommandError(
                    _("--days is {days}; that is more than there are since {first}", days=self.days, first=_FIRST)
                )
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
        text: `2026-10-31`, `today` or `yesterday`, in Kyiv.

    Raises:
        CommandError: It is none of these.
    """
    back = {"today": 0, "yesterday": 1}.get(text)
    if back is not None:
        return today() - timedelta(days=back)
    try:
        return _within(date.fromisoformat(text))
    except ValueError:
        wanted = _("a day such as 2026-10-31, or today, or yesterday")
        raise CommandError(
            _("{place} is {value}; give {wanted}", place=name, value=repr(text), wanted=wanted)
        ) from None


def _month(text: str) -> tuple[date, date]:
    """Return the days of a month; of the present one, those until today."""
    try:
        first = _within(date.fromisoformat(f"{text}-01"))
    except ValueError:
        wanted = _("a month such as 2026-10")
        raise CommandError(
            _("{place} is {value}; give {wanted}", place="--month", value=repr(text), wanted=wanted)
        ) from None
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return first, max(first, min(last, today()))


def _within(day: date) -> date:
    if not _FIRST <= day <= _LAST:
        raise ValueError(day)
    return day


def _window(start: date, end: date) -> Window:
    if end < start:
        raise CommandError(_("The last day is {end}, before the first, which is {start}", start=start, end=end))
    return Window(start, end)
