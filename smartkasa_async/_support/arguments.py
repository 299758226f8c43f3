"""The checks that arguments of all long calls share; each error names the argument and what to give."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, NoReturn

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Collection

    from smartkasa_async._i18n.message import Message


MOST_CONCURRENT = 1_000
"""Calls at once that a job may be asked for; each is a task from the beginning, whether it has work or not."""
MOST_DAYS = 36_500
"""Days of a period."""
_MOST_SECONDS = 366 * 24 * 3600


def check_whole(name: str, value: object, *, least: int = 1, most: int | None = None) -> None:
    """Check that an argument is a whole number, not below `least` and not above `most`.

    Raises:
        InvalidRequestError: It is not.
    """
    if type(value) is not int or value < least:
        _refuse(name, value, msg("a whole number from {least}", least=least))
    if most is not None and value > most:
        _refuse(name, value, msg("a whole number from {least} to {most}", least=least, most=most))


def check_seconds(name: str, value: object) -> None:
    """Check that an argument is a number of seconds, 0 or more, and no more than a year.

    Raises:
        InvalidRequestError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        _refuse(name, value, msg("seconds from 0"))
    if value > _MOST_SECONDS:
        _refuse(name, value, msg("seconds from 0 to {most}, a year", most=_MOST_SECONDS))


def check_hryvnias(name: str, value: object) -> None:
    """Check that an argument is an amount in hryvnias, 0 or more.

    Raises:
        InvalidRequestError: It is not, or it is a float, which is never exact.
    """
    is_exact = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_exact or not Decimal(value).is_finite() or value < 0:  # type: ignore[arg-type, operator]
        _refuse(name, value, msg("hryvnias from 0, a Decimal"))


def check_duration(name: str, value: object) -> None:
    """Check that an argument is a `timedelta`, 0 or more.

    Raises:
        InvalidRequestError: It is not.
    """
    if not isinstance(value, timedelta) or value < timedelta(0):
        _refuse(name, value, msg("a datetime.timedelta from 0"))


def check_moment(name: str, value: object) -> None:
    """Check that an argument is a point in time with its offset, or None.

    Raises:
        InvalidRequestError: It is not.
    """
    if value is not None and (not isinstance(value, datetime) or value.utcoffset() is None):
        _refuse(name, value, msg("an aware time, for example datetime.now(UTC)"))


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Check that an argument is one of some words.

    Raises:
        InvalidRequestError: It is not.
    """
    if not isinstance(value, str) or value not in choices:
        _refuse(name, value, msg("one of {choices}", choices=", ".join(choices)))


def check_flags(**flags: object) -> None:
    """Check that arguments are True or False; a text such as "false" would count as true.

    Raises:
        InvalidRequestError: One is not; names it.
    """
    for name, value in flags.items():
        if not isinstance(value, bool):
            _refuse(name, value, msg("True or False"))


def check_callbacks(**callbacks: object) -> None:
    """Check that arguments are functions or None.

    Raises:
        InvalidRequestError: One is not, or is an `async` function, which nothing would await; names it.
    """
    for name, value in callbacks.items():
        if value is not None and not callable(value):
            _refuse_type(name, value, msg("a function, or None"))
        if iscoroutinefunction(value):
            message = msg("{field} is an async function, which nothing awaits; give a plain one", field=argument(name))
            raise InvalidRequestError(message, field=name)


def check_path(name: str, value: object) -> None:
    """Check that an argument is the path of a file or a folder.

    Raises:
        InvalidRequestError: It is not, is empty, or has a NUL character.
    """
    if not isinstance(value, str | os.PathLike):
        _refuse_type(name, value, msg("a path"))
    if not os.fspath(value) or "\0" in os.fspath(value):
        _refuse(name, value, msg("a path"))


def check_kept(name: str, value: object, methods: Collection[str], example: str) -> None:
    """Check that an argument is a path, an object with some methods, or None.

    Raises:
        InvalidRequestError: It is not.
    """
    if isinstance(value, str | os.PathLike):
        check_path(name, value)
    elif value is not None and not all(hasattr(value, method) for method in methods):
        _refuse_type(name, value, msg("a path, an object such as {example}, or None", example=example))


def check_client(value: object) -> None:
    """Check that `kasa` is a client that awaits; the blocking one has methods of its own for every job.

    Raises:
        InvalidRequestError: It is not.
    """
    if not hasattr(value, "listening") or hasattr(value, "client"):
        _refuse_type("kasa", value, msg("a client: async with SmartKasa(…) as kasa"))


def check_store(value: object, *methods: str) -> None:
    """Check that `store` is an open store, or has some methods; an address may be secret, and is not quoted.

    Raises:
        InvalidRequestError: It is not.
    """
    if not all(hasattr(value, method) for method in methods):
        _refuse_type("store", value, msg("an open store: async with open_store(…) as store"))


def chosen_shops(shops: Iterable[int] | None) -> frozenset[int] | None:
    """Return the ids of the shops that a call is for; None for all.

    Raises:
        InvalidRequestError: `shops` is empty, or no iterable of whole numbers; names the first that is none.
    """
    if shops is None:
        return None
    try:
        chosen = None if isinstance(shops, str | bytes) else frozenset(shops)
    except TypeError:
        chosen = None
    if chosen is None:
        _refuse("shops", shops, msg("ids of shops, a list of whole numbers"))
    if not chosen:
        message = msg("{field} is empty; give ids of shops, or None for all", field=argument("shops"))
        raise InvalidRequestError(message, field="shops")
    for each in chosen:
        if type(each) is not int:
            message = msg(
                "{field} has {value!r}; give ids of shops, whole numbers", field=argument("shops"), value=each
            )
            raise InvalidRequestError(message, field="shops")
    return chosen


def chosen_words(name: str, words: Iterable[str], choices: Collection[str]) -> list[str]:
    """Return the words of a list, each once.

    Raises:
        InvalidRequestError: It is empty or no list, such as a single text, or a word is none of the choices.
    """
    listed = ", ".join(choices)
    if isinstance(words, str | bytes) or not isinstance(words, Iterable):
        _refuse(name, words, msg("a list of {choices}", choices=listed))
    chosen = list(dict.fromkeys(words))
    if not chosen:
        _refuse(name, words, msg("one of {choices}", choices=listed))
    for word in chosen:
        if word not in choices:
            message = msg("{field} has {value!r}; give {choices}", field=argument(name), value=word, choices=listed)
            raise InvalidRequestError(message, field=name)
    return chosen


def _refuse(name: str, value: object, wanted: Message) -> NoReturn:
    message = msg("{field} is {value!r}; give {wanted}", field=argument(name), value=value, wanted=wanted)
    raise InvalidRequestError(message, field=name)


def _refuse_type(name: str, value: object, wanted: Message) -> NoReturn:
    kind = type(value).__name__
    message = msg("{field} is of type {type}; give {wanted}", field=argument(name), type=kind, wanted=wanted)
    raise InvalidRequestError(message, field=name)
