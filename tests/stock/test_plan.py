"""What is planned for each row, by what the service has."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog.checks.counts import CountRow, RejectedCount
from smartkasa_async.stock.index import CardIndex, ProductIndex
from smartkasa_async.stock.outcomes import StockOutcome, StockOutcomeKind
from smartkasa_async.stock.plan import Change, Planner
from tests.support.stock_cards import NOW, ORIGIN, SHOP, card, product

if TYPE_CHECKING:
    from smartkasa_async.catalog.source_location import KeyField
    from smartkasa_async.models import StockCard

PRODUCTS = [
    product("a", "4820001000016"),
    product("b", "0000000000017", alter_number="B-1"),
    product("c", "2000000000039"),
    product("d", "2000000000039"),
    product("e", None),
]


def row(number: int, key: str, count: str = "5") -> CountRow:
    return CountRow(number, number + 1, key, key.lstrip("0"), Decimal(count))


def rejected(number: int, key: str) -> RejectedCount:
    return RejectedCount(number, number + 1, key, key, ())


def plan(
    *rows: CountRow | RejectedCount, cards: tuple[StockCard, ...] = (), key: KeyField = "number"
) -> tuple[list[Change], list[StockOutcome]]:
    planner = Planner(ORIGIN, ProductIndex(PRODUCTS, key), CardIndex(cards, SHOP), shop_id=SHOP, key=key)
    at_once = [outcome for outcome in map(planner.add, rows) if outcome is not None]
    finished = planner.finish()
    outcomes = sorted(at_once + finished.outcomes, key=lambda outcome: outcome.row)
    assert len(outcomes) + len(finished.changes) == len(rows)
    return finished.changes, outcomes


def codes(outcomes: list[StockOutcome]) -> list[tuple[int, str]]:
    assert {outcome.kind for outcome in outcomes} == {StockOutcomeKind.REJECTED}
    return [(outcome.row, outcome.problems[0].code) for outcome in outcomes]


def test_a_missing_card_is_created() -> None:
    changes, outcomes = plan(row(1, "4820001000016"))

    assert outcomes == []
    assert [(c.kind, c.product_id, c.shop_id, c.card, c.count) for c in changes] == [
        (StockOutcomeKind.CREATED, "a", SHOP, None, Decimal(5))
    ]


def test_a_count_that_differs_is_set_and_an_equal_one_is_not() -> None:
    changes, outcomes = plan(
        row(1, "4820001000016", "5.50"),
        row(2, "17", "3"),
        cards=(card(11, "a", "5.5"), card(12, "b", "4")),
    )

    assert [(c.kind, c.row, c.card.id if c.card else None, c.count) for c in changes] == [
        (StockOutcomeKind.UPDATED, 2, 12, Decimal(3))
    ]
    assert [(o.kind, o.row, o.card_id, o.product_id, o.title, o.count_before) for o in outcomes] == [
        (StockOutcomeKind.UNCHANGED, 1, 11, "a", "Товар a", Decimal("5.5"))
    ]


def test_a_card_without_a_count_is_set_even_to_zero() -> None:
    changes, _ = plan(row(1, "17", "0"), cards=(card(12, "b", None),))

    assert [(c.kind, c.count) for c in changes] == [(StockOutcomeKind.UPDATED, Decimal(0))]


def test_cards_of_other_shops_are_left_alone() -> None:
    changes, _ = plan(row(1, "17"), cards=(card(12, "b", "5", shop_id=SHOP + 1),))

    assert [c.kind for c in changes] == [StockOutcomeKind.CREATED]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("4820001000023", "product_unknown"),
        ("4,82E+12", "barcode_spreadsheet"),
        ("4820001000017", "barcode_check_digit"),
        ("Кава", "barcode_characters"),
    ],
)
def test_an_unknown_product_says_what_is_wrong_with_its_barcode_first(key: str, code: str) -> None:
    _, outcomes = plan(row(1, key))

    assert codes(outcomes) == [(1, code)]
    assert (outcomes[0].problems[0].column, outcomes[0].problems[0].value) == ("Штрихкод", key)


def test_an_unknown_article_is_just_unknown_unless_a_spreadsheet_has_converted_it() -> None:
    changes, outcomes = plan(row(1, "4,82E+12"), row(3, "C-7"), row(2, "B-1"), key="alter_number")

    assert codes(outcomes) == [(1, "cell_exponent"), (3, "product_unknown")]
    assert [c.product_id for c in changes] == ["b"]


def test_a_key_of_several_products_is_not_guessed() -> None:
    changes, outcomes = plan(row(1, "2000000000039"))

    assert (changes, codes(outcomes)) == ([], [(1, "conflict")])
    assert "2 products" in outcomes[0].describe()


@pytest.mark.parametrize("number", [2, 3])
def test_two_cards_of_a_product_are_as_many_as_three(number: int) -> None:
    changes, (outcome,) = plan(row(1, "17"), cards=tuple(card(id_, "b", "5") for id_ in range(number)))

    assert (changes, codes([outcome])) == ([], [(1, "cards_several")])
    assert f"{number} stock cards" in outcome.describe()


def test_an_outcome_says_what_its_row_and_its_product_are() -> None:
    rows = (row(1, "0017", "7"), row(2, "4820001000023", "8"), row(3, "17", "9"), row(4, "2000000000039"))
    _, outcomes = plan(*rows, cards=(card(12, "b", "7"),))

    assert [(o.row, o.line, o.key, o.key_value, o.product_id, o.title, o.count) for o in outcomes] == [
        (1, 2, "0017", "17", "b", "Товар b", Decimal(7)),
        (2, 3, "4820001000023", "4820001000023", None, "", Decimal(8)),
        (3, 4, "17", "17", "b", "Товар b", Decimal(9)),
        (4, 5, "2000000000039", "2000000000039", None, "", Decimal(5)),
    ]
    unchanged, *_ = plan(row(1, "0017", "7"), cards=(card(12, "b", "7"),))[1]
    assert (unchanged.kind, unchanged.count, unchanged.count_before) == (
        StockOutcomeKind.UNCHANGED,
        Decimal(7),
        Decimal(7),
    )


def test_several_cards_of_a_product_are_not_guessed() -> None:
    _, outcomes = plan(row(1, "17"), cards=(card(1, "b", "5"), card(2, "b", "5"), card(3, "b", "5")))

    assert codes(outcomes) == [(1, "cards_several")]
    assert "3 stock cards" in outcomes[0].describe()


def test_rows_that_share_a_product_are_all_rejected_and_name_each_other() -> None:
    changes, outcomes = plan(row(1, "17"), row(2, "4820001000016"), row(3, "0017", "6"), row(4, "17", "5"))

    assert [c.row for c in changes] == [2]
    assert codes(outcomes) == [(1, "count_duplicate"), (3, "count_duplicate"), (4, "count_duplicate")]
    assert ["line 4" in outcomes[0].describe(), "line 2" in outcomes[1].describe()] == [True, True]


@pytest.mark.parametrize("bad_first", [True, False])
def test_a_row_beside_one_that_cannot_be_read_is_rejected_too(bad_first: bool) -> None:
    rows: list[CountRow | RejectedCount]
    rows = [rejected(1, "17"), row(2, "17")] if bad_first else [row(1, "17"), rejected(2, "17")]

    changes, outcomes = plan(*rows)

    assert changes == []
    assert [outcome.problems[0].code for outcome in outcomes if outcome.problems] == ["count_duplicate"]


def test_a_rejected_row_without_a_key_is_passed_on() -> None:
    outcome = StockOutcome(row=1, line=2, key="", kind=StockOutcomeKind.REJECTED)

    assert plan(RejectedCount(1, 2, "", None, ()), row(2, "17"))[1] == [outcome]


def test_the_book_counts_products_by_key() -> None:
    book = ProductIndex(PRODUCTS, "number")

    assert [book.count(key) for key in ("17", "2000000000039", "nothing")] == [1, 2, 0]
    assert (book.size, book.shows_key) == (5, True)
    assert not ProductIndex(PRODUCTS, "remote_id").shows_key
    assert CardIndex([card(1, "a", "5")], SHOP).of("a")[0].updated_at == NOW
