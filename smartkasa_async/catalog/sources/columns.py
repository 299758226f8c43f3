"""Headers of price lists, in Ukrainian, Russian and English, to fields of a product."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

import msgspec

from smartkasa_async.catalog.sources.invisible import without_invisible
from smartkasa_async.catalog.sources.number_form import NumberForm  # noqa: TC001  (msgspec resolves annotations)


class Field(StrEnum):
    """What a column can hold, named as the product's field where there is one."""

    TITLE = "title"
    PRICE = "price"
    NUMBER = "number"
    ALTER_NUMBER = "alter_number"
    PROCUREMENT_PRICE = "procurement_price"
    CATEGORY = "category"
    CATEGORY_ID = "category_id"
    UNIT = "unit_type_id"
    TAX = "tax"
    TAX_GROUP_ID = "tax_group_id"
    CLASSIFIER_CODE = "classifier_code"
    DKPP_CODE = "dkpp_code"
    REMOTE_ID = "remote_id"
    ALTER_TITLE = "alter_title"
    SOLD_BY_WEIGHT = "sold_by_weight"
    IS_FREE_PRICE = "is_free_price"
    SUBGROUP_ID = "subgroup_id"
    BOOKMARK_IDS = "bookmark_ids"
    CURRENCY = "currency"
    """Currency of the row's prices; it is compared with the hryvnia and not sent."""
    COUNT = "count"
    """Quantity in stock; read for the stock's sake, products have none."""
    SMARTKASA_ID = "smartkasa_id"
    """Id of the product in the service, as its own export has it."""


REQUIRED = (Field.TITLE, Field.PRICE)
"""Fields without which a table is no price list."""

PRICES = (Field.PRICE, Field.PROCUREMENT_PRICE)
"""Fields that hold hryvnias."""

NUMBERS = (*PRICES, Field.COUNT)
"""Fields that hold numbers with decimals."""

_SYNONYMS: dict[Field, tuple[str, ...]] = {
    Field.TITLE: (
        "title", "name", "product", "product name", "product title", "item", "item name", "назва", "назва товару",
        "назва позиції", "назва позиції укр", "повна назва", "повна назва товару", "ім'я товару", "найменування",
        "найменування товару", "товар", "номенклатура", "название", "название товара", "название позиции",
        "полное название", "имя товара", "наименование", "наименование товара", "назва товара", "назва продукту",
        "назва номенклатури", "назва страви", "назва товару послуги", "найменування номенклатури",
        "найменування продукції", "найменування позиції", "найменування товарів", "найменування товару послуги",
        "повне найменування", "найменування повне", "найм", "найм товару", "товари", "товари роботи послуги",
        "товар послуга", "товарна позиція", "продукт", "продукція", "страва", "номенклатура найменування",
        "наименование товаров", "наименование номенклатуры", "наименование позиции", "наименование товара услуги",
        "полное наименование", "наименование полное", "наимен", "номенклатура наименование", "название товара услуги",
        "название блюда", "блюдо", "товарная позиция", "full name",
    ),
    Field.PRICE: (
        "price", "regular price", "sale price", "sales price", "selling price", "retail price", "price retail",
        "retail", "rrp", "ціна", "ціна продажу", "ціна реалізації", "продажна ціна", "ціна роздрібна",
        "роздрібна ціна", "роздріб", "розд ціна", "роздр ціна", "ціна розд", "ціна роздр", "ціна роздріб", "ррц",
        "рекомендована роздрібна ціна", "відпускна ціна", "ціна відпускна", "відпускна", "ціна товару",
        "ціна за одиницю", "вартість за одиницю", "цена", "цена продажи", "цена реализации", "цена розничная",
        "розничная цена", "розница", "розн цена", "цена розн", "цена розница", "рекомендованная розничная цена",
        "цена товара", "цена за единицу", "sell price", "current price", "ціна продажна", "ціна прод", "роздрібна",
        "роздрібна вартість", "ціна в роздріб", "ціна роздрібу", "ціна ррц", "ціна на касі", "поточна ціна",
        "актуальна ціна", "базова ціна", "основна ціна", "звичайна ціна", "нова ціна", "ціна нова",
        "рекомендована ціна", "рекомендована роздр ціна", "реком роздрібна ціна", "розничная", "цена ррц",
        "продажная цена", "цена продажная", "отпускная цена", "отпускная", "текущая цена", "базовая цена",
        "основная цена", "обычная цена", "новая цена", "рекомендуемая цена",
    ),
    Field.NUMBER: (
        "number", "barcode", "bar code", "ean", "ean13", "ean-13", "gtin", "upc", "штрихкод", "штрих-код",
        "штрих код товару", "штрихкод товару", "штрихкод товара", "код штрихкоду", "шк", "шк товару", "шк товара",
        "barcode number", "product barcode", "item barcode", "barcodes", "ean8", "ean code", "код ean", "ean код",
        "gtin13", "gtin14", "upc a", "isbn", "jan", "еан", "еан13", "код еан", "баркод", "бар код", "баркод товару",
        "баркод товара", "штрихкоди", "штрихкоды", "штриховий код", "штриховой код", "штр код", "ш код", "код шк",
        "код штрихкод", "код товару штрихкод", "код товара штрихкод", "номер штрихкоду", "номер штрихкода",
        "основний штрихкод", "основной штрихкод", "заводський штрихкод", "штрихкод виробника",
        "штрихкод производителя", "номенклатура штрихкод", "код маркування gtin", "variant barcode",
    ),
    Field.ALTER_NUMBER: (
        "alter number", "sku", "article", "article number", "item code", "product code", "vendor code", "артикул",
        "артикул товару", "артикул товара", "арт", "код", "код товару", "код товара", "art", "art no", "article no",
        "item no", "item number", "product sku", "код sku", "код артикулу", "код артикула", "код тов",
        "номер артикулу", "внутрішній артикул", "внутренний артикул", "номенклатурний номер", "номенклатурный номер",
        "ном номер",
    ),
    Field.PROCUREMENT_PRICE: (
        "procurement price", "purchase price", "price purchase", "buying price", "cost", "cost price", "unit cost",
        "закупівельна ціна", "ціна закупівлі", "ціна закупівельна", "ціна закупки", "ціна закупка", "закупівельна",
        "закупка", "закуп ціна", "ціна закуп", "вхідна ціна", "ціна вхідна", "ціна прих", "ціна приходу",
        "ціна постачальника", "облікова ціна", "ціна облікова", "собівартість", "собівр", "закупочная цена",
        "цена закупочная", "цена закупки", "цена закупка", "входная цена", "цена приходная", "цена поставщика",
        "учетная цена", "себестоимость", "cost per item", "закуп", "закупівля", "закупочна ціна",
        "закупівельна вартість", "прихідна ціна", "ціна надходження", "ціна придбання", "ціна собівартості",
        "закупочная", "приходная цена", "цена прихода", "цена поступления", "цена приобретения",
    ),
    Field.CATEGORY: (
        "category", "group", "section", "категорія", "категорія товару", "група", "група товарів", "товарна група",
        "назва групи", "розділ", "категория", "группа", "группа товаров", "название группы", "раздел",
        "category name", "categories", "product category", "категорії", "категорія товарів", "назва категорії",
        "групи", "група товару", "група номенклатури", "номенклатурна група", "рубрика", "розділ каталогу",
        "категории", "категория товара", "категория товаров", "название категории", "группы", "группа товара",
        "товарная группа", "группа номенклатуры", "номенклатурная группа", "раздел каталога",
    ),
    Field.CATEGORY_ID: ("category id",),
    Field.UNIT: (
        "unit type id", "unit", "unit of measure", "uom", "одиниця", "одиниця виміру", "одиниці виміру", "од",
        "од вим", "од виміру", "один виміру", "один вим", "вимір", "единица", "единица измерения", "ед", "ед изм",
        "units", "measurement unit", "одиниці", "одиниця вимірювання", "одиниці вимірювання", "одиниця обліку",
        "од обліку", "одиниця зберігання", "од зберігання", "од продажу", "базова одиниця", "базова одиниця виміру",
        "единицы измерения", "ед измерения", "единица хранения", "базовая единица", "базовая единица измерения",
        "баз ед",
    ),
    Field.TAX: (
        "tax", "tax rate", "vat", "vat rate", "пдв", "ставка пдв", "ставка податку", "податкова група", "податок",
        "ндс", "ставка ндс", "налоговая группа", "tax group", "податкова ставка", "податкові ставки",
        "податкова літера", "літера пдв", "літера податку", "група податку", "група оподаткування", "оподаткування",
        "налог", "налоговая ставка", "ставка налога", "группа налога", "буква ндс",
    ),
    Field.TAX_GROUP_ID: ("tax group id",),
    Field.CLASSIFIER_CODE: (
        "classifier code", "uktzed", "hs code", "уктзед", "укт зед", "код уктзед", "код укт зед", "уктвэд",
        "код уктвэд", "код товару згідно з укт зед", "код згідно з укт зед", "уктвед", "код уктвед", "уктзед код",
        "код товару уктзед", "код товару за уктзед", "код товару згідно уктзед", "код згідно уктзед", "код за уктзед",
        "код уктзед товару", "код товара уктвэд", "код тн зед",
    ),
    Field.DKPP_CODE: ("dkpp code", "dkpp", "дкпп", "код дкпп", "код послуги згідно з дкпп", "код згідно з дкпп"),
    Field.REMOTE_ID: (
        "remote id", "external id", "id", "guid", "uuid", "ід", "зовнішній код", "зовнішній id", "ідентифікатор",
        "ідентифікатор товару", "внешний код", "идентификатор", "идентификатор товара", "product id", "id товару",
        "id товара", "id позиції", "код 1c", "код 1с", "код в 1c", "код в 1с", "код bas", "код номенклатури",
        "код номенклатуры", "унікальний ідентифікатор", "унікальний код", "уникальный идентификатор",
        "уникальный код",
    ),
    Field.ALTER_TITLE: (
        "alter title", "short name", "alternative title", "коротка назва", "назва для чека", "назва в чеку",
        "альтернативна назва", "краткое название", "название для чека", "альтернативное название",
    ),
    Field.SOLD_BY_WEIGHT: (
        "sold by weight", "weighted", "ваговий", "ваговий товар", "вагова", "весовой", "весовой товар", "weighed",
        "товар ваговий", "ваговий так ні", "продаж на вагу", "товар весовой",
    ),
    Field.IS_FREE_PRICE: ("is free price", "free price", "вільна ціна", "свободная цена"),
    Field.SUBGROUP_ID: ("subgroup id",),
    Field.BOOKMARK_IDS: ("bookmark ids",),
    Field.CURRENCY: ("currency", "currency id", "валюта", "валюта ціни", "код валюти", "валюта цены"),
    Field.COUNT: (
        "count", "stock", "stock quantity", "quantity", "quantity in stock", "qty", "balance", "залишок", "залишки",
        "залишок на складі", "кількість", "кількість на складі", "наявність", "остаток", "остатки",
        "остаток на складе", "количество", "наличие", "кол во", "к сть", "к ть", "кіл ть", "запаси",
        "запаси на складі", "вільний залишок", "запасы", "количество на складе", "свободный остаток", "stock qty",
        "on hand", "quantity on hand", "current stock", "inventory", "кіл", "кількість товару", "кількість залишок",
        "наявна кількість", "доступна кількість", "залишок товару", "залишок на кінець", "залишок кількість",
        "поточний залишок", "фактичний залишок", "кінцевий залишок", "кінцевий залишок кількість", "кол", "к во",
        "ост", "количество товара", "количество остаток", "остаток товара", "остаток на конец", "остаток количество",
        "текущий остаток", "конечный остаток", "конечный остаток количество", "доступное количество",
    ),
    Field.SMARTKASA_ID: ("smartkasa id",),
}  # fmt: skip

_PIECE_UNITS = (
    "шт", "штука", "штуку", "штук", "од", "одиниця", "одиницю", "ед", "единицу", "кг", "kg", "г", "л", "l", "м", "pcs",
    "pc", "piece", "unit", "each",
)  # fmt: skip
_HRYVNIAS = ("uah", "грн", "гривня", "гривні", "гривень", "гривнях", "гривна", "гривнах", "980")
_WITH_VAT = (
    "з пдв", "із пдв", "вкл пдв", "включно з пдв", "в т ч пдв", "у т ч пдв", "з урахуванням пдв", "с ндс", "вкл ндс",
    "включая ндс", "в т ч ндс", "incl vat", "inc vat", "including vat", "with vat",
)  # fmt: skip
_REQUIRED_MARKS = ("обов язково", "обов язкове", "обов язкове поле", "обязательно", "обязательное поле", "required")
_OF_PRICES = (
    *_HRYVNIAS, *(f"в {name}" for name in _HRYVNIAS), *(f"у {name}" for name in _HRYVNIAS), *_WITH_VAT,
    *(f"за {unit}" for unit in _PIECE_UNITS), *(f"за 1 {unit}" for unit in _PIECE_UNITS),
    *(f"per {unit}" for unit in _PIECE_UNITS), *_PIECE_UNITS,
)  # fmt: skip
_OF_TITLES = ("укр", "українською", "українська", "ua", "uk", "uk ua")

_NEUTRAL: dict[Field, tuple[str, ...]] = {
    Field.PRICE: _OF_PRICES,
    Field.PROCUREMENT_PRICE: _OF_PRICES,
    Field.COUNT: (*_PIECE_UNITS, *(f"в {unit}" for unit in _PIECE_UNITS), *(f"у {unit}" for unit in _PIECE_UNITS)),
    Field.UNIT: _PIECE_UNITS,
    Field.NUMBER: (
        "ean",
        "ean 13",
        "ean13",
        "еан",
        "еан 13",
        "еан13",
        "gtin",
        "шт",
        "штуки",
        "од",
        "одиниці",
        "единицы",
    ),
    Field.TITLE: _OF_TITLES,
    Field.ALTER_TITLE: _OF_TITLES,
}
"""Words that do not change what a column holds. Any other word beside a field's name makes it another column: «Ціна
(опт)», «Ціна за 100 г», «Ціна без ПДВ», «Кількість в ящику», «Залишок, грн»."""

_FOOTNOTE = re.compile(r"\[\d+\]|[¹²³]")
_PARTS = re.compile(r"[()\[\]{},;:/|\n]+")
_SEPARATORS = re.compile(r"[\W_]+")
_HRYVNIA = frozenset({"uah", "грн", "₴", "гривня", "гривні", "гривень", "гривна", "980"})
_FOREIGN = re.compile(
    r"[$€£¥₽]|(?<![^\W_])(?:usd|eur|euro|gbp|pln|rub|дол|долар\w*|доллар\w*|євро|евро|злот\w*|руб\w*|[уy]\.?\s?[еоe])(?![^\W_])",
    re.IGNORECASE,
)


_CYRILLIC_WORD = re.compile(r"[^\W_]*[а-яіїєґ][^\W_]*")
_LATIN_LOOKALIKES = str.maketrans("aceiopxy", "асеіорху")


def _folded(header: str) -> str:
    """Fold the case of a header, and the Latin letters inside its Cyrillic words, as in DOS files without і."""
    shown = without_invisible(header).casefold()
    return _CYRILLIC_WORD.sub(lambda word: word[0].translate(_LATIN_LOOKALIKES), shown)


def plain(header: str) -> str:
    """Reduce a header to its words; case, underscores and signs do not count."""
    return _SEPARATORS.sub(" ", _folded(header)).strip()


def foreign_currency(header: str) -> bool:
    """Tell whether a header names a currency other than the hryvnia, as in `Ціна, USD`."""
    return _FOREIGN.search(header) is not None


def is_hryvnia(text: str) -> bool:
    """Tell whether a currency's code, sign or name stands for the hryvnia."""
    return text.strip().rstrip(".").casefold() in _HRYVNIA


def _joined(words: str) -> str:
    """Join words into one, since separators between and within them do not count: `Штрих-код`, `Штрихкод`."""
    return words.replace(" ", "")


_FIELDS = {_joined(plain(synonym)): field for field, synonyms in _SYNONYMS.items() for synonym in synonyms}


def _without(words: str, phrases: tuple[str, ...]) -> str:
    """Remove whole phrases from words, the longest first."""
    padded = f" {words} "
    for msg in sorted(phrases, key=len, reverse=True):
        padded = padded.replace(f" {msg} ", " ")
    return padded.strip()


def _meaning(words: str) -> Field | None:
    """Find the field that words stand for, with no word left over that could change it."""
    found = _FIELDS.get(_joined(words))
    if found is None and (required := _without(words, _REQUIRED_MARKS)) != words:
        return _meaning(required)
    if found is None:
        by_rest = (_FIELDS.get(_joined(_without(words, neutral))) is field for field, neutral in _NEUTRAL.items())
        found = next((field for field, fits in zip(_NEUTRAL, by_rest, strict=True) if fits), None)
    return found


@lru_cache(maxsize=1024)
def field_of(header: str, *, any_currency: bool = False) -> Field | None:
    """Find the field that a header stands for by itself.

    All of its words count, those in brackets and after a comma too; only units, the hryvnia, «з ПДВ» and the like may
    stand beside a field's name. A part that repeats the same field in other words, as in `Штрихкод (EAN)`, is fine.

    Args:
        header: The header.
        any_currency: Whether a price that says it is in another currency counts as a price.

    Returns:
        The field; None for a header that is not known.
    """
    if foreign_currency(header):
        field = _field_of(_FOREIGN.sub(" ", header))
        if field in PRICES:
            return field if any_currency else None
    return _field_of(header)


def _field_of(header: str) -> Field | None:
    shown = _FOOTNOTE.sub("", header)
    found = _meaning(plain(shown))
    if found is None:
        parts = [words for part in _PARTS.split(shown) if (words := plain(part))]
        meanings = {_meaning(words) for words in parts} if len(parts) > 1 else set()
        found = meanings.pop() if len(meanings) == 1 else None
    return found


_LOOKED_UP_BY = {Field.CATEGORY_ID.value: Field.CATEGORY, Field.TAX_GROUP_ID.value: Field.TAX}


class Columns(msgspec.Struct, frozen=True):
    """Where a table has which field.

    Attributes:
        headers: The headers as the file has them.
        positions: Number of the column, from 0, by field.
        unused: Headers that stand for no field; their columns are left alone.
        numbers: What the marks in the numbers of a field mean; fields of which nothing is known are left out.
        rivals: Numbers of the columns that may all be a field, where nothing tells which is; the first of them stands
            in `positions` meanwhile.
        cleaned: How many headers had something invisible in them, which was removed.
    """

    headers: tuple[str, ...]
    positions: dict[Field, int]
    unused: tuple[str, ...]
    numbers: dict[Field, NumberForm] = {}
    rivals: dict[Field, tuple[int, ...]] = {}
    cleaned: int = 0

    def header_of(self, field: str) -> str | None:
        """Find the header above a field, or above what a product's field was looked up by; None where there is none."""
        found = [
            self.headers[self.positions[Field(candidate)]]
            for candidate in (field, _LOOKED_UP_BY.get(field))
            if candidate in self.positions
        ]
        # A header that the source has itself goes before a field's name, which stands in for one.
        return next((header for header in found if header != field), found[0] if found else None)
