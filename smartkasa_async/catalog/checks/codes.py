"""Codes of goods: barcodes by the GS1 General Specifications, УКТ ЗЕД and ДКПП, and what spreadsheets make of them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._support.extras import naming_extras
from smartkasa_async._support.spreadsheets import is_scientific
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.models import ClassifierType

with naming_extras():
    from stdnum import ean

if TYPE_CHECKING:
    from collections.abc import Sequence

_LENGTHS = (8, 12, 13, 14)
_IN_STORE_PREFIX = "2"
_IN_STORE_LENGTHS = (8, 13)
_ROUNDED_LENGTH = 12
_ROUNDED_END = "0" * 7
"""What `4,82E+12` becomes when the spreadsheet is saved as digits again; goods hardly ever end so."""
_SPACES = str.maketrans("", "", " \u00a0\u2009\u202f")
_TEXT_MARK = "'"
_VALUES = bytes.maketrans(b"0123456789", bytes(range(10)))
_EAN_LENGTH = 13
_WHOLE_TENS = bytes(range(0, 256, 10))

WHOLE_LENGTH = 10
"""Digits in a whole code of either classifier."""

_DIGITS = re.compile(r"\d+", re.ASCII)
_DOTTED_UKTZED = re.compile(r"\d{4}(?:\.\d{2}){1,3}", re.ASCII)
_DOTTED_DKPP = re.compile(r"\d{2}\.\d{1,2}(?:\.\d{1,2}(?:-\d{2}(?:\.\d{2})?)?)?", re.ASCII)
_SPOILED = re.compile(r"\d+[.,]0+|\d{1,2}[./]\d{1,2}[./]\d{4}(?:\s.*)?|\d{4}-\d{2}-\d{2}(?:[T\s].*)?", re.ASCII)
_SAMPLE_LENGTH = 15
_UKTZED_LENGTHS = frozenset({4, 6, 8, WHOLE_LENGTH, _SAMPLE_LENGTH})
_DKPP_LENGTHS = frozenset({4, 5, 6, 8, WHOLE_LENGTH, _SAMPLE_LENGTH})
_UKTZED_SHORT_BY_ZERO = frozenset({3, 5, 7, 9})
_DKPP_SHORT_BY_ZERO = frozenset({7, 9})


def check_digit(body: str) -> int:
    """Compute the check digit of a barcode.

    Args:
        body: The digits before it, 7, 11, 12 or 13.

    Returns:
        The digit that brings the sum to a multiple of ten, where every other digit, beginning with the body's last,
        counts thrice (GS1 General Specifications, section 7.9).
    """
    return int(ean.calc_check_digit(body))


def parse_barcode(text: str) -> str:
    """Read a barcode.

    Args:
        text: 8, 12, 13 or 14 digits. In-store codes (8 or 13 digits that begin with 2) need no right check digit, since
            the scales fill in weight and check digit when they print the label. An apostrophe in front, by which
            spreadsheets mark text, does not count.

    Returns:
        The digits, without the spaces between groups.

    Raises:
        RuleViolationError: `barcode_spreadsheet`, `barcode_characters`, `barcode_zeros`, `barcode_length` or
            `barcode_check_digit`.
    """
    if not (text.isascii() and text.isdigit()):
        text = _digits_of(text)
    length = len(text)
    if length not in _LENGTHS:
        raise _wrong_length(text)
    if length >= _ROUNDED_LENGTH and text.endswith(_ROUNDED_END) and not text.startswith(_IN_STORE_PREFIX):
        raise RuleViolationError("barcode_spreadsheet")
    if _has_right_sum(text) or (text.startswith(_IN_STORE_PREFIX) and length in _IN_STORE_LENGTHS):
        return text
    raise RuleViolationError("barcode_check_digit", expected=check_digit(text[:-1]))


def parse_plain_barcodes(cells: Sequence[str]) -> list[str] | None:
    """Read the barcodes of a column at once, if all have 13 digits and are right; for others this returns None."""
    if set(map(type, cells)) != {str} or set(map(len, cells)) != {_EAN_LENGTH}:
        return None
    together = "".join(cells)
    if not (together.isascii() and together.isdigit()) or _ROUNDED_END in together:
        return None
    # The digits of one place, of all barcodes, are the bytes of one large number; no sum of a barcode carries.
    digits = together.encode().translate(_VALUES)
    places = [int.from_bytes(digits[place::_EAN_LENGTH]) for place in range(_EAN_LENGTH)]
    sums = (sum(places[::2]) + 3 * sum(places[1::2])).to_bytes(len(cells))
    return None if sums.translate(None, _WHOLE_TENS) else list(cells)


def _has_right_sum(digits: str) -> bool:
    """Return whether the last digit is what `check_digit` gives for the others; every row asks this, so it is fast."""
    values = digits.encode().translate(_VALUES)
    return (sum(values[-1::-2]) + 3 * sum(values[-2::-2])) % 10 == 0


def remove_spaces(text: str) -> str:
    """Remove the spaces inside a code, and the apostrophe by which spreadsheets mark text."""
    return text.translate(_SPACES).removeprefix(_TEXT_MARK)


def _digits_of(text: str) -> str:
    digits = remove_spaces(text)
    if digits.isascii() and digits.isdigit():
        return digits
    raise RuleViolationError("barcode_spreadsheet" if is_scientific(digits) else "barcode_characters")


def _wrong_length(digits: str) -> RuleViolationError:
    """Distinguish lost zeros, where zeros in front make the check digit right, from any other wrong length."""
    found = len(digits)
    candidate = digits.zfill(next((length for length in _LENGTHS if length > found), found))
    if found < len(candidate) and _has_right_sum(candidate):
        return RuleViolationError("barcode_zeros", found=found, candidate=candidate)
    return RuleViolationError("barcode_length", found=found)


class Classifier(NamedTuple):
    """A code and what it is taken from."""

    type: ClassifierType
    code: str


@lru_cache(maxsize=4096)
def parse_classifier(text: str) -> Classifier:
    """Read a code of goods, and recognize the classifier by its form.

    Args:
        text: Digits stand for УКТ ЗЕД: ten of them, or 4, 6 or 8 for a group of goods, or 15 as in the vendor's
            samples; there may be spaces or points between the pairs. Two digits and a point begin a code of ДКПП, whose
            form is `10.11.12-00.00` or a beginning of it.

    Raises:
        RuleViolationError: `classifier_malformed`, `classifier_zero` or `classifier_spreadsheet`.
    """
    digits = remove_spaces(text)
    if _DOTTED_UKTZED.fullmatch(digits):
        digits = digits.replace(".", "")
    if _DIGITS.fullmatch(digits):
        return Classifier(ClassifierType.UKTZED, _of_length(digits, _UKTZED_LENGTHS, _UKTZED_SHORT_BY_ZERO))
    return Classifier(ClassifierType.DKPP, _dotted_dkpp(text, digits))


@lru_cache(maxsize=4096)
def parse_dkpp(text: str) -> Classifier:
    """Read a code of ДКПП.

    Args:
        text: The form is `10.11.12-00.00` or a beginning of it, with its points or without.

    Raises:
        RuleViolationError: `classifier_malformed`, `classifier_zero` or `classifier_spreadsheet`.
    """
    digits = remove_spaces(text)
    if _DIGITS.fullmatch(digits):
        return Classifier(ClassifierType.DKPP, _of_length(digits, _DKPP_LENGTHS, _DKPP_SHORT_BY_ZERO))
    return Classifier(ClassifierType.DKPP, _dotted_dkpp(text, digits))


def _of_length(digits: str, lengths: frozenset[int], short_by_zero: frozenset[int]) -> str:
    found = len(digits)
    if found in short_by_zero:
        raise RuleViolationError("classifier_zero", found=found, candidate="0" + digits)
    if found not in lengths:
        raise RuleViolationError("classifier_malformed")
    return digits


def _dotted_dkpp(text: str, digits: str) -> str:
    if _DOTTED_DKPP.fullmatch(digits):
        return digits
    if is_scientific(digits) or _SPOILED.fullmatch(text):
        raise RuleViolationError("classifier_spreadsheet")
    raise RuleViolationError("classifier_malformed")
