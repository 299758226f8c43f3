"""Shops: their addresses and settings, terminals with registrars, and the shelves that their tills sell from."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from smartkasa_async.sandbox.business.catalogue import OWNER_ID
from smartkasa_async.sandbox.business.goods import WORDS
from smartkasa_async.sandbox.business.identity import FiscalNumbers, generator, uuid
from smartkasa_async.sandbox.business.model import Goods, Shelf, Till
from smartkasa_async.sandbox.business.money import hryvnias, quantity
from smartkasa_async.sandbox.business.people import Employee, employee_rows, full_name
from smartkasa_async.sandbox.business.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random

    from smartkasa_async.sandbox.business.catalogue import Catalogue, Product
    from smartkasa_async.sandbox.business.profiles import Profile
    from smartkasa_async.sandbox.business.receipts import Receipt
    from smartkasa_async.sandbox.schema import Row

_FIRST_SHOP_ID: Final = 37_901
_FIRST_TERMINAL_ID: Final = 20_001
_FIRST_CARD_ID: Final = 10_001
_FIRST_ADDRESS_ID: Final = 38_101
_FIRST_REGISTRAR: Final = 4_000_300_001
_FIRST_FISCAL_NUMBER: Final = 2_000_000_000
_FISCAL_NUMBERS_PER_SHOP: Final = 100_000_000
_OFFLINE_SESSIONS_PER_TILL: Final = 100_000

_REFUNDABLE: Final = 60
_MISSING_CHANCE: Final = 0.1
_UNCOUNTED_CHANCE: Final = 0.1
_POPULAR_HEAD: Final = 6


@dataclass(slots=True)
class Shop:
    """A shop at work; `refundable` are its latest sales that nobody brought back yet."""

    id: int
    profile: Profile
    tills: list[Till]
    cashiers: list[Employee]
    shelf: Shelf
    fiscal_numbers: FiscalNumbers
    rng: Random
    refundable: deque[Receipt] = field(default_factory=lambda: deque(maxlen=_REFUNDABLE))


def open_shop(
    number: int, seed: int, terminals: int, catalogue: Catalogue, created: datetime
) -> tuple[Shop, dict[str, list[Row]]]:
    """Make a shop and its reference rows: shop, terminals, employees, cards.

    Args:
        number: 0 for the first shop; decides profile, town and ids.
        seed: Seed of the simulation.
        terminals: Number of its terminals.
        catalogue: Products that it may sell; the categories' `shop_ids` learn of it.
        created: Time of creation of all rows, UTC.
    """
    rng = generator(seed, "shop", number)
    profile = PROFILES[number % len(PROFILES)]
    shop_id = _FIRST_SHOP_ID + number
    town = WORDS["towns"][number % len(WORDS["towns"])]
    tills = [_make_till(number * terminals + n, rng) for n in range(terminals)]
    staff = 2 * terminals + 1
    employees = list(employee_rows(shop_id, range(number * staff, (number + 1) * staff), town["city"], created, rng))
    cards = _card_rows(number, profile, catalogue, created, rng)
    first_fiscal_number = _FIRST_FISCAL_NUMBER + number * _FISCAL_NUMBERS_PER_SHOP
    shop = Shop(
        id=shop_id,
        profile=profile,
        tills=tills,
        cashiers=[Employee(row["id"], full_name(row)) for row in employees[1:]],
        shelf=_fill_shelf(cards, profile, catalogue.products, rng),
        fiscal_numbers=FiscalNumbers(first_fiscal_number, rng),
        rng=rng,
    )
    row = _shop_row(number, shop, created)
    content = f"{town['street']}, {rng.randint(1, 150)}"
    row["address"] = _address(number, town["city"], town["zip_code"], content, created)
    row["employees_count"] = staff
    terminal_rows = [_terminal_row(n, till, shop_id, created, rng) for n, till in enumerate(tills, 1)]
    return shop, {"shops": [row], "terminals": terminal_rows, "employees": employees, "cards": cards}


def _shop_row(number: int, shop: Shop, created: datetime) -> Row:
    return {
        "id": shop.id,
        "address": None,
        "business_category_id": 1,
        "created_at": created,
        "email": f"shop{number + 1}@example.com",
        "employees_count": 0,
        "fiscal_numbers": [till.registrar for till in shop.tills],
        "fiscalization_enabled": True,
        "is_excise_taxation": shop.profile.excise,
        "is_vat_taxation": shop.profile.vat,
        "owner_id": OWNER_ID,
        "phone_number": f"38044000{number % 10_000:04d}",
        "state": 0,
        "terminals_count": len(shop.tills),
        "title": f"Крамниця №{number + 1}",
        "updated_at": created,
        "website_url": "https://example.com",
    }


def _address(number: int, city: str, zip_code: str, content: str, created: datetime) -> dict[str, Any]:
    moment = created.isoformat(timespec="milliseconds")
    return {
        "id": _FIRST_ADDRESS_ID + number,
        "address_type_id": 0,
        "city_name": city,
        "content": content,
        "created_at": moment,
        "updated_at": moment,
        "zip_code": zip_code,
    }


def _make_till(index: int, rng: Random) -> Till:
    return Till(
        terminal_id=_FIRST_TERMINAL_ID + index,
        registrar=str(_FIRST_REGISTRAR + index),
        device_uid=uuid(rng),
        bank_terminal={"merchant": f"M{index:07d}", "terminal": f"T{index:07d}"},
        offline_session=(index + 1) * _OFFLINE_SESSIONS_PER_TILL,
    )


def _terminal_row(number: int, till: Till, shop_id: int, created: datetime, rng: Random) -> Row:
    return {
        "id": till.terminal_id,
        "activated_at": created,
        "core_terminal_id": 1,
        "created_at": created,
        "name": f"Каса {number}",
        "picture": None,
        "properties": None,
        "serial_number": f"{rng.randrange(10**14, 10**15)}",
        "shop_id": shop_id,
        "state": 1,
        "updated_at": created,
    }


def _card_rows(number: int, profile: Profile, catalogue: Catalogue, created: datetime, rng: Random) -> list[Row]:
    """Return what is in stock after the simulated days, and enter the shop in the categories of its products."""
    shop_id = _FIRST_SHOP_ID + number
    first, rows = _FIRST_CARD_ID + number * len(catalogue.products), []
    categories = {row["id"]: row for row in catalogue.rows["categories"]}
    for index, (product, product_row) in enumerate(zip(catalogue.products, catalogue.rows["products"], strict=True)):
        missing = rng.random() < _MISSING_CHANCE
        if index and (missing or (product.uktzed and not profile.excise)):
            continue
        shop_ids = categories[product_row["category_id"]]["shop_ids"]
        if shop_id not in shop_ids:
            shop_ids.append(shop_id)
        count = rng.randrange(500_000) if product.by_weight else rng.randrange(800) * 1000
        rows.append(
            {
                "id": first + index,
                "count": quantity(count),
                "counting_enabled": rng.random() >= _UNCOUNTED_CHANCE,
                "created_at": created,
                "owner_id": OWNER_ID,
                "product_id": product.id,
                "shop_id": shop_id,
                "updated_at": created,
            }
        )
    return rows


def _fill_shelf(cards: Sequence[Row], profile: Profile, products: Sequence[Product], rng: Random) -> Shelf:
    by_id = {product.id: product for product in products}
    goods = [_put_out(by_id[card["product_id"]], card["id"], profile) for card in cards]
    ranks = list(range(len(goods)))
    rng.shuffle(ranks)
    return Shelf(goods, list(accumulate(1 / (_POPULAR_HEAD + rank) for rank in ranks)))


def _put_out(product: Product, card_id: int, profile: Profile) -> Goods:
    tax_group = profile.tax_group(product)
    line = {
        "classifier_code": product.uktzed,
        "classifier_type_id": 1 if product.uktzed else 0,
        "description": "",
        "is_free_price": False,
        "is_product": True,
        "name": product.title,
        "price": hryvnias(product.price),
        "product_id": product.id,
        "sku": product.article,
        "sold_by_weight": product.by_weight,
        "stock_item_id": card_id,
        "tax_group_id": tax_group,
        "unit_type_id": product.unit.code,
        "unit_type_name": product.unit.name,
    }
    return Goods(product, tax_group, line)
