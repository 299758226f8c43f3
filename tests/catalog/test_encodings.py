"""How letters are encoded: found out by all bytes of a file, in every format, or asked for."""

from __future__ import annotations

import codecs
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import SourceDoubtfulError, import_products
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.fields import REQUIRED, Field
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.rows import UnreadableRow
from smartkasa_async.catalog.sources.source import open_file
from tests.support.catalogue_service import FakeKasa

if TYPE_CHECKING:
    from pathlib import Path

UKRAINIAN = (
    "Сирок глазурований ванільний", "Ковбаски гриль баварські", "Паляниця київська подова", "Кукурудза Bonduelle",
    "Жуйка м'ятна Orbit", "Пластилін восковий", "Плівка стретч", "Ялинкова прикраса", "Пельмені домашні", "Хек тушка",
    "Їжачок гумовий", "Дзиґа дитяча", "Лимонад Живчик", "Чипси Lay's краб", "Снікерс 50 г", "Рошен Київ вечірній",
    "Гречка", "Рис", "Сіль", "Хліб", "Сир", "Яйця", "Кофта в'язана", "Порошок Ariel Color", "Крем Nivea Soft",
)  # fmt: skip
RUSSIAN = (
    "Сырок глазированный ванильный", "Колбаски гриль баварские", "Багет французский", "Кукуруза Bonduelle",
    "Жвачка мятная Orbit", "Пластилин восковой", "Пленка стретч", "Ёлочная игрушка", "Пельмени домашние", "Объектив",
    "Ежик резиновый", "Юла детская", "Лимонад Живчик", "Чипсы Lay's краб", "Сникерс 50 г", "Рошен Киев вечерний",
    "Гречка", "Рис", "Соль", "Хлеб", "Сыр", "Яйца", "Кофта вязаная", "Порошок Ariel Color", "Крем Nivea Soft",
)  # fmt: skip
HEADERS = {
    "barcode;name;price;unit": False,
    "Штрихкод;Назва;Ціна;Од": True,
    "ШТРИХКОД;НАЗВА;ЦІНА;ОД": True,
}
SETS = ("utf-8", "cp1251", "koi8-u", "cp866", "cp1125", "iso8859-5", "mac-cyrillic", "utf-16", "utf-16-le", "utf-16-be")
LIKE_DOS = str.maketrans("іІґҐ", "iIгГ")
FORMS = (str, str.upper, str.lower)


@pytest.fixture
def kasa() -> Any:
    return FakeKasa()


def write(folder: Path, content: str | bytes, encoding: str = "utf-8", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def texts(path: Path, field: Field = Field.TITLE, layout: Layout = UNKNOWN_LAYOUT) -> list[str]:
    with open_file(path, layout, REQUIRED) as file:
        position = file.columns.positions[field]
        return [row.content[position] for row in file if not isinstance(row.content, UnreadableRow)]  # type: ignore[index]


@pytest.mark.parametrize("encoding", SETS)
def test_no_list_of_any_encoding_is_read_with_wrong_letters(tmp_path: Path, encoding: str) -> None:
    draw = random.Random(encoding)  # noqa: S311  (the same lists in each run)
    asked = asked_of_clear = read = 0

    for header, is_cyrillic in HEADERS.items():
        for words in (UKRAINIAN, RUSSIAN):
            for count in (1, 3, 12):
                for form in FORMS:
                    titles = [form(title) for title in draw.sample(words, count)]
                    text = "\n".join([header, *(f"{n};{title};1{n},90;шт" for n, title in enumerate(titles)), ""])
                    if encoding == "cp866":
                        text = text.translate(LIKE_DOS)
                        titles = [title.translate(LIKE_DOS) for title in titles]
                    if encoding == "iso8859-5":
                        text, titles = text.replace("ґ", "г"), [title.replace("ґ", "г") for title in titles]
                        text, titles = text.replace("Ґ", "Г"), [title.replace("Ґ", "Г") for title in titles]
                    path = write(tmp_path, text, encoding)
                    try:
                        with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
                            is_asked = bool(file.source_info.doubts)
                            found = [row.content[1] for row in file]  # type: ignore[index]
                    except SourceDoubtfulError:
                        is_asked = True
                    if is_asked:
                        asked += 1
                        asked_of_clear += is_cyrillic and count > 1
                    else:
                        read += 1
                        assert found == titles

    assert read > 3 * asked
    assert asked_of_clear <= 0.08 * (read + asked)


@pytest.mark.parametrize("header", ["barcode;name;price", "Штрихкод;Назва;Ціна"])
@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("Печиво з родзинками".encode()[:-1], 4),
        (b"\xd0", 4),
        ("Пече".encode() + b"\xff" + "ня".encode(), 4),
        ("Хліб".encode("cp1251"), 4),
        ("Сіль".encode("koi8-u"), 4),
    ],
)
def test_bytes_that_are_not_utf_8_cost_their_rows_alone(tmp_path: Path, header: str, broken: bytes, line: int) -> None:
    good = ["Кава мелена", "Чай чорний байховий", "Цукор білий", "Олія соняшникова", "Борошно пшеничне"]
    lines = [f"{number};{title};10".encode() for number, title in enumerate(good)]
    lines.insert(line - 2, b"9;" + broken + b";10")

    found = texts(write(tmp_path, b"\n".join([header.encode(), *lines, b""])))

    assert [title for title in found if "\ufffd" not in title] == good
    assert "\ufffd" in found[line - 2]


def test_a_broken_byte_behind_a_thousand_rows_is_a_broken_byte(tmp_path: Path) -> None:
    rows = [f"{number};Товар {number};10".encode() for number in range(20_000)]
    rows[15_000] = b"15000;\xd0;10"

    found = texts(write(tmp_path, b"\n".join([b"number;name;price", *rows, b""])))

    assert [number for number, title in enumerate(found) if title != f"Товар {number}"] == [15_000]


def test_ascii_behind_which_letters_begin_late_is_read_by_these(tmp_path: Path) -> None:
    rows = [f"{number};Item {number};10" for number in range(10_000)]
    rows[9_990:] = [f"{number};{title};10" for number, title in enumerate(UKRAINIAN[:10])]

    for encoding in ("utf-8", "cp1251", "cp1125"):
        assert texts(write(tmp_path, "\n".join(["number;name;price", *rows, ""]), encoding))[9_990:] == [
            *UKRAINIAN[:10]
        ]


@pytest.mark.parametrize(("first", "second"), [("cp1251", "koi8-u"), ("cp1251", "cp1125"), ("cp1251", "utf-8")])
def test_two_encodings_in_one_file_are_told_before_anything_is_read(tmp_path: Path, first: str, second: str) -> None:
    many = "".join(f"{number};{title};10\n" for number in range(400) for title in UKRAINIAN)
    few = "".join(f"{number};{title};10\n" for number, title in enumerate(UKRAINIAN[:3]))
    content = b"number;name;price\n" + many.encode(first) + few.encode(second)

    with pytest.raises(SourceError):
        texts_without_doubt(write(tmp_path, content))
    with pytest.raises(SourceError, match=f"in {first}, and some in {second}, such as «"):
        texts(write(tmp_path, content), layout=Layout(encoding=first))


@pytest.mark.parametrize(
    ("right", "wrong"), [("utf-8", "cp1251"), ("utf-8", "latin-1"), ("cp1251", "latin-1"), ("utf-8", "cp866")]
)
def test_a_list_that_another_program_garbled_is_refused(tmp_path: Path, right: str, wrong: str) -> None:
    rows = "".join(f"{number};{title};10\n" for number, title in enumerate(UKRAINIAN))
    garbled = rows.encode(right).decode(wrong, "replace")

    with pytest.raises(SourceError, match=r"^list\.csv: the letters of most rows are garbled, .* was «"):
        texts(write(tmp_path, f"number;name;price\n{garbled}"))


def test_letters_that_became_question_marks_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"{number};{title};10\n" for number, title in enumerate(UKRAINIAN))

    with pytest.raises(SourceError, match="the letters of most rows are garbled"):
        texts(write(tmp_path, f"number;name;price\n{rows}".encode("ascii", "replace")))


async def test_garbled_rows_among_others_are_rejected_by_themselves(kasa: Any, tmp_path: Path) -> None:
    titles = [*UKRAINIAN[:8], "Кава мелена".encode().decode("cp1251"), "Чай чорний".encode("cp1251").decode("latin-1")]
    titles += ["Сир \x84Буковина\x93 твердий"]
    rows = "".join(f"A{number};{title};10\n" for number, title in enumerate(titles))

    job = import_products(kasa, write(tmp_path, f"Артикул;Назва;Ціна\n{rows}"), key="alter_number")
    outcomes = [outcome async for outcome in job]

    rejected = {outcome.line: outcome.problems[0].code for outcome in outcomes if outcome.failed}
    assert rejected == dict.fromkeys((10, 11, 12), "letters_garbled")
    assert job.summary.created == 8


@pytest.mark.parametrize(
    "title",
    [
        "Café Crème brûlée", "Вино Château Lafîte", "L’Oréal «Elsève» №5 – 20°C", "Müller Öl", "Сало „по-сільськи“",
        "Кава? Так!! Що???", "Ђоковић ракетка", "Łódź żółć gęślą", "緑茶", "ТУР»", "Ø 25 мм ± 2", "ТМ «Ѓ»",
    ],
)  # fmt: skip
def test_unusual_titles_are_not_taken_for_garbled_ones(tmp_path: Path, title: str) -> None:
    assert texts(write(tmp_path, f"Назва;Ціна\n{title};1\n")) == [title]


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_byte_order_mark_that_the_bytes_contradict_is_not_believed(tmp_path: Path, mark: bytes) -> None:
    text = "Назва;Ціна\n" + "".join(f"{title};1\n" for title in UKRAINIAN)

    with open_file(write(tmp_path, mark + text.encode("cp1251")), UNKNOWN_LAYOUT, REQUIRED) as file:
        assert file.source_info.encoding == "cp1251"
        assert file.columns.headers == ("Назва", "Ціна")
        assert [row.content[0] for row in file] == [*UKRAINIAN]  # type: ignore[index]


def feed(declared: str, titles: tuple[str, ...] = UKRAINIAN) -> str:
    offers = "".join(f"<offer id='{n}'><name>{title}</name><price>1</price></offer>" for n, title in enumerate(titles))
    return f"<?xml version='1.0' {declared}?>\n<yml_catalog><shop><offers>{offers}</offers></shop></yml_catalog>"


@pytest.mark.parametrize("declared", ["", "windows-1251", "UTF-8", "utf-16", "koi8-u", "klingon", "iso-8859-1"])
@pytest.mark.parametrize("written", ["utf-8", "cp1251", "koi8-u", "cp1125", "iso8859-5", "utf-16", "utf-16-le"])
def test_a_feed_is_read_by_its_bytes_whatever_it_declares(tmp_path: Path, declared: str, written: str) -> None:
    content = feed(f"encoding='{declared}'" if declared else "").replace("ґ", "г").encode(written)

    found = texts(write(tmp_path, content, name="feed.xml"))

    assert found == [title.replace("ґ", "г") for title in UKRAINIAN]


def test_a_declaration_is_believed_where_the_bytes_leave_a_doubt(tmp_path: Path) -> None:
    titles = ("Çay şeker ığdır", "Crème brûlée")

    assert texts(write(tmp_path, feed("encoding='windows-1254'", titles), "cp1254", "feed.xml")) == [*titles]
    with pytest.raises(SourceDoubtfulError):
        texts_without_doubt(write(tmp_path, feed("", titles), "cp1254", "feed.xml"))


@pytest.mark.parametrize("declared", ["koi8-u", "iso-8859-1", "iso-8859-5", "cp866", "windows-1252", "mac-cyrillic"])
def test_a_declaration_that_few_short_words_contradict_is_a_doubt(tmp_path: Path, declared: str) -> None:
    path = write(tmp_path, feed(f"encoding='{declared}'", ("Coffee", "Сік", "Напої")), "cp1251", "feed.xml")

    try:
        found = texts_without_doubt(path)
    except SourceDoubtfulError:
        return
    assert found[1] == "Сік"


def texts_without_doubt(path: Path) -> list[str]:
    with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
        if file.source_info.doubts:
            raise SourceDoubtfulError("", doubts=file.source_info.doubts)
    return texts(path)


@pytest.mark.parametrize("written", ["utf-8", "cp1251", "koi8-u", "cp866", "utf-16"])
def test_json_lines_are_read_in_any_encoding(tmp_path: Path, written: str) -> None:
    lines = "".join(json.dumps({"title": title, "price": 1}, ensure_ascii=False) + "\n" for title in RUSSIAN)

    assert texts(write(tmp_path, lines, written, "list.jsonl")) == [*RUSSIAN]


@pytest.mark.parametrize("name", ["list.csv", "list.jsonl", "feed.xml"])
def test_an_encoding_that_is_given_holds_in_every_format(tmp_path: Path, name: str) -> None:
    titles = ("Πορτοκάλι", "Ελιές")
    content = {
        "list.csv": "name;price\n" + "".join(f"{title};1\n" for title in titles),
        "list.jsonl": "".join(json.dumps({"title": t, "price": 1}, ensure_ascii=False) + "\n" for t in titles),
        "feed.xml": feed("encoding='utf-8'", titles),
    }[name]

    assert texts(write(tmp_path, content, "cp1253", name), layout=Layout(encoding="cp1253")) == [*titles]


def test_an_encoding_that_the_bytes_contradict_is_refused_though_it_was_given(tmp_path: Path) -> None:
    text = "Назва;Ціна\n" + "".join(f"{title};1\n" for title in UKRAINIAN)
    path = write(tmp_path, text)

    with pytest.raises(SourceError, match=r"is not cp1251: so its words are «.*, and read as utf-8 they are «Назва»"):
        texts(path, layout=Layout(encoding="cp1251"))
    with pytest.raises(SourceError, match=r"is not utf-8: .* read as cp1251 they are «Назва».* leave the encoding out"):
        texts(write(tmp_path, text, "cp1251"), layout=Layout(encoding="utf-8"))


async def test_in_doubt_the_encoding_is_asked_for_and_nothing_is_sent(kasa: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "sku;name;price\nA1;рис;1\n", "cp1251")

    with pytest.raises(
        SourceDoubtfulError, match=r"which encoding are the letters in\? cp1251: Layout\(encoding="
    ) as caught:
        await import_products(kasa, path, key="alter_number")

    (doubt,) = caught.value.doubts
    assert doubt.subject == "encoding"
    examples = {choice.label: choice.examples for choice in doubt.choices}
    assert examples["cp1251"] == ("рис",)
    summary = await import_products(kasa, path, key="alter_number", layout=Layout(encoding="cp1251"))
    assert summary.created == 1
