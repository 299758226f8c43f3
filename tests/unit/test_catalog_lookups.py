"""Units, tax rates and categories."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smartkasa_async.catalog.categories import CategoryTree, missing_by_depth, parse_category
from smartkasa_async.catalog.problems import RuleBrokenError
from smartkasa_async.catalog.taxes import parse_tax, parse_tax_group
from smartkasa_async.catalog.units import Units
from smartkasa_async.models import Category, TaxGroup, UnitType

NOW = datetime(2026, 10, 1, tzinfo=UTC)
UNITS = Units(
    [
        UnitType(id=4, code=2009, name="Штука", short_name="шт", is_weighted=False),
        UnitType(id=10, code=301, name="Кілограм", short_name="кг", is_weighted=True),
        UnitType(id=9, code=303, name="Грам", short_name="гр", is_weighted=True),
    ]
)


def category(id: str, title: str, parent_id: str | None = None) -> Category:
    return Category(id=id, title=title, parent_id=parent_id, created_at=NOW, updated_at=NOW)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("шт", 2009),
        ("Шт.", 2009),
        (" штука ", 2009),
        ("pcs", 2009),
        ("2009", 2009),
        ("КГ", 301),
        ("г", 303),
        ("грам", 303),
    ],
)
def test_a_unit_is_found_by_name_code_or_synonym(text: str, code: int) -> None:
    assert UNITS.find(text).code == code


@pytest.mark.parametrize("text", ["л", "ящ", "4", ""])
def test_a_unit_that_the_service_lacks_is_refused_with_those_it_has(text: str) -> None:
    with pytest.raises(RuleBrokenError) as caught:
        UNITS.find(text)

    assert caught.value.details == {"known": "шт, кг, гр"}


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("20%", TaxGroup.VAT_20),
        ("20 %", TaxGroup.VAT_20),
        ("20", TaxGroup.VAT_20),
        ("20,00%", TaxGroup.VAT_20),
        ("ПДВ 20%", TaxGroup.VAT_20),
        ("7%", TaxGroup.VAT_7),
        ("0%", TaxGroup.VAT_0),
        ("Без  ПДВ", TaxGroup.WITHOUT_VAT),
        ("без НДС", TaxGroup.WITHOUT_VAT),
        ("акциз 5%", TaxGroup.EXCISE_5),
        ("20% + акциз 5%", TaxGroup.EXCISE_5_VAT_20),
        ("5%+20%", TaxGroup.EXCISE_5_VAT_20),
        ("акциз 5 % та ПДВ 0 %", TaxGroup.EXCISE_5_VAT_0),
    ],
)
def test_a_rate_is_a_tax_group(text: str, group: TaxGroup) -> None:
    assert parse_tax(text) is group


@pytest.mark.parametrize("text", ["14%", "0,2", "А", "так", "без 20%", "крім 20%", "20% 7%"])
def test_a_rate_without_a_group_is_refused(text: str) -> None:
    with pytest.raises(RuleBrokenError, match="tax_unknown"):
        parse_tax(text)


def test_a_tax_group_is_read_by_its_number() -> None:
    assert parse_tax_group("6") is TaxGroup.EXCISE_5_VAT_20


@pytest.mark.parametrize("text", ["11", "-1", "А", "1.0"])
def test_a_number_without_a_tax_group_is_refused(text: str) -> None:
    with pytest.raises(RuleBrokenError, match="tax_group_unknown"):
        parse_tax_group(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Кава", ("Кава",)),
        ("Напої / Кава", ("Напої", "Кава")),
        ("Напої>Кава > Мелена", ("Напої", "Кава", "Мелена")),
        ("Кава/чай", ("Кава/чай",)),
        ("  Побутова   хімія / ", ("Побутова хімія",)),
    ],
)
def test_a_category_is_a_title_or_a_path(text: str, path: tuple[str, ...]) -> None:
    assert parse_category(text) == path


def test_a_path_finds_only_the_category_at_its_place() -> None:
    tree = CategoryTree(
        [category("2", "Кава", "1"), category("1", "Напої"), category("3", "Кава", "4"), category("4", "Свята")]
    )

    assert tree.find(("напої", "КАВА")) == "2"
    assert tree.find(("Свята", "Кава")) == "3"
    assert tree.find(("Напої", "Чай")) is None


def test_a_title_finds_the_top_before_the_only_one_below() -> None:
    tree = CategoryTree(
        [category("1", "Кава"), category("2", "Кава", "3"), category("3", "Напої"), category("4", "Чай", "3")]
    )

    assert tree.find(("Кава",)) == "1"
    assert tree.find(("Чай",)) == "4"


def test_a_title_that_stands_for_several_is_refused() -> None:
    tree = CategoryTree([category("1", "Кава"), category("2", "кава")])

    with pytest.raises(RuleBrokenError, match="category_ambiguous"):
        tree.find(("Кава",))


def test_a_ring_of_parents_does_not_hang() -> None:
    tree = CategoryTree([category("1", "Кава", "2"), category("2", "Напої", "1")])

    assert tree.find(("Напої", "Кава")) == "1"


def test_missing_categories_come_once_and_parents_first() -> None:
    tree = CategoryTree([category("1", "Напої")])
    paths = [("Напої", "Кава", "Мелена"), ("Хліб",), ("напої", "кава"), ("Молоко", "Сири")]

    assert missing_by_depth(tree, paths) == [
        [("Хліб",), ("Молоко",)],
        [("Напої", "Кава"), ("Молоко", "Сири")],
        [("Напої", "Кава", "Мелена")],
    ]
