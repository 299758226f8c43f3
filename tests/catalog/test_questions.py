"""What is in doubt about a source: asked, answered, refused; and what `preview_source` shows of it."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async._i18n.message import arguments_named
from smartkasa_async.catalog import (
    Choice,
    Layout,
    SourceDoubtfulError,
    SourceError,
    import_products,
    preview_source,
    with_choices,
)
from smartkasa_async.catalog.checks.codes import check_digit
from smartkasa_async.cli.errors import option_of
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.stock import sync_stock
from tests.support.catalogue_service import FakeKasa
from tests.support.price_files import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from smartkasa_async.catalog import SourceInfo

TWO_PRICES = ("Штрихкод;Назва;Ціна 1;Ціна 2", "4823012345039;Кава;189,90;150,00", "4823012345046;Чай;74,50;60,00")
EITHER_WAY = ("Штрихкод;Назва;Ціна", "4823012345039;Ноутбук;12,345", "4823012345046;Телефон;8,999")


@pytest.fixture
def kasa() -> Any:
    return FakeKasa()


def write(folder: Path, lines: Sequence[str], name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def prices(kasa: Any) -> list[Decimal]:
    return sorted(product.price for product in kasa.kept.values())


async def test_two_prices_of_equal_standing_are_refused_with_what_settles_it(kasa: Any, tmp_path: Path) -> None:
    with pytest.raises(SourceDoubtfulError) as caught:
        await import_products(kasa, write(tmp_path, TWO_PRICES))

    text = str(caught.value)
    assert "list.csv: which column is «price»?" in text
    assert "«Ціна 1»: Layout(mapping={'price': 'Ціна 1'})" in text
    assert "«Ціна 2»: Layout(mapping={'price': 'Ціна 2'})" in text
    assert [choice.examples for choice in caught.value.doubts[0].choices] == [("189,90", "74,50"), ("150,00", "60,00")]
    assert caught.value.doubts[0].question("uk") == "який стовпець — «ціна»?"
    assert (kasa.lists, kasa.calls, kasa.kept) == (0, [], {})
    assert pickle.loads(pickle.dumps(caught.value)).doubts == caught.value.doubts  # noqa: S301  (our own)


async def test_a_layout_settles_it(kasa: Any, tmp_path: Path) -> None:
    await import_products(kasa, write(tmp_path, TWO_PRICES), layout=Layout(mapping={"price": "Ціна 2"}))

    assert prices(kasa) == [Decimal("60.00"), Decimal("150.00")]


async def test_a_choice_settles_it_before_anything_is_read(kasa: Any, tmp_path: Path) -> None:
    seen: list[SourceInfo] = []

    def answer(source_info: SourceInfo) -> Choice:
        seen.append(source_info)
        return source_info.doubts[0].choices[1]

    await import_products(kasa, write(tmp_path, TWO_PRICES), on_source_detected=answer)

    assert prices(kasa) == [Decimal("60.00"), Decimal("150.00")]
    assert len(seen) == 1


async def test_another_layout_may_be_answered(kasa: Any, tmp_path: Path) -> None:
    path = write(tmp_path, ["Штрихкод;Назва;Ціна;Ціна опт", "4823012345039;Кава;189,90;150,00"])

    await import_products(kasa, path, on_source_detected=lambda _: Layout(mapping={"price": "Ціна опт"}))

    assert prices(kasa) == [Decimal("150.00")]


async def test_an_answer_that_leaves_a_doubt_is_refused(kasa: Any, tmp_path: Path) -> None:
    lines = ["Штрихкод;Назва;Ціна;РРЦ;Категорія;Група", "4823012345039;Кава;1;2;Напої;Кава"]

    with pytest.raises(SourceDoubtfulError) as caught:
        await import_products(
            kasa, write(tmp_path, lines), on_source_detected=lambda source_info: source_info.doubts[0].choices[0]
        )

    assert [doubt.field for doubt in caught.value.doubts] == ["category"]


async def test_several_choices_answer_several_doubts(kasa: Any, tmp_path: Path) -> None:
    lines = ["Штрихкод;Назва;Ціна;РРЦ;EAN", "4823012345039;Кава;1;2;4823012345046"]

    await import_products(
        kasa,
        write(tmp_path, lines),
        on_source_detected=lambda source_info: [doubt.choices[1] for doubt in source_info.doubts],
    )

    (product,) = kasa.kept.values()
    assert (product.price, product.number) == (Decimal(2), "4823012345046")


@pytest.mark.parametrize("answer", [True, "Ціна 1", ["Ціна 1"]])
async def test_an_answer_of_another_kind_is_refused(kasa: Any, tmp_path: Path, answer: Any) -> None:
    with pytest.raises(InvalidRequestError, match="on_source_detected answered"):
        await import_products(kasa, write(tmp_path, TWO_PRICES), on_source_detected=lambda _: answer)


def test_choices_are_added_to_a_mapping_of_any_kind(tmp_path: Path) -> None:
    path = write(tmp_path, ["[fields]", 'title = ["Опис", "Назва"]', "number = 2", 'count = ""'], "own.toml")
    choice = Choice(label="", layout={"mapping": {"price": 4}})

    assert with_choices(Layout(mapping={"title": "Опис"}), [choice]).mapping == {"title": "Опис", "price": 4}
    assert with_choices(Layout(mapping=path), [choice]).mapping == {
        "title": ("Опис", "Назва"),
        "number": 2,
        "count": None,
        "price": 4,
    }


async def test_columns_of_one_name_are_chosen_by_their_number(kasa: Any, tmp_path: Path) -> None:
    path = write(tmp_path, ["Штрихкод;Назва;Ціна;Ціна", "4823012345039;Кава;1;2"])

    preview = await preview_source(path)
    (doubt,) = preview.doubts

    assert [choice.label for choice in doubt.choices] == ["«Ціна» (3)", "«Ціна» (4)"]
    await import_products(kasa, path, layout=with_choices(preview.layout, [doubt.choices[1]]))
    assert prices(kasa) == [Decimal(2)]


@pytest.mark.parametrize(("choice", "taken"), [(0, []), (1, [Decimal(8999), Decimal(12345)])])
async def test_a_mark_that_may_mean_both_is_asked_about(
    kasa: Any, tmp_path: Path, choice: int, taken: list[Decimal]
) -> None:
    path = write(tmp_path, EITHER_WAY)

    with pytest.raises(
        SourceDoubtfulError, match=r"«Ціна»: is 12,345 .*Layout\(decimal=','\).*Layout\(thousands=','\)"
    ):
        await import_products(kasa, path)
    await import_products(kasa, path, on_source_detected=lambda source_info: source_info.doubts[0].choices[choice])

    assert prices(kasa) == taken  # as decimals they are finer than a kopeck, which no till can charge


@pytest.mark.parametrize(
    "cells", [("12,345", "17,50"), ("12,345", "100", "200"), ("1 000", "12,345"), ("12,345,678", "1,250")]
)
async def test_a_mark_that_the_column_explains_or_hardly_shows_is_no_doubt(
    tmp_path: Path, cells: Sequence[str]
) -> None:
    lines = ["Штрихкод;Назва;Ціна", *(f"{number};Товар;{cell}" for number, cell in enumerate(cells))]

    assert not (await preview_source(write(tmp_path, lines))).doubts


async def test_a_table_that_can_be_read_once_only_cannot_be_answered(kasa: Any) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"Штрихкод": ["4823012345039"], "Назва": ["Кава"], "Ціна 1": ["5"], "Ціна 2": ["6"]})

    with pytest.raises(SourceError, match=r"give layout= instead of answering"):
        await import_products(
            kasa, table.to_reader(), on_source_detected=lambda source_info: source_info.doubts[0].choices[0]
        )
    await import_products(kasa, table, on_source_detected=lambda source_info: source_info.doubts[0].choices[0])
    assert prices(kasa) == [Decimal(5)]


async def test_a_workbook_asks_too(kasa: Any, tmp_path: Path) -> None:
    rows: list[tuple[str | float, ...]] = [
        ("Штрихкод", "Назва", "Ціна А", "Ціна Б"),
        ("4823012345039", "Кава", 189.9, 1),
    ]

    with pytest.raises(SourceDoubtfulError, match="«Ціна Б»"):
        await import_products(kasa, write_xlsx(tmp_path / "list.xlsx", {"Прайс": rows}))


async def test_items_can_be_answered_before_they_are_read(kasa: Any) -> None:
    items = iter([{"Штрихкод": "4823012345039", "Назва": "Кава", "Опт": "5"}])

    await import_products(kasa, items, on_source_detected=lambda _: Layout(mapping={"price": "Опт"}))

    assert prices(kasa) == [Decimal(5)]


async def test_stock_of_several_shops_is_asked_about(tmp_path: Path, kasa: Any) -> None:
    path = write(tmp_path, ["Штрихкод;Залишок Київ;Залишок Львів", "4823012345039;4;7"])

    with pytest.raises(SourceDoubtfulError, match="which column is «count»"):
        await sync_stock(kasa, path, shop_id=1)
    preview = await preview_source(path, counts=True, layout=Layout(mapping={"count": "Залишок Львів"}))
    assert [(row.number, row.count) for row in preview.rows] == [("4823012345039", Decimal(7))]


async def test_a_preview_gives_rows_as_they_would_arrive(tmp_path: Path) -> None:
    lines = [
        "Прайс-лист на 01.10.2026",
        "Штрихкод;Назва;Категорія;Ціна, грн;Ціна опт;Од.;Ставка ПДВ;Залишок",
        ";Напої;;;;;;",
        "4823012345054;Печиво;Солодощі;92,00;;шт;20%;3",
        "4823012345039;Кава мелена 250 г;Напої / Кава;1 189,90;150;шт;20%;14",
        "4823012345046;Чай;Напої / Чай;74,50;60;діжка;без ПДВ;30,5",
        "4823012345091;Какао;;112;90;шт;7%;багато",
    ]

    preview = await preview_source(write(tmp_path, lines))

    first, second, third = preview.rows
    assert (first.line, first.title, first.price, first.number) == (
        5,
        "Кава мелена 250 г",
        Decimal("1189.90"),
        "4823012345039",
    )
    assert (first.count, first.unit, first.tax, first.category) == (Decimal(14), "шт", "20%", "Напої / Кава")
    assert (second.unit, second.tax, second.count, second.category) == (
        "діжка",
        "без ПДВ",
        Decimal("30.5"),
        "Напої / Чай",
    )
    assert (third.title, third.count, third.problems) == ("Какао", None, ())
    assert preview.source_info.header_row == 2
    assert preview.unused == ("Ціна опт",)
    assert not preview.doubts
    assert "Кава мелена 250 г, 1189.90, 4823012345039" in str(preview)


async def test_rows_that_would_be_rejected_are_shown_where_there_are_no_others(tmp_path: Path) -> None:
    lines = ["Штрихкод;Назва;Ціна", "4823012345054;Печиво;92,00", "4823012345039;Кава;18"]

    good, bad = (await preview_source(write(tmp_path, lines))).rows

    assert (good.title, bad.title) == ("Кава", "Печиво")
    assert [problem.code for problem in bad.problems] == ["barcode_check_digit"]


async def test_which_price_was_chosen_is_told(kasa: Any, tmp_path: Path) -> None:
    path = write(tmp_path, ["Штрихкод;Назва;Ціна (опт);Ціна;Стара ціна", "4823012345039;Кава;1;2;3"])

    summary = await import_products(kasa, path)

    (note,) = summary.notes
    assert (note.code, note.column, note.field) == ("column_chosen", "Ціна", "price")
    assert "not used: «Ціна (опт)», «Стара ціна»" in note.reason_en
    assert "mapping={'price': 'Ціна (опт)'}" in note.reason_uk
    with arguments_named(option_of):
        again = await import_products(kasa, path, late_write_window=0)
        assert "to take another: --column 'price=Ціна (опт)'" in again.notes[0].reason_en
    assert prices(kasa) == [Decimal(2)]


def barcodes(count: int) -> list[str]:
    bodies = [f"48230123{number:04}" for number in range(count)]
    return [f"{body}{check_digit(body)}" for body in bodies]


@pytest.mark.parametrize("header", ["Ідентифікатор упаковки", "Код", "Внутрішній код товару"])
async def test_a_column_of_barcodes_that_nothing_uses_is_pointed_out(tmp_path: Path, header: str) -> None:
    lines = [f"{header};Назва;Ціна", *(f"{number};Товар;5" for number in barcodes(9)), "немає;Послуга;7"]

    (note,) = (await preview_source(write(tmp_path, lines))).notes

    assert (note.code, note.column, note.severity) == ("barcodes_unused", header, "warning")
    assert f"mapping={{'number': '{header}'}}" in note.reason_en
    assert f"mapping={{'number': '{header}'}}" in note.reason_uk


@pytest.mark.parametrize(
    ("header", "numbers"),
    [
        ("Штрихкод;Код постачальника", [f"{number};{number}" for number in barcodes(9)]),
        ("Код постачальника", [f"48230123{number:05}" for number in range(9)]),
        ("Код постачальника", barcodes(1)),
        ("Код постачальника", ["", "", ""]),
        ("Код постачальника", [*barcodes(5), *"12345"]),
    ],
)
async def test_other_columns_are_not_taken_for_barcodes(tmp_path: Path, header: str, numbers: Sequence[str]) -> None:
    lines = [f"{header};Назва;Ціна", *(f"{number};Товар;5" for number in numbers)]

    assert not (await preview_source(write(tmp_path, lines))).notes
