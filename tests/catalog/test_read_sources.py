"""Sources of all kinds through `open_source`, and what is found out about them."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.layout import Layout
from smartkasa_async.catalog.sources.source import Reader, open_source
from smartkasa_async.catalog.sources.source_info import SourceInfo
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.models import ProductCreate, TaxGroup
from tests.support.processes import finished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

DATA: dict[str, list[Any]] = {
    "Штрихкод": [4820000000017, None],
    "Назва": ["Кава", "Чай"],
    "Ціна": [12.345, 7.0],
    "Залишок": [1.5, None],
    "Колір": ["чорна", None],
}
FIELDS = [
    {"number": "4820000000017", "title": "Кава", "price": "12.3450", "count": "1.5"},
    {"title": "Чай", "price": "7"},
]


async def read(reader: Reader, count: int = 100) -> list[dict[str, str]]:
    rows = []
    while some := await reader.read(count):
        for row in some:
            cells: Any = row.content
            positions = reader.location.columns.positions
            rows.append({field.value: cells[at] for field, at in positions.items() if at < len(cells) and cells[at]})
    return rows


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(pl.DataFrame(DATA), id="polars"),
        pytest.param(pd.DataFrame(DATA), id="pandas"),
        pytest.param(pd.DataFrame(DATA).convert_dtypes(), id="pandas-nullable"),
        pytest.param(pa.table(DATA), id="arrow-table"),
        pytest.param(pa.RecordBatch.from_pydict(DATA), id="arrow-batch"),
    ],
)
async def test_tables_are_read_by_what_they_can_do(table: Any) -> None:
    async with open_source(table) as reader:
        assert reader.source_info.unmapped == ("Колір",)
        assert (reader.source_info.format, reader.source_info.first_row) == ("table", 1)
        assert await read(reader, 1) == FIELDS
        assert reader.fraction == 1


async def test_a_stream_of_batches_is_read_as_it_comes() -> None:
    table = pa.table(DATA)
    batches = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())

    async with open_source(batches) as reader:
        assert reader.fraction is None
        assert await read(reader) == FIELDS


async def test_a_table_without_prices_is_refused() -> None:
    with pytest.raises(SourceError, match="table: no column for price among «Назва»"):
        async with open_source(pl.DataFrame({"Назва": ["Кава"]})):
            pass


async def test_tables_of_numbers_and_missing_values() -> None:
    table = pd.DataFrame({"title": ["A", None], "price": [Decimal("1.50"), Decimal("NaN")], 5: [float("inf"), 1e21]})

    async with open_source(table, Layout(mapping={"count": "5"})) as reader:
        assert await read(reader) == [
            {"title": "A", "price": "1.5", "count": "Infinity"},
            {"count": "1000000000000000000000"},
        ]


async def test_items_are_read_by_a_mapping() -> None:
    items: list[Any] = [{"nazva": "Кава", "Ціна": 5, "tax_group_id": TaxGroup.VAT_20, "title": "Coffee"}]
    product = ProductCreate(title="Чай")

    async with open_source([*items, product], Layout(mapping={"title": "nazva"})) as reader:
        first, second = await reader.read(5)

        assert reader.source_info == SourceInfo(file="", format="items")
        assert first.content[reader.location.columns.positions[Field.TITLE]] == "Кава"  # type: ignore[index]
        assert second.content is product


async def test_async_items_are_read_by_a_preset() -> None:
    async def items() -> AsyncIterator[dict[str, object]]:
        yield {"Назва_позиції": "Кофе", "Назва_позиції_укр": "Кава", "Ціна": 5, "Ідентифікатор_товару": 7}
        yield {"Назва_позиції": "Чай", "Назва_позиції_укр": None, "Ціна": 5}

    async with open_source(items(), Layout(preset="prom")) as reader:
        assert await read(reader) == [
            {"title": "Кава", "price": "5", "remote_id": "7"},
            {"title": "Чай", "price": "5"},
        ]


async def test_items_have_no_positions() -> None:
    with pytest.raises(SourceError, match="price the number of a column; items have none"):
        async with open_source([{"title": "A"}], Layout(mapping={"price": 2})):
            pass


async def test_what_is_no_source_is_refused_by_its_type() -> None:
    with pytest.raises(InvalidRequestError, match="source is of type int; give the path or link of a price list"):
        async with open_source(5):  # type: ignore[arg-type]
            pass


async def test_a_file_is_described_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "прайс.csv"
    path.write_text("ФОП\nНазва_позиції;Назва_позиції_укр;Ціна;Колір;Колір\nКофе;Кава;1 299,50;;\n", "cp1251")

    async with open_source(path) as reader:
        source_info = reader.source_info

    assert (
        str(source_info)
        == source_info.describe("en")
        == (
            "прайс.csv: CSV, encoding cp1251, fields separated by «;», exported from Prom, headers in row 2, "
            "products from line 3 on, decimal mark «,», thousands separated by a space\n"
            "  column 2 «Назва_позиції_укр» → title\n"
            "  column 3 «Ціна» → price\n"
            "  left alone: «Назва_позиції», «Колір»"
        )
    )
    assert source_info.describe("uk") == (
        "прайс.csv: CSV, кодування cp1251, поля розділено знаком «;», вивантаження з Prom, заголовки в рядку 2, "
        "товари з рядка 3, десятковий знак «,», тисячі розділено пробілом\n"
        "  стовпець 2 «Назва_позиції_укр» → назва\n"
        "  стовпець 3 «Ціна» → ціна\n"
        "  не використано: «Назва_позиції», «Колір»"
    )


async def test_a_file_without_headers_or_products_says_so(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Кава\t5\n", "utf-8")
    async with open_source(path, Layout(header_row=0, mapping={"title": 1, "price": 2})) as reader:
        assert reader.source_info.describe("uk").startswith(
            "list.csv: CSV, кодування utf-8, поля розділено табуляцією, товари з рядка 1, без заголовків\n"
        )
    path.write_text("Назва\tЦіна\n", "utf-8")
    async with open_source(path) as reader:
        assert "headers in row 1, no products\n" in reader.source_info.describe()


async def test_the_stock_needs_neither_title_nor_price(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Штрихкод;Залишок\n4820000000017;5\n", "utf-8")

    async with open_source(path, required=(Field.NUMBER, Field.COUNT)) as reader:
        assert await read(reader) == [{"number": "4820000000017", "count": "5"}]


async def test_rejected_rows_can_be_written_as_the_file_was(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Назва\tЦіна\nКава\t5\n".encode("cp1251"))

    async with open_source(path) as reader:
        assert (reader.location.file, reader.location.encoding, reader.location.delimiter) == (
            "list.csv",
            "cp1251",
            "\t",
        )


def test_optional_packages_are_not_imported_with_the_library() -> None:
    code = (
        "import sys, smartkasa_async.catalog.sources.source\n"
        "late = {'python_calamine', 'defusedxml', 'tomllib', 'polars', 'pandas', 'pyarrow'}\n"
        "print(sorted(late & set(sys.modules)))"
    )

    done = finished([sys.executable, "-c", code])
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


async def test_a_lazy_frame_is_to_be_collected_first() -> None:
    with pytest.raises(SourceError, match=r"LazyFrame of polars; call its \.collect\(\) first"):
        async with open_source(pl.LazyFrame(DATA)):
            pass
