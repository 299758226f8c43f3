"""Units and categories."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smartkasa_async.catalog.checks.categories import CategoryTree, missing_by_depth, parse_category
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.models import Category, UnitType

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
    with pytest.raises(RuleViolationError) as caught:
        UNITS.find(text)

    assert caught.value.details["known"] == "шт, кг, гр"


def test_of_very_many_units_the_first_are_shown() -> None:
    units = Units(UnitType(id=code, code=code, name=f"Одиниця {code}", short_name=f"од{code}") for code in range(30))

    with pytest.raises(RuleViolationError) as caught:
        units.find("відро")

    assert str(caught.value.details["known"]).endswith("од18, од19 …")


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


@pytest.mark.parametrize(
    ("text", "code"),
    [(">", "blank"), (" → >", "blank"), ("Кава\nЧай", "line_break"), ("Кав\ufffd", "letters_unreadable")],
)
def test_a_category_that_cannot_be_meant_is_refused(text: str, code: str) -> None:
    with pytest.raises(RuleViolationError, match=code):
        parse_category(text)


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

    with pytest.raises(RuleViolationError, match="category_ambiguous"):
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
