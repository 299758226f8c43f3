"""Fields of a product and the headers that stand for them, in Ukrainian, Russian and English."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import N_, msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async.catalog.sources.cells import without_invisible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async._i18n.message import Message
    from smartkasa_async._i18n.translate import Language

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

_NAMES = {
    Field.TITLE: N_("title"),
    Field.PRICE: N_("price"),
    Field.NUMBER: N_("number"),
    Field.ALTER_NUMBER: N_("alter_number"),
    Field.PROCUREMENT_PRICE: N_("procurement_price"),
    Field.CATEGORY: N_("category"),
    Field.CATEGORY_ID: N_("category_id"),
    Field.UNIT: N_("unit_type_id"),
    Field.TAX: N_("tax"),
    Field.TAX_GROUP_ID: N_("tax_group_id"),
    Field.CLASSIFIER_CODE: N_("classifier_code"),
    Field.DKPP_CODE: N_("dkpp_code"),
    Field.REMOTE_ID: N_("remote_id"),
    Field.ALTER_TITLE: N_("alter_title"),
    Field.SOLD_BY_WEIGHT: N_("sold_by_weight"),
    Field.IS_FREE_PRICE: N_("is_free_price"),
    Field.SUBGROUP_ID: N_("subgroup_id"),
    Field.BOOKMARK_IDS: N_("bookmark_ids"),
    Field.CURRENCY: N_("currency"),
    Field.COUNT: N_("count"),
    Field.SMARTKASA_ID: N_("smartkasa_id"),
}
"""What fields are called: in English as in the API, in Ukrainian by a word."""

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


def _folded(header: str) -> str:
    """Fold the case of a header, and the Latin letters inside its Cyrillic words, as in DOS files without і."""
    shown = without_invisible(header).casefold()
    return _CYRILLIC_WORD.sub(lambda word: word[0].translate(_LATIN_LOOKALIKES), shown)


def plain(header: str) -> str:
    """Reduce a header to its words; case, underscores and signs do not count."""
    return _SEPARATORS.sub(" ", _folded(header)).strip()


def foreign_currency(header: str) -> bool:
    """Return whether a header names a currency other than the hryvnia, as in `Ціна, USD`."""
    return _FOREIGN.search(header) is not None


def is_hryvnia(text: str) -> bool:
    """Return whether a currency's code, sign or name stands for the hryvnia."""
    return text.strip().rstrip(".").casefold() in _HRYVNIA


def _joined(words: str) -> str:
    """Join words into one, since separators between and within them do not count: `Штрих-код`, `Штрихкод`."""
    return words.replace(" ", "")


_FIELDS = {_joined(plain(synonym)): field for field, synonyms in _SYNONYMS.items() for synonym in synonyms}


@cache
def _first_words(phrases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(phrase.split(" ")[0] for phrase in phrases)


def _without(words: str, phrases: tuple[str, ...]) -> str:
    """Remove whole phrases from words, the longest first."""
    if _first_words(phrases).isdisjoint(words.split(" ")):
        return words
    padded = f" {words} "
    for phrase in sorted(phrases, key=len, reverse=True):
        padded = padded.replace(f" {phrase} ", " ")
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
        any_currency: Whether a price in another currency counts as a price.

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


def field_name(field: str) -> Message:
    """Name a field within a message: in English as the API does, in Ukrainian by a word."""
    return msg(_NAMES[Field(field)])


def name_of_field(field: str, language: Language = "en") -> str:
    """Name a field in one language."""
    return in_language(field_name(field), language)


def field_named(word: str) -> Field | None:
    """Find the field that a word stands for: its name in the API, its Ukrainian name, or a header known for it.

    Args:
        word: The word; case, accents, spaces and underscores do not count.

    Returns:
        The field; None for a word that is not known.
    """
    return _fields_by_name().get(_bare(word)) or field_of(word)


def fields_listed(language: Language = "en") -> list[str]:
    """List the names of all fields."""
    return [name_of_field(field, language) for field in Field]


def _bare(word: str) -> str:
    """Reduce a word to its letters without accents."""
    decomposed = unicodedata.normalize("NFKD", plain(unicodedata.normalize("NFC", word)))
    return "".join(character for character in decomposed if character.isalnum())


@cache
def _fields_by_name() -> dict[str, Field]:
    return {_bare(name): field for field in Field for name in (name_of_field(field, "uk"), field.value)}


_RANKS: dict[Field, tuple[re.Pattern[str], ...]] = {
    Field.TITLE: (
        re.compile(r"(?=.*\b(?:укр|українськ\w*|ua|uk)\b)"),
        re.compile(r"(?!.*\b(?:повн|полн|full|назван|наименован|наимен\b|имя\b|блюд))"),
        re.compile(r"(?!.*\b(?:полн|назван|наименован|наимен\b|имя\b|блюд))"),
    ),
    Field.NUMBER: (re.compile(r"(?!.*(?:коди|коды|codes)\b|.*\b(?:виробн|завод|производ|маркув))"),),
    Field.ALTER_NUMBER: (re.compile(r"(?=.*\b(?:арт|sku\b|art|vendor))|(?!.*\b(?:код|code|ном\w* номер)\b)"),),
    Field.PROCUREMENT_PRICE: (re.compile(r"(?!.*\b(?:облік|учет|собів|себес|cost))"),),
    Field.REMOTE_ID: (re.compile(r"(?!.*\b(?:код\b|унік|уник))"),),
    Field.CATEGORY: (re.compile(r"(?!.*\bноменклат)"),),
    Field.UNIT: (re.compile(r"(?!.*\bбаз)"),),
    Field.TAX: (re.compile(r"(?!.*\b(?:літер|букв|груп|group|оподатк))"),),
    Field.COUNT: (re.compile(r"(?!.*\b(?:наявність|наличие)\b)"),),
}
"""Which headers of a field are preferred, the best first.

Titles in Ukrainian, since receipts are written in it, and short before full ones; one barcode before a list of them; an
article before a code, which is mostly the number in the program that wrote the file; a purchase price before a cost,
which may hold more; a rate before a letter; a count before what may hold words such as «є».
"""

_ABOUT = {
    Field.PRICE: re.compile(r"\b(?:цін\w?|цен\w?|prices?|ррц|rrp|retail|роздріб|розница)\b"),
    Field.COUNT: re.compile(
        r"\b(?:залиш|остат|кільк|колич|к с?ть\b|кіл ть\b|кол во\b|stock\b|qty\b|quantity\b|balance\b)"
    ),
}
"""Headers that are about a field, whichever of its kinds they mean."""

_OTHER_KINDS = {
    Field.PRICE: re.compile(
        r"\b(?:опт|гурт|дил|дроп|закуп|прих|вхідн|вход|собів|себес|облік|учет|постач|постав|партн|конкур|імпорт"
        r"|стар|old\b|before\b|compare|до\b|без\b|excl|net\b|wholesale|dealer|drop|purchase|cost|знижк|зниж|скидк"
        r"|акці|акци|промо|promo|special|discount|sale\b|розпрод|распрод|мін\b|мін\w*льн|мин\b|миним|min\b|minim|max\b"
        r"|макс|націн|нацен|марж|сум|total|валют|currency|тип\b|вид\b|type\b|дат|date|від\b|от\b|from\b|за\b|per\b|на\b"
        r"|for\b|упак|ящ|короб|pack|box|курс|код\b|code\b|id\b|вільн|свобод|free)"
    ),
    Field.COUNT: re.compile(
        r"\b(?:мін\b|мін\w*льн|мин\b|миним|min\b|minim|max|макс|new\b|низьк|low\b|optimal|ящ|упак|короб|блок|pack|box|резерв"
        r"|reserv|очік|ожид|дороз|пути\b|грн\b|uah\b|сум|вартіст|стоим|замов|заказ|order|track|alert|стат|дн|day|прод"
        r"|sold\b|прих|надійш|поступ|витрат|расход|реаліз|реализ|ваг|вес\b|weight|фото|відгук|отзыв)"
    ),
}
"""Kinds other than what a shop sells at, or has in stock."""


def preference(field: Field, header: str) -> int:
    """Rank a header among others that stand for the same field; of two with the lowest rank neither goes before."""
    words = plain(header)
    ranks = _RANKS.get(field, ())
    return next((rank for rank, preferred in enumerate(ranks) if preferred.match(words)), len(ranks))


def is_about(field: Field, header: str) -> bool:
    """Return whether a header is about prices, or about counts, of whatever kind; no other field has kinds."""
    return field in _ABOUT and _ABOUT[field].search(plain(header)) is not None


def could_be(field: Field, headers: Sequence[str], *, any_currency: bool = False) -> list[int]:
    """List the columns that could be a field for which no header stands by itself: «Ціна 1», «Залишок Київ».

    Args:
        field: The price or the count; there are none for others.
        headers: The header row.
        any_currency: Whether prices in another currency count too.

    Returns:
        Their positions, from 0; kinds that a shop does not sell at, such as «Ціна (опт)», are not among them.
    """
    return [
        position
        for position, header in enumerate(headers)
        if is_about(field, header)
        and field_of(header, any_currency=True) is None
        and (any_currency or not foreign_currency(header))
        and _OTHER_KINDS[field].search(plain(header)) is None
    ]
