"""Which column is which field: synonyms, presets, mappings of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smartkasa_async._i18n.translate import in_ukrainian
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.messages import reason_headers
from smartkasa_async.catalog.sources import fields
from smartkasa_async.catalog.sources.cells import without_invisible
from smartkasa_async.catalog.sources.fields import Field, field_of, foreign_currency, plain, preference
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher, find_header, header_missing
from smartkasa_async.catalog.sources.layout import Layout, load_presets, recognise
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from pathlib import Path

SYNONYMS = [(synonym, field) for field, synonyms in fields._SYNONYMS.items() for synonym in synonyms]
PRESET_HEADERS = {
    "prom": [
        "Код_товару", "Назва_позиції", "Назва_позиції_укр", "Пошукові_запити", "Опис", "Ціна", "Валюта",
        "Одиниця_виміру",
        "Посилання_зображення", "Наявність", "Кількість", "Номер_групи", "Назва_групи", "Ідентифікатор_товару",
        "Унікальний_ідентифікатор", "Код_маркування_(GTIN)",
        "Назва_Характеристики", "Одиниця_виміру_Характеристики", "Значення_Характеристики",
        "Назва_Характеристики", "Одиниця_виміру_Характеристики", "Значення_Характеристики",
    ],
    "horoshop": [
        "Артикул", "Батьківський артикул", "Назва (UA)", "Назва (RU)", "Розділ", "Ціна", "Стара ціна",
        "Наявність", "Кількість",
    ],
    "cashalot": [
        "Внутрішній код", "Найменування", "Штрих-код", "Код товару згідно з УКТ ЗЕД", "Код послуги згідно з ДКПП",
        "Ціна",
        "Літера ПДВ", "Літера акцизу", "Одиниця виміру", "Група товарів",
    ],
    "bas": [
        "Код", "Артикул", "Номенклатура", "Номенклатурна група", "Базова одиниця виміру", "Ціна",
        "Кінцевий залишок",
    ],
    "rozetka": [
        "id", "available", "price", "currencyId", "categoryId", "name", "name_ua", "vendor",
        "stock_quantity", "article",
    ],
}  # fmt: skip
EXPECTED = {
    "prom": {
        "title": "Назва_позиції_укр", "price": "Ціна", "number": "Код_маркування_(GTIN)", "alter_number": "Код_товару",
        "remote_id": "Ідентифікатор_товару", "category": "Назва_групи", "unit_type_id": "Одиниця_виміру",
        "currency": "Валюта",
        "count": "Кількість",
    },
    "horoshop": {
        "title": "Назва (UA)", "price": "Ціна", "alter_number": "Артикул", "category": "Розділ", "count": "Кількість",
    },
    "cashalot": {
        "title": "Найменування", "price": "Ціна", "number": "Штрих-код", "alter_number": "Внутрішній код",
        "tax": "Літера ПДВ",
        "classifier_code": "Код товару згідно з УКТ ЗЕД", "dkpp_code": "Код послуги згідно з ДКПП",
        "unit_type_id": "Одиниця виміру", "category": "Група товарів",
    },
    "bas": {
        "title": "Номенклатура", "price": "Ціна", "alter_number": "Артикул", "remote_id": "Код",
        "category": "Номенклатурна група", "unit_type_id": "Базова одиниця виміру", "count": "Кінцевий залишок",
    },
    "rozetka": {
        "title": "name_ua", "price": "price", "alter_number": "article", "remote_id": "id", "category": "categoryId",
        "currency": "currencyId", "count": "stock_quantity",
    },
}  # fmt: skip
PRESET_HEADERS |= {
    "woocommerce": [
        "ID", "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Description", "Tax class", "In stock?",
        "Stock", "Low stock amount", "Purchase note", "Sale price", "Regular price", "Categories", "Tags", "Parent",
    ],
    "shopify": [
        "Handle", "Title", "Body (HTML)", "Vendor", "Type", "Option1 Name", "Option1 Value", "Variant SKU",
        "Variant Inventory Qty", "Variant Price", "Variant Compare At Price", "Variant Barcode", "Cost per item",
    ],
    "opencart": [
        "product_id", "name(ru-ru)", "categories", "sku", "upc", "ean", "quantity", "model", "price", "minimum",
    ],
    "loyverse": [
        "Handle", "SKU", "Name", "Category", "Sold by weight", "Option 1 name", "Default price", "Cost", "Barcode",
        "SKU of included item", "Track stock", "Price [Kyiv]", "In stock [Kyiv]",
    ],
    "poster": ["Назва", "Категорія", "Цех", "Штрихкод", "Собівартість без ПДВ", "Надбавка", "Ціна", "Податок"],
    "odoo": [
        "External ID", "Name", "Product Type", "Internal Reference", "Barcode", "Sales Price", "Cost", "Weight",
        "Unit of Measure", "Customer Taxes", "Quantity On Hand", "Vendors/Price",
    ],
}  # fmt: skip
EXPECTED |= {
    "woocommerce": {
        "title": "Name", "price": "Regular price", "number": "GTIN, UPC, EAN, or ISBN", "alter_number": "SKU",
        "remote_id": "ID", "category": "Categories", "count": "Stock",
    },
    "shopify": {
        "title": "Title", "price": "Variant Price", "procurement_price": "Cost per item", "number": "Variant Barcode",
        "alter_number": "Variant SKU", "category": "Type", "count": "Variant Inventory Qty",
    },
    "opencart": {
        "title": "name(ru-ru)", "price": "price", "number": "ean", "alter_number": "model", "remote_id": "product_id",
        "count": "quantity",
    },
    "loyverse": {
        "title": "Name", "price": "Default price", "procurement_price": "Cost", "number": "Barcode",
        "alter_number": "SKU", "category": "Category", "sold_by_weight": "Sold by weight",
    },
    "poster": {
        "title": "Назва", "price": "Ціна", "procurement_price": "Собівартість без ПДВ", "number": "Штрихкод",
        "category": "Категорія", "tax": "Податок",
    },
    "odoo": {
        "title": "Name", "price": "Sales Price", "procurement_price": "Cost", "number": "Barcode",
        "alter_number": "Internal Reference", "remote_id": "External ID", "unit_type_id": "Unit of Measure",
        "count": "Quantity On Hand",
    },
}  # fmt: skip


def matched(headers: list[str], layout: Layout | None = None, format: str = "CSV") -> dict[str, str]:
    matcher = HeaderMatcher.of(layout or Layout()).recognised(headers, format)
    columns = matcher.match(headers, file="list.csv")
    return {field.value: headers[position] for field, position in columns.positions.items()}


@pytest.mark.parametrize("name", PRESET_HEADERS)
def test_a_preset_is_recognised_and_decides(name: str) -> None:
    headers = PRESET_HEADERS[name]
    file_format = "YML" if name == "rozetka" else "CSV"

    assert recognise(headers, file_format) == name
    assert matched(headers, format=file_format) == EXPECTED[name]


@pytest.mark.parametrize("name", PRESET_HEADERS)
def test_a_preset_is_taken_by_its_name(name: str) -> None:
    assert matched(PRESET_HEADERS[name], Layout(preset=name)) == EXPECTED[name]


def test_a_preset_may_be_switched_off() -> None:
    headers = PRESET_HEADERS["loyverse"]
    columns = HeaderMatcher.of(Layout(preset="")).recognised(headers, "CSV").match(headers, file="list.csv")

    assert columns.rivals == {Field.PRICE: (headers.index("Default price"), headers.index("Price [Kyiv]"))}


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequestError, match=r"preset is 'excel'; give one of bas, .*prom") as caught:
        HeaderMatcher.of(Layout(preset="excel"))

    assert caught.value.field == "preset"


@pytest.mark.parametrize("name", load_presets())
def test_presets_are_made_of_headers_that_count(name: str) -> None:
    preset = load_presets()[name]
    listed = [header for headers in preset.fields.values() for header in headers]

    assert all(listed)
    assert all(preset.signature)
    assert len(set(listed)) == len(listed)
    assert set(listed).isdisjoint(preset.ignored)
    assert 0 < preset.at_least <= len(preset.signature)


def test_everyday_headers_are_nobodys_preset() -> None:
    headers = [
        "Штрихкод",
        "Артикул",
        "Назва",
        "Категорія",
        "Ціна",
        "Од.",
        "Ставка ПДВ",
        "Код УКТЗЕД",
        "Залишок",
        "Код товару",
    ]

    assert recognise(headers, "CSV") is None


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"title": "Опис", "price": 3}, {"title": "Опис", "price": "Опт"}),
        ({"price": "Опт"}, {"title": "Назва", "price": "Опт"}),
        ({"price": ["Немає", "Опт", "Ціна"]}, {"title": "Назва", "price": "Опт"}),
        ({"remote_id": "Назва"}, {"remote_id": "Назва"}),
        ({"count": None}, {"title": "Назва", "price": "Ціна"}),
        ({"count": ""}, {"title": "Назва", "price": "Ціна"}),
        ({"title": " Опис "}, {"title": "Опис", "price": "Ціна", "count": "Залишок"}),
    ],
)
def test_a_mapping_of_ones_own_decides(mapping: dict[str, object], expected: dict[str, str]) -> None:
    headers = ["Назва", "Ціна", "Опт", "Опис", "Залишок"]
    if mapping == {"remote_id": "Назва"}:
        with pytest.raises(SourceError, match="no column for title"):
            matched(headers, Layout(mapping=mapping))
        return

    found = matched(headers, Layout(mapping=mapping))

    assert {field: found.get(field) for field in expected} == expected
    assert ("count" in found) == ("count" not in mapping)


@pytest.mark.parametrize(
    ("headers", "wanted", "taken"),
    [
        (["Назва", "ціна_опт", "Ціна"], "Ціна опт", 1),
        (["Назва", "ЦІНА ОПТ ", "Ціна"], " ціна опт", 1),
        (["Назва", "ЦІНА", "Ціна"], "Ціна", 2),
        (["Назва", "Цiна, опт", "Ціна"], "Ціна (опт)", 1),
    ],
)
def test_a_mapping_takes_a_header_however_it_is_spelled(headers: list[str], wanted: str, taken: int) -> None:
    columns = HeaderMatcher.of(Layout(mapping={"price": wanted})).match(headers, file="list.csv")

    assert columns.positions[Field.PRICE] == taken
    assert not columns.rivals


def test_one_column_may_be_mapped_to_two_fields() -> None:
    mapping = {"alter_number": "Код", "remote_id": "Код"}

    assert matched(["Назва", "Ціна", "Код"], Layout(mapping=mapping)) == {
        "title": "Назва", "price": "Ціна", "alter_number": "Код", "remote_id": "Код"
    }  # fmt: skip


def test_a_mapping_decides_between_columns_of_one_name() -> None:
    headers = ["Назва", "Ціна", "Ціна"]

    assert HeaderMatcher.of(Layout(mapping={"price": "Ціна"})).match(headers, file="").rivals == {Field.PRICE: (1, 2)}
    assert HeaderMatcher.of(Layout(mapping={"price": 3})).match(headers, file="").positions[Field.PRICE] == 2


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"price": "Немає"}, r"list\.csv: mapping takes price from «Немає»; the columns are «Назва», «Ціна»"),
        ({"price": 9}, r"list\.csv: mapping takes price from column 9; there are 2 columns"),
    ],
)
def test_a_mapping_that_the_file_does_not_fit_is_named(mapping: dict[str, object], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        matched(["Назва", "Ціна"], Layout(mapping=mapping))


def test_a_mapped_header_that_no_row_has_is_named_and_not_the_headers_blamed() -> None:
    error = header_missing(
        "list.csv", [["Назва", "Ціна 1"]], HeaderMatcher.of(Layout(mapping={"price": "Ціна"})), "read as utf-8"
    )

    assert "mapping takes price from «Ціна», which none of the first 20 rows has" in str(error)
    assert "mapping бере поле «ціна» зі стовпця «Ціна»" in str(in_ukrainian(error))


@pytest.mark.parametrize("target", [0, -1, True, 1.5, [], [1], {"a": 1}])
def test_a_malformed_mapping_is_refused(target: object) -> None:
    with pytest.raises(InvalidRequestError, match="mapping takes price from") as caught:
        HeaderMatcher.of(Layout(mapping={"price": target}))

    assert caught.value.field == "mapping"


def test_a_mapping_may_stand_in_a_toml_file(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[fields]\ntitle = "Опис"\nprice = 2\nalter_number = ["Ключ", "Код"]\ncount = ""\n', "utf-8")
    headers = ["Назва", "Опт", "Ціна", "Опис", "Код", "Залишок"]

    assert matched(headers, Layout(mapping=path)) == {"title": "Опис", "price": "Опт", "alter_number": "Код"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[fields", r"own\.toml is not a TOML file"),
        ('title = "Опис"', r"own\.toml has no table \[fields\]"),
        ('[fields]\ncolour = "Колір"', r"own\.toml has no table \[fields\] whose keys are among title, "),
        ("[fields]\nprice = 0", "mapping takes price from 0"),
    ],
)
def test_a_malformed_mapping_file_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")

    with pytest.raises(InvalidRequestError, match=message):
        HeaderMatcher.of(Layout(mapping=str(path)))


def test_two_columns_of_counts_hurt_only_who_needs_them() -> None:
    headers = ["Штрихкод", "Назва", "Ціна", "Залишок", "Кількість"]

    columns = HeaderMatcher().match(headers, file="list.csv")

    assert Field.COUNT not in columns.positions
    assert columns.unused == ("Залишок", "Кількість")
    needed = HeaderMatcher(required=(Field.NUMBER, Field.COUNT)).match(headers, file="list.csv")
    assert needed.rivals == {Field.COUNT: (3, 4)}


@pytest.mark.parametrize(
    ("header", "foreign"),
    [
        ("Ціна, USD", True),
        ("Ціна $", True),
        ("Ціна (євро)", True),
        ("Цена у.е.", True),
        ("Price EUR", True),
        ("Ціна, грн", False),
        ("Ціна_UAH", False),
        ("Ціна для європейців", False),
        ("Досл. ціна", False),
    ],
)
def test_a_price_in_another_currency_is_no_price(header: str, foreign: bool) -> None:
    assert foreign_currency(header) is foreign


def test_a_price_in_hryvnias_stands_beside_one_in_dollars() -> None:
    assert matched(["Назва", "Ціна, USD", "Ціна, грн"])["price"] == "Ціна, грн"


def test_latin_letters_among_cyrillic_ones_do_not_hide_a_header() -> None:
    assert [field_of(header) for header in ("Цiна", "Haзвa товару", "Kатегорiя")] == [Field.PRICE, None, None]
    assert field_of("Назвa") is Field.TITLE


def test_the_row_with_the_most_headers_is_the_header() -> None:
    rows = [["Прайс"], ["Назва", "Ціна"], ["Назва", "Ціна", "Артикул"], ["Кава", "1", "К-1"]]

    assert find_header(rows, HeaderMatcher(), "CSV") == (2, 3)
    assert find_header(rows[3:], HeaderMatcher(), "CSV") is None


@given(
    st.sampled_from(SYNONYMS),
    st.sampled_from([str.upper, str.lower, str.title, str.strip]),
    st.sampled_from([" ", "_", "-", ". ", "  ", "\u00a0"]),
    st.sampled_from(["", ":", "*", " (обов'язково)", " [1]", ".", "\u200b"]),
)
def test_spelling_does_not_hide_a_synonym(
    synonym: tuple[str, Field], case: object, separator: str, ending: str
) -> None:
    assert callable(case)
    header = case(synonym[0]).replace(" ", separator) + ending

    assert field_of(f" {header} ") is synonym[1]


@given(st.text())
def test_any_text_is_a_header_or_none(text: str) -> None:
    field_of(text)
    assert plain(plain(text)) == plain(text)


@given(st.permutations([synonyms[0] for synonyms in fields._SYNONYMS.values()]), st.lists(st.text(), max_size=5))
def test_columns_are_found_in_any_order_among_any_others(headers: list[str], others: list[str]) -> None:
    assume(not any(field_of(other) or other.strip() in reason_headers().values() for other in others))
    columns = HeaderMatcher().match([*others, *headers], file="list.csv")

    assert len(columns.positions) == len(Field)
    assert set(columns.unused) == {shown for other in others if (shown := without_invisible(other)).strip()}


@given(st.data())
def test_of_two_synonyms_the_better_one_is_taken_or_both_are_in_doubt(data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(Field))
    headers = [synonym for synonym, meant in SYNONYMS if meant is field]
    pair = data.draw(st.lists(st.sampled_from(headers), min_size=2, max_size=2))

    columns = HeaderMatcher(required=(field,)).match(pair, file="list.csv")

    first, second = (preference(field, header) for header in pair)
    assert columns.rivals == ({field: (0, 1)} if first == second else {})
    assert columns.positions[field] == int(second < first)
