"""Headers of price lists."""

from __future__ import annotations

import pytest

from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.fields import Field, field_of
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Штрихкод", Field.NUMBER),
        ("Штрих-код", Field.NUMBER),
        ("Barcode", Field.NUMBER),
        ("EAN", Field.NUMBER),
        ("Артикул", Field.ALTER_NUMBER),
        ("Код_товару", Field.ALTER_NUMBER),
        ("SKU", Field.ALTER_NUMBER),
        ("Назва_позиції_укр", Field.TITLE),
        ("  НАЙМЕНУВАННЯ  ", Field.TITLE),
        ("Наименование", Field.TITLE),
        ("Title", Field.TITLE),
        ("Ціна, грн", Field.PRICE),
        ("Ціна продажу (з ПДВ)", Field.PRICE),
        ("Закупівельна ціна", Field.PROCUREMENT_PRICE),
        ("Собівартість", Field.PROCUREMENT_PRICE),
        ("Од.", Field.UNIT),
        ("Од. вим.", Field.UNIT),
        ("Одиниця_виміру", Field.UNIT),
        ("Ставка ПДВ, %", Field.TAX),
        ("Податкова група", Field.TAX),
        ("Код УКТЗЕД", Field.CLASSIFIER_CODE),
        ("УКТ ЗЕД", Field.CLASSIFIER_CODE),
        ("Розділ", Field.CATEGORY),
        ("category_id", Field.CATEGORY_ID),
        ("unit_type_id", Field.UNIT),
        ("Знижка", None),
        ("", None),
        # Units, the hryvnia and VAT that is included leave a price what it is, wherever they stand.
        ("Ціна грн.", Field.PRICE),
        ("Цена грн", Field.PRICE),
        ("Price UAH", Field.PRICE),
        ("Ціна, ₴", Field.PRICE),
        ("Ціна за шт", Field.PRICE),
        ("Ціна/шт", Field.PRICE),
        ("Ціна за од., грн", Field.PRICE),
        ("Ціна роздрібна (грн., з ПДВ)", Field.PRICE),
        ("Ціна в гривнях*", Field.PRICE),
        ("РРЦ", Field.PRICE),
        ("Роздріб", Field.PRICE),
        ("Ці\u00adна\u200b", Field.PRICE),
        ("Собівартість, грн", Field.PROCUREMENT_PRICE),
        ("Кількість (шт)", Field.COUNT),
        ("Залишок\n(шт.)", Field.COUNT),
        ("Штрихкод (EAN-13)", Field.NUMBER),
        ("Код товару (артикул)", Field.ALTER_NUMBER),
        ("Назва (UA)", Field.TITLE),
        # All other words make it another column, whichever way they are set apart.
        ("Ціна (закупівельна)", Field.PROCUREMENT_PRICE),
        ("Ціна, закупка", Field.PROCUREMENT_PRICE),
        ("Код (УКТЗЕД)", Field.CLASSIFIER_CODE),
        ("Ціна (опт)", None),
        ("Ціна оптова, грн", None),
        ("Ціна (стара)", None),
        ("Ціна зі знижкою", None),
        ("Ціна без ПДВ", None),
        ("Ціна (без ПДВ)", None),
        ("Price (wholesale)", None),
        ("Ціна за 100 г", None),
        ("Ціна за упаковку", None),
        ("Ціна 2", None),
        ("Ціна, USD", None),
        ("Кількість (в ящику)", None),
        ("Кількість в упаковці", None),
        ("Залишок (мін.)", None),
        ("Залишок, грн", None),
        ("Штрихкод (ящик)", None),
        ("ПДВ (сума)", None),
        ("Назва (RU)", None),
        ("Код (групи)", None),
    ],
)
def test_a_header_is_known_by_its_letters(header: str, field: Field | None) -> None:
    assert field_of(header) is field


def test_columns_are_found_by_position_and_the_rest_is_named() -> None:
    columns = HeaderMatcher().match(["Ціна", "Знижка", "", "Назва"], file="list.csv")

    assert columns.positions == {Field.PRICE: 0, Field.TITLE: 3}
    assert columns.unused == ("Знижка",)


def test_two_columns_for_one_field_are_rivals() -> None:
    columns = HeaderMatcher().match(["Назва", "Ціна", "Артикул", "SKU"], file="list.csv")

    assert columns.rivals == {Field.ALTER_NUMBER: (2, 3)}


@pytest.mark.parametrize(
    ("headers", "field", "chosen"),
    [
        (["Назва", "Назва (укр)", "Ціна"], Field.TITLE, 1),
        (["Название", "Назва", "Ціна"], Field.TITLE, 1),
        (["Наименование товара", "Name", "Ціна"], Field.TITLE, 1),
        (["Назва (RU)", "Назва", "Ціна"], Field.TITLE, 1),
        (["Назва", "Ціна", "Код", "Артикул"], Field.ALTER_NUMBER, 3),
        (["Назва", "Ціна", "Product code", "SKU"], Field.ALTER_NUMBER, 3),
        (["Назва", "Ціна (опт)", "Ціна"], Field.PRICE, 2),
        (["Назва", "Ціна 1", "Ціна 2", "Ціна"], Field.PRICE, 3),
        (["Назва", "Стара ціна", "Ціна, грн", "Ціна зі знижкою"], Field.PRICE, 2),
    ],
)
def test_what_is_clear_is_chosen(headers: list[str], field: Field, chosen: int) -> None:
    columns = HeaderMatcher().match(headers, file="list.csv")

    assert columns.positions[field] == chosen
    assert not columns.rivals


@pytest.mark.parametrize(
    ("headers", "rivals"),
    [
        (["Назва", "Ціна 1", "Ціна 2"], (1, 2)),
        (["Назва", "Ціна А", "Ціна (опт)", "Ціна Б"], (1, 3)),
        (["Назва", "Ціна", "Роздрібна ціна"], (1, 2)),
        (["Назва", "РРЦ", "Ціна", "Ціна за шт"], (1, 2, 3)),
        (["Назва", "Ціна", "Ціна"], (1, 2)),
        (["Назва", "Ціна 1"], (1,)),
        (["Назва", "Price [Kyiv]", "Price [Lviv]"], (1, 2)),
    ],
)
def test_prices_of_equal_standing_are_rivals(headers: list[str], rivals: tuple[int, ...]) -> None:
    assert HeaderMatcher().match(headers, file="list.csv").rivals == {Field.PRICE: rivals}


@pytest.mark.parametrize(
    "header",
    ["Ціна (опт)", "Ціна без ПДВ", "Стара ціна", "Ціна за 100 г", "Ціна зі знижкою", "Ціна, USD", "Тип ціни", "Центр"],
)
def test_a_kind_of_price_that_nobody_sells_at_is_not_asked_about(header: str) -> None:
    with pytest.raises(SourceError, match="no column for price"):
        HeaderMatcher().match(["Назва", header], file="list.csv")


@pytest.mark.parametrize(
    ("headers", "rivals"),
    [
        (["Штрихкод", "Залишок", "Кількість"], (1, 2)),
        (["Штрихкод", "Залишок Київ", "Залишок Львів", "Залишок (мін.)"], (1, 2)),
        (["Barcode", "In stock [Kyiv]", "Low stock [Kyiv]", "In stock [Lviv]"], (1, 3)),
    ],
)
def test_counts_are_weighed_where_they_are_needed(headers: list[str], rivals: tuple[int, ...]) -> None:
    columns = HeaderMatcher(required=(Field.NUMBER, Field.COUNT)).match(headers, file="list.csv")

    assert columns.rivals == {Field.COUNT: rivals}


def test_a_count_goes_before_words_of_presence_and_before_one_shop() -> None:
    matcher = HeaderMatcher(required=(Field.NUMBER, Field.COUNT))

    assert matcher.match(["Штрихкод", "Наявність", "Кількість"], file="").positions[Field.COUNT] == 2
    assert matcher.match(["Штрихкод", "Залишок Київ", "Залишок"], file="").positions[Field.COUNT] == 2


def test_stock_asks_nothing_about_prices() -> None:
    columns = HeaderMatcher(required=(Field.NUMBER, Field.COUNT)).match(["EAN", "Ціна", "РРЦ", "Залишок"], file="")

    assert not columns.rivals


def test_missing_columns_are_named() -> None:
    with pytest.raises(SourceError, match=r"list\.csv: no column for price among «Назва», «Знижка»"):
        HeaderMatcher().match(["Назва", "Знижка"], file="list.csv")


def test_a_field_is_shown_by_the_column_that_it_was_looked_up_by() -> None:
    columns = HeaderMatcher().match(["Назва", "Ціна", "Категорія", "Ставка ПДВ"], file="list.csv")

    assert columns.header_of("price") == "Ціна"
    assert columns.header_of("category_id") == "Категорія"
    assert columns.header_of("tax_group_id") == "Ставка ПДВ"
    assert columns.header_of("remote_id") is None


KNOWN: dict[Field | None, list[str]] = {
    Field.NUMBER: [
        "ШК", "Ш/К", "ш.к.", "Штрих-код", "штрих код", "EAN13", "EAN-13", "EAN8", "EAN/UPC", "GTIN", "GTIN-13",
        "UPC-A", "баркод", "Бар-код", "Код EAN", "ЕАН-13", "Штриховий код", "Штр. код", "Код (штрихкод)", "Штрихкоди",
        "Штрихкод EAN13", "Штрих-код (шт)", "Штрих-код виробника", "ISBN", "Номенклатура.Штрихкод",
        "Код маркування (GTIN)", "Variant Barcode", "ШК (EAN-13)",
    ],
    Field.ALTER_NUMBER: [
        "Арт.", "Артикул", "Код товару", "Код тов.", "SKU", "Код SKU", "Vendor code", "Item No", "Art. No",
        "Номенклатурний номер", "Ном. номер", "Артикул/код", "Внутрішній артикул", "Артикул №",
    ],
    Field.TITLE: [
        "Номенклатура", "Назва товару", "Найменування номенклатури", "Найм. товару", "Товари (роботи, послуги)",
        "Продукція", "Страва", "Повне найменування", "Наименование товаров", "Название блюда", "Товарна позиція",
        "Номенклатура.Найменування",
    ],
    Field.PRICE: [
        "Ціна, грн/шт", "Ціна продажна", "Роздр. ціна", "Роздрібна", "Ціна РРЦ", "Поточна ціна", "Звичайна ціна",
        "Базовая цена", "Нова ціна", "Ціна на касі", "Отпускная цена", "Рекомендована роздр. ціна", "Розничная цена",
        "Sell price",
    ],
    Field.PROCUREMENT_PRICE: [
        "Закуп.", "Закупочна ціна", "Прихідна ціна", "Ціна надходження", "Приходная цена", "Cost per item",
        "Собівартість, грн",
    ],
    Field.CATEGORY: [
        "Категорії", "Група товару", "Номенклатурна група", "Назва категорії", "Группы", "Categories",
        "Розділ каталогу",
    ],
    Field.UNIT: [
        "Од.вим.", "Одиниця вимірювання", "Базова одиниця", "Ед. измерения", "Единица хранения", "Units",
        "Од. продажу",
    ],
    Field.TAX: [
        "Податкова ставка", "Літера ПДВ", "Група оподаткування", "ПДВ, %", "% ПДВ", "Ставка налога", "Tax group",
    ],
    Field.CLASSIFIER_CODE: [
        "УКТ-ЗЕД", "Код товару за УКТ ЗЕД", "Код товару згідно УКТЗЕД", "УКТЗЕД код", "Код УКТВЕД",
    ],
    Field.COUNT: [
        "К-сть", "К-во", "Кіл.", "Ост.", "Поточний залишок", "Кінцевий залишок, Кількість", "Залишок на кінець",
        "On hand",
    ],
    Field.REMOTE_ID: [
        "Код 1С", "Код в 1C", "GUID", "ID товару", "Product ID", "Унікальний ідентифікатор", "Код номенклатуры",
    ],
    None: [
        "ШК упаковки", "Штрихкод ящика", "Штрих-код короба", "Штрихкод 2", "Назва (рос.)", "Назва групи RU",
        "Код постачальника", "Вартість", "Сума, грн", "Знижка, %", "Вага, кг", "Ціна опт", "Ціна дилер",
        "Ціна за ящик", "Мінімальна ціна", "МРЦ", "К-ть в упаковці", "Резерв",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("field", "headers"), KNOWN.items())
def test_headers_of_real_exports_are_known(field: Field | None, headers: list[str]) -> None:
    assert {header: field_of(header) for header in headers} == dict.fromkeys(headers, field)


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ("Штрихкод|Штрихкоди", "Штрихкод"),
        ("Штрих-код виробника|Штрих-код", "Штрих-код"),
        ("Код 1С|GUID", "GUID"),
        ("Номенклатурний номер|Артикул", "Артикул"),
        ("Повна назва|Назва", "Назва"),
        ("Название|Повне найменування", "Повне найменування"),
        ("Літера ПДВ|Ставка ПДВ", "Ставка ПДВ"),
        ("Базова одиниця|Од.", "Од."),
        ("Номенклатурна група|Категорія", "Категорія"),
    ],
)
def test_the_more_usual_header_goes_before_its_kin(headers: str, taken: str) -> None:
    names = headers.split("|")
    field = field_of(taken)
    assert field is not None

    columns = HeaderMatcher(required=(field,)).match(names, file="list.csv")

    assert names[columns.positions[field]] == taken
    assert not columns.rivals
