"""Names of fields for people, and the fields that people's words stand for."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from smartkasa_async.catalog.sources.columns import Field, field_of, plain

if TYPE_CHECKING:
    from smartkasa_async.jobs.words import Language

_UKRAINIAN = {
    Field.TITLE: "назва",
    Field.PRICE: "ціна",
    Field.NUMBER: "штрихкод",
    Field.ALTER_NUMBER: "артикул",
    Field.PROCUREMENT_PRICE: "закупівельна ціна",
    Field.CATEGORY: "категорія",
    Field.CATEGORY_ID: "номер категорії",
    Field.UNIT: "одиниця виміру",
    Field.TAX: "ставка податку",
    Field.TAX_GROUP_ID: "номер податкової групи",
    Field.CLASSIFIER_CODE: "код УКТЗЕД",
    Field.DKPP_CODE: "код ДКПП",
    Field.REMOTE_ID: "зовнішній код",
    Field.ALTER_TITLE: "альтернативна назва",
    Field.SOLD_BY_WEIGHT: "ваговий товар",
    Field.IS_FREE_PRICE: "вільна ціна",
    Field.SUBGROUP_ID: "номер підгрупи",
    Field.BOOKMARK_IDS: "номери закладок",
    Field.CURRENCY: "валюта",
    Field.COUNT: "залишок",
    Field.SMARTKASA_ID: "id товару в SmartKasa",
}


def name_of_field(field: str, language: Language = "en") -> str:
    """Name a field: in English as the API does, in Ukrainian by a word."""
    return str(field) if language == "en" else _UKRAINIAN[Field(field)]


def field_named(word: str) -> Field | None:
    """Find the field that a word stands for: its name in the API, its Ukrainian name, or a header known for it.

    Args:
        word: The word; case, accents, spaces and underscores do not count.

    Returns:
        The field; None for a word that is not known.
    """
    return _BY_NAME.get(_bare(word)) or field_of(word)


def fields_listed(language: Language = "en") -> list[str]:
    """List the names of all fields."""
    return [name_of_field(field, language) for field in Field]


def _bare(word: str) -> str:
    """Reduce a word to its letters without accents."""
    decomposed = unicodedata.normalize("NFKD", plain(unicodedata.normalize("NFC", word)))
    return "".join(character for character in decomposed if character.isalnum())


_BY_NAME = {_bare(name): field for field, word in _UKRAINIAN.items() for name in (word, field.value)}
