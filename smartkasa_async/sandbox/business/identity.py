"""Identifiers: seeded randomness, UUIDs, barcodes, taxpayer numbers and the hashes that chain offline receipts."""

from __future__ import annotations

import hashlib
import zlib
from datetime import date
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

_TAXPAYER_EPOCH: Final = date(1899, 12, 31)
_TAXPAYER_WEIGHTS: Final = (-1, 5, 7, 9, 4, 6, 10, 5, 7)
_LARGEST_STEP: Final = 9


def generator(seed: int, *subject: object) -> Random:
    """Return the random generator of one subject, so that subjects do not disturb each other's draws."""
    return Random(":".join(map(str, (seed, *subject))))  # noqa: S311 - repeatable draws are meant, not secrecy


def uuid(rng: Random) -> str:
    """Draw a version 4 UUID in its usual text form."""
    digits = f"{rng.getrandbits(128):032x}"
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) & 3]}{digits[17:20]}-{digits[20:]}"
    )


def ean13(digits: str) -> str:
    """Complete twelve digits to an EAN-13 barcode with its check digit."""
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def taxpayer_number(birthday: date, serial: int) -> str:
    """Return a taxpayer's number (РНОКПП) with its check digit.

    Args:
        birthday: The first five digits count the days up to it.
        serial: 0 to 9999; odd for men, even for women.
    """
    digits = f"{(birthday - _TAXPAYER_EPOCH).days:05d}{serial:04d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _TAXPAYER_WEIGHTS, strict=True))
    return f"{digits}{total % 11 % 10}"


def offline_fiscal_number(session: int, seed: str, number: int) -> str:
    """Return the number that a registrar gives by itself while offline: session, number in it, control number."""
    control = zlib.crc32(f"{session}.{seed}.{number}".encode()) % 10_000
    return f"{session}.{number}.{control:04d}"


def document_hash(registrar: str, fiscal_number: str, total: int, at: datetime) -> str:
    """Return what the next offline receipt quotes: SHA-256 of `registrar|fiscal number|total in kopecks|time`.

    The time is in ISO 8601 with milliseconds and its offset, as the service sends it.
    """
    time = at.isoformat(timespec="milliseconds")
    return hashlib.sha256(f"{registrar}|{fiscal_number}|{total}|{time}".encode()).hexdigest()


class FiscalNumbers:
    """A shop's fiscal numbers, rising with gaps: the tax service numbers the whole country's documents."""

    def __init__(self, first: int, rng: Random) -> None:
        self._last = first
        self._rng = rng

    def next(self) -> str:
        """Return a number that was not given before."""
        self._last += self._rng.randint(1, _LARGEST_STEP)
        return str(self._last)
