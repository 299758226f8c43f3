"""Barcodes: EAN-8, UPC-A, EAN-13 and GTIN-14 by the GS1 General Specifications, and what spreadsheets make of them."""

from __future__ import annotations

import re

from smartkasa_async.catalog.problems import RuleBrokenError

__all__ = ["check_digit", "parse_barcode"]

_LENGTHS = (8, 12, 13, 14)
_IN_STORE_PREFIX = "2"
_IN_STORE_LENGTHS = (8, 13)
_SPREADSHEET = re.compile(r"\d(?:[.,]\d+)?[eEеЕ]\+?\d+", re.ASCII)
_REMOVE_SPACES = str.maketrans("", "", " \u00a0\u2009\u202f")
_ZERO = ord("0")


def check_digit(body: str) -> int:
    """Compute the check digit of a barcode.

    Args:
        body: The digits before it, 7, 11, 12 or 13.

    Returns:
        The digit that brings the sum to a multiple of ten, where every other digit, beginning with the body's last,
        counts thrice (GS1 General Specifications, section 7.9).
    """
    digits = body.encode("ascii")
    thrice, once = digits[::-2], digits[-2::-2]
    total = 3 * (sum(thrice) - _ZERO * len(thrice)) + sum(once) - _ZERO * len(once)
    return -total % 10


def parse_barcode(text: str) -> str:
    """Read a barcode.

    Args:
        text: 8, 12, 13 or 14 digits. In-store codes (8 or 13 digits that begin with 2) need no right check digit, since
            the scales fill in weight and check digit when they print the label.

    Returns:
        The digits, without the spaces between groups.

    Raises:
        RuleBrokenError: `barcode_spreadsheet`, `barcode_characters`, `barcode_zeros`, `barcode_length` or
            `barcode_check_digit`.
    """
    if not (text.isascii() and text.isdigit()):
        text = _join_groups(text)
    length = len(text)
    if length not in _LENGTHS:
        raise _wrong_length(text)
    expected = check_digit(text[:-1])
    if expected == ord(text[-1]) - _ZERO:
        return text
    if text.startswith(_IN_STORE_PREFIX) and length in _IN_STORE_LENGTHS:
        return text
    raise RuleBrokenError("barcode_check_digit", expected=expected)


def _join_groups(text: str) -> str:
    joined = text.translate(_REMOVE_SPACES)
    if joined.isascii() and joined.isdigit():
        return joined
    raise RuleBrokenError("barcode_spreadsheet" if _SPREADSHEET.fullmatch(joined) else "barcode_characters")


def _wrong_length(digits: str) -> RuleBrokenError:
    """Tell lost zeros, where zeros in front make a code with the right check digit, from any other wrong length."""
    found = len(digits)
    candidate = digits.zfill(next((length for length in _LENGTHS if length > found), found))
    if found < len(candidate) and check_digit(candidate[:-1]) == int(candidate[-1]):
        return RuleBrokenError("barcode_zeros", found=found, candidate=candidate)
    return RuleBrokenError("barcode_length", found=found)
