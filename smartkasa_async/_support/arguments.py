"""The checks that arguments of all long calls share; each error names the argument and says what to give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def check_whole(name: str, value: object, *, least: int = 1) -> None:
    """Check that an argument is a whole number, and not below `least`.

    Raises:
        InvalidRequestError: It is not.
    """
    if type(value) is not int or value < least:
        raise InvalidRequestError(
            msg(
                "{field} is {value!r}; give a whole number from {least}", field=argument(name), value=value, least=least
            ),
            field=name,
        )


def check_seconds(name: str, value: object) -> None:
    """Check that an argument is a number of seconds, 0 or more.

    Raises:
        InvalidRequestError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise InvalidRequestError(
            msg("{field} is {value!r}; give seconds from 0", field=argument(name), value=value), field=name
        )


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Check that an argument is one of some words.

    Raises:
        InvalidRequestError: It is not.
    """
    if value not in choices:
        raise InvalidRequestError(
            msg(
                "{field} is {value!r}; give one of {choices}",
                field=argument(name),
                value=value,
                choices=", ".join(choices),
            ),
            field=name,
        )


def chosen_shops(shops: Iterable[int] | None) -> frozenset[int] | None:
    """Return the ids of the shops that a call is for; None for all.

    Raises:
        InvalidRequestError: `shops` is no iterable of whole numbers; names the first that is none.
    """
    if shops is None:
        return None
    try:
        chosen = None if isinstance(shops, str | bytes) else frozenset(shops)
    except TypeError:
        chosen = None
    if chosen is None:
        message = msg(
            "{field} is {value!r}; give ids of shops, a list of whole numbers", field=argument("shops"), value=shops
        )
        raise InvalidRequestError(message, field="shops")
    for each in chosen:
        if type(each) is not int:
            message = msg(
                "{field} has {value!r}; give ids of shops, whole numbers", field=argument("shops"), value=each
            )
            raise InvalidRequestError(message, field="shops")
    return chosen
