"""What kind of file a price list is: what is let through is read, and what is refused is called what it is."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.fields import REQUIRED, Field
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT
from smartkasa_async.catalog.sources.source import open_file

if TYPE_CHECKING:
    from pathlib import Path

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
OFFERS = "<offers><offer id='1'><name>Кава</name><price>5</price></offer></offers>"
FEED = f"<yml_catalog><shop>{OFFERS}</shop></yml_catalog>"
TABLE = "Назва;Ціна\nКава;5\n"
LINE = json.dumps({"title": "Кава", "price": 5}, ensure_ascii=False)
PAGE = "<tr><td>Назва</td><td>Ціна</td></tr><tr><td>Кава</td><td>5</td></tr>"


def found(folder: Path, content: str | bytes, name: str = "list.csv") -> tuple[str, list[tuple[int, str, str]]]:
    """Read a file; give its format, and line, title and price of each row."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
        title, price = (file.columns.positions[field] for field in (Field.TITLE, Field.PRICE))
        return file.source_info.format, [(row.line, row.content[title], row.content[price]) for row in file]  # type: ignore[index]


@pytest.mark.parametrize("name", ["feed.xml", "feed.yml", "feed.csv", "feed"])
@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("", 2), ("\ufeff", 2), ("\n", 3), ("\r\n \r\n", 4), ("\ufeff\n", 3), ("\n\ufeff", 3), ("\t", 2),
        ("<!-- made by a shop -->\n", 3), ("<!--\n1 < 2 & <html> <table>\n-->", 4), ("\ufeff<!-- a -->", 2),
    ],
)  # fmt: skip
def test_what_stands_before_the_declaration_does_not_matter(tmp_path: Path, name: str, before: str, line: int) -> None:
    assert found(tmp_path, f"{before}{DECLARATION}{FEED}", name) == ("YML", [(line, "Кава", "5")])


@pytest.mark.parametrize(
    "feed",
    [
        FEED,
        f"<?xml version='1.1'?>{FEED}",
        f"<?xml version='1.0' standalone='yes'?><?xml-stylesheet href='a.xsl'?>{FEED}",
        f'{DECLARATION}<!DOCTYPE yml_catalog SYSTEM "shops.dtd">{FEED}',
        f"{DECLARATION}<!DOCTYPE yml_catalog [<!ELEMENT shop ANY>]>\n<!-- {'x' * 70_000} -->{FEED}",
        f"{DECLARATION}<yml_catalog><shop><!-- <html><table> -->{OFFERS}</shop></yml_catalog>",
        f"{DECLARATION}<yml_catalog><shop><about><![CDATA[<html><body><table>]]></about>{OFFERS}</shop></yml_catalog>",
        FEED.replace("<yml_catalog>", '<yml_catalog xmlns:html="http://www.w3.org/1999/xhtml" date="2026-01-01">'),
    ],
)
def test_a_feed_of_any_form_is_read(tmp_path: Path, feed: str) -> None:
    kind, rows = found(tmp_path, feed, "feed.xml")

    assert (kind, [row[1:] for row in rows]) == ("YML", [("Кава", "5")])


def test_a_byte_that_is_no_letter_costs_its_offer_alone(tmp_path: Path) -> None:
    second = OFFERS.replace("Кава", "Чай").replace("<offers>", "").encode().replace("й".encode(), b"\xd0")
    content = FEED.encode().replace(b"</offers>", second)

    assert [title for _, title, _ in found(tmp_path, content, "feed.xml")[1]] == ["Кава", "Ча\ufffd"]


@pytest.mark.parametrize("name", ["list.xls", "list.csv", "list.xlsx", "list.html"])
@pytest.mark.parametrize(
    "page",
    [
        f"<html><table>{PAGE}</table></html>",
        f"\n<!-- excel --><table>{PAGE}</table>",
        f'<!DOCTYPE html>\n<meta charset="windows-1251"><body><table>{PAGE}</table>',
        f'<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">\n<HTML><TABLE>{PAGE}</TABLE>',
        f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><table>{PAGE}</table></body></html>',
        f"<div><center><table>{PAGE}</table></center></div>",
        "<br />\n<b>Warning</b>: Undefined variable in <b>export.php</b> on line <b>7</b>\n" + FEED,
    ],
)
def test_a_web_page_is_called_one_whatever_its_name(tmp_path: Path, name: str, page: str) -> None:
    for encoding in ("utf-8", "cp1251", "utf-16"):
        with pytest.raises(SourceError, match=rf"^{name} is a web page"):
            found(tmp_path, page.encode(encoding), name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<rss><channel/></rss>", "XML with the root <rss> and not <yml_catalog>"),
        ("<КоммерческаяИнформация/>", "XML with the root <КоммерческаяИнформация>"),
        (f"\n{DECLARATION}<price><item/></price>", "XML with the root <price>"),
        ('<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "XML sheet of Excel 2003"),
        (f"{DECLARATION}<yml_catalog><shop>", "was cut off"),
        (f"{DECLARATION}<yml_catalog><shop></offers></yml_catalog>", "not well-formed XML"),
        ("[]", "one JSON array"),
        (f"[{LINE}]", "one JSON array"),
        (f" \n[\n  {LINE},\n  {LINE}\n]\n", "one JSON array"),
        (json.dumps({"products": [{"title": "Кава", "price": 5}]}, indent=2), "one JSON document over several lines"),
        ("", "is empty"),
        ("\n \r\n\t", "is empty"),
        ("\ufeff", "is empty"),
        ("\ufeff\n\n", "is empty"),
        (codecs.BOM_UTF16_LE, "is empty"),
    ],
)
@pytest.mark.parametrize("name", ["list.csv", "list.xml", "list.jsonl", "list"])
def test_what_is_no_price_list_is_called_what_it_is(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(SourceError, match=rf"^{name}.*{message}"):
        found(tmp_path, content, name)


@pytest.mark.parametrize("name", ["list.jsonl", "list.json", "list.csv", "list.txt", "list"])
@pytest.mark.parametrize(("before", "line"), [("", 1), ("\ufeff", 1), ("\n\n", 3), ("\ufeff\n", 2), ("  ", 1)])
def test_json_lines_are_read_whatever_their_name(tmp_path: Path, name: str, before: str, line: int) -> None:
    assert found(tmp_path, f"{before}{LINE}\n", name) == ("JSONL", [(line, "Кава", "5")])


@pytest.mark.parametrize("name", ["list.json", "list.jsonl", "list.xml", "list.xls", "list.xlsx", "list"])
def test_a_table_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, TABLE, name) == ("CSV", [(2, "Кава", "5")])


@pytest.mark.parametrize("header", ["<Назва>;Ціна", "<Назва>\tЦіна", "<Код>;Назва;Ціна"])
def test_a_table_whose_first_cell_looks_like_a_tag_is_a_table(tmp_path: Path, header: str) -> None:
    row = "1;Кава;5" if "Код" in header else "Кава;5"

    kind, rows = found(tmp_path, f"{header}\n{row}\n".replace(";", "\t" if "\t" in header else ";"))

    assert (kind, rows) == ("CSV", [(2, "Кава", "5")])


def test_tags_in_the_headers_of_a_table_make_no_web_page_of_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="none of its first 20 rows is a header with title"):
        found(tmp_path, "<b>Назва</b>;Ціна\nКава;5\n")


def test_a_long_feed_with_tabs_is_no_table(tmp_path: Path) -> None:
    offers = "\t\t" + OFFERS.replace("</offers>", "") + "\n\t<offer><name>Чай</name><price>6</price></offer>" * 2000

    _, rows = found(tmp_path, f"<yml_catalog>\t<shop>{offers}</offers></shop></yml_catalog>", "feed.xml")

    assert len(rows) == 2001


@pytest.mark.parametrize("content", [TABLE.splitlines()[0], f"{DECLARATION}<yml_catalog><shop/></yml_catalog>"])
def test_a_price_list_without_products_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "list"
    path.write_text(content, "utf-8")

    with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
        assert list(file) == []
        assert "no products" in file.source_info.describe()
