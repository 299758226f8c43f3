"""Pages, order, and the filters of every list."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from smartkasa_async.sandbox import Sandbox
from smartkasa_async.sandbox.areas import ENDPOINTS
from smartkasa_async.sandbox.wire import KYIV
from tests.support.calling import Caller, Rows, two_of_each, uuid

if TYPE_CHECKING:
    import aiohttp

    from smartkasa_async.sandbox.areas.resource import Resource

RESOURCES: list[Resource] = [
    endpoint.handler.__self__  # type: ignore[attr-defined]
    for endpoint in ENDPOINTS
    if endpoint.handler.__name__ == "index"
]


def _column_filters() -> list[tuple[str, str, str]]:
    return [
        (resource.path.removeprefix("/api/v1"), resource.listed.table.name, name)
        for resource in RESOURCES
        for name in resource.filters.fields
        if name in resource.listed.table.columns and name != "shop_ids"
    ]


def _as_text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _products(count: int) -> Rows:
    """Make products, each created a second after the one before."""
    template = two_of_each().rows["products"][0]
    rows = [
        template
        | {
            "id": uuid(number),
            "number": f"4820{number:09}",
            "title": f"Товар {number}",
            "created_at": datetime(2026, 10, 1, 12, number // 60, number % 60, tzinfo=KYIV),
        }
        for number in range(1, count + 1)
    ]
    return Rows({"products": rows})


def _receipts(*created_at: datetime) -> Rows:
    template = two_of_each().rows["receipts"][0]
    rows = [template | {"id": uuid(n), "created_at": moment} for n, moment in enumerate(created_at, start=1)]
    return Rows({"receipts": rows})


@pytest.mark.parametrize(("path", "table", "name"), _column_filters())
async def test_filter_finds_the_row_that_has_the_value(stocked: Caller, path: str, table: str, name: str) -> None:
    wanted, other = two_of_each().rows[table]
    if wanted[name] == other[name]:
        wanted |= {name: uuid(7)}
        stocked.box.load(Rows({table: [wanted]}))
    found = (await stocked("GET", f"{path}?{urlencode({name: _as_text(wanted[name])})}"))["data"]
    assert [row["id"] for row in found] == [wanted["id"]]


async def test_texts_are_found_by_a_part_whatever_its_case(caller: Caller) -> None:
    caller.box.load(_products(3))
    await caller("POST", "/rsn/shops", {"title": "Ґанок на Їжакевича"}, status=201)
    assert len(await caller.data("GET", "/rsn/shops", title="ґАНОК НА ї")) == 1
    assert await caller.data("GET", "/rsn/shops", title="ганок") == []
    assert [row["title"] for row in await caller.data("GET", "/inventory/products", q="тОВАР 2")] == ["Товар 2"]
    assert [row["title"] for row in await caller.data("GET", "/inventory/products", q="000003")] == ["Товар 3"]


async def test_an_empty_filter_is_no_filter(stocked: Caller) -> None:
    assert len(await stocked.data("GET", "/rsn/shops", title="", state="")) == 2


async def test_a_filter_of_the_wrong_type_is_refused(stocked: Caller) -> None:
    answer = await stocked("GET", "/pos/receipts", status=422, shop_id="kyiv")
    assert answer["errors"].startswith('[Pos::ReceiptForm.new] "kyiv" (String) has invalid type for :shop_id violates')


async def test_categories_are_found_by_their_shops(caller: Caller) -> None:
    for title, shop_ids in (("А", [1, 2]), ("Б", [3]), ("В", [])):
        await caller("POST", "/inventory/categories", {"title": title, "shop_ids": shop_ids}, status=201)

    async def titles(query: str) -> set[str]:
        return {row["title"] for row in await caller.data("GET", f"/inventory/categories?{query}")}

    assert await titles("shop_ids[]=2") == {"А"}
    assert await titles("shop_ids[]=2&shop_ids[]=3") == {"А", "Б"}
    assert await titles("shop_ids[]=7") == set()
    assert await titles("shop_ids[]=") == {"А", "Б", "В"}
    await caller("GET", "/inventory/categories?shop_ids[]=x", status=422)


async def test_spans_may_begin_and_end_at_a_moment(caller: Caller) -> None:
    noon = datetime(2026, 10, 5, 12, 0, tzinfo=KYIV)
    caller.box.load(_receipts(noon, noon + timedelta(hours=1), noon + timedelta(hours=2)))

    async def found(start: str, end: str) -> list[str]:
        rows = await caller.data("GET", "/pos/receipts", date_start=start, date_end=end)
        return [row["id"] for row in reversed(rows)]

    assert await found("2026-10-05T13:00:00+03:00", "2026-10-05T13:00:00+03:00") == [uuid(2)]
    assert await found("2026-10-05T09:00:00Z", "2026-10-05T10:00:00.001Z") == [uuid(1), uuid(2)]
    assert await found("2026-10-05T12:00:01+03:00", "2026-10-05") == [uuid(2), uuid(3)]
    for wrong in ("2026-10-05T13:00:00", "2026-10-05T25:00:00Z", "2026-10-05 13:00", "0001-01-01T00:00:00+14:00"):
        await caller("GET", "/pos/receipts", status=422, date_start=wrong)


async def test_products_of_a_shop_are_those_with_a_card(stocked: Caller) -> None:
    assert [row["id"] for row in await stocked.data("GET", "/inventory/products", shop_id=2)] == [uuid(2)]


async def test_z_reports_of_a_cashier_by_the_misspelled_filter(stocked: Caller) -> None:
    stocked.box.load(Rows({"shifts": [row | {"terminal_user_id": 46} for row in two_of_each().rows["shifts"][:1]]}))
    assert [row["id"] for row in await stocked.data("GET", "/reports/z-reports", termianl_user_id=46)] == [1]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-10-24", "2026-10-24", [1]),
        ("2026-10-25", "2026-10-25", [2, 3]),
        ("2026-10-24", "2026-10-25", [1, 2, 3]),
        ("2026-10-26", "", [4]),
        ("", "2026-10-24", [1]),
    ],
)
async def test_days_are_kyiv_days_ends_included(caller: Caller, start: str, end: str, expected: list[int]) -> None:
    """The clocks go back in the night of 25 October 2026, so that day has 25 hours."""
    moments = ("2026-10-24T23:59:59", "2026-10-25T00:00:00", "2026-10-25T23:59:59", "2026-10-26T00:00:00")
    caller.box.load(_receipts(*(datetime.fromisoformat(moment).replace(tzinfo=KYIV) for moment in moments)))
    found = await caller.data("GET", "/pos/receipts", date_start=start, date_end=end)
    assert sorted(row["id"] for row in found) == [uuid(number) for number in expected]


@pytest.mark.parametrize("path", ["/pos/receipts", "/reports/z-reports", "/stats/product_daily_sales/alter"])
async def test_a_day_that_is_none_is_refused(caller: Caller, path: str) -> None:
    for day in ("31.10.2026", "2026-02-30", "0001-01-01", "9999-12-31"):
        answer = await caller("GET", path, status=None, date_end=day)
        assert answer.get("errors", {"date_end": [{"error": "invalid"}]}) == {"date_end": [{"error": "invalid"}]}
    assert "errors" in await caller("GET", path, status=422, date_end="31.10.2026")


@pytest.mark.parametrize("path", ["/reports/z-reports", "/stats/product_daily_sales/alter"])
async def test_reports_keep_to_the_days(stocked: Caller, path: str) -> None:
    def size(data: Any) -> int:
        return len(data["products"] if isinstance(data, dict) else data)

    assert size(await stocked.data("GET", path, date_start="2026-10-06", date_end="2026-10-06")) == 1
    assert size(await stocked.data("GET", path, date_start="2026-10-09")) == 0


async def test_pages_are_numbered_as_recorded(caller: Caller) -> None:
    caller.box.load(_products(60))
    pages = [await caller("GET", "/inventory/products", page=number) for number in (1, 2, 3)]
    assert [len(page["data"]) for page in pages] == [25, 25, 10]
    assert [page["meta"]["next_page"] for page in pages] == [2, 3, None]
    assert [page["meta"]["prev_page"] for page in pages] == [None, 1, 2]
    assert [page["meta"]["offset_value"] for page in pages] == [0, 25, 50]
    assert {(p["meta"]["total_pages"], p["meta"]["total_count"], p["meta"]["limit_value"]) for p in pages} == {
        (3, 60, 25)
    }
    titles = [row["title"] for page in pages for row in page["data"]]
    assert titles == [f"Товар {number}" for number in range(60, 0, -1)]


async def test_a_page_beyond_the_end_is_empty(caller: Caller) -> None:
    caller.box.load(_products(3))
    answer = await caller("GET", "/inventory/products", page=9)
    assert answer["data"] == []
    assert answer["meta"]["total_count"] == 3
    assert answer["meta"]["next_page"] is None


async def test_large_pages_are_cut_silently(caller: Caller, session: aiohttp.ClientSession) -> None:
    caller.box.load(_products(120))
    answer = await caller("GET", "/inventory/products", per_page=800)
    assert (len(answer["data"]), answer["meta"]["limit_value"], answer["meta"]["total_pages"]) == (100, 100, 2)
    async with Sandbox(max_per_page=7) as small:
        other = Caller(small, session)
        await other.login()
        small.load(_products(8))
        assert len(await other.data("GET", "/inventory/products", per_page=800)) == 7
        assert len(await other.data("GET", "/inventory/products")) == 7


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "²", ""])
async def test_an_unreadable_page_is_the_first(caller: Caller, page: str) -> None:
    caller.box.load(_products(3))
    meta = (await caller("GET", "/inventory/products", page=page, per_page=page))["meta"]
    assert (meta["current_page"], meta["limit_value"]) == (1, 25)


async def test_receipts_come_newest_first_ten_on_a_page(caller: Caller) -> None:
    moments = [datetime(2026, 10, 5, 10, minute, tzinfo=KYIV) for minute in (3, 1, 2, *range(10, 20))]
    caller.box.load(_receipts(*moments))
    answer = await caller("GET", "/pos/receipts")
    assert (len(answer["data"]), answer["meta"]["limit_value"]) == (10, 10)
    rest = await caller.data("GET", "/pos/receipts", page=2)
    created = [row["created_at"] for row in answer["data"] + rest]
    assert created == sorted(created, reverse=True)


@pytest.mark.parametrize(
    "path",
    ["/inventory/unit_types", "/inventory/cards", "/inventory/product_subgroups", "/rsn/shops/employees"],
)
async def test_some_lists_come_whole(stocked: Caller, path: str) -> None:
    answer = await stocked("GET", path, per_page=1)
    assert answer["meta"] == {"total_count": len(answer["data"])}
    assert len(answer["data"]) >= 2


async def test_the_recorded_units_are_there(caller: Caller) -> None:
    units = await caller.data("GET", "/inventory/unit_types")
    assert [unit["name"] for unit in units[:3]] == ["Година", "Грам", "Кілограм"]
    assert {unit["code"]: unit["short_name"] for unit in units}[2009] == "шт"
    assert len(units) == 11


async def test_decimal_filters_compare_numbers(caller: Caller) -> None:
    rows = _receipts(datetime(2026, 10, 5, tzinfo=KYIV))
    rows.rows["receipts"][0]["total_amount"] = Decimal("145.50")
    caller.box.load(rows)
    for text in ("145.5", "145.50", "1455e-1"):
        assert len(await caller.data("GET", "/pos/receipts", total_amount=text)) == 1
