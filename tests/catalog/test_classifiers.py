"""Codes of goods."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.catalog.checks.codes import Classifier, parse_classifier, parse_dkpp
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.models import ClassifierType

REFUSALS = {"classifier_malformed", "classifier_zero", "classifier_spreadsheet"}
UKTZED, DKPP = ClassifierType.UKTZED, ClassifierType.DKPP


def digits(*lengths: int) -> st.SearchStrategy[str]:
    return st.sampled_from(lengths).flatmap(lambda length: st.text("0123456789", min_size=length, max_size=length))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0901210000", "0901210000"),
        ("0901 21 00 00", "0901210000"),
        ("0901\u00a021\u00a000\u00a000", "0901210000"),
        ("2203.00.01.00", "2203000100"),
        ("2203.00", "220300"),
        ("'0901210000", "0901210000"),
        ("0901", "0901"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_digits_are_uktzed(text: str, code: str) -> None:
    assert parse_classifier(text) == Classifier(UKTZED, code)


@pytest.mark.parametrize("text", ["10.11.12-00.00", "10.11.12-00", "10.11.12", "10.11.1", "10.11", "01.1"])
def test_a_point_behind_two_digits_makes_dkpp(text: str) -> None:
    assert parse_classifier(text) == Classifier(DKPP, text)
    assert parse_dkpp(f" {text[:3]} {text[3:]} ") == Classifier(DKPP, text)


@pytest.mark.parametrize("text", ["1011120000", "101112", "10111", "543210123456789"])
def test_a_column_of_dkpp_may_leave_the_points_out(text: str) -> None:
    assert parse_dkpp(text) == Classifier(DKPP, text)


@given(digits(4, 6, 8, 10, 15))
def test_digits_of_a_right_length_stay_as_they_are(code: str) -> None:
    assert parse_classifier(code) == Classifier(UKTZED, code)


@given(digits(3, 5, 7, 9))
def test_a_lost_zero_is_suggested(code: str) -> None:
    with pytest.raises(RuleViolationError, match="classifier_zero") as caught:
        parse_classifier(code)

    assert caught.value.details == {"found": len(code), "candidate": f"0{code}"}
    assert parse_classifier(f"0{code}").code == f"0{code}"


@given(digits(1, 2, 11, 12, 13, 14, 16, 20))
def test_digits_of_any_other_length_are_refused(code: str) -> None:
    for parse in (parse_classifier, parse_dkpp):
        with pytest.raises(RuleViolationError, match="classifier_malformed"):
            parse(code)


@pytest.mark.parametrize(
    "text", ["9,01E+08", "9.0121E+8", "901210000.0", "10.11.2012", "1.2.2012", "10.11.2012 00:00:00", "2012-11-10"]
)
def test_a_number_or_a_date_was_made_by_a_spreadsheet(text: str) -> None:
    for parse in (parse_classifier, parse_dkpp):
        with pytest.raises(RuleViolationError, match="classifier_spreadsheet"):
            parse(text)


@pytest.mark.parametrize("text", ["кава", "0901-2", "10.11.12-0", "٠٩٠١", "1.11", "10.11.12.13", "-0901"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RuleViolationError, match="classifier_malformed"):
        parse_classifier(text)


@given(st.text(max_size=20) | st.text("0123456789.-, eE+", max_size=20))
def test_any_text_is_a_code_or_a_broken_rule(text: str) -> None:
    for parse in (parse_classifier, parse_dkpp):
        try:
            code = parse(text).code
        except RuleViolationError as error:
            code = error.code

        assert code in REFUSALS or code.replace(".", "").replace("-", "").isdecimal()
