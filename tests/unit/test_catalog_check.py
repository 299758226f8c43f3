"""From rows to products, or to what is wrong with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from smartkasa_async.catalog.check import Checker, Origin, ProductDraft
from smartkasa_async.catalog.columns import match_columns
from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind
from smartkasa_async.catalog.rows import MAPPING_COLUMNS, Row, UnreadableRow, row_from_item
from smartkasa_async.catalog.units import Units
from smartkasa_async.models import ClassifierType, ProductCreate, TaxGroup, UnitType

UNITS = Units(
    [
        UnitType(id=4, code=2009, name="Штука", short_name="шт", is_weighted=False),
        UnitType(id=10, code=301, name="Кілограм", short_name="кг", is_weighted=True),
    ]
)
HEADERS = [
    "Штрихкод",
    "Артикул",
    "Назва",
    "Категорія",
    "Ціна",
    "Закупівельна ціна",
    "Од.",
    "Ставка ПДВ",
    "Код УКТЗЕД",
    "Залишок",
]
GOOD = ["4006381333931", "К-1", "Кава мелена", "Напої / Кава", "1 299,50", "900", "шт", "20%", "0901210000", "12"]


def file_checker(headers: list[str] = HEADERS) -> Checker:
    return Checker(Origin("list.csv", match_columns(headers, file="list.csv")), UNITS)


def item_checker() -> Checker:
    return Checker(Origin("", MAPPING_COLUMNS), UNITS)


def accepted(result: ProductDraft | Outcome) -> ProductDraft:
    assert isinstance(result, ProductDraft)
    return result


def rejected(result: ProductDraft | Outcome) -> Outcome:
    assert isinstance(result, Outcome)
    assert result.kind is OutcomeKind.REJECTED
    return result


def with_cell(header: str, text: str) -> Row:
    cells = list(GOOD)
    cells[HEADERS.index(header)] = text
    return Row(1, 2, cells)


def test_a_good_row_becomes_a_product() -> None:
    draft = accepted(file_checker().check(Row(7, 9, GOOD)))

    assert (draft.row, draft.line, draft.key, draft.category) == (7, 9, "4006381333931", ("Напої", "Кава"))
    assert draft.product == ProductCreate(
        number="4006381333931",
        alter_number="К-1",
        title="Кава мелена",
        price=Decimal("1299.50"),
        procurement_price=Decimal(900),
        unit_type_id=2009,
        sold_by_weight=False,
        tax_group_id=TaxGroup.VAT_20,
        classifier_type_id=ClassifierType.UKTZED,
        classifier_code="0901210000",
    )


def test_empty_cells_are_left_out_of_the_request() -> None:
    draft = accepted(file_checker().check(Row(1, 2, ["", "", " Кава ", "", "5"])))

    assert draft.product == ProductCreate(title="Кава", price=Decimal(5))
    assert (draft.key, draft.category) == ("Кава", None)


def test_what_is_measured_is_sold_by_weight() -> None:
    assert accepted(file_checker().check(with_cell("Од.", "кг"))).product.sold_by_weight is True


@pytest.mark.parametrize("code", ["0901", "0901 21 00 00", "123456789012345"])
def test_a_code_of_goods_may_be_a_heading_or_as_long_as_the_vendors(code: str) -> None:
    product = accepted(file_checker().check(with_cell("Код УКТЗЕД", code))).product

    assert product.classifier_code == code.replace(" ", "")


@pytest.mark.parametrize(
    ("header", "text", "field", "code"),
    [
        ("Назва", "  ", "title", "blank"),
        ("Назва", "Кава\n5;Чай", "title", "line_break"),
        ("Назва", "Кав\ufffd", "title", "letters_unreadable"),
        ("Категорія", "Кав\ufffd", "category", "letters_unreadable"),
        ("Категорія", "Кава\nЧай", "category", "line_break"),
        ("Ціна", "", "price", "blank"),
        ("Ціна", "немає", "price", "number_unreadable"),
        ("Закупівельна ціна", "-1", "procurement_price", "negative"),
        ("Штрихкод", "4,00E+12", "number", "barcode_spreadsheet"),
        ("Од.", "ящ", "unit_type_id", "unit_unknown"),
        ("Ставка ПДВ", "14%", "tax", "tax_unknown"),
        ("Код УКТЗЕД", "0901-2", "classifier_code", "classifier_malformed"),
        ("Код УКТЗЕД", "901210000", "classifier_code", "classifier_malformed"),
    ],
)
def test_a_bad_cell_rejects_the_row_and_is_named(header: str, text: str, field: str, code: str) -> None:
    outcome = rejected(file_checker().check(with_cell(header, text)))

    (problem,) = outcome.problems
    assert (outcome.row, outcome.line) == (1, 2)
    assert (problem.file, problem.line, problem.column) == ("list.csv", 2, header)
    assert (problem.code, problem.field, problem.value or "") == (code, field, text.strip())
    assert problem.reason_en != problem.reason_uk


def test_all_problems_of_a_row_come_together() -> None:
    outcome = rejected(file_checker().check(Row(1, 2, ["1", "К-1", "", "", "немає"])))

    assert [problem.field for problem in outcome.problems] == ["number", "title", "price"]
    assert (outcome.key, outcome.field, outcome.value) == ("1", "number", "1")
    assert outcome.reason_en is not None
    assert outcome.reason_en.count(";") >= 3


def test_more_fields_than_headers_reject_the_row() -> None:
    outcome = rejected(file_checker().check(Row(1, 2, [*GOOD, "зайве"])))

    assert outcome.problems[0].code == "too_many_fields"
    assert "11 fields where the header has 10" in outcome.problems[0].describe()


def test_empty_fields_beyond_the_headers_do_not_matter() -> None:
    accepted(file_checker().check(Row(1, 2, [*GOOD, "", " "])))


def test_a_row_that_cannot_be_read_is_rejected() -> None:
    outcome = rejected(file_checker().check(Row(1, 2, UnreadableRow("field larger than field limit"))))

    assert outcome.problems[0].code == "row_unreadable"


def test_a_barcode_belongs_to_the_first_row_that_can_have_it() -> None:
    checker = file_checker()
    spoiled = list(GOOD)
    spoiled[4] = "немає"
    rejected(checker.check(Row(1, 2, spoiled)))
    accepted(checker.check(Row(2, 3, GOOD)))

    outcome = rejected(checker.check(Row(3, 4, GOOD)))

    assert (outcome.problems[0].code, outcome.field, outcome.value) == ("barcode_duplicate", "number", GOOD[0])
    assert "already in line 3" in str(outcome.reason_en)


def test_leading_zeros_do_not_hide_a_duplicate() -> None:
    checker = file_checker(["Штрихкод", "Назва", "Ціна"])
    accepted(checker.check(Row(1, 2, ["036000291452", "Папір", "5"])))

    assert rejected(checker.check(Row(2, 3, ["0036000291452", "Папір", "5"]))).problems[0].code == "barcode_duplicate"


@pytest.mark.parametrize(
    "item",
    [
        {"Назва": "Кава", "Ціна": "1 299,50", "Од.": "шт", "Знижка": "5"},
        {"title": "Кава", "price": Decimal("1299.500"), "unit_type_id": 2009, "number": None},
        {"title": "Кава", "price": 1299.5, "unit": "шт"},
    ],
)
def test_a_mapping_is_read_by_headers_or_names_of_fields(item: dict[str, Any]) -> None:
    draft = accepted(item_checker().check(row_from_item(1, item)))

    assert draft.product == ProductCreate(
        title="Кава", price=Decimal("1299.5"), unit_type_id=2009, sold_by_weight=False
    )


def test_ids_of_the_service_go_before_what_would_be_looked_up() -> None:
    item = {"title": "Кава", "price": 5, "category": "Напої", "category_id": "c-1", "tax": "20%", "tax_group_id": 2}

    draft = accepted(item_checker().check(row_from_item(1, item)))

    assert draft.category is None
    assert draft.product == ProductCreate(
        title="Кава", price=Decimal(5), category_id="c-1", tax_group_id=TaxGroup.VAT_7
    )


def test_an_item_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="Item 3 of the source is list; give ProductCreate or a mapping"):
        row_from_item(3, ["Кава", 5])


def test_two_keys_for_one_field_are_refused() -> None:
    with pytest.raises(ValueError, match="Item 3 of the source: keys «title» and «Назва» both mean title"):
        row_from_item(3, {"title": "Кава", "Назва": "Кава"})


def test_a_product_of_the_callers_own_goes_as_it_is() -> None:
    product = ProductCreate(title="Кава", number="6930426566", unit_type_id=0, classifier_code="1")

    assert accepted(item_checker().check(row_from_item(1, product))).product is product


def test_a_product_of_the_callers_own_needs_title_and_possible_prices() -> None:
    product = ProductCreate(title=" ", price=Decimal(-1), procurement_price=Decimal("0.001"))

    outcome = rejected(item_checker().check(row_from_item(1, product)))

    assert [(problem.field, problem.code, problem.value) for problem in outcome.problems] == [
        ("title", "blank", None),
        ("price", "negative", "-1"),
        ("procurement_price", "kopecks_fraction", "0.001"),
    ]


def test_duplicates_among_products_of_the_callers_own_are_found() -> None:
    checker = item_checker()
    accepted(checker.check(row_from_item(1, ProductCreate(title="Кава", number="А-1"))))

    assert rejected(checker.check(row_from_item(2, ProductCreate(title="Чай", number="А-1")))).key == "А-1"
