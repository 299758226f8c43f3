"""Which of several columns is the field, where more than one header could stand for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smartkasa_async.catalog.sources.columns import Field, field_of, foreign_currency, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """Rank a header among others that stand for the same field; of two with the lowest rank neither goes before.

    Args:
        field: The field that the header stands for.
        header: The header.
    """
    words = plain(header)
    ranks = _RANKS.get(field, ())
    return next((rank for rank, preferred in enumerate(ranks) if preferred.match(words)), len(ranks))


def is_about(field: Field, header: str) -> bool:
    """Tell whether a header is about prices, or about counts, of whatever kind; no other field has kinds."""
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
