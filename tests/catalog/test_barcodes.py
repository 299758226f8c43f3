"""Barcodes of price lists."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smartkasa_async.catalog.checks.codes import check_digit, parse_barcode
from smartkasa_async.catalog.problems import RuleViolationError

_ROUNDED = "0" * 7
bodies = st.sampled_from([7, 11, 12, 13]).flatmap(
    lambda length: st.text(alphabet="0123456789", min_size=length, max_size=length)
)


def refusal(text: str) -> RuleViolationError:
    with pytest.raises(RuleViolationError) as caught:
        parse_barcode(text)
    return caught.value


def refusal_or_none(text: str) -> tuple[str | None, dict[str, object]]:
    try:
        parse_barcode(text)
    except RuleViolationError as error:
        return error.code, error.details
    return None, {}


@pytest.mark.parametrize(
    ("body", "digit"),
    [("400638133393", 1), ("9638507", 4), ("03600029145", 2), ("1061414100041", 5), ("000000000000", 0)],
)
def test_check_digits_are_those_of_published_examples(body: str, digit: int) -> None:
    assert check_digit(body) == digit


@given(bodies)
def test_a_code_with_its_check_digit_is_read(body: str) -> None:
    code = f"{body}{check_digit(body)}"
    assume(not code.endswith(_ROUNDED))

    assert parse_barcode(code) == code


@pytest.mark.parametrize("code", ["4820000000000", "482000000000", "4820010000000"])
def test_a_rounded_code_is_a_spreadsheets_work_though_its_check_digit_may_fit(code: str) -> None:
    assert refusal(code).code == "barcode_spreadsheet"


@given(bodies.filter(lambda body: body[0] != "2"), st.data())
def test_one_wrong_digit_is_noticed(body: str, data: st.DataObject) -> None:
    code = f"{body}{check_digit(body)}"
    place = data.draw(st.integers(min_value=1, max_value=len(code) - 1))
    digit = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != code[place]]))
    wrong = code[:place] + digit + code[place + 1 :]
    assume(not wrong.endswith(_ROUNDED))

    assert refusal(wrong).code == "barcode_check_digit"


@pytest.mark.parametrize("code", ["2200123000000", "2200123000009", "22001230"])
def test_an_in_store_code_needs_no_right_check_digit(code: str) -> None:
    assert parse_barcode(code) == code


@pytest.mark.parametrize("text", ["4 006381\u00a0333931", "'4006381333931", " 4006381333931 "])
def test_spaces_and_the_mark_of_text_are_left_out(text: str) -> None:
    assert parse_barcode(text) == "4006381333931"


@given(st.integers(min_value=20, max_value=29), st.text(alphabet="0123456789", min_size=11, max_size=11))
def test_all_in_store_prefixes_are_allowed(prefix: int, rest: str) -> None:
    assert parse_barcode(f"{prefix}{rest}") == f"{prefix}{rest}"


@given(st.sampled_from([7, 11, 12]), st.data())
def test_zeros_that_a_spreadsheet_dropped_are_noticed(length: int, data: st.DataObject) -> None:
    rest = data.draw(st.text(alphabet="0123456789", min_size=length - 1, max_size=length - 1).filter(int))
    code = f"0{rest}{check_digit('0' + rest)}"
    dropped = code.lstrip("0")

    code_of_refusal, details = refusal_or_none(dropped)

    assert code_of_refusal in {None, "barcode_zeros", "barcode_length"}
    assert str(details.get("candidate", code)).lstrip("0") == dropped


@given(st.text(alphabet="0123456789,.eE+' -Ка", max_size=16))
def test_any_text_is_a_barcode_or_a_broken_rule(text: str) -> None:
    code, _ = refusal_or_none(text)

    assert code is None or code.startswith("barcode_")
    assert code is not None or len(parse_barcode(text)) in {8, 12, 13, 14}


@pytest.mark.parametrize("text", ["4,82E+12", "4.82003E+12", "4,82e12", "4Е+12"])
def test_a_code_in_scientific_notation_is_lost(text: str) -> None:
    assert refusal(text).code == "barcode_spreadsheet"


@pytest.mark.parametrize("text", ["4006381333931.0", "''4006381333931", "немає", "٤٠٠٦٣٨١٣٣٣٩٣١", "-4006381333931"])
def test_other_characters_are_refused(text: str) -> None:
    assert refusal(text).code == "barcode_characters"


def test_lost_zeros_are_suggested() -> None:
    error = refusal("70000007408")

    assert (error.code, error.details) == ("barcode_zeros", {"found": 11, "candidate": "070000007408"})


@pytest.mark.parametrize("text", ["1", "4820", "70000007409", "482001234567890"])
def test_a_wrong_length_is_refused(text: str) -> None:
    assert refusal(text).code == "barcode_length"
