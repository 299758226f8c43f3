"""Headers of price lists, in Ukrainian, Russian and English, to fields of a product."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.catalog.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["REQUIRED", "Columns", "Field", "field_of", "match_columns"]


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
    ),
}  # fmt: skip

_QUALIFIER = re.compile(r"[(\[,].*", re.DOTALL)
_SEPARATORS = re.compile(r"[\W_]+")


def _bare(header: str) -> str:
    """Reduce a header to its letters and digits; a unit in brackets or after a comma does not count."""
    return _SEPARATORS.sub("", _QUALIFIER.sub("", header.casefold()))


_FIELDS = {_bare(synonym): field for field, synonyms in _SYNONYMS.items() for synonym in synonyms}


@lru_cache(maxsize=1024)
def field_of(header: str) -> Field | None:
    """Find the field that a header stands for; None for a header that is not known."""
    return _FIELDS.get(_bare(header))


_LOOKED_UP_BY = {Field.CATEGORY_ID.value: Field.CATEGORY, Field.TAX_GROUP_ID.value: Field.TAX}


class Columns(msgspec.Struct, frozen=True):
    """Where a table has which field.

    Attributes:
        headers: The headers as the file has them.
        positions: Number of the column, from 0, by field.
        unused: Headers that stand for no field; their columns are left alone.
    """

    headers: tuple[str, ...]
    positions: dict[Field, int]
    unused: tuple[str, ...]

    def header_of(self, field: str) -> str | None:
        """Find the header above a field, or above what a product's field was looked up by; None where there is none."""
        for candidate in (field, _LOOKED_UP_BY.get(field)):
            if candidate in self.positions:
                return self.headers[self.positions[Field(candidate)]]
        return None


def match_columns(headers: Sequence[str], *, file: str) -> Columns:
    """Find each field's column.

    Args:
        headers: The header row.
        file: Name of the file, for the error.

    Raises:
        SourceError: Two columns claim one field, or there is no title or no price.
    """
    positions: dict[Field, int] = {}
    unused: list[str] = []
    for position, header in enumerate(headers):
        field = field_of(header)
        if field is None:
            unused.append(header)
        elif field in positions:
            first = headers[positions[field]]
            raise SourceError(
                f"{file}: columns «{first}» and «{header}» both mean {field}; rename or remove one of them"
            )
        else:
            positions[field] = position
    missing = [field for field in REQUIRED if field not in positions]
    if missing:
        raise SourceError(
            f"{file}: no column for {' and '.join(missing)} among {', '.join(f'«{header}»' for header in headers)}"
        )
    return Columns(tuple(headers), positions, tuple(header for header in unused if header.strip()))
