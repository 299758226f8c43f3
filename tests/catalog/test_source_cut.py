"""A price list that was cut off before it was imported: its last row does not get in, and nothing is deleted."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import ImportStoppedError, SourceError, import_products
from smartkasa_async.catalog.sources.ending import End
from smartkasa_async.catalog.sources.fields import REQUIRED
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT
from smartkasa_async.catalog.sources.rows import UnreadableRow
from smartkasa_async.catalog.sources.source import open_file
from tests.support.catalogue_service import FakeKasa
from tests.support.price_files import write_feed, write_ods, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

MIRROR: dict[str, Any] = {
    "mode": "mirror",
    "delete_missing": True,
    "delete_limit": 99,
    "key": "alter_number",
    "late_write_window": 0,
}
HEADERS = "Артикул;Назва;Ціна"
LINES = [HEADERS, "A1;Кава;1250,50", "A2;Чай;99,00", "A3;Сік;12,25", "A4;Вода;1250,50"]


@pytest.fixture
def kasa() -> Any:
    """A service with the products of the list, and one that the list does not have."""
    service = FakeKasa()
    for number in range(1, 6):
        service.keep(title=f"Товар {number}", alter_number=f"A{number}", price=Decimal(1))
    return service


def write(folder: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def price_of(kasa: Any, article: str) -> Decimal:
    return Decimal(next(product.price for product in kasa.kept.values() if product.alter_number == article))


async def test_a_price_that_was_cut_does_not_get_in(kasa: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "\n".join(LINES)[: -len("50,50")])

    summary = await import_products(kasa, path, **MIRROR)

    (failed,) = summary.failed
    assert (failed.line, failed.problems[0].code) == (5, "row_cut")
    assert "(«12» is shorter than all other values of its column)" in failed.problems[0].reason_en
    assert failed.raw is not None
    assert failed.raw.content == ["A4", "Вода", "12"]
    assert price_of(kasa, "A4") == 1
    assert (summary.updated, summary.deleted, len(kasa.kept)) == (3, 0, 5)
    assert [note.code for note in summary.notes] == ["missing_source_cut"]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n", "\n;;\n", "\n  ", "\x1a", "\n\x1a"])
async def test_a_whole_list_gets_in_with_an_end_of_line_and_without(kasa: Any, tmp_path: Path, ending: str) -> None:
    summary = await import_products(kasa, write(tmp_path, "\n".join(LINES) + ending), **MIRROR)

    assert (summary.updated, summary.rejected, summary.deleted, summary.notes) == (4, 0, 1, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "cp1125", "utf-16", "utf-16-le"])
def test_wherever_a_list_is_cut_no_price_is_made_of_a_part(tmp_path: Path, encoding: str) -> None:
    whole = "\r\n".join([*LINES, ""]).encode(encoding)
    prices = {"1250,50", "99,00", "12,25"}
    start = len("\r\n".join([*LINES[:4], ""]).encode(encoding))
    ends = []

    for size in range(start, len(whole)):
        with open_file(write(tmp_path, whole[:size]), UNKNOWN_LAYOUT, REQUIRED) as file:
            rows = list(file)
        cells = [row.content for row in rows if isinstance(row.content, list)]
        assert {cell[2] for cell in cells} <= prices
        ends.append(file.ending.end)
        is_between = whole[:size].decode(encoding, "replace").endswith(("\r\n", "\r", "1250,50"))
        assert (file.ending.end is End.WHOLE) == is_between

    assert ends.count(End.CUT) > ends.count(End.WHOLE)


@pytest.mark.parametrize(
    "last",
    [
        'A5;"Ка',
        'A5;"Кава ""мелена""',
        'A5;"Кава ""мелена""";12',
        "A5",
        "A5;",
        "A5;Кава",
        "A5;Кава;",
        "A5;Кава;1",
        "A5;Кава;1250,",
        "A5;Кава;1250,5",
    ],
)
async def test_rows_that_break_off_are_rejected_and_nothing_is_deleted(kasa: Any, tmp_path: Path, last: str) -> None:
    before = price_of(kasa, "A5")

    summary = await import_products(kasa, write(tmp_path, "\n".join([*LINES, last])), **MIRROR)

    assert (summary.updated, summary.rejected, summary.deleted) == (4, 1, 0)
    assert price_of(kasa, "A5") == before


def test_a_cut_letter_is_found_in_the_last_cell(tmp_path: Path) -> None:
    content = "Ціна;Назва\n5;Чай\n6;Кава".encode()[:-1]

    with open_file(write(tmp_path, content), UNKNOWN_LAYOUT, REQUIRED) as file:
        *_, last = file

    assert isinstance(last.content, UnreadableRow)
    assert (last.content.code, last.content.reason) == ("row_cut", "its last letter is not whole")


async def test_a_value_that_may_be_a_part_gets_in_with_a_note_and_nothing_is_deleted(kasa: Any, tmp_path: Path) -> None:
    lines = [HEADERS, "A1;Кава;1250", "A2;Чай;99", "A3;Сік;7", "A4;Вода;12"]

    summary = await import_products(kasa, write(tmp_path, "\n".join(lines)), **MIRROR)

    assert (summary.updated, summary.rejected, summary.deleted) == (4, 0, 0)
    assert [(note.code, note.severity) for note in summary.notes] == [
        ("end_doubtful", "warning"),
        ("missing_end_doubtful", "error"),
    ]
    assert (summary.notes[0].line, summary.notes[0].field, summary.notes[0].value) == (5, "price", "12")
    assert price_of(kasa, "A4") == 12
    assert (await import_products(kasa, write(tmp_path, "\n".join([*lines, ""])), **MIRROR)).deleted == 1


async def test_a_column_that_is_left_alone_is_not_worth_a_note(kasa: Any, tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEADERS};Примітка\nA1;Кава;5;нова\nA2;Чай;6;стар")

    summary = await import_products(kasa, path, key="alter_number", late_write_window=0)

    assert (summary.updated, summary.notes) == (2, ())


async def test_the_only_row_of_a_list_may_lack_its_end(kasa: Any, tmp_path: Path) -> None:
    summary = await import_products(kasa, write(tmp_path, f"{HEADERS}\nA1;Кава;12"), **MIRROR)

    assert (summary.updated, summary.deleted) == (1, 0)
    assert [note.code for note in summary.notes] == ["end_doubtful", "missing_end_doubtful"]


async def test_a_list_cut_in_a_blank_row_deletes_nothing(kasa: Any, tmp_path: Path) -> None:
    summary = await import_products(kasa, write(tmp_path, "\n".join([*LINES, ";"])), **MIRROR)

    assert (summary.updated, summary.rejected, summary.deleted) == (4, 0, 0)
    assert [note.code for note in summary.notes] == ["missing_end_doubtful"]


async def test_json_lines_that_break_off_delete_nothing(kasa: Any, tmp_path: Path) -> None:
    lines = [f'{{"Артикул": "A{number}", "Назва": "Кава", "Ціна": 12.5}}' for number in range(1, 5)]
    path = tmp_path / "list.jsonl"
    path.write_text("\n".join(lines)[:-4], encoding="utf-8")

    summary = await import_products(kasa, path, **MIRROR)

    assert [failed.problems[0].code for failed in summary.failed] == ["row_cut"]
    assert (summary.updated, summary.deleted, price_of(kasa, "A4")) == (3, 0, Decimal(1))
    assert [note.code for note in summary.notes] == ["missing_source_cut"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert (await import_products(kasa, path, **MIRROR)).deleted == 1


async def test_a_broken_line_with_an_end_is_not_a_cut_one(kasa: Any, tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text('{"Артикул": "A1", "Назва": "Кава", "Ціна": 5}\n{"Артикул": \n', encoding="utf-8")

    summary = await import_products(kasa, path, **MIRROR)

    assert [failed.problems[0].code for failed in summary.failed] == ["record_unreadable"]
    assert [note.code for note in summary.notes] == ["missing_rows_unread"]


@pytest.mark.parametrize("lost", ["</yml_catalog>\n", "</offers>\n</shop>\n</yml_catalog>\n", "4</name>"])
@pytest.mark.parametrize("count", [4, 400])
async def test_a_feed_without_its_closing_tag_stops_and_deletes_nothing(
    kasa: Any, tmp_path: Path, lost: str, count: int
) -> None:
    offers = "".join(
        f"<offer id='{number}'><vendorCode>A{number}</vendorCode><price>12.50</price>"
        f"<name>Товар {number}</name></offer>"
        for number in range(1, count + 1)
    )
    path = write_feed(tmp_path / "feed.xml", offers)
    content = path.read_text("utf-8")
    path.write_text(content[: content.rindex(lost)], encoding="utf-8")

    with pytest.raises((ImportStoppedError, SourceError), match=r"feed\.xml was cut off: it ends before its last tag"):
        await import_products(kasa, path, **MIRROR)

    assert [product for product in kasa.kept.values() if product.alter_number == "A5"]
    assert not any(name.startswith("delete") for name, _ in kasa.calls)


@pytest.mark.parametrize("write_workbook", [write_xlsx, write_ods])
def test_a_workbook_that_was_cut_is_refused_wherever(tmp_path: Path, write_workbook: Any) -> None:
    rows = [("Артикул", "Назва", "Ціна"), *((f"A{number}", f"Товар {number}", 12.5) for number in range(300))]
    path = write_workbook(tmp_path / "list", {"Прайс": rows})
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None

    for size in range(4, len(content), max(1, len(content) // 40)):
        path.write_bytes(content[:size])
        with pytest.raises(SourceError, match="damaged"):
            open_file(path, UNKNOWN_LAYOUT, REQUIRED)
