"""Whatever status a batch is answered with, and whether it was stored or not: each row is there once in the end."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.catalog import ImportStoppedError, import_products
from tests.support.catalogue_service import products
from tests.support.service import answer, make_session, renewing, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.service import Arrived

PAGE = b"<html>The gateway has something to say</html>"
REASON = {"errors": {"products": [{"error": "invalid"}]}}
NOW = "2026-11-01T10:00:00Z"


class Catalogue:
    """Keeps products and categories, and answers the next writes as it is told, whether it stores them or not."""

    def __init__(self, reply: bytes, *, stores: bool, times: int = 2) -> None:
        self.products: list[dict[str, Any]] = []
        self.categories: list[dict[str, Any]] = []
        self.batches: list[int] = []
        self._reply = reply
        self._stores = stores
        self._times = {"products": times, "categories": times}

    @property
    def numbers(self) -> list[str]:
        return sorted(product["number"] for product in self.products)

    def __call__(self, request: Arrived) -> bytes:
        address = urlsplit(request.target)
        area, _, rest = address.path.removeprefix("/api/v1/inventory/").partition("/")
        kept = {"products": self.products, "categories": self.categories, "unit_types": []}[area]
        if request.method == "GET" and rest:
            return answer({"data": next(one for one in kept if one["id"] == rest), "meta": {}})
        if request.method == "GET":
            return self._list(kept, {name: values[0] for name, values in parse_qs(address.query).items()})
        items = json.loads(request.body)[area] if rest == "batch" else [json.loads(request.body)]
        if area == "products":
            self.batches.append(len(items))
        fails = rest == "batch" and self._times[area] > 0
        self._times[area] -= fails
        if fails and not self._stores:
            return self._reply
        made = [
            {"id": f"{area}-{len(kept) + n}", "created_at": NOW, "updated_at": NOW, **one}
            for n, one in enumerate(items)
        ]
        kept += made
        return self._reply if fails else answer({"data": made if rest == "batch" else made[0], "meta": {}}, 201)

    def _list(self, kept: list[dict[str, Any]], query: dict[str, str]) -> bytes:
        found = [one for one in kept if query.get("number") in {None, one.get("number")}]
        page, size = int(query.get("page", 1)), int(query.get("per_page", 25))
        pages = max(1, -(-len(found) // size))
        meta = {
            "current_page": page,
            "next_page": page + 1 if page < pages else None,
            "prev_page": page - 1 or None,
            "total_pages": pages,
            "total_count": len(found),
            "limit_value": size,
            "offset_value": (page - 1) * size,
        }
        return answer({"data": found[(page - 1) * size : page * size], "meta": meta})


@asynccontextmanager
async def serving(catalogue: Catalogue) -> AsyncIterator[SmartKasa]:
    retry = RetryPolicy(retries=2, first_wait=0)
    async with (
        serve(renewing(catalogue)) as service,
        SmartKasa(api_key="key", base_url=service.url, session=make_session(), retry=retry) as kasa,
    ):
        yield kasa


PROVES_NOTHING = [
    *[answer(b"" if status == 204 else PAGE, status) for status in (200, 201, 202, 204, 207)],
    *[answer(b"" if status == 304 else PAGE, status) for status in (301, 302, 303, 304, 307, 308)],
    *[answer(PAGE, status) for status in (400, 401, 403, 404, 413, 415, 422)],
    *[answer(REASON, status) for status in (405, 408, 409, 410, 424, 425, 429, 499)],
    *[answer(REASON, status) for status in (500, 501, 502, 503, 504, 520, 524, 599)],
    *[answer(PAGE, status, "Retry-After-Ms: 1") for status in (408, 429, 500, 503)],
    b"",
]


def name_of(reply: bytes) -> str:
    return f"{reply[9:12].decode() or 'nothing'}{'-wait' if b'Retry-After' in reply else ''}"


@pytest.mark.parametrize("reply", PROVES_NOTHING, ids=name_of)
@pytest.mark.parametrize("stores", [True, False], ids=["stored", "not stored"])
async def test_an_answer_that_proves_nothing_doubles_nothing_and_loses_nothing(reply: bytes, *, stores: bool) -> None:
    catalogue = Catalogue(reply, stores=stores)
    items = products(60)

    async with serving(catalogue) as kasa:
        summary = await import_products(kasa, items, batch_size=20, late_write_window=0)

    assert catalogue.numbers == [item.number for item in items]
    assert (summary.created, summary.failed) == (60, ())


@pytest.mark.parametrize("reply", PROVES_NOTHING, ids=name_of)
@pytest.mark.parametrize("stores", [True, False], ids=["stored", "not stored"])
async def test_categories_are_there_once_too(reply: bytes, *, stores: bool) -> None:
    catalogue = Catalogue(reply, stores=stores)
    rows = [
        {"Артикул": f"А-{n}", "Назва": f"Товар {n}", "Ціна": n, "Категорія": f"Група {n % 3} / Вид {n % 6}"}
        for n in range(1, 31)
    ]

    async with serving(catalogue) as kasa:
        summary = await import_products(kasa, rows, key="alter_number", batch_size=10, late_write_window=0)

    assert sorted(one["title"] for one in catalogue.categories) == sorted(
        [f"Група {n}" for n in range(3)] + [f"Вид {n}" for n in range(6)]
    )
    assert (summary.created, len(catalogue.products)) == (30, 30)


async def test_a_storm_of_429_to_batches_that_were_stored_doubles_nothing() -> None:
    catalogue = Catalogue(answer(REASON, 429), stores=True, times=10**9)

    async with serving(catalogue) as kasa:
        summary = await import_products(kasa, products(200), batch_size=10, late_write_window=0)

    assert (summary.created, len(catalogue.products)) == (200, 200)
    assert catalogue.numbers == [item.number for item in products(200)]


async def test_one_row_is_sent_as_a_batch_whose_refusal_stops_the_import() -> None:
    catalogue = Catalogue(answer({"message": "no right"}, 403), stores=False, times=1)

    async with serving(catalogue) as kasa:
        with pytest.raises(ImportStoppedError, match="no right"):
            await import_products(kasa, products(1), late_write_window=0)

    assert (catalogue.batches, catalogue.numbers) == ([1], [])


async def test_one_row_that_a_batch_leaves_in_doubt_is_sent_again_alone() -> None:
    catalogue = Catalogue(answer(PAGE, 429), stores=False, times=1)

    async with serving(catalogue) as kasa:
        summary = await import_products(kasa, products(1), late_write_window=0)

    assert (summary.created, catalogue.batches, len(catalogue.numbers)) == (1, [1, 1], 1)
