"""The page on paper: what is printed, and where sheets end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.paper import sheets
from tests.support.report_pages import opened

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

BACKGROUND = "getComputedStyle(document.body).backgroundColor"
MARK = """() => {
  window.dispatchEvent(new Event("beforeprint"));
  const pairs = [];
  let number = 0;
  const mark = (node) => {
    number += 1;
    const text = document.createTextNode(`{${number}}`);
    node.prepend(text);
    return number;
  };
  const visible = (one) => one.checkVisibility() && !one.closest(".hint");
  const tables = [...document.querySelectorAll("main table")].filter(visible).map((table) => ({
    head: mark(table.querySelector("th")),
    rows: [...table.querySelectorAll("tbody tr, tfoot tr")].map((row) => {
      const last = document.createElement("div");
      row.lastChild.append(last);
      return [mark(row.firstChild), mark(last)];
    }),
    table,
  }));
  const above = [...document.querySelectorAll("main section :is(h2, h3, p, .chart, summary, dt)")].filter(
    (one) => visible(one) && !one.closest(".tile, .hidden"),
  );
  const blocks = "h2, h3, p, .chart, .legend li, tbody tr, .found li, dt";
  for (const one of above) {
    const next = [...document.querySelectorAll(blocks)].find(
      (other) =>
        visible(other) &&
        !one.contains(other) &&
        one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING &&
        one.closest("section") === other.closest("section"),
    );
    if (!next || (one.tagName === "DT" && next.tagName !== "DT")) continue;
    const place = (node) =>
      node.matches(".chart") ? node.querySelector(".ct-label") : node.matches("tr") ? node.firstChild : node;
    pairs.push([mark(place(one)), mark(place(next)), `${one.tagName}: ${one.textContent.slice(0, 60)}`]);
  }
  return { tables: tables.map(({ head, rows }) => ({ head, rows })), pairs };
}"""


async def test_paper_is_light_and_has_no_controls(browser: Browser, report: Path) -> None:
    async with opened(browser, report, color_scheme="dark") as page:
        paper = await page.pdf(format="A4")
        assert len(sheets(paper)) >= 3
        await page.emulate_media(media="print")
        assert await page.evaluate(BACKGROUND) == "rgb(255, 255, 255)"
        for hidden in ("#filters", "nav", "#theme", ".hint"):
            assert not await page.locator(hidden).first.is_visible()
        assert await page.locator("#days-chart svg").is_visible()


async def test_no_sheet_ends_between_a_heading_and_what_it_is_of(page: Page) -> None:
    await page.emulate_media(media="print")
    marks = await page.evaluate(MARK)
    await page.evaluate("document.querySelector('main').insertAdjacentHTML('afterbegin', '<div id=pad></div>')")
    assert len(marks["pairs"]) > 15
    assert sum(len(table["rows"]) for table in marks["tables"]) > 60
    cut, split, headless = set(), set(), set()
    for height in range(0, 1_000, 70):
        await page.evaluate("(height) => { document.getElementById('pad').style.height = `${height}px`; }", height)
        sheet_of, heads = where(await page.pdf(format="A4"))
        cut |= {(height, words) for one, other, words in marks["pairs"] if sheet_of[one] != sheet_of[other]}
        rows = [(table["head"], *row) for table in marks["tables"] for row in table["rows"]]
        split |= {(height, first) for _, first, last in rows if sheet_of[first] != sheet_of[last]}
        headless |= {(height, head, first) for head, first, _ in rows if sheet_of[first] not in heads[head]}
    assert (cut, split, headless) == (set(), set(), set())


def where(paper: bytes) -> tuple[dict[int, int], dict[int, set[int]]]:
    """The first sheet of each mark, and all of them."""
    all_: dict[int, set[int]] = {}
    for sheet, text in enumerate(sheets(paper)):
        for mark in re.findall(r"\{(\d+)\}", text):
            all_.setdefault(int(mark), set()).add(sheet)
    return {mark: min(found) for mark, found in all_.items()}, all_


async def test_paper_has_the_whole_of_long_lists(page: Page) -> None:
    await page.evaluate("[...Array(45)].forEach(() => page.compliance.found.push(page.compliance.found[0])); show()")
    assert await page.locator("#compliance .found > li").count() == 20
    await page.pdf(format="A4")
    assert await page.locator("#compliance .found > li").count() > 45


async def test_paper_has_the_receipts_behind_short_lists(page: Page) -> None:
    closed = page.locator(".found details:not([open])")
    receipts = page.locator(".found .receipts li")
    found = await closed.count()
    await closed.first.evaluate("(one) => { one.open = true; }")
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert (found > 1, await closed.count()) == (True, 0)
    assert all([await one.is_visible() for one in await receipts.all()])
    await page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert await closed.count() == found - 1


async def test_paper_of_long_lists_opens_only_what_the_reader_opened(page: Page) -> None:
    await page.evaluate("[...Array(60)].forEach(() => page.compliance.found.push(page.compliance.found[0])); show()")
    await page.locator("#compliance .found details").first.evaluate("(one) => { one.open = true; }")
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert await page.locator("#compliance .found > li").count() > 50
    assert await page.locator("#compliance .found details[open]").count() == 1
    assert await page.locator("#reconciliation .found details:not([open])").count() == 0
