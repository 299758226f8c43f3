"""Headers of price lists, in Ukrainian, Russian and English, to fields of a product."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

import msgspec

from smartkasa_async.catalog.reading.number_form import NumberForm  # noqa: TC001  (msgspec resolves annotations)

__all__ = ["NUMBERS", "PRICES", "REQUIRED", "Columns", "Field", "field_of", "foreign_currency", "is_hryvnia", "plain"]


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


REQUIRED = (Field.TITLE, Field.PRICE)
"""Fields without which a table is no price list."""

PRICES = (Field.PRICE, Field.PROCUREMENT_PRICE)
"""Fields that hold hryvnias."""

NUMBERS = (*PRICES, Field.COUNT)
"""Fields that hold numbers with decimals."""

_SYNONYMS: dict[Field, tuple[str, ...]] = {
    Field.TITLE: (
        "title", "name", "product", "product name", "назва", "назва товару", "назва позиції", "назва позиції укр",
        "найменування", "найменування товару", "товар", "номенклатура", "название", "название товара",
        "название позиции", "наименование", "наименование товара",
    ),
    Field.PRICE: (
        "price", "sale price", "retail price", "ціна", "ціна продажу", "ціна роздрібна", "роздрібна ціна",
        "відпускна ціна", "цена", "цена продажи", "цена розничная", "розничная цена",
    ),
    Field.NUMBER: (
        "number", "barcode", "bar code", "ean", "ean13", "ean-13", "gtin", "upc", "штрихкод", "штрих-код",
        "штрих код товару", "штрихкод товару", "штрихкод товара",
    ),
    Field.ALTER_NUMBER: (
        "alter number", "sku", "article", "vendor code", "артикул", "артикул товару", "код", "код товару",
        "код товара",
    ),
    Field.PROCUREMENT_PRICE: (
        "procurement price", "purchase price", "cost", "cost price", "закупівельна ціна", "ціна закупівлі",
        "ціна закупівельна", "собівартість", "закупочная цена", "цена закупки", "себестоимость",
    ),
    Field.CATEGORY: (
        "category", "group", "section", "категорія", "категорія товару", "група", "група товарів", "товарна група",
        "назва групи", "розділ", "категория", "группа", "группа товаров", "название группы", "раздел",
    ),
    Field.CATEGORY_ID: ("category id",),
    Field.UNIT: (
        "unit type id", "unit", "unit of measure", "uom", "одиниця", "одиниця виміру", "одиниці виміру", "од",
        "од вим", "од виміру", "единица", "единица измерения", "ед", "ед изм",
    ),
    Field.TAX: (
        "tax", "tax rate", "vat", "vat rate", "пдв", "ставка пдв", "ставка податку", "податкова група", "податок",
        "ндс", "ставка ндс", "налоговая группа",
    ),
    Field.TAX_GROUP_ID: ("tax group id",),
    Field.CLASSIFIER_CODE: (
        "classifier code", "uktzed", "hs code", "уктзед", "укт зед", "код уктзед", "код укт зед", "код уктвэд",
        "код товару згідно з укт зед", "код згідно з укт зед",
    ),
    Field.DKPP_CODE: ("dkpp code", "dkpp", "дкпп", "код дкпп", "код послуги згідно з дкпп", "код згідно з дкпп"),
    Field.REMOTE_ID: (
        "remote id", "external id", "id", "guid", "uuid", "ід", "зовнішній код", "зовнішній id", "ідентифікатор",
        "ідентифікатор товару", "внешний код", "идентификатор", "идентификатор товара",
    ),
    Field.ALTER_TITLE: (
        "alter title", "short name", "alternative title", "коротка назва", "назва для чека", "назва в чеку",
        "альтернативна назва", "краткое название", "название для чека", "альтернативное название",
    ),
    Field.SOLD_BY_WEIGHT: (
        "sold by weight", "weighted", "ваговий", "ваговий товар", "вагова", "весовой", "весовой товар",
    ),
    Field.IS_FREE_PRICE: ("is free price", "free price", "вільна ціна", "свободная цена"),
    Field.SUBGROUP_ID: ("subgroup id",),
    Field.BOOKMARK_IDS: ("bookmark ids",),
    Field.CURRENCY: ("currency", "currency id", "валюта", "валюта ціни", "код валюти", "валюта цены"),
    Field.COUNT: (
        "count", "stock", "stock quantity", "quantity", "quantity in stock", "qty", "balance", "залишок", "залишки",
        "залишок на складі", "кількість", "кількість на складі", "наявність", "остаток", "остатки",
        "остаток на складе", "количество", "наличие", "кол во", "к сть",
    ),
}  # fmt: skip

_QUALIFIER = re.compile(r"[(\[,].*", re.DOTALL)
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
    return _CYRILLIC_WORD.sub(lambda word: word[0].translate(_LATIN_LOOKALIKES), header.casefold())


def plain(header: str) -> str:
    """Reduce a header to its words; case, underscores and signs do not count."""
    return _SEPARATORS.sub(" ", _folded(header)).strip()


def foreign_currency(header: str) -> bool:
    """Tell whether a header names a currency other than the hryvnia, as in `Ціна, USD`."""
    return _FOREIGN.search(header) is not None


def is_hryvnia(text: str) -> bool:
    """Tell whether a currency's code, sign or name stands for the hryvnia."""
    return text.strip().rstrip(".").casefold() in _HRYVNIA


def _bare(header: str) -> str:
    """Reduce a header to its letters and digits; a unit in brackets or after a comma does not count."""
    return _SEPARATORS.sub("", _QUALIFIER.sub("", _folded(header)))


_FIELDS = {_bare(synonym): field for field, synonyms in _SYNONYMS.items() for synonym in synonyms}


@lru_cache(maxsize=1024)
def field_of(header: str, *, any_currency: bool = False) -> Field | None:
    """Find the field that a header stands for by itself.

    Args:
        header: The header.
        any_currency: Whether a price that says it is in another currency counts as a price.

    Returns:
        The field; None for a header that is not known.
    """
    field = _FIELDS.get(_bare(header))
    if field in PRICES and not any_currency and foreign_currency(header):
        return None
    return field


_LOOKED_UP_BY = {Field.CATEGORY_ID.value: Field.CATEGORY, Field.TAX_GROUP_ID.value: Field.TAX}


class Columns(msgspec.Struct, frozen=True):
    """Where a table has which field.

    Attributes:
        headers: The headers as the file has them.
        positions: Number of the column, from 0, by field.
        unused: Headers that stand for no field; their columns are left alone.
        numbers: What the marks in the numbers of a field mean; fields of which nothing is known are left out.
    """

    headers: tuple[str, ...]
    positions: dict[Field, int]
    unused: tuple[str, ...]
    numbers: dict[Field, NumberForm] = {}

    def header_of(self, field: str) -> str | None:
        """Find the header above a field, or above what a product's field was looked up by; None where there is none."""
        found = [
            self.headers[self.positions[Field(candidate)]]
            for candidate in (field, _LOOKED_UP_BY.get(field))
            if candidate in self.positions
        ]
        # A header that the source has itself goes before a field's name, which stands in for one.
        return next((header for header in found if header != field), found[0] if found else None)
