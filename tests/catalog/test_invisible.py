"""Characters that nobody sees: out of headers, numbers and codes, off the ends of titles, in every kind of source."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from smartkasa_async.catalog import Layout, import_products
from smartkasa_async.catalog.checks.counts import CountReader, CountRow
from smartkasa_async.catalog.sources.cells import is_plain, trimmed, without_invisible
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.source import open_source
from tests.support.catalogue_service import FakeKasa
from tests.support.price_files import write_feed, write_ods, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.catalog import ImportSummary

HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2063\u2066\u2069\u206f\u2800\u3164\ufeff"
    "\uffa0\ufffb\x01\x7f"
)
SPACES = "\u00a0\u2007\u2009\u202f\u3000"
FAMILY = "\U0001f469\u200d\U0001f467"
HEART = "\u2764\ufe0f"
FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.fixture
def kasa() -> Any:
    return FakeKasa()


def around(text: str, hidden: str) -> str:
    """Put a character before, into and behind a text."""
    middle = len(text) // 2
    return f"{hidden}{text[:middle]}{hidden}{text[middle:]}{hidden}"


def sources(folder: Path, headers: list[str], cells: list[str]) -> dict[str, Any]:
    """Give one row as each kind of source."""
    row = dict(zip(headers, cells, strict=True))
    feed = f"<offer><name>{cells[1]}</name><price>{cells[2]}</price><barcode>{cells[0]}</barcode></offer>"
    (folder / "list.csv").write_text(f"{';'.join(headers)}\n{';'.join(cells)}\n", "utf-8")
    (folder / "list.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    return {
        "csv": folder / "list.csv",
        "jsonl": folder / "list.jsonl",
        "xlsx": write_xlsx(folder / "list.xlsx", {"Прайс": [headers, cells]}),
        "ods": write_ods(folder / "list.ods", {"Прайс": [headers, cells]}),
        "feed": write_feed(folder / "feed.xml", feed),
        "items": [row],
        "table": pl.DataFrame([row]),
    }


async def imported(source: Any) -> tuple[tuple[str, str, Decimal], ImportSummary]:
    kasa: Any = FakeKasa()
    summary = await import_products(kasa, source)
    (product,) = kasa.kept.values()
    return (product.number, product.title, Decimal(product.price)), summary


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx", "ods", "feed", "items", "table"])
@pytest.mark.parametrize("hidden", ["\u200b", "\u200e", "\u00ad", "\ufeff", "\u3164", "\u2060"])
async def test_what_is_invisible_is_removed_and_told_once(tmp_path: Path, kind: str, hidden: str) -> None:
    headers = [around("Штрихкод", hidden), f"Назва{hidden}", f"{hidden}Ціна"]
    cells = [around("4820000000017", hidden), f"{hidden} Кава {FAMILY}{hidden} ", around("1299,50", hidden)]

    product, summary = await imported(sources(tmp_path, headers, cells)[kind])

    assert product == ("4820000000017", f"Кава {FAMILY}", Decimal("1299.50"))
    (note,) = summary.notes
    assert (note.code, note.severity, note.line) == (
        "invisible_removed",
        "warning",
        2 if kind in IN_FILES else note.line,
    )
    assert f"from {3 if kind == 'feed' else 6} cells or headers" in note.reason_en


IN_FILES = {"csv", "xlsx", "ods"}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx", "items", "table"])
@pytest.mark.parametrize("space", SPACES)
async def test_spaces_of_any_kind_are_spaces(tmp_path: Path, kind: str, space: str) -> None:
    headers = ["Штрихкод", f"Назва{space}товару", f"Ціна{space}продажу"]
    cells = [f"4820{space}0000{space}00017", f"{space}Кава{space}мелена{space}", f"1{space}299,50"]

    product, summary = await imported(sources(tmp_path, headers, cells)[kind])

    assert product == ("4820000000017", "Кава мелена", Decimal("1299.50"))
    assert [note.code for note in summary.notes] == ["invisible_removed"]


async def test_spaces_between_thousands_are_nothing_to_tell(tmp_path: Path) -> None:
    cells = ["4820000000017", "Кава\u00a0мелена", "1\u00a0299,50"]

    product, summary = await imported(sources(tmp_path, ["Штрихкод", "Назва", "Ціна"], cells)["csv"])

    assert product == ("4820000000017", "Кава мелена", Decimal("1299.50"))
    assert summary.notes == ()


@pytest.mark.parametrize("title", [f"Кава {HEART}", f"Сім'я {FAMILY} {FAMILY}", f"{FLAG} прапор {FLAG}", "На\u200bдія"])
async def test_what_is_inside_a_title_or_makes_an_emoji_stays(tmp_path: Path, title: str) -> None:
    product, summary = await imported(
        sources(tmp_path, ["Штрихкод", "Назва", "Ціна"], ["4820000000017", title, "1"])["csv"]
    )

    assert (product[1], summary.notes) == (title, ())


async def test_a_mapping_finds_its_column_behind_what_is_invisible(kasa: Any, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Моє\u00a0ім'я\u200b;\ufeffГроші;Код\nКава;5;A1\n", "utf-8")

    layout = Layout(mapping={"title": "Моє ім'я", "price": "Гроші"})
    summary = await import_products(kasa, path, key="alter_number", layout=layout)

    assert summary.created == 1


async def test_counts_of_a_stock_report_are_cleaned_too(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Штрихкод\u200b;Залишок\n\u200e4820000000017;1\u00a0200,5\u200b\n", "utf-8")

    async with open_source(path, required=(Field.NUMBER, Field.COUNT)) as reader:
        (row,) = await reader.read(10)
        found = CountReader(reader.location, "number").read(row)
        (note,) = reader.cleaner.notes()

    assert isinstance(found, CountRow)
    assert (found.key_value, found.count, note.code) == ("4820000000017", Decimal("1200.5"), "invisible_removed")


@pytest.mark.parametrize("hidden", HIDDEN)
def test_each_is_known(hidden: str) -> None:
    assert not is_plain(f"1{hidden}2")
    assert without_invisible(f"{hidden}é1{hidden}2{hidden}") == "é12"
    assert trimmed(f" {hidden}\u00a0Ка{hidden}ва {hidden}") == f"Ка{hidden}ва"
