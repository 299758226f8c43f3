"""Records with named values: JSON lines and YML feeds."""

from __future__ import annotations

import json
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources import yml
from smartkasa_async.catalog.sources.fields import REQUIRED, Field
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.records import JsonlFile
from smartkasa_async.catalog.sources.rows import Row, RowFile, UnreadableRow
from smartkasa_async.catalog.sources.source import open_file
from smartkasa_async.catalog.sources.yml import YmlFile
from smartkasa_async.errors import ConfigurationError
from tests.support.price_files import write_feed

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, *lines: Any, encoding: str = "utf-8") -> Path:
    path = folder / "list.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_bytes("\n".join(texts).encode(encoding))
    return path


def values(file: RowFile, row: Row) -> dict[str, str]:
    """Give the filled fields of a row."""
    content: Any = row.content
    return {field.value: content[position] for field, position in file.columns.positions.items() if content[position]}


def problem(row: Row) -> tuple[str, str]:
    assert isinstance(row.content, UnreadableRow)
    return row.content.code, row.content.reason


class TestJsonLines:
    def test_a_line_that_is_no_object_keeps_its_text(self, tmp_path: Path) -> None:
        with JsonlFile(write(tmp_path, {"Назва": "Кава", "Ціна": 5}, '{"Назва": "Чай", ')) as file:
            row = list(file)[1]

        assert isinstance(row.content, UnreadableRow)
        assert row.content.content == ('{"Назва": "Чай",',)

    def test_keys_are_headers_or_fields(self, tmp_path: Path) -> None:
        path = write(
            tmp_path, {"Назва": "Кава", "price": 12.345, "колір": "чорний"}, "", {"Назва": "Чай", "price": "3,50"}
        )

        with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
            rows = list(file)

            assert [(row.number, row.line, values(file, row)) for row in rows] == [
                (1, 1, {"title": "Кава", "price": "12.3450"}),
                (2, 3, {"title": "Чай", "price": "3,50"}),
            ]
            assert file.columns.header_of("title") == "Назва"
            assert (file.source_info.format, file.source_info.unmapped) == ("JSONL", ("колір",))
            assert file.fraction == 1

    def test_numbers_keep_all_their_digits(self, tmp_path: Path) -> None:
        path = write(tmp_path, '{"title": "Кава", "price": 0.1000000000000000055, "barcode": 4820000000017}')

        with JsonlFile(path) as file:
            fields = values(file, next(iter(file)))

        assert fields == {"title": "Кава", "price": "0.1000000000000000055", "number": "4820000000017"}

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
    def test_the_encoding_is_found(self, tmp_path: Path, encoding: str) -> None:
        with open_file(
            write(tmp_path, {"Назва": "Їжа", "Ціна": 1}, encoding=encoding), UNKNOWN_LAYOUT, REQUIRED
        ) as file:
            assert values(file, next(iter(file)))["title"] == "Їжа"

    def test_a_field_that_comes_up_late_is_not_lost(self, tmp_path: Path) -> None:
        items: list[dict[str, object]] = [{"title": "Кава", "price": 1}] * 150
        with JsonlFile(write(tmp_path, *items, {"title": "Чай", "price": 2, "Артикул": "Ч-1"})) as file:
            *_, last = file

            assert values(file, last) == {"title": "Чай", "price": "2", "alter_number": "Ч-1"}

    def test_a_broken_line_costs_its_row_and_not_the_file(self, tmp_path: Path) -> None:
        good = {"title": "Кава", "price": 1}
        with JsonlFile(write(tmp_path, good, '{"title": "Чай",', "[1]", '"x"', good)) as file:
            rows = list(file)

        assert [row.line for row in rows] == [1, 2, 3, 4, 5]
        assert [problem(row)[0] for row in rows[1:4]] == ["record_unreadable"] * 3

    def test_an_endless_line_costs_its_row_and_no_memory(self, tmp_path: Path) -> None:
        good = {"title": "Кава", "price": 1}
        with JsonlFile(write(tmp_path, good, '{"title": "' + "а" * (3 << 20) + '"}', good)) as file:
            rows = list(file)

        assert problem(rows[1]) == ("record_unreadable", "longer than 1048576 characters")
        assert (len(rows), rows[2].line) == (3, 3)

    def test_keys_that_mean_one_field_cost_the_row(self, tmp_path: Path) -> None:
        items: list[dict[str, object]] = [{"title": "Кава", "price": 1}] * 150
        with JsonlFile(write(tmp_path, *items, {"title": "Чай", "Назва": "Чаёк", "price": 2})) as file:
            *_, last = file

        assert problem(last) == ("keys_conflict", "«title», «Назва»")

    def test_keys_that_mean_one_field_from_the_start_are_in_doubt(self, tmp_path: Path) -> None:
        with JsonlFile(write(tmp_path, {"title": "Кава", "price": 1}, {"Назва": "Чай", "price": 2})) as file:
            (doubt,) = file.source_info.doubts

        assert [choice.layout for choice in doubt.choices] == [
            {"mapping": {"title": "title"}},
            {"mapping": {"title": "Назва"}},
        ]

    def test_a_mapping_names_the_keys(self, tmp_path: Path) -> None:
        layout = Layout(mapping={"title": ["nazva_ua", "nazva"], "price": "rrp", "alter_number": None})
        items: list[dict[str, object]] = [
            {"nazva": "Чай", "nazva_ua": "Чаєчок", "rrp": 1, "sku": "1"},
            {"nazva": "Кава", "nazva_ua": "", "rrp": 2},
        ]
        with JsonlFile(write(tmp_path, *items), layout) as file:
            assert [values(file, row) for row in file] == [
                {"title": "Чаєчок", "price": "1"},
                {"title": "Кава", "price": "2"},
            ]

    @pytest.mark.parametrize(
        ("lines", "layout", "message"),
        [
            ([""], UNKNOWN_LAYOUT, "is empty"),
            (["\ufeff", " "], UNKNOWN_LAYOUT, "is empty"),
            (["{", "{"], UNKNOWN_LAYOUT, "read as JSONL, utf-8: "),
            ([{"color": "red"}], UNKNOWN_LAYOUT, "no column for title, price among «color»"),
            ([{"title": "a", "price": 1}], Layout(mapping={"number": 3}), "number the number of a column"),
        ],
    )
    def test_a_file_that_is_no_price_list_is_refused_by_name(
        self, tmp_path: Path, lines: list[Any], layout: Layout, message: str
    ) -> None:
        with pytest.raises(SourceError, match=rf"^list\.jsonl.*{message}"):
            JsonlFile(write(tmp_path, *lines), layout)


CATEGORIES = (
    '<category id="1">Напої</category><category id="2" parentId="1">Чай / кава &gt; какао</category>'
    '<category id="3" parentId="4">Коло</category><category id="4" parentId="3">Кола</category>'
)
OFFER = (
    '<offer id="77" available="true"><price>129.50</price><currencyId>UAH</currencyId>'
    "<categoryId>2</categoryId>"
    "<picture>https://example.com/1.jpg</picture><picture>https://example.com/2.jpg</picture>"
    "<name>Кофе &amp; сахар</name>"
    "<name_ua>Кава &amp; цукор</name_ua><vendor>Степ</vendor><vendorCode>К-1</vendorCode>"
    "<barcode>4820000000017</barcode>"
    "<stock_quantity>12</stock_quantity><description><![CDATA[<p>Смачна</p>]]></description>"
    '<param name="Вага">250 г</param></offer>'
)


class TestFeeds:
    def test_offers_become_rows(self, tmp_path: Path) -> None:
        with open_file(
            write_feed(tmp_path / "feed.xml", OFFER, categories=CATEGORIES), UNKNOWN_LAYOUT, REQUIRED
        ) as file:
            (row,) = file

            assert values(file, row) == {
                "title": "Кава & цукор",
                "price": "129.50",
                "number": "4820000000017",
                "alter_number": "К-1",
                "category": "Напої / Чай/кава/какао",
                "remote_id": "77",
                "currency": "UAH",
                "count": "12",
            }
            assert (row.number, row.line) == (1, 8)
            assert (file.source_info.format, file.source_info.preset, file.source_info.encoding) == (
                "YML",
                "rozetka",
                "utf-8",
            )
            assert file.source_info.unmapped == ("available", "picture", "name", "vendor", "description")
            assert file.columns.header_of("category_id") == "categoryId"
            assert file.fraction == 1

    @pytest.mark.parametrize("tag", ["quantity", "stock_quantity", "quantity_in_stock"])
    def test_the_tag_of_the_quantity_varies(self, tmp_path: Path, tag: str) -> None:
        offer = f"<offer id='1'><name>Кава</name><price>1</price><{tag}>7</{tag}></offer>"
        with YmlFile(write_feed(tmp_path / "feed.yml", offer)) as file:
            assert values(file, next(iter(file)))["count"] == "7"

    @pytest.mark.parametrize("encoding", ["windows-1251", "utf-16", "cp866"])
    def test_the_declared_encoding_counts(self, tmp_path: Path, encoding: str) -> None:
        offer = "<offer id='1'><name>Чай Эрл</name><price>1</price></offer>"
        with open_file(write_feed(tmp_path / "feed.xml", offer, encoding=encoding), UNKNOWN_LAYOUT, REQUIRED) as file:
            assert values(file, next(iter(file)))["title"] == "Чай Эрл"

    def test_an_empty_ukrainian_name_gives_way_to_the_other(self, tmp_path: Path) -> None:
        offers = "".join(
            f"<offer id='{number}'><name>Чай {number}</name><name_ua>{ukrainian}</name_ua><price>1</price></offer>"
            for number, ukrainian in enumerate(["Чаєчок", " "])
        )
        with YmlFile(write_feed(tmp_path / "feed.xml", offers)) as file:
            assert [values(file, row)["title"] for row in file] == ["Чаєчок", "Чай 1"]

    def test_a_name_is_put_together_from_vendor_and_model(self, tmp_path: Path) -> None:
        parts = "<typePrefix>Кавомолка</typePrefix><vendor>Степ</vendor><model>К-2</model><price>1</price>"
        with YmlFile(write_feed(tmp_path / "feed.xml", f"<offer id='1'>{parts}</offer>")) as file:
            assert values(file, next(iter(file)))["title"] == "Кавомолка Степ К-2"

    def test_categories_in_a_circle_end(self, tmp_path: Path) -> None:
        offer = "<offer id='1'><name>Кава</name><price>1</price><categoryId>3</categoryId></offer>"
        with YmlFile(write_feed(tmp_path / "feed.xml", offer, categories=CATEGORIES)) as file:
            assert values(file, next(iter(file)))["category"] == "Кола / Коло"

    def test_a_category_that_the_feed_does_not_have_costs_the_row(self, tmp_path: Path) -> None:
        offers = OFFER + OFFER.replace("<categoryId>2<", "<categoryId>99<")
        with YmlFile(write_feed(tmp_path / "feed.xml", offers, categories=CATEGORIES)) as file:
            row = list(file)[1]

            assert problem(row) == ("category_undefined", "99")
            known = values(file, structs.replace(row, content=row.content.content))  # type: ignore[union-attr]
            assert known["category"] == "99"
            assert known["title"]

    def test_offers_stream_however_many_there_are(self, tmp_path: Path) -> None:
        offers = "".join(f"<offer id='{n}'><name>Чай {n}</name><price>{n}.50</price></offer>\n" for n in range(5000))
        with YmlFile(write_feed(tmp_path / "feed.xml", offers)) as file:
            shares = [file.fraction for _ in file]

        assert len(shares) == 5000
        assert 0 < shares[0] < 0.5 < shares[-1] == 1

    @pytest.mark.parametrize(
        "head",
        [
            '<!DOCTYPE b [<!ENTITY a "ха"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
            '<!DOCTYPE b [<!ENTITY % a SYSTEM "http://127.0.0.1/a.dtd"> %a;]>',
        ],
    )
    def test_entities_are_refused(self, tmp_path: Path, head: str) -> None:
        offer = "<offer id='1'><name>Кава</name><price>1</price></offer>"
        with pytest.raises(SourceError, match=r"^feed\.xml declares entities"):
            YmlFile(write_feed(tmp_path / "feed.xml", offer, head=head))

    def test_an_endless_offer_is_refused(self, tmp_path: Path) -> None:
        offer = f"<offer id='1'><name>{'К' * (2 << 20)}</name><price>1</price></offer>"
        with pytest.raises(SourceError, match=r"feed\.xml, line \d+: an offer of more than"):
            YmlFile(write_feed(tmp_path / "feed.xml", offer))

    def test_endless_categories_are_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(yml, "_MOST_CATEGORIES", 3)
        with pytest.raises(SourceError, match=r"feed\.xml has more than 3 categories"):
            YmlFile(write_feed(tmp_path / "feed.xml", OFFER, categories=CATEGORIES))

    def test_a_feed_that_breaks_off_says_so_after_its_good_offers(self, tmp_path: Path) -> None:
        offers = "".join(f"<offer id='{n}'><name>Чай {n}</name><price>1</price></offer>\n" for n in range(3000))
        path = write_feed(tmp_path / "feed.xml", offers)
        path.write_bytes(path.read_bytes()[:-100])
        with YmlFile(path) as file:
            rows = iter(file)
            good = list(islice(rows, 2900))
            with pytest.raises(SourceError, match=r"feed\.xml was cut off: .*line \d+"):
                list(rows)

        assert len(good) == 2900

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("<catalog><item/></catalog>", "XML with the root <catalog> and not <yml_catalog>"),
            ("<yml_catalog><shop><offers/></shop></yml_catalog>", "no rows"),
            (
                "<yml_catalog><shop><offers><offer id='1'><name>A</name></offer></offers></shop></yml_catalog>",
                "no column for price",
            ),
            ("<yml_catalog><shop>", "was cut off"),
            ("<", "was cut off"),
            ("<?xml version='1.0'?><yml_catalog>&</yml_catalog>", "not well-formed"),
        ],
    )
    def test_a_file_that_is_no_feed_is_refused(self, tmp_path: Path, content: str, message: str) -> None:
        path = tmp_path / "feed.xml"
        path.write_text(content, "utf-8")
        if message == "no rows":
            with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
                assert list(file) == []
            return
        with pytest.raises(SourceError, match=rf"^feed\.xml.*{message}"):
            open_file(path, UNKNOWN_LAYOUT, REQUIRED)

    def test_the_missing_package_is_named_with_its_extra(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "defusedxml", None)
        monkeypatch.delitem(sys.modules, "defusedxml.common", raising=False)
        monkeypatch.delitem(sys.modules, "defusedxml.ElementTree", raising=False)

        with pytest.raises(ConfigurationError, match=r"pip install 'smartkasa-async\[feeds\]'"):
            YmlFile(write_feed(tmp_path / "feed.xml", OFFER))


def test_counts_may_be_all_that_is_needed(tmp_path: Path) -> None:
    offer = "<offer id='1'><barcode>4820000000017</barcode><quantity>7</quantity></offer>"
    with YmlFile(write_feed(tmp_path / "feed.xml", offer), required=(Field.NUMBER, Field.COUNT)) as file:
        assert values(file, next(iter(file))) == {"number": "4820000000017", "remote_id": "1", "count": "7"}
