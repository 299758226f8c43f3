"""A price list of which each row's end is known beforehand, and what the service has before it comes."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from smartkasa_async.catalog import OutcomeKind
from smartkasa_async.catalog.checks.codes import check_digit
from smartkasa_async.models import ClassifierType, TaxGroup

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FIELDS", "PriceList", "Rows", "make_price_list"]

FIELDS = (
    "number",
    "alter_number",
    "title",
    "price",
    "procurement_price",
    "unit_type_id",
    "sold_by_weight",
    "tax_group_id",
    "classifier_type_id",
    "classifier_code",
)
"""Columns of the sandbox's products that come from the price list; the category is compared by its path."""

_HEADERS = (
    "Штрихкод",
    "Артикул",
    "Назва",
    "Категорія",
    "Category ID",
    "Ціна",
    "Закупівельна ціна",
    "Од.",
    "Ставка ПДВ",
    "Код УКТЗЕД",
)
_BARCODE, _TITLE, _CATEGORY, _CATEGORY_ID, _PRICE = 0, 2, 3, 4, 5
_PARENTS, _CATEGORIES = 8, 24
_CATEGORIES_THERE = 6
_UNITS = (("шт", 2009, False), ("кг", 301, True))
_TAXES = (("20%", TaxGroup.VAT_20), ("7%", TaxGroup.VAT_7), ("без ПДВ", TaxGroup.WITHOUT_VAT))
_LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass
class Rows:
    """Rows by table, as `Sandbox.load` takes them."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass
class PriceList:
    """What goes in, and what must come out.

    Attributes:
        path: The file.
        there: What the service has before.
        kinds: How each row must end, in the order of the file.
        products: What the service must have of each row that gets there, by row number from 1: fields, and the
            category's path.
        untouched: Products of the service that must stay as they are, by id.
    """

    path: Path
    there: Rows
    kinds: list[OutcomeKind]
    products: dict[int, tuple[dict[str, Any], str]]
    untouched: dict[str, dict[str, Any]]


def make_price_list(folder: Path, *, rows: int, seed: int) -> PriceList:
    """Write a price list of good and bad rows; some of the products are in the service already, or differ there.

    Args:
        folder: Where to write the file.
        rows: Number of rows.
        seed: What makes it differ from others.
    """
    return _Writer(Random(seed), folder / "list.csv").write(rows)  # noqa: S311 chance for tests, not for secrets


class _Writer:
    def __init__(self, random: Random, path: Path) -> None:
        self._random = random
        self._there: dict[str, dict[str, Any]] = {}
        self._categories = [_category(number) for number in range(_CATEGORIES_THERE)]
        self._list = PriceList(path, Rows(), [], {}, {})

    def write(self, rows: int) -> PriceList:
        table = [self._row(number) for number in range(1, rows + 1)]
        with self._list.path.open("w", encoding="cp1251", newline="") as file:
            csv.writer(file, delimiter=";").writerows([_HEADERS, *table])
        for name in ("Здавна тут", "Теж здавна"):
            self._keep(self._product(0)[1] | {"title": name, "number": None}, 0, untouched=True)
        parents = {row["parent_id"]: row["parent_title"] for row in self._categories}
        self._list.there.rows = {
            "categories": [
                {"id": key, "title": title, "shop_ids": [], "created_at": _LONG_AGO, "updated_at": _LONG_AGO}
                for key, title in parents.items()
            ]
            + [{name: value for name, value in row.items() if name != "parent_title"} for row in self._categories],
            "products": list(self._there.values()),
        }
        return self._list

    def _row(self, number: int) -> list[str]:
        cells, fields, category = self._product(number)
        chance = self._random.random()
        if chance < 0.02 and self._list.products:
            self._list.kinds.append(OutcomeKind.REJECTED)
            return self._spoilt(cells)
        if chance < 0.06:
            category = number % _CATEGORIES_THERE
            cells[_CATEGORY] = _path(category)
            self._list.kinds.append(self._put_there(number, fields, category))
        else:
            self._list.kinds.append(OutcomeKind.CREATED)
        if self._list.kinds[-1] is not OutcomeKind.CONFLICT:
            self._list.products[number] = fields, _path(category)
        return cells

    def _product(self, number: int) -> tuple[list[str], dict[str, Any], int]:
        random = self._random
        category = random.randrange(_CATEGORIES)
        unit, unit_code, by_weight = random.choice(_UNITS)
        tax, tax_group = random.choice(_TAXES)
        price = Decimal(random.randrange(100, 500_000)) / 100
        cost = round(price * 3 / 4, 2)
        body = f"482{number:09}"
        barcode, article = f"{body}{check_digit(body)}", f"А-{number:05}"
        title = f"Товар {number}; «{barcode}»"
        code = str(random.randrange(10**9, 10**10))
        prices = (f"{amount:.2f}".replace(".", ",") for amount in (price, cost))
        cells = [barcode, article, title, _path(category), "", *prices, unit, tax, code]
        values = (barcode, article, title, price, cost, unit_code, by_weight, tax_group, ClassifierType.UKTZED, code)
        return cells, dict(zip(FIELDS, values, strict=True)), category

    def _spoilt(self, cells: list[str]) -> list[str]:
        """Break a rule: of the checks, of the file as a whole, or one that only the service knows."""
        above, _ = self._random.choice(list(self._list.products.values()))
        ways = [
            (_TITLE, ""),
            (_PRICE, "дорого"),
            (_BARCODE, "4,82E+12"),
            (_BARCODE, above["number"]),
            (_CATEGORY_ID, "5f0c7a52-0000-4000-8000-000000000000"),
        ]
        ((position, text),) = self._random.choices(ways, weights=(8, 8, 8, 8, 1))
        cells[position] = text
        if position == _CATEGORY_ID:
            cells[_CATEGORY] = ""
        return cells

    def _put_there(self, number: int, fields: dict[str, Any], category: int) -> OutcomeKind:
        """Let the service have a row's product: as it is, with other values, or twice."""
        kind = self._random.choice([OutcomeKind.UNCHANGED, OutcomeKind.UPDATED, OutcomeKind.CONFLICT])
        if kind is OutcomeKind.UPDATED:
            changed = self._random.choice([{"price": fields["price"] + 1}, {"title": "Інша назва", "tax_group_id": 0}])
            self._keep(fields | changed, category)
        else:
            self._keep(fields, category, untouched=True)
        if kind is OutcomeKind.CONFLICT:
            self._keep(fields, category, untouched=True)
        return kind

    def _keep(self, fields: dict[str, Any], category: int, *, untouched: bool = False) -> None:
        key = f"00000000-0000-4000-8000-{len(self._there):012}"
        times = {"created_at": _LONG_AGO, "updated_at": _LONG_AGO}
        rest = {"is_free_price": False, "is_without_number": False, "bookmark_ids": [], "owner_id": 1, "user_id": 1}
        row = {"id": key, **fields, "category_id": self._categories[category]["id"], **rest, **times}
        self._there[key] = row
        if untouched:
            self._list.untouched[key] = row


def _path(category: int) -> str:
    return f"Відділ {category % _PARENTS} / Група {category}"


def _category(number: int) -> dict[str, Any]:
    parent, title = _path(number).split(" / ")
    return {
        "id": f"00000000-0000-4000-9000-{number:012}",
        "title": title,
        "parent_id": f"00000000-0000-4000-9001-{number % _PARENTS:012}",
        "parent_title": parent,
        "products_count": 0,
        "shop_ids": [],
        "created_at": _LONG_AGO,
        "updated_at": _LONG_AGO,
    }
