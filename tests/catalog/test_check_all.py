"""Rows that are read column by column end as by the check of one row, whatever is wrong with any of them."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, get_args

import pytest

from smartkasa_async.catalog.checks.check import Checker, ProductDraft
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.source_location import KeyField, SourceLocation
from smartkasa_async.catalog.sources.cells import ConvertedCell
from smartkasa_async.catalog.sources.columns import Columns, NumberFormat
from smartkasa_async.catalog.sources.fields import PRICES, REQUIRED, Field
from smartkasa_async.catalog.sources.rows import Row, UnreadableRow
from smartkasa_async.models import ProductCreate, UnitType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.outcomes import Outcome

UNITS = Units(
    [
        UnitType(id=4, code=2009, name="Штука", short_name="шт", is_weighted=False),
        UnitType(id=10, code=301, name="Кілограм", short_name="кг", is_weighted=True),
    ]
)
TITLES = (
    "Кава мелена 250 г", "Лате", "Чай  чорний", "Сік\tяблучний", "Два\nрядки", "Сир\r", "Ð¡Ð¸Ñ€", "??? ????",
    "M\ufffdd", "Café «Ранок»", "01.02.2024", "TRUE", "#N/A", "4,82E+12", "К" * 257, "Ё|Й", "Вино?", "?Вино", "ﬁle",
    "😀 чай",
)  # fmt: skip
NUMBERS = (
    "4006381333931", "4820000000000", "4006381333932", "40063813339", "96385074", "04006381333931", "4,82E+12", "ПЛУ 5",
    "4 006381 333931", "2000000000015", "400638133393\ufffd", "12",
)  # fmt: skip
CODES = ("К-1", "0901-0000123", "10-11", "2024-01-02", "000123", "1:18:00", "К  1", "??? ????", "1234567890123450000")
AMOUNTS = (
    "10", "9,99", "1 299,50", "1,299", "1.299", "0", "-5", "9,999", "$5", "5 грн", "вільна", "99999999999", "1'299,50",
    "₴ 12", "10,5", "5\n6", "٥",
)  # fmt: skip
POSITIONS = {Field.TITLE: 0, Field.PRICE: 1, Field.NUMBER: 2}
CELLS: dict[Field, tuple[str, ...]] = {
    Field.TITLE: TITLES,
    Field.ALTER_TITLE: TITLES,
    Field.NUMBER: NUMBERS,
    Field.ALTER_NUMBER: CODES,
    Field.REMOTE_ID: CODES,
    Field.PRICE: AMOUNTS,
    Field.PROCUREMENT_PRICE: (*AMOUNTS, "9,994", "9,996"),
    Field.CATEGORY: ("Напої / Кава", "Напої", " / ", "A\nB", "Ð¡Ð¸Ñ€", "01.02.2024", "M\ufffdd"),
    Field.CATEGORY_ID: ("5f0c7a52-0000-4000-8000-000000000000", "7", "01.02.2024"),
    Field.UNIT: ("шт", "Кг.", "2009", "відро", "'шт"),
    Field.TAX: ("20%", "7", "А", "Б", "Д", "З", "без ПДВ", "20% + акциз 5%", "5% + 7%", "11%", "Я"),
    Field.TAX_GROUP_ID: ("1", "2", "99", "x"),
    Field.CLASSIFIER_CODE: ("0901210000", "0901", "901210000", "10.11.12", "090121000000000", "12", "01.01.2024"),
    Field.DKPP_CODE: ("10.11.12-00.00", "10.11", "1011120000", "12"),
    Field.SOLD_BY_WEIGHT: ("так", "ні", "1", "можливо"),
    Field.IS_FREE_PRICE: ("так", "ні", "+", "можливо"),
    Field.SUBGROUP_ID: ("5", "x"),
    Field.BOOKMARK_IDS: ("1, 2", "a-b", "!"),
    Field.CURRENCY: ("UAH", "грн", "USD"),
}
"""Cells of each column: the usual ones first, then what can be wrong, doubtful or unusual about one."""
FORMS = (NumberFormat(), NumberFormat(","), NumberFormat(".", ",", thousandths=False), NumberFormat(",", " "))
SEEDS = 100


def cell_of(field: Field, random: Random) -> str:
    texts = CELLS[field]
    if random.random() < 0.9:
        return random.choice(texts[:2])
    text = random.choice(("", *texts))
    return random.choice((text, f"  {text} ", f"'{text}", f'="{text}"', " ", "=", ConvertedCell(text, "cell_date")))


def content_of(fields: Sequence[Field], random: Random) -> list[str] | ProductCreate | UnreadableRow:
    if random.random() < 0.05:
        product = ProductCreate(title="Готовий", number="4006381333931", price=Decimal(5))
        return random.choice((UnreadableRow("a quote"), product, ["Разом", "120"], []))
    cells = [cell_of(field, random) for field in fields]
    if random.random() < 0.1:
        return random.choice((cells[:-1], cells[:1], [*cells, ""], [*cells, "зайве"], [*cells, "", "зайве"]))
    return cells


def source_of(random: Random) -> tuple[SourceLocation, list[Row]]:
    others = [field for field in CELLS if field not in REQUIRED]
    fields = [*REQUIRED, *random.sample(others, random.randint(0, len(others)))]
    random.shuffle(fields)
    columns = Columns(
        (*fields, *("Знижка",) * random.randint(0, 2)),
        {field: position for position, field in enumerate(fields)},
        (),
        {field: random.choice(FORMS) for field in PRICES if field in fields and random.random() < 0.8},
    )
    rows = [Row(number, number + 1, content_of(fields, random)) for number in range(1, random.choice((2, 10, 80)))]
    return SourceLocation("list.csv", columns), rows


@pytest.mark.parametrize("key", get_args(KeyField))
def test_rows_end_together_as_each_by_itself(key: KeyField) -> None:
    passed = rejected = 0
    for seed in range(SEEDS):
        location, rows = source_of(Random(seed))  # noqa: S311 rows need no secrets
        checker = Checker(location, UNITS, key)

        checked = checker.check_all(rows)

        assert checked == [checker.check(row) for row in rows], seed
        passed += sum(isinstance(each, ProductDraft) for each in checked)
        rejected += sum(not isinstance(each, ProductDraft) for each in checked)
    assert min(passed, rejected) > SEEDS


@pytest.mark.parametrize("field", CELLS)
def test_one_odd_cell_among_usual_rows_ends_as_by_itself(field: Field) -> None:
    fields = list(dict.fromkeys((*REQUIRED, Field.NUMBER, field)))
    columns = Columns(tuple(fields), {each: position for position, each in enumerate(fields)}, ())
    checker = Checker(SourceLocation("list.csv", columns), UNITS)
    usual = ["9,50" if each in PRICES else CELLS[each][0] for each in fields]
    for text in ("", " ", *CELLS[field], *(f" {text}" for text in CELLS[field])):
        odd = [text if each is field else cell for each, cell in zip(fields, usual, strict=True)]
        rows = [Row(number, number, odd if number == 2 else usual) for number in (1, 2, 3)]

        checked = checker.check_all(rows)

        assert checked == [checker.check(row) for row in rows], text
        assert isinstance(checked[0], ProductDraft)


def test_a_usual_row_is_not_checked_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    location = SourceLocation("list.csv", Columns(("Назва", "Ціна", "Штрихкод"), POSITIONS, ()))
    rows = [Row(1, 2, ["Кава", "9,99", "4006381333931"]), Row(2, 3, ["Чай", "1,299", "4006381333931"])]
    alone: list[Row] = []
    check = Checker.check

    def check_noted(self: Checker, row: Row) -> ProductDraft | Outcome:
        alone.append(row)
        return check(self, row)

    monkeypatch.setattr(Checker, "check", check_noted)

    Checker(location, UNITS).check_all(rows)

    assert alone == rows[1:]
