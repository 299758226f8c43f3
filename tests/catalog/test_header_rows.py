"""Headers of two rows, as price lists with merged cells have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog.sources.fields import REQUIRED, Field
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT
from smartkasa_async.catalog.sources.rows import Row
from smartkasa_async.catalog.sources.source import open_file
from tests.support.price_files import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ABOVE = ("Штрихкод", "Назва", "Ціна", "")
BELOW = ("", "", "закупівельна", "роздрібна")
PRODUCT = ("4820000000017", "Кава", "100", "150")


def write(folder: Path, format: str, rows: Sequence[Sequence[str]]) -> Path:
    if format == "xlsx":
        return write_xlsx(folder / "list.xlsx", {"Прайс": [tuple(row) for row in rows]})
    path = folder / "list.csv"
    path.write_text("".join(f"{';'.join(row)}\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_price_over_two_columns_is_not_taken_for_the_first(tmp_path: Path, format: str) -> None:
    path = write(tmp_path, format, [("Прайс-лист", "", "", ""), ABOVE, BELOW, PRODUCT])

    with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
        assert file.columns.headers == ("Штрихкод", "Назва", "Ціна закупівельна", "Ціна роздрібна")
        assert file.columns.positions[Field.PROCUREMENT_PRICE] == 2
        assert file.columns.positions[Field.PRICE] == 3
        assert (file.source_info.header_row, file.source_info.first_row) == (2, 4)
        assert list(file) == [Row(1, 4, list(PRODUCT))]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_price_over_columns_of_unknown_names_is_asked_for(tmp_path: Path, format: str) -> None:
    path = write(tmp_path, format, [ABOVE, ("", "", "зі складу", "з доставкою"), PRODUCT])

    with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
        (doubt,) = file.source_info.doubts

    assert [choice.label for choice in doubt.choices] == ["«Ціна зі складу»", "«Ціна з доставкою»"]


@pytest.mark.parametrize(
    "first",
    [
        PRODUCT,
        ("", "Кава", "договірна", "так"),
        ("4820000000017", "", "договірна", "так"),
        ("", "Напої", "", ""),
        ("", "", "100", "роздрібна"),
        ("", "", "договірна", ""),
    ],
)
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_product_or_a_group_is_no_second_row_of_headers(tmp_path: Path, format: str, first: tuple[str, ...]) -> None:
    path = write(tmp_path, format, [ABOVE, first, PRODUCT])

    with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
        assert file.columns.headers == ABOVE
        assert [row.line for row in file] == [2, 3]
