"""Letters of old workbooks, whose code page may be another one than they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog import SourceDoubtfulError
from smartkasa_async.catalog.sources.fields import REQUIRED
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.source import open_file
from tests.support.xls_files import write_xls

if TYPE_CHECKING:
    from pathlib import Path

TITLES = ("Кава мелена", "Сир голландський", "Печиво вівсяне", "Хліб житній", "Порошок Ariel Color", "Їжачок гумовий")
ROWS: list[list[str | float]] = [["Назва", "Ціна"]]
ROWS += [[title, 5.5] for title in TITLES]


def texts(path: Path, layout: Layout = UNKNOWN_LAYOUT) -> list[str]:
    with open_file(path, layout, REQUIRED) as file:
        assert file.source_info.doubts == ()
        assert file.columns.headers[1] in {"Ціна", "price"}
        return [row.content[0] for row in file]  # type: ignore[index]


@pytest.mark.parametrize("code_page", [1251, 1252, 1250, 866, 437, 21866, 10007, 28595, 1200, 32768, 0])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-u", "cp1125", "iso8859-5", "mac-cyrillic"])
@pytest.mark.parametrize("version", [5, 8])
def test_letters_are_read_by_their_bytes_whatever_the_code_page(
    tmp_path: Path, encoding: str, code_page: int, version: int
) -> None:
    path = write_xls(
        tmp_path / "list.xls",
        ROWS,
        encoding=encoding,
        code_page=code_page,
        version=version,
        sheet="Прайс".encode(encoding),
    )

    assert texts(path) == [*TITLES]
    with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
        assert (file.source_info.format, file.source_info.encoding) == ("XLS", encoding)


@pytest.mark.parametrize("code_page", [1200, 1251, 1252])
def test_unicode_is_unicode_whatever_the_code_page(tmp_path: Path, code_page: int) -> None:
    path = write_xls(tmp_path / "list.xls", ROWS, encoding="", code_page=code_page, version=8, wide=True)

    assert texts(path) == [*TITLES]


@pytest.mark.parametrize("version", [5, 8])
def test_western_letters_stay_what_they_are(tmp_path: Path, version: int) -> None:
    rows: list[list[str | float]] = [["name", "price"], ["Café Crème brûlée", 1.0], ["Müller Öl", 2.0], ["25 °C", 3.0]]
    path = write_xls(tmp_path / "list.xls", rows, encoding="cp1252", code_page=1252, version=version)

    assert texts(path) == ["Café Crème brûlée", "Müller Öl", "25 °C"]


@pytest.mark.parametrize("version", [5, 8])
def test_an_encoding_that_is_given_holds(tmp_path: Path, version: int) -> None:
    rows: list[list[str | float]] = [["name", "price"], ["Ελιές", 1.0]]
    path = write_xls(tmp_path / "list.xls", rows, encoding="cp1253", code_page=1252, version=version)

    assert texts(path, Layout(encoding="cp1253")) == ["Ελιές"]


def test_in_doubt_the_encoding_is_asked_for(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "list.xls", [["назва", "ціна"], ["рис", 1.0]], encoding="mac-cyrillic", code_page=437)

    try:
        with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
            (doubt,) = file.source_info.doubts
    except SourceDoubtfulError as error:
        (doubt,) = error.doubts

    assert doubt.subject == "encoding"
    assert {"mac-cyrillic", "cp1251"} <= {choice.label for choice in doubt.choices}


def test_the_sheet_is_found_by_its_name(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "list.xls", ROWS, encoding="cp1251", code_page=1252, sheet="Прайс".encode("cp1251"))

    assert texts(path, Layout(sheet="Прайс")) == [*TITLES]
