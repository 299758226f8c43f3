"""Numbers on the command line: every option that takes one is read by the same rule, before its command sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from cyclopts import App, ArgumentCollection

LAST_PORT = 65_535

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
"""Whole numbers that a database takes: the parser would round `1.5`, and read `0x10`."""
_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})", re.ASCII)


def check_numbers(_app: App, _commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Refuse what is no number, such as `nan`, `inf` and `1.5` hours, where an option takes one.

    Raises:
        CommandError: An option has a value that is none; names it.
    """
    for argument in arguments:
        kinds = _kinds_in(argument.hint)
        for token in argument.tokens if kinds & {int, float} and str not in kinds else ():
            if not (_NUMBER if float in kinds else _WHOLE).fullmatch(token.value.strip()):
                wanted = _("a number, such as 1.5") if float in kinds else _("a whole number")
                message = _(
                    "{where} is {value}; give {wanted}",
                    where=token.keyword or argument.name,
                    value=repr(token.value),
                    wanted=wanted,
                )
                raise CommandError(message)


def require_between(option: str, value: int, least: int, most: int) -> None:
    """Refuse a whole number that is too small or too large.

    Raises:
        CommandError: It is; names the option.
    """
    if not least <= value <= most:
        wanted = _("a whole number from {least} to {most}", least=least, most=most)
        raise CommandError(_("{where} is {value}; give {wanted}", where=option, value=value, wanted=wanted))


def _kinds_in(hint: Any) -> set[Any]:
    """List the types in a hint such as `list[int] | None`."""
    inner = get_args(hint)
    return {hint} if not inner else set().union(*map(_kinds_in, inner))
