"""Barcodes: EAN-8, UPC-A, EAN-13 and GTIN-14 by the GS1 General Specifications, and what spreadsheets make of them."""

from __future__ import annotations

from smartkasa_async._support.extras import naming_extras
from smartkasa_async._support.spreadsheets import is_scientific
from smartkasa_async.catalog.problems import RuleViolationError

with naming_extras():
    from stdnum import ean

_LENGTHS = (8, 12, 13, 14)
_IN_STORE_PREFIX = "2"
_IN_STORE_LENGTHS = (8, 13)
_ROUNDED_LENGTH = 12
_ROUNDED_END = "0" * 7
"""What `4,82E+12` becomes when the spreadsheet is saved as digits again; goods hardly ever end so."""
_SPACES = str.maketrans("", "", " \u00a0\u2009\u202f")
_TEXT_MARK = "'"
_VALUES = bytes.maketrans(b"0123456789", bytes(range(10)))


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


def _has_right_sum(digits: str) -> bool:
    """Tell whether the last digit is what `check_digit` gives for the others; every row asks this, so it is fast."""
    values = digits.encode().translate(_VALUES)
    return (sum(values[-1::-2]) + 3 * sum(values[-2::-2])) % 10 == 0


def remove_spaces(text: str) -> str:
    """Remove the spaces inside a code, and the apostrophe by which spreadsheets mark text."""
    return text.translate(_SPACES).removeprefix(_TEXT_MARK)


def _digits_of(text: str) -> str:
    join_messages = remove_spaces(text)
    if join_messages.isascii() and join_messages.isdigit():
        return join_messages
    raise RuleViolationError("barcode_spreadsheet" if is_scientific(join_messages) else "barcode_characters")


def _wrong_length(digits: str) -> RuleViolationError:
    """Tell lost zeros, where zeros in front make a code with the right check digit, from any other wrong length."""
    found = len(digits)
    candidate = digits.zfill(next((length for length in _LENGTHS if length > found), found))
    if found < len(candidate) and _has_right_sum(candidate):
        return RuleViolationError("barcode_zeros", found=found, candidate=candidate)
    return RuleViolationError("barcode_length", found=found)
