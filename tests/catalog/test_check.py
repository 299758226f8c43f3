"""From rows to products, or to what is wrong with them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec import UNSET

from smartkasa_async.catalog.checks.check import Checker, ProductDraft
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind, RawRow
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.catalog.sources.records import row_from_item
from smartkasa_async.catalog.sources.rows import Row, UnreadableRow
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.models import ClassifierType, ProductCreate, TaxGroup, UnitType
from tests.support.catalogue import MAPPINGS

if TYPE_CHECKING:
    from smartkasa_async.catalog.source_location import KeyField

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
    "Знижка",
]
GOOD = ["4006381333931", "К-1", "Кава мелена", "Напої / Кава", "1 299,50", "900", "шт", "20%", "0901210000", "12"]


def file_checker(headers: list[str] = HEADERS) -> Checker:
    return Checker(SourceLocation("list.csv", HeaderMatcher().match(headers, file="list.csv")), UNITS)


def item_checker(key: KeyField = "number") -> Checker:
    return Checker(SourceLocation("", MAPPINGS.columns), UNITS, key)


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
    assert (draft.key_value, draft.warnings) == ("4006381333931", ())
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


@pytest.mark.parametrize(("text", "cost"), [("80,3333", "80.33"), ("80,3350", "80.34"), ("1 000,0050", "1000.01")])
def test_a_purchase_price_finer_than_a_kopeck_is_rounded_and_told(text: str, cost: str) -> None:
    draft = accepted(file_checker().check(with_cell("Закупівельна ціна", text)))

    assert draft.product.procurement_price == Decimal(cost)
    [warning] = draft.warnings
    assert (warning.code, warning.field, warning.value) == ("cost_rounded", "procurement_price", text)
    assert cost.replace(".", ",") in warning.reason_uk


def test_headers_that_come_again_are_told_as_such() -> None:
    outcome = file_checker().check(Row(41, 42, [f" {header}" for header in HEADERS]))

    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.failed) == (OutcomeKind.NO_PRODUCT, False)
    assert [(problem.code, problem.line) for problem in outcome.problems] == [("header_repeated", 42)]


def test_empty_cells_are_left_out_of_the_request() -> None:
    draft = accepted(file_checker().check(Row(1, 2, ["40063812", "", " Кава ", "", "5"])))

    assert draft.product == ProductCreate(number="40063812", title="Кава", price=Decimal(5))
    assert draft.category is None


def test_what_is_measured_is_sold_by_weight() -> None:
    assert accepted(file_checker().check(with_cell("Од.", "кг"))).product.sold_by_weight is True


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
        ("Ставка ПДВ", "Ж", "tax", "tax_letter_unknown"),
        ("Код УКТЗЕД", "0901-2", "classifier_code", "classifier_malformed"),
        ("Код УКТЗЕД", "901210000", "classifier_code", "classifier_zero"),
    ],
)
def test_a_bad_cell_rejects_the_row_and_is_named(header: str, text: str, field: str, code: str) -> None:
    outcome = rejected(file_checker().check(with_cell(header, text)))

    (problem,) = outcome.problems
    assert (outcome.row, outcome.line) == (1, 2)
    assert (problem.file, problem.line, problem.column) == ("list.csv", 2, header)
    assert (problem.code, problem.field, problem.value or "") == (code, field, text.strip())
    assert problem.severity == "error"
    assert problem.reason_en != problem.reason_uk


@pytest.mark.parametrize(
    ("header", "text", "field", "code"),
    [
        ("Назва", "Кава " * 60, "title", "title_long"),
        ("Ціна", "0,00", "price", "price_zero"),
        ("Закупівельна ціна", "1299,51", "procurement_price", "price_below_cost"),
        ("Ставка ПДВ", "Б", "tax", "tax_letter_inferred"),
        ("Код УКТЗЕД", "0901 21", "classifier_code", "classifier_short"),
        ("Код УКТЗЕД", "123456789012345", "classifier_code", "classifier_long"),
    ],
)
def test_a_doubtful_cell_is_named_and_its_row_taken(header: str, text: str, field: str, code: str) -> None:
    draft = accepted(file_checker().check(with_cell(header, text)))

    (warning,) = draft.warnings
    assert (warning.severity, warning.code, warning.field) == ("warning", code, field)
    assert (warning.line, warning.column, warning.value) == (2, header, text.strip())
    assert draft.outcome(OutcomeKind.CREATED).warnings == draft.warnings


def test_warnings_come_beside_what_rejects_the_row() -> None:
    outcome = rejected(file_checker().check(Row(1, 2, ["4006381333930", "", "Кава", "", "0"])))

    assert [problem.code for problem in outcome.problems] == ["barcode_check_digit"]
    assert [warning.code for warning in outcome.warnings] == ["price_zero"]


@pytest.mark.parametrize("tax", ["20% + акциз 5%", "акциз 5%", "ЗА", "Г"])
@pytest.mark.parametrize("code", ["", "10.11.12-00.00"])
def test_excise_goods_owe_their_code(tax: str, code: str) -> None:
    outcome = rejected(
        file_checker(["Штрихкод", "Назва", "Ціна", "Ставка ПДВ", "УКТЗЕД"]).check(
            Row(1, 2, ["40063812", "Пиво", "5", tax, code])
        )
    )

    (problem,) = outcome.problems
    assert (problem.code, problem.column, problem.value or "") == ("classifier_owed", "УКТЗЕД", code)


def test_a_code_that_cannot_be_read_is_not_said_to_be_missing() -> None:
    outcome = rejected(
        file_checker(["Штрихкод", "Назва", "Ціна", "Ставка ПДВ", "УКТЗЕД"]).check(
            Row(1, 2, ["40063812", "Пиво", "5", "акциз 5%", "2,2E+9"])
        )
    )

    assert [problem.code for problem in outcome.problems] == ["classifier_spreadsheet"]


def test_a_code_of_dkpp_is_sent_as_such() -> None:
    checker = file_checker(["Штрихкод", "Назва", "Ціна", "УКТЗЕД", "ДКПП"])

    by_form = accepted(checker.check(Row(1, 2, ["40063812", "Пиріг", "5", "10.71.11-00.00"]))).product
    by_column = accepted(checker.check(Row(2, 3, ["40063812", "Пиріг", "5", "", "107111"]))).product
    long = accepted(checker.check(Row(3, 4, ["40063812", "Пиріг", "5", "", "543210123456789"])))

    assert (by_form.classifier_type_id, by_form.classifier_code) == (ClassifierType.DKPP, "10.71.11-00.00")
    assert (by_column.classifier_type_id, by_column.classifier_code) == (ClassifierType.DKPP, "107111")
    assert [(warning.code, warning.column) for warning in long.warnings] == [("classifier_long", "ДКПП")]


def test_cells_that_a_spreadsheet_was_kept_from_are_read_without_the_mark() -> None:
    cells = ["'4006381333931", "'007", "'=Кава", "'-Напої", "5", "", "", "", "'0901210000"]
    draft = accepted(file_checker().check(Row(1, 2, cells)))

    assert (draft.product.number, draft.product.alter_number) == ("4006381333931", "007")
    assert (draft.product.title, draft.category) == ("=Кава", ("-Напої",))
    assert draft.product.classifier_code == "0901210000"


def test_cells_that_another_program_wrapped_in_a_formula_are_read_without_it() -> None:
    cells = ['="4006381333931"', '="007"', '="Кава"', "Напої", "5", "", "", "", ""]
    draft = accepted(file_checker().check(Row(1, 2, cells)))

    assert (draft.product.number, draft.product.alter_number) == ("4006381333931", "007")
    assert draft.product.title == "Кава"


def test_a_formula_of_nothing_is_a_blank_cell() -> None:
    cells = list(GOOD)
    cells[HEADERS.index("Артикул")] = '=""'

    assert accepted(file_checker().check(Row(1, 2, cells))).product.alter_number is UNSET


@pytest.mark.parametrize(("key", "value"), [("number", "36000291452"), ("alter_number", "К 1"), ("remote_id", "r-1")])
def test_a_row_has_the_key_that_was_chosen(key: KeyField, value: str) -> None:
    item = {"number": "036000291452", "alter_number": " К  1 ", "remote_id": "r-1", "title": "Папір", "price": 5}

    draft = accepted(item_checker(key).check(row_from_item(1, item, MAPPINGS)))

    assert (draft.key_value, draft.outcome(OutcomeKind.CREATED).key_value) == (value, value)
    assert draft.key == getattr(draft.product, key)


@pytest.mark.parametrize("key", ["number", "alter_number", "remote_id"])
@pytest.mark.parametrize("item", [{"title": "Папір", "price": 5}, ProductCreate(title="Папір")])
def test_a_row_without_its_key_is_rejected(key: KeyField, item: Any) -> None:
    outcome = rejected(item_checker(key).check(row_from_item(1, item, MAPPINGS)))

    assert [(problem.code, problem.field) for problem in outcome.problems] == [("key_missing", key)]
    assert (outcome.key, outcome.key_value) == ("Папір", None)


def test_a_row_without_its_key_says_which_key_and_what_to_do() -> None:
    cells = GOOD[1:]

    (empty,) = rejected(file_checker().check(with_cell("Штрихкод", ""))).problems
    (absent,) = rejected(file_checker(HEADERS[1:]).check(Row(1, 2, cells))).problems

    assert empty.reason_en == (
        "the row lacks number, the key by which its product is found; fill it in, or choose another key: "
        "key='alter_number'"
    )
    assert "no column is taken for it: name one by mapping, or choose another key: key='alter_number'" in (
        absent.reason_en
    )
    assert "(штрихкод); жодного стовпця для нього не взято: вкажіть стовпець через mapping" in absent.reason_uk


def test_a_rejected_row_has_its_key_as_far_as_that_can_be_read() -> None:
    readable = rejected(file_checker().check(with_cell("Ціна", "немає")))
    unreadable = rejected(file_checker().check(with_cell("Штрихкод", "4006381333930")))
    shifted = rejected(file_checker().check(Row(1, 2, [*GOOD, "зайве"])))

    assert (readable.key, readable.key_value) == ("4006381333931", "4006381333931")
    assert (unreadable.key, unreadable.key_value) == ("4006381333930", None)
    assert shifted.key_value is None
    assert {len(outcome.problems) for outcome in (readable, unreadable, shifted)} == {1}


def test_a_row_is_kept_as_it_was_where_it_is_to_be_mended() -> None:
    location = SourceLocation("list.csv", HeaderMatcher().match(HEADERS, file="list.csv"))
    checker = Checker(location, UNITS)
    row = with_cell("Ціна", "немає")
    draft = accepted(checker.check(Row(1, 2, GOOD)))

    assert rejected(checker.check(row)).raw == RawRow(location, cast("list[str]", row.content))
    assert draft.outcome(OutcomeKind.CREATED).raw is None
    for kind in (OutcomeKind.REJECTED, OutcomeKind.CONFLICT, OutcomeKind.IN_DOUBT):
        raw = draft.outcome(kind).raw
        assert raw is not None
        assert raw.content == GOOD


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


@pytest.mark.parametrize(
    "item",
    [
        {"Назва": "Кава", "Артикул": "К-1", "Ціна": "1 299,50", "Од.": "шт", "Знижка": "5"},
        {"title": "Кава", "sku": "К-1", "price": Decimal("1299.500"), "unit_type_id": 2009, "number": None},
        {"title": "Кава", "alter_number": "К-1", "price": 1299.5, "unit": "шт"},
    ],
)
def test_a_mapping_is_read_by_headers_or_names_of_fields(item: dict[str, Any]) -> None:
    draft = accepted(item_checker("alter_number").check(row_from_item(1, item, MAPPINGS)))

    assert draft.product == ProductCreate(
        title="Кава", alter_number="К-1", price=Decimal("1299.5"), unit_type_id=2009, sold_by_weight=False
    )


def test_ids_of_the_service_go_before_what_would_be_looked_up() -> None:
    item = {"title": "Кава", "remote_id": "1", "price": 5, "category": "Напої", "category_id": "c-1"}
    item |= {"tax": "Б", "tax_group_id": 2}

    draft = accepted(item_checker("remote_id").check(row_from_item(1, item, MAPPINGS)))

    assert (draft.category, draft.warnings) == (None, ())
    assert draft.product == ProductCreate(
        title="Кава", remote_id="1", price=Decimal(5), category_id="c-1", tax_group_id=TaxGroup.VAT_7
    )


def test_an_item_of_another_type_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="Item 3 of the source is list; give ProductCreate or a mapping"):
        row_from_item(3, ["Кава", 5], MAPPINGS)


def test_two_keys_for_one_field_are_refused() -> None:
    with pytest.raises(ValueError, match="Item 3 of the source: keys «title» and «Назва» both mean title"):
        row_from_item(3, {"title": "Кава", "Назва": "Кава"}, MAPPINGS)


def test_a_product_of_the_callers_own_goes_as_it_is_with_odd_codes_told() -> None:
    product = ProductCreate(title=" Кава ", number="6930426566", unit_type_id=0, classifier_code="1")

    draft = accepted(item_checker().check(row_from_item(1, product, MAPPINGS)))

    assert draft.product is product
    assert [(warning.severity, warning.field, warning.code) for warning in draft.warnings] == [
        ("warning", "number", "barcode_length"),
        ("warning", "classifier_code", "classifier_malformed"),
    ]


@pytest.mark.parametrize(
    "product",
    [
        ProductCreate(title="Кава", number="А-1", price=Decimal(5), is_free_price=True, tax_group_id=TaxGroup.VAT_20),
        ProductCreate(title="Пиріг", classifier_type_id=ClassifierType.DKPP, classifier_code="10.71.11", remote_id="1"),
        ProductCreate(title="Пиво", tax_group_id=TaxGroup.EXCISE_5, classifier_code="2203000100", remote_id="1"),
        ProductCreate(title="Пакет", price=Decimal(0), is_free_price=True, remote_id="1"),
    ],
)
def test_a_product_of_the_callers_own_may_have_anything_that_is_possible(product: ProductCreate) -> None:
    key: KeyField = "remote_id" if product.remote_id else "number"
    draft = accepted(item_checker(key).check(row_from_item(1, product, MAPPINGS)))
    codes = [warning.code for warning in draft.warnings]

    assert codes == (["barcode_characters"] if product.number else [])


def test_a_product_of_the_callers_own_needs_title_and_possible_prices() -> None:
    product = ProductCreate(title=" ", number="40063812", price=Decimal(-1), procurement_price=Decimal("0.001"))

    outcome = rejected(item_checker().check(row_from_item(1, product, MAPPINGS)))

    assert {(problem.field, problem.code, problem.value) for problem in outcome.problems} == {
        ("title", "blank", None),
        ("price", "negative", "-1"),
        ("procurement_price", "kopecks_fraction", "0.001"),
    }
    assert outcome.key_value == "40063812"


@pytest.mark.parametrize("price", ["NaN", "sNaN", "Infinity"])
def test_a_price_that_is_no_number_is_refused(price: str) -> None:
    product = ProductCreate(title="Кава", number="40063812", price=Decimal(price), procurement_price=Decimal(1))

    outcome = rejected(item_checker().check(row_from_item(1, product, MAPPINGS)))

    assert [problem.code for problem in outcome.problems] == ["number_unreadable"]


def test_excise_goods_of_the_callers_own_owe_their_code() -> None:
    product = ProductCreate(title="Пиво", number="40063812", tax_group_id=TaxGroup.EXCISE_5_VAT_20)

    outcome = rejected(item_checker().check(row_from_item(1, product, MAPPINGS)))

    assert [(problem.field, problem.code) for problem in outcome.problems] == [("classifier_code", "classifier_owed")]
