"""Phone numbers as people write them, in the form that the API takes: digits with the country code, 380971234567."""

from __future__ import annotations

import unicodedata

from smartkasa_async._i18n.message import Message, msg

_SEPARATORS = frozenset("()[]./'’")
_SEPARATING_CATEGORIES = frozenset({"Zs", "Pd", "Cf", "Cc"})
"""Spaces of any width, hyphens and dashes, and what cannot be seen."""
_PLUSES = frozenset("+\uff0b\ufe62")
_MINUS = "\u2212"
_MOST_DIGITS = 15
"""Digits of the longest number in the world (E.164)."""
_LEAST_DIGITS = 7
"""Digits of a number that people can call; shorter ones are left to the service."""
_UKRAINIAN_DIGITS = 12


class PhoneNumberError(ValueError):
    """A text cannot be a phone number; the reason does not quote it.

    Attributes:
        reason: Why, and which forms are taken.
    """

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


def phone_digits(text: str) -> str:
    """Write a phone number as the API does: digits alone, with the country code.

    Ukrainian numbers may begin with +380, 380, 80, 0 or 00380; numbers of other countries keep their digits and lose
    the plus (inferred: the API documents Ukrainian numbers only).

    Args:
        text: The number, with spaces, brackets, hyphens, dots or slashes between its digits.

    Raises:
        PhoneNumberError: It cannot be one: it holds letters, or has too few or too many digits.
    """
    has_plus, digits = _read(text)
    if not has_plus and digits.startswith("00"):
        has_plus, digits = True, digits[2:]
    if not has_plus:
        digits = _with_country(digits)
    if digits.startswith("3800") and len(digits) == _UKRAINIAN_DIGITS + 1:
        digits = "380" + digits[4:]  # +380 (0)97 …
    is_wrong_ukrainian = digits.startswith(("0", "380")) and len(digits) != _UKRAINIAN_DIGITS
    if len(digits) > _MOST_DIGITS or (is_wrong_ukrainian and len(digits) >= _LEAST_DIGITS):
        raise PhoneNumberError(
            msg(
                "it has {count} digits, which no such number has; write it as +380 97 123 45 67 or 097 123 45 67,"
                " a foreign one with + and its country code",
                count=len(digits),
            )
        )
    return digits


def sendable_phone(text: str) -> str:
    """Write a phone number of a record as it is sent: bare digits as they stand, all else as `phone_digits` does.

    The service adds the country code to 0971234567 itself, and its documentation sends it so.

    Args:
        text: The number; an empty text stays empty.

    Raises:
        PhoneNumberError: It cannot be one.
    """
    return text if not text or (text.isascii() and text.isdecimal()) else phone_digits(text)


def _read(text: str) -> tuple[bool, str]:
    """Return whether a number begins with a plus, and give its digits."""
    has_plus, digits = False, ""
    for letter in text:
        if letter.isdecimal():
            digits += str(unicodedata.decimal(letter))
        elif letter in _PLUSES and not digits and not has_plus:
            has_plus = True
        elif (
            letter not in _SEPARATORS
            and letter != _MINUS
            and unicodedata.category(letter) not in _SEPARATING_CATEGORIES
        ):
            digits = ""
            break
    if not digits:
        raise PhoneNumberError(
            msg("it is no phone number; write it as +380 97 123 45 67, 380971234567 or 097 123 45 67")
        )
    return has_plus, digits


def _with_country(digits: str) -> str:
    """Put the country code before a number that is written as in Ukraine."""
    if len(digits) == 10 and digits.startswith("0"):  # noqa: PLR2004  (0 97 1234567)
        return f"38{digits}"
    if len(digits) == 11 and digits.startswith("80"):  # noqa: PLR2004  (8 0 97 1234567)
        return f"3{digits}"
    return digits
