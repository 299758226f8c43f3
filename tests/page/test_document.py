"""The page as a document: what is allowed in it, what its data cannot do, its words, and the library inside."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from smartkasa_async._i18n.safe_text import visible
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.records.days import Window
from smartkasa_async.reports import (
    ComplianceReport,
    DifferenceKind,
    Reconciliation,
    Urgency,
    reconcile,
    write_report_page,
)
from smartkasa_async.reports.page.data import page_data
from smartkasa_async.reports.page.document import CHARTIST, page_texts, render
from smartkasa_async.reports.page.facts import PageFacts, PageProduct, PageReceipt, check_link, most_refunds
from smartkasa_async.reports.page.time_buckets import BucketSize, Table, TimeBuckets
from smartkasa_async.reports.reconciliation.figures import FIGURES
from smartkasa_async.sandbox.business import Simulation, simulate
from smartkasa_async.stores import StoreError, open_store
from tests.support.stored_ledger import write_business

if TYPE_CHECKING:
    from pathlib import Path

ASSETS = files("smartkasa_async.reports.page") / "assets"
DAY = Window(date(2026, 10, 5), date(2026, 10, 5))
NOW = datetime(2026, 10, 6, 9, tzinfo=UTC)
VENDORED = {
    "chartist.umd.js": "944597015852d8a65defe451a37202e8232938e98ac2215f08bd42a55d573e9d",
    "chartist.css": "43e13edcdf964ec39b10b90b7d9bb34a7bc526705893f76520b540a6b178e28f",
    "LICENSE-MIT": "2274fb43fd102672a092a0b4eb3c1352279eac633c2f4607de4722a22461a0d2",
}
"""SHA-256 of the files of chartist 1.5.0 on npm: `dist/index.umd.js`, `dist/index.css` and `LICENSE-MIT`."""
SCRIPTS = "\n".join(path.read_text("utf-8") for path in ASSETS.iterdir() if path.name.endswith(".js"))


def document(facts: PageFacts, language: Any = "uk") -> str:
    data = page_data(facts, Reconciliation(window=DAY, shops=()), ComplianceReport(NOW, ()), window=DAY, shops=None)
    return "".join(render(data, language))


def facts_of(amount: int = 105_000, title: str = "Чай", quantity: int = 1_500_000) -> PageFacts:
    buckets = TimeBuckets(DAY)
    buckets.add(Table.TURNOVER, 7, DAY.start, (amount, 1, 0, 0))
    buckets.add(Table.PRODUCTS, 7, DAY.start, (amount, quantity), 0)
    return PageFacts(buckets=buckets, shops={7: title}, products=[PageProduct("p", title, "шт")])


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def test_only_what_stands_in_the_page_may_run() -> None:
    page = document(facts_of())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    allowed = dict(part.split(" ", 1) for part in policy[1].split("; "))
    assert allowed["default-src"] == "'none'"
    assert "unsafe" not in policy[1]
    for kind, element in (("script-src", "script"), ("style-src", "style")):
        digests = {b64decode(digest) for digest in re.findall(r"'sha256-([^']+)'", allowed[kind])}
        contents = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        assert digests == {sha256(content.encode()).digest() for content in contents}
    assert not re.search(
        r"""\s(?:src|on\w+|style)\s*=|<link [^>]*href="(?!data:,)|sourceMappingURL|@import|url\((?!#\$\{id\}\))""", page
    )


@pytest.mark.parametrize("title", ["</script><script>run()</script>", "<!--<script>", "{{script}}", "\u2028&\"'\\"])
def test_names_stay_within_the_data(title: str) -> None:
    page = document(facts_of(title=title))
    assert data_of(page)["products"] == [[visible(title), "шт"]]
    assert page.count("<script") == 3
    assert page.count("<!--") == 0


@pytest.mark.parametrize(
    ("amount", "unit", "travels"), [(105_000, 100, 1_050), (-105_000, 100, -1_050), (105_001, 10_000, 105_001)]
)
def test_money_travels_in_whole_units(amount: int, unit: int, travels: int) -> None:
    data = data_of(document(facts_of(amount)))
    assert data["money_unit"] == unit
    assert data["tables"]["turnover"]["rows"] == [[0, 0, travels, 1, 0, 0]]


def test_quantities_travel_in_whole_units() -> None:
    assert data_of(document(facts_of()))["quantity_unit"] == 1_000
    fine = data_of(document(facts_of(quantity=1_500_001)))
    assert (fine["quantity_unit"], fine["tables"]["products"]["rows"][0][3]) == (1_000_000, 1_500_001)


def test_sums_beyond_exact_numbers_are_refused() -> None:
    with pytest.raises(StoreError, match="look for totals that cannot be"):
        document(facts_of(amount=10**18))


def test_a_check_link_has_the_day_and_time_of_kyiv() -> None:
    receipt = PageReceipt(
        id="r",
        shop_id=7,
        created_at=datetime(2026, 10, 5, 21, 3, 9, tzinfo=UTC),
        type=0,
        total=Decimal("118.4000"),
        fiscal_number="a&b/1",
        registrar="4000000001",
    )
    link = urlsplit(check_link(receipt) or "")
    assert (link.scheme, link.netloc, link.path) == ("https", "cabinet.tax.gov.ua", "/cashregs/check")
    assert parse_qs(link.query) == {
        "id": ["a&b/1"],
        "date": ["20261006"],
        "time": ["000309"],
        "fn": ["4000000001"],
        "sm": ["118.40"],
    }


def test_each_word_is_there_in_both_languages_and_used() -> None:
    template = (ASSETS / "page.html").read_text("utf-8")
    used = set(re.findall(r'\bt\(\s*"([\w.]+)"', SCRIPTS)) | set(
        re.findall(r'data-(?:text|label)="([\w.]+)"', template)
    )
    choices = re.findall(r'\bt\(\s*[\w.]+ \? "([\w.]+)" : "([\w.]+)"', SCRIPTS)
    used |= set(re.findall(r'\bcounted\("([\w.]+)"', SCRIPTS))
    used |= {word for choice in choices for word in choice} | {"noscript"}
    steps = [step.value for step in BucketSize]
    used |= {f"{section}.{step}" for section in ("days", "shops") for step in steps}
    used |= {f"widened.{step}" for step in steps[1:]}
    used |= {f"kind.{kind.value}" for kind in DifferenceKind} | {f"urgency.{urgency.value}" for urgency in Urgency}
    figures = {*FIGURES, "cash_amount", "total", "payments", "items", "discount", "rounding", "product_sales"}
    used |= {f"figure.{figure}" for figure in (*figures, "product_count", *(f"tax_{letter}" for letter in "abvgdz"))}
    texts = page_texts()
    assert used == set(texts)
    for both in texts.values():
        uk, en = (text if isinstance(text, str) else "|".join(text) for text in both)
        assert uk != en
        assert set(re.findall(r"\{\d\}", uk)) == set(re.findall(r"\{\d\}", en))
        assert not re.search(r"[а-яіїєґ]{2}", en, re.IGNORECASE)


def test_the_library_is_the_one_that_was_published() -> None:
    folder = ASSETS / "chartist"
    assert {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()} == VENDORED
    page = document(facts_of())
    assert page.count(f"Chartist {CHARTIST}") == 2
    assert page.count("Permission is hereby granted") == 2


async def test_equal_stores_give_equal_bytes(tmp_path: Path) -> None:
    business = simulate(Simulation(shops=2, days=4, receipts_per_day=10, products=30))
    pages = []
    (tmp_path / "pages").mkdir()
    for name in ("one", "other"):
        async with open_store(tmp_path / f"{name}.sqlite") as store:
            await write_business(store, business)
            path = tmp_path / "pages" / f"{name}.html"
            written = await write_report_page(
                store, path, start=date(2026, 10, 1), end=date(2026, 10, 4), now=NOW, language="en"
            )
            assert written.path == path
            assert written.size == path.stat().st_size
            assert written.receipts == sum(
                row["type"] == 3 or (row["type"], row["state"]) == (0, 2) for row in business.rows["receipts"]
            )
            pages.append(path.read_bytes())
    assert pages[0] == pages[1]
    assert b'<html lang="en">' in pages[0]
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["one.html", "other.html"]


async def test_all_is_read_at_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    business = simulate(Simulation(shops=1, days=2, receipts_per_day=10, products=30))
    later = simulate(Simulation(shops=1, days=2, receipts_per_day=20, products=30, seed=7))
    days: dict[str, Any] = {"start": date(2026, 10, 1), "end": date(2026, 10, 2), "now": NOW}
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await write_business(store, business)
        await write_report_page(store, tmp_path / "one.html", **days)

        async def meanwhile(*arguments: Any, **more: Any) -> Reconciliation:
            await write_business(store, later)
            return await reconcile(*arguments, **more)

        monkeypatch.setattr("smartkasa_async.reports.page.writing.reconcile", meanwhile)
        await write_report_page(store, tmp_path / "other.html", **days)
        monkeypatch.undo()
        await write_report_page(store, tmp_path / "later.html", **days)
    one, other, after = ((tmp_path / f"{name}.html").read_bytes() for name in ("one", "other", "later"))
    assert one == other
    assert one != after


@pytest.mark.parametrize(("shops", "refunds"), [(0, 200), (1, 200), (10, 100), (1_000, 5)])
def test_few_shops_have_room_for_more_refunds(shops: int, refunds: int) -> None:
    assert most_refunds(shops) == refunds


async def test_what_cannot_be_written_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")
    async with open_store(tmp_path / "kasa.sqlite") as store:
        with pytest.raises(InvalidRequestError, match=r"language is .*; give one of en, uk"):
            await write_report_page(store, path, start=DAY.start, end=DAY.end, language="de")  # type: ignore[arg-type]
        with pytest.raises(OSError, match=r"kasa\.sqlite"):
            await write_report_page(store, tmp_path / "kasa.sqlite" / "report.html", start=DAY.start, end=DAY.end)
        assert path.read_text() == "before"
        await write_report_page(store, path, start=DAY.start, end=DAY.end)
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")


async def test_folder_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    told: list[Progress] = []
    path = tmp_path / "missing" / "report.html"
    async with open_store(tmp_path / "kasa.sqlite") as store:
        with pytest.raises(FileNotFoundError, match="missing"):
            await write_report_page(store, path, start=DAY.start, end=DAY.end, on_progress=told.append)
    assert (told, path.parent.exists()) == ([], False)


def test_shops_stand_in_the_order_of_their_numbers() -> None:
    buckets = TimeBuckets(DAY)
    titles: dict[int | None, str] = {1: "Крамниця №10", 2: "Крамниця №2", 3: "Аптека", 4: "крамниця №1"}
    for shop in titles:
        buckets.add(Table.TURNOVER, shop, DAY.start, (1, 1, 0, 0))
    facts = PageFacts(buckets=buckets, shops=titles)
    data = page_data(facts, Reconciliation(window=DAY, shops=()), ComplianceReport(NOW, ()), window=DAY, shops=None)
    assert [shop["id"] for shop in data["shops"]] == [3, 4, 2, 1]


async def test_progress_counts_the_shifts_that_were_compared(tmp_path: Path) -> None:
    start, end = date(2026, 10, 1), date(2026, 10, 2)
    async with open_store(tmp_path / "shops.sqlite") as store:
        await write_business(store, simulate(Simulation(shops=2, days=2, receipts_per_day=10, products=30)))
        told: list[Progress] = []
        await write_report_page(store, tmp_path / "page.html", start=start, end=end, on_progress=told.append)
        shifts = sum(len(shop.shifts) for shop in (await reconcile(store, start=start, end=end)).shops)
    assert shifts > 2
    compared = [Progress(Stage.COMPARING, done, shifts, "shifts") for done in range(1, shifts + 1)]
    before, after = [Stage.CHECKING, Stage.COMPARING], [Stage.SUMMING, Stage.WRITING]
    assert told == [*map(Progress, before), *compared, *map(Progress, after)]
