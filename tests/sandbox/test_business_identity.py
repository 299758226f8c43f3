"""The simulated business: identifiers that pass their checks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.sandbox.business.identity import (
    FiscalNumbers,
    document_hash,
    ean13,
    generator,
    offline_fiscal_number,
    taxpayer_number,
    uuid,
)


def test_uuids_are_of_version_4_and_repeat_with_the_seed() -> None:
    first, second = generator(7, "a"), generator(7, "a")
    drawn = [uuid(first) for _ in range(200)]
    assert drawn == [uuid(second) for _ in range(200)]
    assert len(set(drawn)) == 200
    parsed = [UUID(text) for text in drawn]
    assert all(str(value) == text for value, text in zip(parsed, drawn, strict=True))
    assert {(value.version, value.variant) for value in parsed} == {(4, RFC_4122)}


def test_subjects_have_chances_of_their_own() -> None:
    assert (
        len({generator(1, "shop", 0).random(), generator(1, "shop", 1).random(), generator(2, "shop", 0).random()}) == 3
    )


@pytest.mark.parametrize("barcode", ["4006381333931", "5901234123457", "9780306406157", "4820024700016"])
def test_ean13_completes_known_barcodes(barcode: str) -> None:
    assert ean13(barcode[:12]) == barcode


def test_taxpayer_number_has_birthday_and_check_digit() -> None:
    assert taxpayer_number(date(1899, 12, 31) + timedelta(days=17590), 1377) == "1759013776"


@given(st.dates(date(1940, 1, 1), date(2010, 1, 1)), st.integers(0, 9999))
def test_taxpayer_number_always_has_ten_digits(birthday: date, serial: int) -> None:
    number = taxpayer_number(birthday, serial)
    assert len(number) == 10
    assert number.isdigit()


def test_fiscal_numbers_rise() -> None:
    numbers = FiscalNumbers(2_000_000_000, generator(1))
    assert all(int(before) < int(after) for before, after in pairwise(numbers.next() for _ in range(500)))


def test_offline_numbers_name_session_and_place() -> None:
    assert offline_fiscal_number(100001, "000000000001", 2).startswith("100001.2.")
    assert offline_fiscal_number(100001, "000000000001", 2) != offline_fiscal_number(100001, "000000000002", 2)


def test_document_hash_covers_registrar_number_total_and_time() -> None:
    at = datetime(2026, 10, 1, 7, 5, tzinfo=UTC)
    expected = sha256(b"4000300001|1.2.0003|12350|2026-10-01T07:05:00.000+00:00").hexdigest()
    assert document_hash("4000300001", "1.2.0003", 12350, at) == expected
