"""The catalogue: units, suppliers, a two-level tree of categories, products, and what stands on each shop's shelf."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count, cycle, islice, product
from typing import TYPE_CHECKING, Final

from smartkasa_async.sandbox.business.codes import UKTZED, UNCLASSIFIED
from smartkasa_async.sandbox.business.goods import ASSORTMENT
from smartkasa_async.sandbox.business.identity import ean13, uuid
from smartkasa_async.sandbox.business.money import hryvnias, percentage_of
from smartkasa_async.sandbox.schema import UNIT_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from random import Random

    from smartkasa_async.sandbox.business.goods import Assortment, Unit
    from smartkasa_async.sandbox.schema import Row

OWNER_ID: Final = 103757
_FIRST_PARTNER_ID: Final = 7699
_FIRST_SUBGROUP_ID: Final = 7277
_FIRST_CATEGORY_TYPE_ID: Final = 7_500_000

_PARTNERS: Final = ("Постачальник №1", "Постачальник №2", "Гуртівня «Приклад»", "Ферма «Приклад»")
_SUBGROUPS: Final = ("Акційні товари", "Сезонні товари", "Власне виробництво")
_KOPECKS: Final = (0, 0, 10, 25, 45, 50, 50, 70, 90, 95, 99, 99)
_PROCUREMENT_PERCENT: Final = (55, 85)
_SUBGROUP_CHANCE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Product:
    """What a sale needs to know of a product; the price is in kopecks for one unit."""

    id: str
    title: str
    article: str
    price: int
    tax_group: int
    unit: Unit
    uktzed: str | None

    @property
    def by_weight(self) -> bool:
        """Whether it is weighed at the till."""
        return self.unit.step is None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The products that sell, beside the rows of the catalogue's tables."""

    products: list[Product]
    rows: dict[str, list[Row]]


def make_catalogue(size: int, created: datetime, rng: Random) -> Catalogue:
    """Make categories and products.

    Args:
        size: Number of products.
        created: Time of creation of all rows, UTC.
        rng: The catalogue's own random generator.
    """
    partners: list[Row] = [
        {
            "id": _FIRST_PARTNER_ID + n,
            "code": f"{n + 1:04d}",
            "created_at": created,
            "name": title,
            "partner_type_id": 1,
            "state": 0,
            "title": title,
            "updated_at": created,
        }
        for n, title in enumerate(_PARTNERS)
    ]
    subgroups: list[Row] = [
        {"id": _FIRST_SUBGROUP_ID + n, "created_at": created, "title": title, "updated_at": created}
        for n, title in enumerate(_SUBGROUPS)
    ]
    categories = _category_rows(created, rng)
    by_title = {row["title"]: row for row in categories}
    titles = {assortment.title: _titles(assortment, rng) for assortment in ASSORTMENT}
    products, rows = [], []
    for serial, assortment in enumerate(islice(cycle(_by_share()), size), 1):
        category = by_title[assortment.title]
        category["products_count"] += 1
        made = _make_product(assortment, next(titles[assortment.title]), serial, rng)
        products.append(made)
        rows.append(_product_row(made, serial, category, created, rng))
    return Catalogue(
        products,
        {
            "unit_types": [dict(unit) for unit in UNIT_TYPES],
            "partners": partners,
            "subgroups": subgroups,
            "categories": categories,
            "products": rows,
        },
    )


def _by_share() -> list[Assortment]:
    """Return a list in which each category stands as often as its share, all of them early."""
    rounds = range(max(assortment.share for assortment in ASSORTMENT))
    return [assortment for n in rounds for assortment in ASSORTMENT if assortment.share > n]


def _titles(assortment: Assortment, rng: Random) -> Iterator[str]:
    """Yield different titles without end: every combination of words, then the same with a series."""
    words = list(product(assortment.names, assortment.traits, assortment.sizes))
    rng.shuffle(words)
    endings = chain([""], (f", серія {n}" for n in count(2)))
    return (f"{name} {trait}, {size}{ending}" for ending in endings for name, trait, size in words)


def _category_rows(created: datetime, rng: Random) -> list[Row]:
    rows: list[Row] = []
    parents: dict[str, str] = {}
    for number, assortment in enumerate(ASSORTMENT):
        if assortment.department not in parents:
            row = _category_row(assortment.department, None, None, created, rng)
            parents[assortment.department] = row["id"]
            rows.append(row)
        partner_id = _FIRST_PARTNER_ID + number % len(_PARTNERS)
        rows.append(_category_row(assortment.title, parents[assortment.department], partner_id, created, rng))
    return rows


def _category_row(title: str, parent_id: str | None, partner_id: int | None, created: datetime, rng: Random) -> Row:
    return {
        "id": uuid(rng),
        "color_id": rng.randrange(8),
        "created_at": created,
        "parent_id": parent_id,
        "partner_id": partner_id,
        "products_count": 0,
        "shop_ids": [],
        "title": title,
        "updated_at": created,
    }


def _make_product(assortment: Assortment, title: str, serial: int, rng: Random) -> Product:
    return Product(
        id=uuid(rng),
        title=title,
        article=f"{assortment.title[:2].upper()}-{serial:05d}",
        price=rng.randint(*assortment.prices) * 100 + rng.choice(_KOPECKS),
        tax_group=assortment.tax_group,
        unit=assortment.unit,
        uktzed=assortment.uktzed,
    )


def _product_row(made: Product, serial: int, category: Row, created: datetime, rng: Random) -> Row:
    barcode = f"2{serial:06d}00000" if made.by_weight else f"482{serial:09d}"
    return {
        "id": made.id,
        "alter_number": made.article,
        "alter_title": made.title.rpartition(", ")[0],
        "bookmark_ids": [],
        "category_id": category["id"],
        "category_type_id": _FIRST_CATEGORY_TYPE_ID + made.unit.code,
        "classifier_code": made.uktzed,
        "classifier_type_id": UKTZED if made.uktzed else UNCLASSIFIED,
        "created_at": created,
        "is_free_price": False,
        "is_without_number": False,
        "number": ean13(barcode),
        "owner_id": OWNER_ID,
        "partner_id": category["partner_id"],
        "picture": None,
        "portion_amount": 1,
        "portion_type_id": 0,
        "price": hryvnias(made.price),
        "procurement_price": hryvnias(percentage_of(made.price, rng.randint(*_PROCUREMENT_PERCENT))),
        "remote_id": f"НФ-{serial:08d}",
        "sold_by_weight": made.by_weight,
        "subgroup_id": _FIRST_SUBGROUP_ID + serial % len(_SUBGROUPS) if rng.random() < _SUBGROUP_CHANCE else None,
        "tax_group_id": made.tax_group,
        "title": made.title,
        "unit_type_id": made.unit.code,
        "updated_at": created,
        "user_id": OWNER_ID,
    }
