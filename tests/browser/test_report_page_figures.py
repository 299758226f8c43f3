"""What the page shows is what the store says, for each choice of shops and days."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.support.report_pages import DANGEROUS, END, START, opened, plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNTED = "(r.type = 3 OR (r.type = 0 AND r.state = 2)) AND r.deleted_at IS NULL"
SALES = "sum(CASE WHEN r.type = 0 THEN {0} ELSE 0 END)"
REFUNDS = "sum(CASE WHEN r.type = 3 THEN {0} ELSE 0 END)"
PAID = "CASE WHEN p.payment_type_id = 1 THEN -p.amount ELSE p.amount END"
WHOLE = (f"{START}", f"{END}")
OCTOBER = ("2026-10-05", "2026-10-31")
DAY_OF_25_HOURS = ("2026-10-25", "2026-10-25")


class Store:
    """Asks the store's tables; money comes in ten-thousandths of a hryvnia."""

    def __init__(self, folder: Path, shops: tuple[int, ...], days: tuple[str, str]) -> None:
        self._path = folder / "kasa.sqlite"
        self._where = f"{COUNTED} AND r.shop_id IN ({','.join(map(str, shops))}) AND r.business_date BETWEEN ? AND ?"
        self._days = days

    def ask(self, what: str, more: str = "", group: str = "") -> list[Any]:
        query = f"SELECT {what} FROM receipts r {more} WHERE {self._where} {group}"  # noqa: S608
        with closing(sqlite3.connect(self._path)) as connection:
            return connection.execute(query, self._days).fetchall()


def whole(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def money(units: int) -> str:
    kopecks = units // 100
    sign = "−" if kopecks < 0 else ""
    return f"{sign}{whole(abs(kopecks) // 100)},{abs(kopecks) % 100:02d} ₴"


async def cells(page: Page, table: str) -> list[list[str]]:
    rows = await page.locator(f"{table} tbody tr").all()
    return [[plain(cell) for cell in await row.locator("th, td").all_inner_texts()] for row in rows]


async def choose(page: Page, places: tuple[int, ...], days: tuple[str, str]) -> None:
    await page.locator("#shop-summary").click()
    await page.get_by_role("button", name="Жодного").click()
    for place in places:
        await page.locator("#shop-list input").nth(place).check()
    await page.keyboard.press("Escape")
    for name, day in (("Від", days[0]), ("До", days[1])):
        await page.get_by_label(name, exact=True).fill(day)


CHOICES = {
    "all": ((0, 1, 2), WHOLE),
    "a shop": ((1,), WHOLE),
    "a month": ((0, 2), OCTOBER),
    "a day of 25 hours": ((0, 1, 2), DAY_OF_25_HOURS),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=CHOICES.values(), ids=CHOICES)
async def choice(request: pytest.FixtureRequest, browser: Browser, report: Path) -> AsyncIterator[tuple[Page, Store]]:
    """A page where shops and days have been chosen, and the store asked for the same."""
    places, days = request.param
    async with opened(browser, report) as page:
        await choose(page, places, days)
        shops = await page.evaluate("(places) => places.map((place) => page.shops[place].id)", list(places))
        yield page, Store(report.parent, tuple(shops), days)


async def test_figures_are_those_of_the_store(choice: tuple[Page, Store]) -> None:
    page, chosen = choice
    columns = f"{SALES.format('r.total_amount')}, sum(r.type = 0), {REFUNDS.format('r.total_amount')}, sum(r.type = 3)"
    ((sales, receipts, refunds, refund_receipts),) = chosen.ask(columns)
    tiles = {
        plain(await tile.locator("dt").inner_text()): plain(await tile.locator("b").inner_text())
        for tile in await page.locator(".tile").all()
    }
    assert tiles["Чисті продажі"] == money(sales - refunds)
    assert tiles["Продажі"] == money(sales)
    assert tiles["Чеки"] == whole(receipts)
    assert tiles["Повернення"] == money(refunds)
    assert f"{whole(refund_receipts)} чек" in plain(await page.locator(".tile").last.inner_text())
    status = plain(await page.get_by_role("status").inner_text())
    assert money(sales - refunds) in status
    assert f"чеків продажу: {whole(receipts)}." in status


async def test_shops_stand_side_by_side(choice: tuple[Page, Store]) -> None:
    page, chosen = choice
    rows = chosen.ask(
        f"r.shop_id, {SALES.format('r.total_amount')}, {REFUNDS.format('r.total_amount')}", group="GROUP BY 1"
    )
    shown = {(row[1], row[5]) for row in await cells(page, "#shops-body > .scroll table")} - {("0,00 ₴", "0,00 ₴")}
    assert shown == {(money(sales - refunds), money(refunds)) for _, sales, refunds in rows}


async def test_days_add_up(choice: tuple[Page, Store]) -> None:
    page, chosen = choice
    rows = chosen.ask(f"r.business_date, {SALES.format('r.total_amount')}", group="GROUP BY 1 ORDER BY 1")
    expected = {f"{day[8:]}.{day[5:7]}.{day[:4]}": money(sales) for day, sales in rows}
    await page.locator("#days-body details").evaluate("(details) => { details.open = true; }")
    shown = {row[0].split(", ")[1]: row[1] for row in await cells(page, "#days-body") if row[1] != "0,00 ₴"}
    assert shown == {day: sales for day, sales in expected.items() if sales != "0,00 ₴"}


async def test_hours_are_those_of_kyiv(choice: tuple[Page, Store]) -> None:
    page, chosen = choice
    # Kyiv is 3 hours ahead of UTC until 2026-10-25 01:00 UTC, and 2 hours from then on.
    hour = "strftime('%H', r.created_at, CASE WHEN r.created_at < '2026-10-25 01' THEN '+3 hours' ELSE '+2 hours' END)"
    rows = chosen.ask(f"{hour}, {SALES.format('r.total_amount')}, sum(r.type = 0)", group="GROUP BY 1")
    await page.locator("#hours-body details").evaluate("(details) => { details.open = true; }")
    shown = {row[0]: (row[1], row[2]) for row in await cells(page, "#hours-body") if row[2] != "0"}
    assert shown == {f"{hour}:00": (money(sales), whole(receipts)) for hour, sales, receipts in rows if receipts}


async def test_means_are_those_of_the_payments(choice: tuple[Page, Store]) -> None:
    page, chosen = choice
    rows = chosen.ask(
        f"p.transaction_type_id, {SALES.format(PAID)}",
        "JOIN payments p ON p.receipt_id = r.id",
        "GROUP BY 1",
    )
    shown = {row[0]: row[1] for row in await cells(page, "#means-body")}
    names = {0: "Готівка", 1: "Картка", 2: "Еквайринг"}
    for code, name in names.items():
        assert shown.get(name) == next((money(sales) for means, sales in rows if means == code and sales), None)


@pytest.mark.parametrize("body", ["#means-body", "#groups-body"])
async def test_what_sales_divide_into_adds_up_to_them(choice: tuple[Page, Store], body: str) -> None:
    page, chosen = choice
    ((sales, refunds),) = chosen.ask(f"{SALES.format('r.total_amount')}, {REFUNDS.format('r.total_amount')}")
    total = [plain(cell) for cell in await page.locator(f"{body} tfoot").first.locator("th, td").all_inner_texts()]
    assert total == ["Разом", money(sales), "", money(refunds)]


async def test_taxes_are_those_of_the_receipts(choice: tuple[Page, Store]) -> None:
    page, chosen = choice
    ((vat,),) = chosen.ask("sum(CASE r.type WHEN 3 THEN -1 ELSE 1 END * coalesce(r.tax_a, 0))")
    shown = {row[0]: row[1] for row in await cells(page, "#groups-body .scroll:last-child")}
    assert shown.get("А", "0,00 ₴") == money(vat)


async def test_products_have_their_quantities(choice: tuple[Page, Store]) -> None:
    page, chosen = choice
    rows = chosen.ask(
        "i.product_id, max(i.name), sum(CASE r.type WHEN 3 THEN -i.quantity ELSE i.quantity END)",
        "JOIN receipt_items i ON i.receipt_id = r.id",
        "GROUP BY 1",
    )
    quantities = {plain(name): quantity for _, name, quantity in rows}
    shown = await cells(page, "#products-body")
    assert shown
    for name, _, quantity in shown:
        number = quantity.rpartition(" ")[0].replace(" ", "").replace("−", "-").replace(",", ".")
        assert float(number) * 1_000_000 == pytest.approx(quantities[name], abs=0.5)
    assert len(shown) == min(len([one for one in quantities.values() if one]), 25)


async def test_largest_refunds_lead_to_the_tax_service(choice: tuple[Page, Store]) -> None:
    page, chosen = choice
    rows = chosen.ask(
        "r.fiscal_number, r.registrar_fiscal_number, r.total_amount, r.business_date",
        "",
        "AND r.type = 3 ORDER BY r.total_amount DESC, r.id LIMIT 10",
    )
    links = await page.locator("#refunds-body tbody a").all()
    assert len(links) == len(rows)
    for link, (number, registrar, total, day) in zip(links, rows, strict=True):
        address = str(await link.get_attribute("href"))
        assert address.startswith(f"https://cabinet.tax.gov.ua/cashregs/check?id={number}&date={day.replace('-', '')}&")
        assert address.endswith(f"&fn={registrar}&sm={total // 10_000}.{total % 10_000 // 100:02d}")
        assert await link.get_attribute("rel") == "noopener noreferrer"


async def test_titles_are_text(page: Page) -> None:
    assert await page.title() == "Продажі та звірка"
    assert DANGEROUS in await page.locator("#products-body tbody th").all_text_contents()
    assert f"Крамниця {DANGEROUS}" in await page.locator("#shops-body > .scroll tbody th").all_text_contents()
    assert await page.locator("b[onclick]").count() == 0


async def test_presets_choose_days(page: Page) -> None:
    await page.locator("#preset").select_option("2026-11-01")
    assert await page.get_by_label("Від", exact=True).input_value() == "2026-11-01"
    assert await page.get_by_label("До", exact=True).input_value() == f"{END}"
    await page.get_by_label("Від", exact=True).fill("2026-11-03")
    assert await page.locator("#preset").input_value() == "own"


async def test_no_shops_have_no_figures(page: Page) -> None:
    await choose(page, (), WHOLE)
    assert "магазинів: 0. Чисті продажі 0,00 ₴" in plain(await page.get_by_role("status").inner_text())
    assert plain(await page.locator("#days-body").inner_text()) == "За вибраними умовами нічого немає."
