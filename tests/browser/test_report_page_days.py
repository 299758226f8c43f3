"""Days that are not over, days that were not read, and the period before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]

from smartkasa_async.records.days import Window
from smartkasa_async.reports import ComplianceReport, Reconciliation
from smartkasa_async.reports.page.data import page_data
from smartkasa_async.reports.page.document import render
from smartkasa_async.reports.page.facts import PageFacts, window_before
from smartkasa_async.reports.page.time_buckets import MONEY_UNIT, MOST_NUMBERS, Table, TimeBuckets
from tests.browser.test_report_page_figures import cells
from tests.browser.test_report_page_use import PHONE
from tests.support.report_pages import opened, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from smartkasa_async.reports.page.facts import Span

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG_AGO = datetime(2025, 1, 1, 22, tzinfo=UTC)
NOW = datetime(2026, 11, 9, 12, 30, tzinfo=UTC)
"""14:30 in Kyiv."""
TODAY = date(2026, 11, 9)
NOVEMBER = Window(date(2026, 11, 1), TODAY)
OPEN_TABLES = "document.querySelectorAll('details.as-table').forEach((details) => { details.open = true; })"
ROWS = "#days-body"
ALL_READ: list[Span] = [(LONG_AGO, NOW)]


def sales_of(shop: int, day: date) -> int:
    """Hryvnias: 100 on a day, 200 in October, 10 so far today."""
    return 10 if day == TODAY else 200 if day.month == 10 else 100 * shop


def page_of(
    path: Path,
    window: Window = NOVEMBER,
    read: Mapping[int, list[Span]] | None = None,
    sales: Callable[[int, date], int] = sales_of,
    most_numbers: int = MOST_NUMBERS,
) -> Path:
    """Write a page of shops that sell the same on each day, by two receipts at nine o'clock."""
    spans = read or {1: ALL_READ}
    buckets, before = TimeBuckets(window, most_numbers), TimeBuckets(window_before(window), most_numbers)
    for part, days in ((buckets, window), (before, window_before(window))):
        for day in (days.start + timedelta(days=number) for number in range(days.days)):
            for shop in spans:
                amount = sales(shop, day) * MONEY_UNIT
                if amount and day <= TODAY:
                    part.add(Table.TURNOVER, shop, day, (amount, 2, 0, 0))
                    part.add(Table.HOURS, shop, day, (amount, 2), 9)
    facts = PageFacts(buckets=buckets, before=before, read=dict(spans), shops={id_: f"Крамниця {id_}" for id_ in spans})
    nothing = Reconciliation(window=window, shops=()), ComplianceReport(NOW, ())
    data = page_data(facts, *nothing, window=window, shops=list(spans))
    path.write_text("".join(render(data, "uk")), "utf-8")
    return path


async def tiles(page: Page) -> dict[str, list[str]]:
    return {
        plain(await tile.locator("dt").inner_text()): [
            plain(line) for line in (await tile.locator("dd").inner_text()).split("\n")
        ]
        for tile in await page.locator(".tile").all()
    }


async def days_table(page: Page) -> dict[str, list[str]]:
    await page.evaluate(OPEN_TABLES)
    return {" ".join(row[0].split()): row[1:] for row in await cells(page, ROWS)}


async def compared(page: Page) -> str:
    return plain(await page.locator("#compared").inner_text())


def until(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]


async def test_a_day_that_is_not_over_counts_in_no_average(browser: Browser, tmp_path: Path) -> None:
    async with opened(browser, page_of(tmp_path / "page.html")) as page:
        shown = await tiles(page)
        assert shown["Продажі"][0] == "810,00 ₴"
        assert shown["Продажі на день"][:2] == ["100,00 ₴", "за 8 завершених днів"]
        assert shown["Середній чек"][:2] == ["50,00 ₴", "за 8 завершених днів"]
        assert "09.11.2026 — день не завершено, дані до 14:30" in await compared(page)
        assert "Середній чек — за 8 завершених днів" in plain(await page.locator("#hours-body").inner_text())
        await page.evaluate(OPEN_TABLES)
        rows = await cells(page, "#hours-body")
        assert rows == [["09:00", "810,00 ₴", "18", "50,00 ₴", "1 600,00 ₴"]]
        shops = await cells(page, "#shops-body > .scroll table")
        assert shops[0][4] == "50,00 ₴"


async def test_a_day_that_is_not_over_is_hatched_and_named(browser: Browser, tmp_path: Path) -> None:
    for scheme in ("light", "dark"):
        async with opened(browser, page_of(tmp_path / "page.html"), color_scheme=scheme) as page:
            bars = page.locator("#days-chart .ct-series-a .ct-bar")
            assert [await bar.evaluate("(bar) => bar.style.stroke") for bar in await bars.all()] == [
                *[""] * 8,
                'url("#days-chart-hatch0")',
            ]
            for media in ("screen", "print"):
                await page.emulate_media(media=media)
                lines = page.locator("#days-chart-hatch0 rect")
                seen = await lines.evaluate("(lines) => getComputedStyle(lines).fill")
                behind = await page.locator("#days").evaluate("(card) => getComputedStyle(card).backgroundColor")
                assert seen.startswith("rgb(")
                assert seen != behind
                assert await page.locator("#days-chart rect.outline").count() == 1
            await page.emulate_media(media="screen")
            assert "заштриховано: не завершено" in await page.locator("#days .legend").inner_text()
            assert "пн, 09.11.2026 день не завершено, дані до 14:30" in await days_table(page)
            box = await bars.last.bounding_box()
            assert box
            await page.mouse.move(box["x"], box["y"])
            assert "день не завершено, дані до 14:30" in plain(await page.locator("#tip").inner_text())
            await page.locator("#language").select_option("en")
            assert "09 Nov 2026 day not over, data until 14:30" in " ".join(await days_table(page))


async def test_what_is_finished_has_no_marks(browser: Browser, tmp_path: Path) -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 8))
    async with opened(browser, page_of(tmp_path / "page.html", window)) as page:
        assert await page.locator("#days-chart :is(.partly, .not-read, .outline)").count() == 0
        assert await page.locator("#days .legend li").count() == 3
        assert "не завершено" not in await page.locator("main").inner_text()
        assert await page.locator(".unread").count() == 0


async def test_a_day_that_ended_since_it_was_read_is_not_over_either(browser: Browser, tmp_path: Path) -> None:
    read = {1: [(LONG_AGO, until(2026, 11, 7, 16, 5))]}
    async with opened(browser, page_of(tmp_path / "page.html", read=read)) as page:
        assert (await tiles(page))["Продажі на день"][1] == "за 6 завершених днів"
        assert "07.11.2026 — день не завершено, дані до 18:05" in await compared(page)


async def test_the_first_day_may_be_read_in_part(browser: Browser, tmp_path: Path) -> None:
    read = {1: [(until(2026, 11, 1, 9), NOW)]}
    async with opened(browser, page_of(tmp_path / "page.html", read=read)) as page:
        assert (await tiles(page))["Продажі на день"][:2] == ["100,00 ₴", "за 7 завершених днів"]
        assert "нд, 01.11.2026 день прочитано не весь" in await days_table(page)
        assert await page.locator("#days-chart .ct-series-a .ct-bar.partly").count() == 2
        assert "не починається із завершеного дня" in await compared(page)


async def test_lines_stop_before_a_day_that_is_not_over(browser: Browser, tmp_path: Path) -> None:
    read = {1: ALL_READ, 2: [(LONG_AGO, until(2026, 11, 5, 10))]}
    sales = lambda shop, day: sales_of(shop, day) if shop == 1 or day.day < 6 else 0  # noqa: E731
    async with opened(browser, page_of(tmp_path / "page.html", read=read, sales=sales)) as page:
        paths = page.locator("#shops-chart .ct-line")
        points = [(await path.get_attribute("d") or "").count(",") for path in await paths.all()]
        assert sorted(points) == [4, 8]
        assert "Лінія переривається" in await page.locator("#shops-body").inner_text()
        await page.evaluate(OPEN_TABLES)
        rows = await cells(page, "#shops-body details")
        assert rows[-1][1:] == ["— (не прочитано)", "10,00 ₴ (день не завершено, дані до 14:30)"]


async def test_a_finished_day_between_gaps_is_a_point(browser: Browser, tmp_path: Path) -> None:
    day = (until(2026, 11, 2, 22), until(2026, 11, 3, 22))
    read = {1: ALL_READ, 2: [day]}
    sales = lambda shop, day: 0 if shop == 2 and day != date(2026, 11, 3) else 100  # noqa: E731
    async with opened(browser, page_of(tmp_path / "page.html", read=read, sales=sales)) as page:
        assert await page.locator("#shops-chart .ct-point").count() == 1


async def test_days_that_were_not_read_are_gaps_and_closed_days_are_zero(browser: Browser, tmp_path: Path) -> None:
    read = {1: [(LONG_AGO, until(2026, 11, 3, 22)), (until(2026, 11, 6, 22), NOW)]}
    sales = lambda _, day: 0 if 2 <= day.day <= 6 else 100  # noqa: E731
    async with opened(browser, page_of(tmp_path / "page.html", read=read, sales=sales)) as page:
        table = await days_table(page)
        assert table["пн, 02.11.2026"][:4] == ["0,00 ₴", "0", "0,00 ₴", "0,00 ₴"]
        assert table["ср, 04.11.2026 не прочитано"] == ["—", "—", "—", "—"]
        assert await page.locator("#days-chart .not-read").count() == 1
        assert "не прочитано" in await page.locator("#days .legend").inner_text()
        # 1, 2, 3, 7 and 8 November
        assert (await tiles(page))["Продажі на день"][:2] == ["60,00 ₴", "за 5 завершених днів"]
        note = await compared(page)
        assert "04.11.2026 – 06.11.2026: smartkasa receipts sync --start 2026-11-04 --end 2026-11-06" in note
        assert "у вибраному періоді прочитано не все: 04.11.2026 – 06.11.2026" in note


async def test_days_to_come_are_no_zeros(browser: Browser, tmp_path: Path) -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 30))
    async with opened(browser, page_of(tmp_path / "page.html", window)) as page:
        table = await days_table(page)
        assert table["вт, 10.11.2026 ще не настав"] == ["—", "—", "—", "—", "—"]
        assert (await tiles(page))["Продажі на день"][:2] == ["100,00 ₴", "за 8 завершених днів"]
        assert await page.locator(".unread, #days-chart .not-read").count() == 0


async def test_nothing_read_is_not_nothing_sold(browser: Browser, tmp_path: Path) -> None:
    async with opened(browser, page_of(tmp_path / "page.html", read={1: [], 2: []}, sales=lambda *_: 0)) as page:
        assert plain(await page.locator("#days-body").inner_text()) == "За вибраними умовами нічого не прочитано."
        shown = await tiles(page)
        assert shown["Продажі на день"][0] == "—"
        assert "—" in (await cells(page, "#shops-body > .scroll table"))[0][1]


async def test_a_shop_that_was_not_read_makes_days_of_all_unfinished(browser: Browser, tmp_path: Path) -> None:
    read: dict[int, list[Span]] = {1: ALL_READ, 2: [(LONG_AGO, until(2026, 11, 4, 22))]}
    sales = lambda shop, day: 100 if shop == 1 or day.day < 5 else 0  # noqa: E731
    async with opened(browser, page_of(tmp_path / "page.html", read=read, sales=sales)) as page:
        assert "чт, 05.11.2026 прочитано не всі магазини: 1 з 2" in await days_table(page)
        assert (await tiles(page))["Продажі на день"][:2] == ["200,00 ₴", "за 4 завершені дні"]
        assert "Крамниця 2: smartkasa receipts sync --start 2026-11-05 --end 2026-11-09 --shop 2" in await compared(
            page
        )
        await page.evaluate("chooseShops([0])")
        assert (await tiles(page))["Продажі на день"][:2] == ["100,00 ₴", "за 8 завершених днів"]


async def test_a_month_that_runs_is_compared_with_the_same_days_of_the_one_before(
    browser: Browser, tmp_path: Path
) -> None:
    async with opened(browser, page_of(tmp_path / "page.html")) as page:
        shown = await tiles(page)
        assert shown["Продажі"] == [
            "810,00 ₴",
            "без незавершених днів 800,00 ₴",
            "раніше 1 600,00 ₴",
            "−800,00 ₴ (−50,0%)",
        ]
        assert shown["Чеки"] == ["18", "без незавершених днів 16", "раніше 16", "0 (0,0%)"]
        assert shown["Середній чек"][2:] == ["раніше 100,00 ₴", "−50,00 ₴ (−50,0%)"]
        note = await compared(page)
        assert "лише його завершені дні, 8 днів: 01.11.2026 – 08.11.2026 з 01.10.2026 – 08.10.2026" in note
        assert (await days_table(page))["нд, 01.11.2026"][4] == "200,00 ₴"
        assert await page.locator("#days-chart .was").count() == 8
        assert "попередній період" in await page.locator("#days .legend").inner_text()
        shops = await cells(page, "#shops-body > .scroll table")
        assert shops[0][6:] == ["1 600,00 ₴", "−800,00 ₴ (−50,0%)"]


@pytest.mark.parametrize(
    ("days", "earlier", "words"),
    [
        (("2026-10-01 2026-10-31",), 3_000, "01.09.2026 – 30.09.2026, 30 днів"),
        (("2026-09-15 2026-11-09", "2026-10-01 2026-10-31"), 3_000, "01.09.2026 – 30.09.2026, 30 днів"),
        (("2026-07-01 2026-09-30",), 9_100, "01.04.2026 – 30.06.2026, 91 день"),
        (("2026-10-05 2026-10-11",), 300 + 4 * 200, "28.09.2026 – 04.10.2026, 7 днів"),
        (("2026-10-01 2026-11-09", "2026-10-15 2026-10-21"), 1_400, "08.10.2026 – 14.10.2026, 7 днів"),
        (("2026-11-03 2026-11-09",), 5 * 200 + 100, "03.11.2026 – 08.11.2026 з 27.10.2026 – 01.11.2026"),
    ],
    ids=["a month", "a month within", "a quarter", "a week", "a week within", "a week that runs"],
)
async def test_a_period_is_compared_with_the_one_before(
    browser: Browser, tmp_path: Path, days: tuple[str, ...], earlier: int, words: str
) -> None:
    window, *chosen = days
    first, last = map(date.fromisoformat, window.split())
    sales = lambda _, day: 200 if day.month == 10 else 100  # noqa: E731
    async with opened(browser, page_of(tmp_path / "page.html", Window(first, last), sales=sales)) as page:
        for within in chosen:
            await page.locator("#from").fill(within.split()[0])
            await page.locator("#to").fill(within.split()[1])
        assert words in await compared(page)
        amount = f"{earlier // 1_000} {earlier % 1_000:03d}" if earlier >= 1_000 else f"{earlier}"
        assert f"раніше {amount},00 ₴" in (await tiles(page))["Продажі"]


async def test_a_period_before_that_was_not_read_is_not_compared(browser: Browser, tmp_path: Path) -> None:
    read = {1: [(until(2026, 10, 4, 21), NOW)]}
    async with opened(browser, page_of(tmp_path / "page.html", read=read)) as page:
        assert (await tiles(page))["Продажі"] == ["810,00 ₴", "раніше —"]
        note = await compared(page)
        assert "—, бо попередній період прочитано не весь: бракує 01.10.2026 – 04.10.2026." in note
        assert "smartkasa receipts sync --start 2026-10-01 --end 2026-10-04" in note
        assert (await cells(page, "#shops-body > .scroll table"))[0][6:] == ["—", "—"]
        assert await page.locator(".was").count() == 0


async def test_only_a_shop_whose_period_before_was_not_read_stays_without_one(browser: Browser, tmp_path: Path) -> None:
    read = {1: ALL_READ, 2: [(until(2026, 10, 31, 22), NOW)]}
    async with opened(browser, page_of(tmp_path / "page.html", read=read)) as page:
        shops = {row[0]: row[6] for row in await cells(page, "#shops-body > .scroll table")}
        assert shops == {"Крамниця 1": "1 600,00 ₴", "Крамниця 2": "—"}


async def test_longer_steps_are_unfinished_as_a_whole(browser: Browser, tmp_path: Path) -> None:
    window = Window(date(2026, 1, 1), TODAY)
    async with opened(browser, page_of(tmp_path / "page.html", window)) as page:
        partly = page.locator("#days-chart .ct-series-a .ct-bar.partly")
        # the week of New Year is cut by the page, the last one is not over
        assert await partly.count() == 2
        table = await days_table(page)
        assert next(iter(table)) == "29.12.2025 неповний період: завершених днів 4 з 7"
        assert [*table][-1] == "09.11.2026 неповний період: завершених днів 0 з 7"


async def test_what_is_in_longer_steps_is_compared_where_these_fit(browser: Browser, tmp_path: Path) -> None:
    window = Window(date(2026, 10, 1), date(2026, 11, 8))
    async with opened(browser, page_of(tmp_path / "page.html", window, most_numbers=60)) as page:
        assert await page.evaluate("page.tables.turnover.step") != "day"
        await page.locator("#preset").select_option("2026-10-01")
        assert "01.09.2026 – 30.09.2026" in await compared(page)
        assert "раніше 3 000,00 ₴" in (await tiles(page))["Продажі"]
        await page.locator("#preset").select_option("2026-11-01")
        assert "є лише довші проміжки" in await compared(page)


@pytest.mark.parametrize("language", ["uk", "en"])
async def test_tables_of_large_amounts_fit_on_a_sheet(browser: Browser, tmp_path: Path, language: str) -> None:
    read = {1: ALL_READ, 2: ALL_READ}
    path = page_of(tmp_path / "page.html", read=read, sales=lambda shop, day: 1_234_567 * shop + day.month)
    # A4 less its margins
    async with opened(browser, path, viewport={"width": 688, "height": 1_000}) as page:
        await page.locator("#language").select_option(language)
        await page.emulate_media(media="print")
        widths = "(boxes) => boxes.map((box) => [box.scrollWidth, box.clientWidth])"
        boxes = await page.locator("main .scroll:visible").evaluate_all(widths)
        assert boxes
        assert all(needed <= there for needed, there in boxes), boxes
        assert await page.evaluate("document.documentElement.scrollWidth") == 688


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
async def test_marks_are_accessible(browser: Browser, tmp_path: Path, scheme: str, size: dict[str, Any]) -> None:
    read = {1: ALL_READ, 2: [(until(2026, 11, 3, 22), NOW)]}
    async with opened(browser, page_of(tmp_path / "page.html", read=read), color_scheme=scheme, **size) as page:
        assert await page.locator(".unread").count() == 1
        await page.evaluate(OPEN_TABLES)
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        width = page.viewport_size["width"] if page.viewport_size else 0
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
