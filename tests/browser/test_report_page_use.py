"""The page as people use it: languages, themes, keyboard, telephone, paper, screen reader; and large businesses."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]

from smartkasa_async.records.days import Window
from smartkasa_async.reports import ComplianceReport, Reconciliation, write_report_page
from smartkasa_async.reports.page.data import page_data
from smartkasa_async.reports.page.document import render
from smartkasa_async.reports.page.facts import PageFacts, PageProduct
from smartkasa_async.reports.page.time_buckets import MONEY_UNIT, Table, TimeBuckets
from smartkasa_async.stores import open_store
from tests.support.report_pages import END, NOW, START, opened, plain

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
OPEN_ALL = "document.querySelectorAll('main details').forEach((details) => { details.open = true; })"
COLUMNS = """[...document.querySelectorAll("main thead tr")].map((row) =>
  [...row.cells].map((cell) => cell.checkVisibility() && cell.getBoundingClientRect().width > 0 && cell.textContent))"""
FIRST_AND_LAST_ARE_IN_SIGHT = """(box) => {
  const [left, right] = [box.getBoundingClientRect().left - 1, box.getBoundingClientRect().right + 1];
  const { cells } = box.querySelector("tbody tr");
  const [first, last] = [cells[0], cells[cells.length - 1]].map((cell) => cell.getBoundingClientRect());
  return first.left >= left && last.right <= right && last.left >= first.right;
}"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
MOST_BYTES = 5_000_000
MOST_MILLISECONDS = 2_000


async def test_it_speaks_both_languages(page: Page) -> None:
    assert await page.locator("html").get_attribute("lang") == "uk"
    await page.get_by_label("Мова").select_option("en")
    assert await page.locator("html").get_attribute("lang") == "en"
    assert await page.title() == "Sales and reconciliation"
    headings = [heading for heading in await page.get_by_role("heading").all_inner_texts() if "Крамниця" not in heading]
    assert {"Sales by day", "Reconciliation", "Fiscal rules"} <= set(headings)
    assert all(heading.isascii() for heading in headings), headings
    assert "05 Oct 2026" in await page.get_by_role("status").inner_text()
    await page.get_by_label("Language").select_option("uk")
    assert "05.10.2026" in await page.get_by_role("status").inner_text()


async def test_it_is_light_or_dark(browser: Browser, report: Path) -> None:
    async with opened(browser, report, color_scheme="dark") as page:
        dark = await page.evaluate(BACKGROUND)
        await page.locator("#theme").select_option("light")
        light = await page.evaluate(BACKGROUND)
        assert dark != light
        await page.emulate_media(color_scheme="light")
        await page.locator("#theme").select_option("auto")
        assert await page.evaluate(BACKGROUND) == light
        await page.locator("#theme").select_option("dark")
        assert await page.evaluate(BACKGROUND) == dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
async def test_it_is_accessible(browser: Browser, report: Path, scheme: str, size: dict[str, Any]) -> None:
    async with opened(browser, report, color_scheme=scheme, **size) as page:
        await page.evaluate(OPEN_ALL)
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


async def test_each_chart_has_its_figures_in_a_table(page: Page) -> None:
    for chart in await page.get_by_role("img").all():
        assert "таблиці" in str(await chart.get_attribute("aria-label"))
        section = chart.locator("xpath=ancestor::section")
        await section.locator("details.as-table > summary").click()
        bars = await chart.locator("svg .ct-series-a .ct-bar").count()
        rows = await section.locator("details.as-table tbody tr").count()
        assert rows > 1
        assert bars in {0, rows}


async def test_it_is_used_by_keyboard(page: Page) -> None:
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"
    await page.locator("#shop-summary").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    before = await page.get_by_role("status").inner_text()
    await page.keyboard.press("Space")
    assert "магазинів: 2" in await page.get_by_role("status").inner_text()
    assert await page.get_by_role("status").inner_text() != before
    await page.keyboard.press("Escape")
    assert await page.evaluate("document.activeElement.id") == "shop-summary"
    assert not await page.locator("#shop-list").is_visible()


@pytest.mark.parametrize("language", ["uk", "en"])
async def test_a_telephone_scrolls_downwards_only(browser: Browser, report: Path, language: str) -> None:
    async with opened(browser, report, **PHONE) as page:
        await page.locator("#language").select_option(language)
        await page.evaluate(OPEN_ALL)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        sizes = await page.locator(".tile b").evaluate_all("(all) => all.map((b) => [b.scrollWidth, b.clientWidth])")
        assert all(needed <= there for needed, there in sizes)
        tables = page.locator(".found .scroll").evaluate_all(
            "(all) => all.map((one) => [one.scrollWidth, one.clientWidth])"
        )
        assert all(needed <= there for needed, there in await tables)


@pytest.mark.parametrize("language", ["uk", "en"])
async def test_a_telephone_reaches_every_column(browser: Browser, report: Path, language: str) -> None:
    async with opened(browser, report, **PHONE) as phone, opened(browser, report) as desk:
        for page in (phone, desk):
            await page.locator("#language").select_option(language)
            await page.evaluate(OPEN_ALL)
        assert await phone.evaluate(COLUMNS) == await desk.evaluate(COLUMNS)
        assert await desk.locator(".hint:visible").count() == 0
        await phone.locator(".hint:visible").nth(3).wait_for()
        for box in await phone.locator("main .scroll").all():
            is_wide = await box.evaluate("(box) => box.scrollWidth > box.clientWidth")
            assert await box.locator(".hint").is_visible() == is_wide
        box = phone.locator("#shops-body > .scroll")
        await box.focus()
        await box.evaluate("(box) => { box.scrolled = new Promise((done) => box.addEventListener('scroll', done)); }")
        await phone.keyboard.press("ArrowRight")
        await box.evaluate("(box) => box.scrolled")
        await box.locator("thead th").last.scroll_into_view_if_needed()
        assert await box.evaluate(FIRST_AND_LAST_ARE_IN_SIGHT)


async def test_days_stay_in_one_line(page: Page) -> None:
    await page.locator("#language").select_option("en")
    days = page.locator("#refunds-body td:nth-child(2)")
    assert await days.count() > 0
    lines = """(all) => all.map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return range.getClientRects().length;
    })"""
    assert set(await days.evaluate_all(lines)) == {1}


async def test_the_pointer_shows_the_figures_of_a_bar(page: Page) -> None:
    await page.locator("#days-chart").hover(position={"x": 400, "y": 80})
    assert await page.locator("#tip").is_visible()
    assert "Продажі: " in await page.locator("#tip").inner_text()


async def test_differences_lead_to_their_receipts(page: Page) -> None:
    differences = page.locator("#reconciliation .found > li")
    assert "Розбіжностей: 2" in await page.locator("#reconciliation .verdict").inner_text()
    total = differences.filter(has_text="Підсумок чека")
    await total.locator("summary").click()
    assert "12,30" in await total.locator("tbody td").last.inner_text()
    link = await total.locator(".receipts a").get_attribute("href")
    assert str(link).startswith("https://cabinet.tax.gov.ua/cashregs/check?id=")
    assert await differences.filter(has_text="Немає Z-звіту").count() == 1


async def test_findings_say_what_to_do(page: Page) -> None:
    found = page.locator("#compliance .found > li").filter(has_text="продажі без Z-звіту")
    await found.locator("summary").click()
    assert "завантажте Z-звіти" in await found.inner_text()
    assert await found.locator(".receipts a").count() > 0
    assert await page.locator("#compliance").get_by_text("довша за 24 години").count() == 1


async def test_what_was_found_is_filtered_as_well(page: Page) -> None:
    everything = await page.locator(".found > li").count()
    await page.locator("#shop-summary").click()
    await page.get_by_role("button", name="Жодного").click()
    assert await page.locator(".found > li").count() == 0
    await page.get_by_role("button", name="Усі").click()
    assert await page.locator(".found > li").count() == everything
    await page.locator("#preset").select_option("last7")
    assert await page.locator(".found > li").count() < everything


async def test_what_there_is_no_room_for_is_counted(
    browser: Browser, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smartkasa_async.reports.page.data._MOST_FOUND", 1)
    async with open_store(report.parent / "kasa.sqlite") as store:
        await write_report_page(store, tmp_path / "short.html", start=START, end=END, now=NOW, language="uk")
    async with opened(browser, report) as whole, opened(browser, tmp_path / "short.html") as short:
        assert await short.locator(".found > li").count() == 2
        for places in ([0, 1, 2], [0], [1], [2]):
            for page in (whole, short):
                await page.evaluate("(places) => chooseShops(places)", places)
            for section in ("#reconciliation", "#compliance"):
                verdict = f"{section} .verdict"
                assert await short.locator(verdict).inner_text() == await whole.locator(verdict).inner_text()
        await short.evaluate("chooseShops(page.shops.keys())")
        assert "ще 1 є в повній звірці" in await short.locator("#reconciliation").inner_text()


async def test_sentences_have_amounts_and_days_of_the_language(page: Page) -> None:
    said = "на +1234.50 і -0.05 за 2026-10-08; 982d72ef-2026-10-08, 1.5, 2026-13-45"
    in_ukrainian = await page.evaluate("(said) => sentence(said)", said)
    assert plain(in_ukrainian) == "на +1 234,50 і −0,05 за 08.10.2026; 982d72ef-2026-10-08, 1.5, 2026-13-45"
    await page.locator("#language").select_option("en")
    assert "+1,234.50 і −0.05 за 08 Oct 2026" in await page.evaluate("(said) => sentence(said)", said)
    await page.locator("#language").select_option("uk")
    found = [plain(text) for text in await page.locator("#reconciliation .words").all_inner_texts()]
    assert any(re.search(r"\d,\d\d", text) for text in found)
    assert not any(re.search(r"\d\.\d\d\b", text) for text in found), found


async def test_axes_have_round_values_and_zero(page: Page) -> None:
    for chart in ("days", "hours", "shops"):
        labels = await page.locator(f"#{chart}-chart .ct-label.ct-vertical").all_inner_texts()
        assert "0 ₴" in map(plain, labels)
        assert not any("-" in label for label in labels)
        inside = """(chart) => {
          const box = (all) => all.map((one) => one.getBoundingClientRect());
          const [drawn, grid] = [[".ct-bar", ".ct-line"], [".ct-grid"]].map((names) => box([
            ...chart.querySelectorAll(names.join())]));
          return Math.min(...drawn.map((one) => one.top)) >= Math.min(...grid.map((one) => one.top)) - 1.5
            && Math.min(...grid.map((one) => one.top)) >= chart.getBoundingClientRect().top;
        }"""
        assert await page.locator(f"#{chart}-chart").evaluate(inside)


AXES = {
    "uk": {
        0: "0 ₴",
        500: "500 ₴",
        -2_000: "−2 тис. ₴",
        12_500: "12,5 тис. ₴",
        3_000_000: "3 млн ₴",
        2 * 10**9: "2 млрд ₴",
    },
    "en": {0: "0 ₴", 500: "500 ₴", -2_000: "−2k ₴", 12_500: "12.5k ₴", 3_000_000: "3m ₴", 2 * 10**9: "2bn ₴"},
}


@pytest.mark.parametrize("language", ["uk", "en"])
async def test_axes_and_tips_carry_their_units(page: Page, language: str) -> None:
    await page.locator("#language").select_option(language)
    for amount, words in AXES[language].items():
        assert plain(await page.evaluate("(amount) => shortMoney(amount)", amount)) == words
    for chart in ("days", "hours", "shops"):
        labels = [plain(text) for text in await page.locator(f"#{chart}-chart .ct-label.ct-vertical").all_inner_texts()]
        assert all(label.endswith(" ₴") for label in labels)
        digits = page.locator(f"#{chart}-chart .ct-label.ct-vertical").first
        assert await digits.evaluate("(one) => getComputedStyle(one).fontVariantNumeric") == "tabular-nums"
        cut = """(chart) => [...chart.querySelectorAll(".ct-label.ct-vertical")].filter(
          (one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
        assert await page.locator(f"#{chart}-chart").evaluate(cut) == []
        await page.locator(f"#{chart}-chart").hover(position={"x": 300, "y": 80})
        tip = plain(await page.locator("#tip").inner_text()).split("\n")[1:]
        assert tip
        assert all(re.search(r" ₴$|^[\d ,]+ (чек|receipt)", line) for line in tip), tip
    assert all(":00" in text for text in await page.locator("#hours-chart .ct-label.ct-horizontal").all_inner_texts())


async def test_what_is_counted_stands_in_the_form_of_its_number(page: Page) -> None:
    counts = "[1, 2, 5, 11, 21, 1204].map((number) => counted('receipts.counted', number))"
    forms = ["1 чек", "2 чеки", "5 чеків", "11 чеків", "21 чек", "1 204 чеки"]
    assert [plain(text) for text in await page.evaluate(counts)] == forms
    await page.locator("#language").select_option("en")
    forms = ["1 receipt", "2 receipts", "5 receipts", "11 receipts", "21 receipts", "1,204 receipts"]
    assert [plain(text) for text in await page.evaluate(counts)] == forms


async def test_titles_may_be_blank_or_long_or_turned(browser: Browser, tmp_path: Path) -> None:
    window = Window(date(2026, 10, 5), date(2026, 10, 6))
    buckets = TimeBuckets(window)
    for shop in (1, 2, 3):
        buckets.add(Table.TURNOVER, shop, window.start, (1_234_567 * shop, 3, 0, 0))
        buckets.add(Table.PRODUCTS, shop, window.start, (1_234_567, 1_000_000), shop - 1)
    facts = PageFacts(buckets=buckets, shops={1: " ", 2: "Ж" * 500, 3: "\u202eמכולת"})
    facts.products = [PageProduct("a", "", ""), PageProduct("b", "x" * 500, "кг"), PageProduct("c", "Чай", "шт")]
    data = page_data(
        facts, Reconciliation(window=window, shops=()), ComplianceReport(NOW, ()), window=window, shops=None
    )
    path = tmp_path / "titles.html"
    path.write_text("".join(render(data, "uk")), "utf-8")
    async with opened(browser, path, **PHONE) as page:
        await page.evaluate(OPEN_ALL)
        await page.locator("#shop-summary").click()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        shops = await page.locator("#shops-body > .scroll tbody th").all_text_contents()
        assert shops == ["\u2068\\u202eמכולת\u2069", "Ж" * 500, "Магазин 1"]
        assert "Без назви" in await page.locator("#products-body tbody th").all_text_contents()
        tiles = [plain(text) for text in await page.locator(".tile b").all_inner_texts()]
        # sums are exact, averages are to the kopeck
        assert tiles[1] == "740,7402 ₴"
        assert tiles[3:5] == ["82,30 ₴", "370,37 ₴"]


def large_page(folder: Path, most_numbers: int, shops: int) -> Path:
    """The page of two years, with as many figures as there is room for, made without a store."""
    window = Window(date(2025, 1, 1), date(2026, 12, 31))
    buckets = TimeBuckets(window, most_numbers)
    for number in range(730):
        day = window.start + timedelta(days=number)
        for shop in range(1, shops + 1):
            amount = (1_000 + 37 * number % 211 + shop) * MONEY_UNIT
            buckets.add(Table.TURNOVER, shop, day, (amount * 12, 137, amount, 1))
            for hour in range(8, 20):
                buckets.add(Table.HOURS, shop, day, (amount, 11), hour)
            for code in range(3):
                buckets.add(Table.MEANS, shop, day, (amount * 4, 0), code)
            for product in range(40):
                buckets.add(Table.PRODUCTS, shop, day, (amount // 8, 3_000_000), product)
    facts = PageFacts(buckets=buckets, shops={shop: f"Крамниця {shop}" for shop in range(1, shops + 1)})
    facts.products = [PageProduct(f"{number}", f"Товар {number}", "шт") for number in range(40)]
    data = page_data(
        facts, Reconciliation(window=window, shops=()), ComplianceReport(NOW, ()), window=window, shops=None
    )
    path = folder / "large.html"
    path.write_text("".join(render(data, "uk")), "utf-8")
    return path


async def test_a_page_of_a_million_receipts_opens_at_once(browser: Browser, tmp_path: Path) -> None:
    path = large_page(tmp_path, 700_000, shops=10)
    assert 2_500_000 < path.stat().st_size < MOST_BYTES
    async with opened(browser, path) as page:
        timing = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
        assert await page.evaluate(timing) < MOST_MILLISECONDS
        # 10 shops, 730 days, 137 receipts
        assert "1 000 100" in (await page.locator(".tile").nth(2).inner_text()).replace("\u00a0", " ")


async def test_a_page_says_which_figures_go_by_longer_steps(browser: Browser, tmp_path: Path) -> None:
    async with opened(browser, large_page(tmp_path, 140_000, shops=1)) as page:
        await page.locator("#from").fill("2026-03-10")
        await page.locator("#to").fill("2026-03-10")
        assert await page.locator("#from").input_value() == "2026-03-10"
        assert "09.03.2026 – 15.03.2026" in await page.locator("#products-body .muted").nth(1).inner_text()
        quantities = await page.locator("#products-body tbody td:last-child").all_inner_texts()
        assert set(quantities) == {"21 шт"}
        assert "цілі" not in await page.locator("#means-body").inner_text()
