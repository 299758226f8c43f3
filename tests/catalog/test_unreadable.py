"""Imports and counts beside records of the service that cannot be read: each costs its own rows alone."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from smartkasa_async import SmartKasa
from smartkasa_async.catalog import import_products
from smartkasa_async.stock import sync_stock
from tests.support.service import answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.service import Arrived

NEW, ODD, GOOD = "4823012345039", "4823012345046", "4823012345091"
META = {"current_page": 1, "next_page": None, "total_pages": 1, "limit_value": 100, "offset_value": 0}
UNIT = {"id": 1, "code": 2009, "name": "штука", "short_name": "шт"}
PRODUCTS: list[dict[str, Any]] = [
    {"id": "p-odd", "title": "Дивний", "number": ODD, "price": None},
    {"id": "p-good", "title": "Звичайний", "number": GOOD, "price": "5.00"},
]
CARDS: list[dict[str, Any]] = [
    {"id": 1, "product_id": "p-good", "shop_id": 7, "count": {}},
    {"id": 2, "product_id": "p-other", "shop_id": 7, "count": "1"},
]


class Shop:
    """A service of a few records, some of which have a form that was never documented."""

    def __init__(self) -> None:
        self.lists: dict[str, list[dict[str, Any]]] = {
            "unit_types": [UNIT, {"id": None, "name": "відро"}],
            "categories": [{"id": None, "title": "Напої"}],
            "products": PRODUCTS,
            "cards": CARDS,
        }
        self.card = CARDS[1]
        self.written: list[tuple[str, str, Any]] = []

    def reply(self, request: Arrived) -> bytes:
        path = request.target.split("?")[0]
        name = path.rpartition("/")[2]
        if request.method == "GET" and name in self.lists:
            records = self.lists[name]
            return answer({"data": records, "meta": META | {"total_count": len(records)}})
        if request.method == "GET":
            return answer({"data": self.card if "/cards/" in path else {"id": 7, "title": "Магазин"}, "meta": {}})
        self.written.append((request.method, path, request.json))
        if "/cards/" in path:
            self.card = self.card | {"count": "9"}
            return answer({"data": {"id": 2}, "meta": {}})
        if request.method == "DELETE":
            return answer({"data": [{"id": doomed} for doomed in request.json["ids"]], "meta": {}})
        made = [{"id": f"new-{number}"} for number in range(len(request.json.get("products", [None])))]
        return answer({"data": made if path.endswith("batch") else made[0], "meta": {}}, 201)


@asynccontextmanager
async def service() -> AsyncIterator[tuple[SmartKasa, Shop]]:
    shop = Shop()
    async with (
        serve(shop.reply) as listening,
        SmartKasa(api_key="k", base_url=listening.url, session=make_session()) as kasa,
    ):
        yield kasa, shop


def rows(*numbers: str, **fields: str) -> list[dict[str, str]]:
    return [{"title": f"Товар {number}", "number": number, "price": "5.00", **fields} for number in numbers]


async def test_an_import_goes_on_beside_a_product_that_cannot_be_read() -> None:
    async with service() as (kasa, shop):
        summary = await import_products(kasa, rows(NEW, ODD), late_write_window=0)

    assert (summary.created, summary.conflict, summary.rejected) == (1, 1, 0)
    assert [(method, [one["number"] for one in body["products"]]) for method, _, body in shop.written] == [
        ("POST", [NEW])
    ]
    (conflict,) = summary.failed
    assert "p-odd" in (conflict.reason_en or "")
    assert "p-odd" in (conflict.reason_uk or "")
    assert any("listProducts: 1 records" in note.describe("en") for note in summary.notes)


async def test_no_category_is_created_beside_one_of_its_title_that_cannot_be_read() -> None:
    async with service() as (kasa, shop):
        summary = await import_products(kasa, rows(NEW, category="Напої"), late_write_window=0)

    assert (summary.created, summary.rejected) == (0, 1)
    assert shop.written == []
    assert [problem.code for problem in summary.failed[0].problems] == ["category_unreadable"]


async def test_a_mirror_leaves_what_cannot_be_read_alone() -> None:
    async with service() as (kasa, shop):
        summary = await import_products(
            kasa, rows(NEW), mode="mirror", delete_missing=True, delete_limit=10, late_write_window=0
        )

    assert (summary.created, summary.deleted) == (1, 1)
    assert [body for method, _, body in shop.written if method == "DELETE"] == [{"ids": ["p-good"]}]


async def test_counts_are_set_beside_records_that_cannot_be_read() -> None:
    async with service() as (kasa, shop):
        shop.lists["products"] = [*PRODUCTS, {"id": "p-other", "title": "Інший", "number": NEW, "price": "1"}]
        summary = await sync_stock(
            kasa, [{"number": number, "count": "9"} for number in (NEW, ODD, GOOD)], shop_id=7, key="number"
        )

    assert [(method, body["count"]) for method, _, body in shop.written] == [("PUT", 9)]
    codes = {outcome.key: outcome.problems[0].code for outcome in summary.failed}
    assert codes == {ODD: "conflict_unreadable", GOOD: "card_unreadable"}
