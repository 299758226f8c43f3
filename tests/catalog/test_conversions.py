"""What spreadsheets and other programs make of titles, articles and numbers: it is found in every field."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smartkasa_async._support.spreadsheets import find_conversion
from smartkasa_async.catalog.checks.check import Checker, ProductDraft
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.outcomes import Outcome
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.cells import ConvertedCell
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.catalog.sources.rows import Row
from smartkasa_async.models import UnitType

UNITS = Units([UnitType(id=4, code=2009, name="Штука", short_name="шт", is_weighted=False)])
HEADERS = {
    "Штрихкод": "4006381333931",
    "Артикул": "К-1",
    "Назва": "Кава мелена",
    "Коротка назва": "Кава",
    "Зовнішній код": "r-1",
    "Категорія": "Напої",
    "Ціна": "99,50",
    "Закупівельна ціна": "80",
    "Од.": "шт",
    "Ставка ПДВ": "20%",
    "Код УКТЗЕД": "0901210000",
    "Ваговий": "ні",
}
TEXTS = ("Артикул", "Назва", "Коротка назва", "Зовнішній код", "Категорія")

CONVERTED = {
    "cell_date": (
        "11.10.2026", "1.1.2026", "11.10.2026 00:00:00", "10/31/2026", "2026-10-11", "2026-10-11 00:00:00",
        "2026-10-11T00:00:00.000000+03:00", "2026/10/11", "11.окт", "окт.11", "11-окт", "11.жов", "жов.26",
        "11.жовт.26", "05.чер", "тра.26", "1.мая", "11-Oct", "Oct-11", "11-Oct-26", "11-Oct-2026",
    ),
    "cell_time": ("10:30:00", "1:18:00", "25:00:00", "10:30:00 AM", "0 days 01:18:00", "1 day, 1:00:00"),
    "cell_boolean": ("TRUE", "FALSE", "True", "ІСТИНА", "ХИБНІСТЬ", "ПРАВДА", "ИСТИНА", "ЛОЖЬ"),
    "cell_exponent": ("4,82301E+12", "4.82E+12", "1E+05", "1,00E-05", "4,8Е+12", "4.823012345039E12"),
    "digits_lost": ("123456789012345000", "12345678901234500000"),
    "cell_error": (
        "#N/A", "#Н/Д", "#REF!", "#ССЫЛКА!", "#ПОСИЛАННЯ!", "#VALUE!", "#ЗНАЧ!", "#NAME?", "#ИМЯ?", "#ІМ'Я?", "#DIV/0!",
        "#ДЕЛ/0!", "#NUM!", "#NULL!", "#SPILL!", "#ERROR!", "Err:502", "Loading...",
    ),
    "cell_narrow": ("####", "########"),
}  # fmt: skip

MEANT = (
    "Так", "10.5", "10-11", "10.11", "10/11", "1:18", "10:30", "1E5", "5E10", "MAR-11", "DEC-20", "Правда", "істина",
    "true", "A-1", "12345", "4711", "007", "#1", "#", "100% сік", "11.10.26", "10.11.12", "12 лист", "Март-10", "24/7",
    "18+", "2026", "H2O", "3D", "4823012345039", "12345678901234567890", "Лис 25", "Газета 11.10.2026",
)  # fmt: skip


def check(**cells: str) -> ProductDraft | Outcome:
    columns = HeaderMatcher().match(tuple(HEADERS), file="list.csv")
    return Checker(SourceLocation("list.csv", columns), UNITS).check(Row(1, 2, list((HEADERS | cells).values())))


def codes(result: ProductDraft | Outcome) -> list[tuple[str, str | None, str | None]]:
    assert isinstance(result, Outcome)
    return [(problem.code, problem.column, problem.value) for problem in result.problems]


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in CONVERTED.items() for text in texts])
def test_what_a_spreadsheet_made_of_a_value_is_known_by_its_form(rule: str, text: str) -> None:
    assert find_conversion(text) == {"digits_lost": "digits"}.get(rule, rule.removeprefix("cell_"))


@pytest.mark.parametrize("text", MEANT)
def test_titles_and_articles_that_only_look_like_it_are_taken(text: str) -> None:
    draft = check(Назва=text, Артикул=text)

    assert isinstance(draft, ProductDraft)
    assert (draft.product.title, draft.product.alter_number) == (text, text)


@pytest.mark.parametrize("column", TEXTS)
@pytest.mark.parametrize("rule", CONVERTED)
def test_every_text_is_looked_at(rule: str, column: str) -> None:
    text = CONVERTED[rule][0]

    assert codes(check(**{column: text})) == [(rule, column, text)]


@pytest.mark.parametrize("column", TEXTS)
@pytest.mark.parametrize("text", ["TRUE", "11.окт", "4,82301E+12", "10:30:00"])
def test_an_apostrophe_says_that_a_text_is_meant_as_it_stands(text: str, column: str) -> None:
    draft = check(**{column: f"'{text}"})

    assert isinstance(draft, ProductDraft)
    product = draft.product
    assert text in (
        product.title,
        product.alter_number,
        product.alter_title,
        product.remote_id,
        *(draft.category or ()),
    )


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("Штрихкод", "11.10.2026", "cell_date"),
        ("Штрихкод", "#Н/Д", "cell_error"),
        ("Штрихкод", "4,82301E+12", "barcode_spreadsheet"),
        ("Штрихкод", "12345670890", "barcode_length"),
        ("Ціна", "11.жов", "cell_date"),
        ("Ціна", "#ЗНАЧ!", "cell_error"),
        ("Ціна", "####", "cell_narrow"),
        ("Ціна", "1E+05", "cell_exponent"),
        ("Закупівельна ціна", "10:30:00", "cell_time"),
        ("Од.", "#REF!", "cell_error"),
        ("Ставка ПДВ", "#Н/Д", "cell_error"),
        ("Код УКТЗЕД", "#Н/Д", "cell_error"),
        ("Код УКТЗЕД", "10.11.2012", "classifier_spreadsheet"),
        ("Код УКТЗЕД", "901210000", "classifier_zero"),
        ("Ваговий", "#Н/Д", "cell_error"),
        ("Ціна", "за домовленістю", "number_unreadable"),
    ],
)
def test_where_another_rule_is_broken_the_spreadsheet_is_named_as_the_reason(column: str, text: str, rule: str) -> None:
    assert codes(check(**{column: text})) == [(rule, column, text)]


@pytest.mark.parametrize("column", [column for column in HEADERS if column != "Ваговий"])
@pytest.mark.parametrize(
    "rule", ["cell_date", "cell_time", "cell_boolean", "cell_error", "cell_formula", "digits_lost"]
)
def test_a_cell_whose_type_shows_it_is_refused_in_every_column(rule: str, column: str) -> None:
    assert codes(check(**{column: ConvertedCell("11", rule)})) == [(rule, column, "11")]


def test_a_cell_with_yes_or_no_is_what_a_column_of_yes_and_no_holds() -> None:
    draft = check(Ваговий=ConvertedCell("true", "cell_boolean"))

    assert isinstance(draft, ProductDraft)
    assert draft.product.sold_by_weight is True
    assert draft.product.price == Decimal("99.50")


@pytest.mark.parametrize("language", ["en", "uk"])
def test_the_message_names_the_column_what_became_of_the_value_and_what_to_do(language: str) -> None:
    result = check(Артикул="11.окт")

    assert isinstance(result, Outcome)
    text = result.problems[0].describe("en" if language == "en" else "uk")
    words = ("«Артикул»", "«11.окт»", *(("date", "text") if language == "en" else ("дату", "тексту")))
    assert all(word in text for word in words)
