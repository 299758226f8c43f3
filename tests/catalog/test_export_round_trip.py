"""An export of the catalogue that is imported: unchanged where it came from, whole where nothing is."""

from __future__ import annotations

import asyncio
import csv
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartkasa_async._support.spreadsheets import find_conversion
from smartkasa_async.catalog import Outcome, OutcomeKind, import_products
from smartkasa_async.catalog.checks.values import one_line_text, parse_text, seen_text
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.source_location import normalise_key
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.cli.price_list import HEADERS, write_price_list
from smartkasa_async.models import Category, ClassifierType, TaxGroup, UnitType
from tests.catalog.test_writers import read_csv
from tests.support.catalogue_service import FakeKasa, as_list, lose_after, lose_before

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from smartkasa_async import SmartKasa
    from smartkasa_async._i18n.translate import Language

UNITS = [
    UnitType(id=1, code=2009, short_name="шт", name="Штука", is_weighted=False),
    UnitType(id=2, code=301, short_name="кг", name="Кілограм", is_weighted=True),
    UnitType(id=3, code=5, short_name="кг", name="Кілограм старий", is_weighted=True),
]
CATEGORIES = [
    Category(id="c-1", title="Напої", parent_id=None),
    Category(id="c-2", title="Чай / Кава", parent_id="c-1"),
    Category(id="c-3", title="Чай", parent_id="c-1"),
    Category(id="c-4", title="Чай", parent_id=None),
    Category(id="c-5", title="Рядок\nдругий", parent_id="c-9"),
]
FORMATS = ("csv", "jsonl")
TEXT_FIELDS = ("alter_number", "remote_id", "alter_title")


class Shop(FakeKasa):
    """A service with units and categories, whose list can be counted."""

    def __init__(self) -> None:
        super().__init__()
        self.categories: Any = SimpleNamespace(list=lambda **_: as_list(CATEGORIES))
        self.unit_types: Any = SimpleNamespace(list=lambda **_: as_list(UNITS))

    def list(self, **filters: Any) -> Any:
        listed: Any = super().list(**filters)
        of_list = listed.pages

        async def pages(concurrency: int = 1) -> AsyncIterator[Any]:
            async for page in of_list(concurrency=concurrency):
                page.meta = SimpleNamespace(total_count=len(self.kept))
                yield page

        listed.pages = pages
        return listed


async def export(kasa: Shop, path: Path, language: Language = "uk") -> Path:
    await write_price_list(cast("SmartKasa", kasa), path, language, on_progress=lambda *_: None)
    return path


async def bring(kasa: FakeKasa, path: Path, **options: Any) -> list[Outcome]:
    job = import_products(cast("SmartKasa", kasa), path, late_write_window=0, **options)
    return [outcome async for outcome in job]


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return sorted({outcome.kind.value for outcome in outcomes}) or ["none"]


# A list of which most texts hold C1 controls is refused: only a wrong encoding makes them.
C1_CONTROLS = "".join(map(chr, range(0x80, 0xA0)))
TEXTS = st.text(
    st.sampled_from("абґїє АБ'\"«;,\t\n\r\x01\x1a\u00a0\u200b=+-@019.😀")
    | st.characters(exclude_categories=["Cs"], exclude_characters=C1_CONTROLS),
    max_size=12,
)
NUMBERS = (
    st.sampled_from(["4823012345039", "12345", "ABC-1", "00123", "2000001", "4 823", "-5", "4,82E+12", "'12", "", "7"])
    | st.from_regex(r"[0-9]{1,14}", fullmatch=True)
    | TEXTS
)
MONEY = st.decimals(0, 99_999, places=2) | st.decimals(0, 9, places=4) | st.sampled_from([Decimal("1.234")])
MAYBE_FLAG = st.sampled_from([True, False, None])
PRODUCTS = st.fixed_dictionaries(
    {"title": TEXTS, "price": MONEY, "number": st.none() | NUMBERS, "alter_number": st.none() | TEXTS},
    optional={
        "remote_id": st.none() | TEXTS | st.integers(0, 999),
        "alter_title": st.none() | TEXTS,
        "procurement_price": st.none() | MONEY,
        "unit_type_id": st.sampled_from([None, 0, 2009, 301, 5, 777]),
        "tax_group_id": st.sampled_from([None, *TaxGroup, TaxGroup(99)]),
        "classifier_type_id": st.sampled_from([None, *ClassifierType, ClassifierType(9)]),
        "classifier_code": st.sampled_from([None, "", "0901210000", "12345", "10.11.12-00.00", "код", "2203"]),
        "category_id": st.sampled_from([None, "", *(category.id for category in CATEGORIES), "gone"]),
        "sold_by_weight": MAYBE_FLAG,
        "is_free_price": MAYBE_FLAG,
    },
)


DRAWN = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("form", FORMATS)
@DRAWN
@given(catalogue=st.lists(PRODUCTS, min_size=1, max_size=6), language=st.sampled_from(["uk", "en"]))
def test_nothing_that_the_service_has_is_changed_or_rejected(
    form: str, catalogue: list[dict[str, Any]], language: Language
) -> None:
    async def work(folder: Path) -> None:
        kasa = stocked(catalogue)
        path = await export(kasa, folder / f"all.{form}", language)

        outcomes = await bring(kasa, path)

        assert len(outcomes) == len(catalogue)
        assert kinds(outcomes) == ["unchanged"], [outcome.reason_en for outcome in outcomes]

    in_folder(work)


@DRAWN
@given(
    catalogue=st.lists(PRODUCTS, min_size=1, max_size=6),
    chosen=st.integers(0, 5),
    field=st.sampled_from(["title", "price", "number", "alter_number"]),
)
def test_a_change_in_one_cell_reaches_that_product_alone(
    catalogue: list[dict[str, Any]], chosen: int, field: str
) -> None:
    new = {"title": "Зовсім нова назва", "price": "77777,70", "number": "4006381333931", "alter_number": "новий"}[field]

    async def work(folder: Path) -> None:
        kasa = stocked(catalogue)
        before = dict(kasa.kept)
        path = await export(kasa, folder / "all.csv")
        headers, *rows = read_csv(path)
        row = rows[chosen % len(rows)]
        row[list(HEADERS).index(Field(field))] = new
        write_csv(path, [headers, *rows])

        outcomes = await bring(kasa, path)

        changed = [outcome.product_id for outcome in outcomes if outcome.kind is OutcomeKind.UPDATED]
        assert changed == [row[-1]], [outcome.reason_en for outcome in outcomes]
        assert len(outcomes) == len(rows)
        assert {own for own, product in kasa.kept.items() if product != before[own]} == {row[-1]}
        value = getattr(kasa.kept[row[-1]], field)
        assert str(value).replace(".", ",") == new

    in_folder(work)


def is_readable(text: str) -> bool:
    """Tell whether a new product may have a text: no spreadsheet and no wrong encoding can have made it."""
    try:
        parse_text(text)
    except RuleViolationError:
        return False
    return find_conversion(text) is None


def creatable(catalogue: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what no service can be given: a second product of the same number or name, or one without a name."""
    kept: dict[str, dict[str, Any]] = {}
    for fields in catalogue:
        title = seen_text(fields["title"])
        number = seen_text(str(fields.get("number") or ""))
        texts = (number, title, *(one_line_text(str(fields.get(name) or "")) for name in TEXT_FIELDS))
        if title and all(map(is_readable, texts)) and not number.endswith("0000000"):
            kept.setdefault(normalise_key("number", number.replace(" ", "")) or f" {title}", fields)
    return list(kept.values())


@pytest.mark.parametrize("form", FORMATS)
@DRAWN
@given(drawn=st.lists(PRODUCTS, min_size=1, max_size=6))
def test_another_account_gets_all_of_it_once(form: str, drawn: list[dict[str, Any]]) -> None:
    catalogue = creatable([{"title": "Кава", "price": Decimal(5)}, *drawn])

    async def work(folder: Path) -> None:
        path = await export(stocked(catalogue), folder / f"all.{form}")
        other = Shop()

        created = await bring(other, path)
        again = await bring(other, path)

        assert kinds(created) in (["created"], ["none"]), [outcome.reason_en for outcome in created]
        assert len(other.kept) == len(catalogue)
        assert kinds(again) in (["unchanged"], ["none"]), [outcome.reason_en for outcome in again]

    in_folder(work)


def stocked(catalogue: list[dict[str, Any]]) -> Shop:
    kasa = Shop()
    for fields in catalogue:
        kasa.keep(**fields)
    return kasa


def write_csv(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def in_folder(work: Callable[[Path], Coroutine[Any, Any, None]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(work(Path(folder)))


def price_list(folder: Path, *rows: str, headers: str = "Штрихкод;Назва;Ціна") -> Path:
    path = folder / "new.csv"
    path.write_text("".join(f"{line}\r\n" for line in (headers, *rows)), "utf-8-sig")
    return path


@pytest.mark.parametrize("number", ["12345", "ABC-1", "00123", "4823012345054", "1-2"])
async def test_goods_with_a_code_of_the_shop_are_changed_by_it_and_never_made_by_it(
    number: str, tmp_path: Path
) -> None:
    kasa = stocked([{"title": "Яблука", "price": Decimal("10.50"), "number": number}])
    path = price_list(tmp_path, f"{number};Яблука;12,00")

    (changed,) = await bring(kasa, path)
    (rejected,) = await bring(Shop(), path)

    assert (changed.kind, kasa.kept["p-1"].price) == (OutcomeKind.UPDATED, Decimal("12.00"))
    assert (rejected.kind, rejected.field) == (OutcomeKind.REJECTED, "number")


async def test_other_faults_of_such_a_row_are_told_without_its_code(tmp_path: Path) -> None:
    kasa = stocked([{"title": "Яблука", "price": Decimal("10.50"), "number": "12345"}])

    (rejected,) = await bring(kasa, price_list(tmp_path, "12345;Яблука;дорого"))

    assert [problem.code for problem in rejected.problems] == ["number_unreadable"]


@pytest.mark.parametrize(
    ("has", "row"), [("00123", "123"), ("4,82E+12", "4,82E+12"), ("4820000000000", "4820000000000")]
)
async def test_what_a_spreadsheet_may_have_made_is_no_code_of_the_shop(has: str, row: str, tmp_path: Path) -> None:
    kasa = stocked([{"title": "Яблука", "price": Decimal("10.50"), "number": has}])

    (rejected,) = await bring(kasa, price_list(tmp_path, f"{row};Яблука;12,00"))

    assert rejected.kind is OutcomeKind.REJECTED


async def test_code_that_two_products_have_is_a_conflict(tmp_path: Path) -> None:
    twins = [{"title": title, "price": Decimal(5), "number": "12345"} for title in ("Яблука", "Груші")]
    kasa = stocked(twins)

    (outcome,) = await bring(kasa, price_list(tmp_path, "12345;Яблука;12,00"))

    assert outcome.kind is OutcomeKind.CONFLICT
    assert kinds(await bring(kasa, await export(kasa, tmp_path / "all.csv"))) == ["unchanged"]


async def test_code_of_the_shop_is_right_by_another_key_too(tmp_path: Path) -> None:
    kasa = stocked([{"title": "Яблука", "price": Decimal(5), "number": "12345", "alter_number": "Я-1"}])
    path = price_list(tmp_path, "12345;Яблука;12,00;Я-1", headers="Штрихкод;Назва;Ціна;Артикул")

    assert kinds(await bring(kasa, path, key="alter_number")) == ["updated"]


async def test_swapped_barcodes_of_an_export_are_swapped(tmp_path: Path) -> None:
    kasa = stocked(
        [
            {"title": title, "price": Decimal(5), "number": number}
            for title, number in (("А", "1"), ("Б", "4006381333931"))
        ]
    )
    path = await export(kasa, tmp_path / "all.csv")
    headers, first, second = read_csv(path)
    first[0], second[0] = "4823012345039", "'4823012345046"
    write_csv(path, [headers, first, second])

    assert kinds(await bring(kasa, path)) == ["updated"]
    assert [product.number for product in kasa.kept.values()] == ["4823012345039", "4823012345046"]


async def test_row_that_was_copied_with_its_id_is_a_double(tmp_path: Path) -> None:
    kasa = stocked([{"title": "Яблука", "price": Decimal(5), "number": None}])
    path = await export(kasa, tmp_path / "all.csv")
    headers, row = read_csv(path)
    write_csv(path, [headers, row, row, ["4823012345039", "", "Груші", "", "7", *[""] * 10]])

    outcomes = await bring(kasa, path)

    assert [(outcome.row, outcome.kind.value) for outcome in sorted(outcomes, key=lambda outcome: outcome.row)] == [
        (1, "unchanged"),
        (2, "rejected"),
        (3, "created"),
    ]


async def test_mirror_of_an_export_lacks_what_was_taken_out_alone(tmp_path: Path) -> None:
    twin = {"title": "Яблука", "price": Decimal(5), "number": "12345"}
    kasa = stocked([twin, twin, {**twin, "number": "4823012345039"}, {**twin, "number": None}])
    path = await export(kasa, tmp_path / "all.csv")
    headers, *rows = read_csv(path)
    write_csv(path, [headers, *rows[1:2], *rows[3:]])

    missing = [o.product_id for o in await bring(kasa, path, mode="mirror") if o.kind is OutcomeKind.MISSING]

    assert missing == ["p-1", "p-3"]


@pytest.mark.parametrize("losing", [lose_before, lose_after])
async def test_lost_answer_to_goods_without_a_number_makes_no_second_one(
    losing: Callable[[], bool], tmp_path: Path
) -> None:
    path = await export(stocked([{"title": "Яблука", "price": Decimal(5), "number": None}]), tmp_path / "all.csv")
    other = Shop()
    other.losing = [losing]

    assert kinds(await bring(other, path)) == ["created"]
    assert other.created == ["Яблука"]
