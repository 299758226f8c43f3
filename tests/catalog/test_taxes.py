"""Rates and letters of VAT and excise."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.catalog.checks.taxes import EXCISE_GROUPS, Tax, parse_tax, parse_tax_group
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.models import TaxGroup


def refusal(text: str) -> str:
    with pytest.raises(RuleViolationError) as caught:
        parse_tax(text)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("20%", TaxGroup.VAT_20),
        ("20 %", TaxGroup.VAT_20),
        ("20", TaxGroup.VAT_20),
        ("20,00%", TaxGroup.VAT_20),
        ("ПДВ 20%", TaxGroup.VAT_20),
        ("20% ПДВ", TaxGroup.VAT_20),
        ("7%", TaxGroup.VAT_7),
        ("0%", TaxGroup.VAT_0),
        ("Без  ПДВ", TaxGroup.WITHOUT_VAT),
        ("без НДС", TaxGroup.WITHOUT_VAT),
        ("звільнено від ПДВ", TaxGroup.WITHOUT_VAT),
        ("акциз 5%", TaxGroup.EXCISE_5),
        ("5%", TaxGroup.EXCISE_5),
        ("20% + акциз 5%", TaxGroup.EXCISE_5_VAT_20),
        ("5%+20%", TaxGroup.EXCISE_5_VAT_20),
        ("20% ПДВ 5% акциз", TaxGroup.EXCISE_5_VAT_20),
        ("акциз 5 % та ПДВ 0 %", TaxGroup.EXCISE_5_VAT_0),
        ("Без ПДВ + акциз 5%", TaxGroup.EXCISE_5),
        ("акциз 0%", TaxGroup.EXCISE_G_0),
        ("акциз 0% + ПДВ 20%", TaxGroup.EXCISE_G_0_VAT_20),
        ("ПДВ 0%, акциз 0%", TaxGroup.EXCISE_G_0_VAT_0),
    ],
)
def test_a_rate_is_a_tax_group(text: str, group: TaxGroup) -> None:
    assert parse_tax(text) == Tax(group)


@pytest.mark.parametrize(
    ("text", "group"), [("0,2", TaxGroup.VAT_20), ("0.07", TaxGroup.VAT_7), ("0,05", TaxGroup.EXCISE_5)]
)
def test_a_percentage_without_its_format_is_a_share(text: str, group: TaxGroup) -> None:
    assert parse_tax(text) == Tax(group)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("А", TaxGroup.VAT_20),
        ("а", TaxGroup.VAT_20),
        ("A", TaxGroup.VAT_20),  # the Latin letter
        ("В", TaxGroup.VAT_0),
        ("Г", TaxGroup.EXCISE_G_0),
        ("З", TaxGroup.EXCISE_5),
        ("ЗА", TaxGroup.EXCISE_5_VAT_20),
        ("А+З", TaxGroup.EXCISE_5_VAT_20),
        ("А, З", TaxGroup.EXCISE_5_VAT_20),
        ("ЗВ", TaxGroup.EXCISE_5_VAT_0),
        ("ГА", TaxGroup.EXCISE_G_0_VAT_20),
        ("ГВ", TaxGroup.EXCISE_G_0_VAT_0),
        ("ставка А", TaxGroup.VAT_20),
        ("А (20%)", TaxGroup.VAT_20),
        ("А 20% + З 5%", TaxGroup.EXCISE_5_VAT_20),
        ("Г 0%", TaxGroup.EXCISE_G_0),
        ("Б 7%", TaxGroup.VAT_7),
    ],
)
def test_a_letter_has_the_vendors_meaning(text: str, group: TaxGroup) -> None:
    assert parse_tax(text) == Tax(group)


@pytest.mark.parametrize(
    ("text", "tax"),
    [("Б", Tax(TaxGroup.VAT_7, "ПДВ 7%")), ("Д", Tax(TaxGroup.WITHOUT_VAT, "без ПДВ"))],
)
def test_what_a_letter_was_taken_for_is_told_where_that_is_inferred(text: str, tax: Tax) -> None:
    assert parse_tax(text) == tax


@pytest.mark.parametrize(
    "text", ["14%", "3", "ПДВ 5%", "акциз 20%", "0,2%", "так", "без 20%", "крім 20%", "за 20%", "", "%"]
)
def test_a_rate_without_a_group_is_refused(text: str) -> None:
    assert refusal(text) == "tax_unknown"


@pytest.mark.parametrize("text", ["Ж", "Е", "B", "20% Н"])
def test_a_letter_of_many_meanings_is_refused(text: str) -> None:
    assert refusal(text) == "tax_letter_unknown"


@pytest.mark.parametrize("text", ["А 7%", "20% 7%", "АБ", "З 0%", "Г 20%", "А + 0%", "ГЗ"])
def test_contradictions_are_refused(text: str) -> None:
    assert refusal(text) == "tax_contradicts"


@given(st.text(alphabet="АБВГДЗабвAB 0257,.%+/пдвПДВакциз", max_size=20))
def test_any_text_is_a_group_or_a_broken_rule(text: str) -> None:
    try:
        found = parse_tax(text).group.name
    except RuleViolationError as error:
        found = error.code

    assert found in {*TaxGroup.__members__, "tax_unknown", "tax_letter_unknown", "tax_contradicts"}


@given(
    st.sampled_from(["20%", "0%"]), st.sampled_from(["ПДВ ", ""]), st.sampled_from([" + ", "+", " / ", " та ", "; "])
)
def test_the_order_of_taxes_does_not_matter(rate: str, word: str, between: str) -> None:
    vat, excise = f"{word}{rate}", "акциз 5%"

    assert parse_tax(f"{vat}{between}{excise}") == parse_tax(f"{excise}{between}{vat}")


def test_groups_of_excise_are_those_that_letters_and_rates_of_excise_lead_to() -> None:
    reached = {parse_tax("".join(letters)).group for letters in product("ЗГ", ["", "А", "В"])}

    assert reached == EXCISE_GROUPS


def test_a_tax_group_is_read_by_its_number() -> None:
    assert parse_tax_group("6") is TaxGroup.EXCISE_5_VAT_20


@pytest.mark.parametrize("text", ["11", "-1", "А", "1.0"])
def test_a_number_without_a_tax_group_is_refused(text: str) -> None:
    with pytest.raises(RuleViolationError, match="tax_group_unknown"):
        parse_tax_group(text)
