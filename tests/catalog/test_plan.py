"""What is to be done for a row: the whole table of row, journal and catalogue."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.catalog.outcomes import OutcomeKind
from smartkasa_async.catalog.sending.catalogue import differences, keep_product
from smartkasa_async.catalog.sending.plan import plan_row, plan_rows
from smartkasa_async.jobs.journal import Entry, KeyStatus, RowState
from smartkasa_async.models import ClassifierType, ProductCreate, ProductUpdate, TaxGroup
from tests.support.catalogue_service import draft, make_product

if TYPE_CHECKING:
    from smartkasa_async.catalog.sending.plan import Mode, PlannedRow

SAME: dict[str, Any] = {"number": "4820"}
OTHER: dict[str, Any] = {"number": "4820", "price": Decimal(6)}
NEW = KeyStatus(None, None, None, None, ())


def status(*known: dict[str, Any], state: RowState | None = None, product_id: str | None = None) -> KeyStatus:
    kept = tuple(keep_product(make_product(f"p-{n}", **fields), "number") for n, fields in enumerate(known, start=1))
    return KeyStatus(None if state is None else 7, None, state, product_id, kept)


def planned(step: PlannedRow) -> tuple[OutcomeKind, bool, str | None, str | None, RowState]:
    return step.kind, step.is_open, step.product_id, step.error.code if step.error else None, step.entry.state


@pytest.mark.parametrize(
    ("known", "state", "mode", "expected"),
    [
        # New rows.
        ((), None, "upsert", (OutcomeKind.CREATED, True, None, None, RowState.CREATING)),
        ((SAME,), None, "upsert", (OutcomeKind.UNCHANGED, False, "p-1", None, RowState.DONE)),
        ((OTHER,), None, "upsert", (OutcomeKind.UPDATED, True, "p-1", None, RowState.UPDATING)),
        ((OTHER,), None, "mirror", (OutcomeKind.UPDATED, True, "p-1", None, RowState.UPDATING)),
        ((OTHER,), None, "create", (OutcomeKind.UNCHANGED, False, "p-1", "exists_already", RowState.DONE)),
        ((SAME,), None, "create", (OutcomeKind.UNCHANGED, False, "p-1", "exists_already", RowState.DONE)),
        ((SAME, OTHER), None, "upsert", (OutcomeKind.CONFLICT, False, None, "conflict", RowState.DONE)),
        # Creates that a killed run had on their way.
        ((), RowState.CREATING, "upsert", (OutcomeKind.CREATED, True, None, None, RowState.CREATING)),
        ((SAME,), RowState.CREATING, "upsert", (OutcomeKind.CREATED, False, "p-1", None, RowState.CREATED)),
        ((SAME,), RowState.CREATING, "create", (OutcomeKind.CREATED, False, "p-1", None, RowState.CREATED)),
        ((OTHER,), RowState.CREATING, "upsert", (OutcomeKind.UPDATED, True, "p-1", None, RowState.UPDATING)),
        (
            (SAME, SAME),
            RowState.CREATING,
            "upsert",
            (OutcomeKind.IN_DOUBT, False, None, "in_doubt_several", RowState.IN_DOUBT),
        ),
        (
            (SAME, SAME),
            RowState.IN_DOUBT,
            "upsert",
            (OutcomeKind.IN_DOUBT, False, None, "in_doubt_several", RowState.IN_DOUBT),
        ),
        # Rows that an earlier part of the run has done.
        ((SAME,), RowState.CREATED, "upsert", (OutcomeKind.CREATED, False, "p-1", None, RowState.CREATED)),
        ((OTHER,), RowState.CREATED, "upsert", (OutcomeKind.UPDATED, True, "p-1", None, RowState.UPDATING)),
        ((), RowState.CREATED, "upsert", (OutcomeKind.CREATED, True, None, None, RowState.CREATING)),
        ((SAME,), RowState.UPDATED, "upsert", (OutcomeKind.UPDATED, False, "p-1", None, RowState.UPDATED)),
        ((SAME,), RowState.UPDATING, "upsert", (OutcomeKind.UPDATED, False, "p-1", None, RowState.UPDATED)),
        ((OTHER,), RowState.UPDATING, "upsert", (OutcomeKind.UPDATED, True, "p-1", None, RowState.UPDATING)),
        ((SAME,), RowState.DONE, "upsert", (OutcomeKind.UNCHANGED, False, "p-1", None, RowState.DONE)),
        ((), RowState.REJECTED, "upsert", (OutcomeKind.CREATED, True, None, None, RowState.CREATING)),
    ],
)
def test_a_row_is_planned(known: tuple[dict[str, Any], ...], state: RowState | None, mode: Mode, expected: Any) -> None:
    assert planned(plan_row(draft(), status(*known, state=state), mode)) == expected


@pytest.mark.parametrize(
    ("state", "product_id", "expected"),
    [
        (RowState.CREATED, "p-1", (OutcomeKind.CREATED, False, "p-1", None, RowState.CREATED)),
        (RowState.CREATED, "p-9", (OutcomeKind.UNCHANGED, False, "p-1", "exists_already", RowState.DONE)),
        (RowState.CREATING, None, (OutcomeKind.UNCHANGED, False, "p-1", "exists_already", RowState.DONE)),
        (RowState.UPDATED, "p-1", (OutcomeKind.UNCHANGED, False, "p-1", "exists_already", RowState.DONE)),
    ],
)
def test_what_was_created_and_changed_since_stays_created_where_nothing_is_to_be_changed(
    state: RowState, product_id: str | None, expected: Any
) -> None:
    assert planned(plan_row(draft(), status(OTHER, state=state, product_id=product_id), "create")) == expected


def test_a_step_says_what_is_to_be_changed() -> None:
    step = plan_row(draft(), status(OTHER), "upsert")
    assert step.changes == differences(draft().product, status(OTHER).known[0].fields)
    assert step.changes is not None


def test_a_row_keeps_its_place_in_the_journal() -> None:
    row = draft()
    entry = plan_row(row, status(OTHER, state=RowState.REJECTED), "upsert").entry
    assert entry == Entry(row.key_value, row.line, RowState.UPDATING, "p-1", 7)
    assert plan_row(draft(), NEW, "upsert").entry.row_id is None


def test_what_an_earlier_part_made_is_the_rows_own_whatever_else_has_its_key() -> None:
    step = plan_row(draft(), status(OTHER, SAME, state=RowState.CREATED, product_id="p-2"), "upsert")

    assert (step.kind, step.is_open, step.product_id) == (OutcomeKind.CREATED, False, "p-2")


def test_a_key_that_the_service_does_not_show_is_never_taken_for_absent() -> None:
    shown = {"key_is_shown": False}
    kinds = [
        planned(plan_row(draft(), status(*known, state=state, product_id=own), "upsert", **shown))[:4]
        for known, state, own in (
            ((), None, None),
            ((SAME,), None, None),
            ((SAME,), RowState.CREATING, None),
            ((SAME,), RowState.CREATED, "p-1"),
        )
    ]

    assert kinds == [
        (OutcomeKind.CREATED, True, None, None),
        (OutcomeKind.CONFLICT, False, None, "key_not_shown"),
        (OutcomeKind.IN_DOUBT, False, None, "in_doubt_not_shown"),
        (OutcomeKind.CREATED, False, "p-1", None),
    ]


def test_the_first_row_with_a_key_is_carried_out_and_others_name_it() -> None:
    rows = [draft(2, "1"), draft(3, "2"), draft(4, "1"), draft(5, "3")]
    seen = KeyStatus(4, 99, RowState.CREATING, None, ())

    steps, duplicates = plan_rows(rows, [NEW, NEW, NEW, seen], "upsert")

    assert [step.draft.line for step in steps] == [2, 3]
    assert [(step.draft.line, step.kind, step.error and step.error.details) for step in duplicates] == [
        (4, OutcomeKind.REJECTED, {"line": 2}),
        (5, OutcomeKind.REJECTED, {"line": 99}),
    ]


def test_a_row_whose_key_only_a_rejected_row_had_is_carried_out() -> None:
    steps, duplicates = plan_rows([draft()], [KeyStatus(4, None, RowState.REJECTED, None, ())], "upsert")

    assert (len(steps), duplicates) == (1, [])


@given(st.lists(st.sampled_from("abcd"), max_size=30))
def test_each_key_is_planned_once(keys: list[str]) -> None:
    rows = [draft(line, key) for line, key in enumerate(keys, start=2)]

    steps, duplicates = plan_rows(rows, [NEW] * len(rows), "upsert")

    assert [step.draft.key_value for step in steps] == list(dict.fromkeys(keys))
    assert len(steps) + len(duplicates) == len(keys)


def compare(ours: dict[str, Any], theirs: dict[str, Any]) -> ProductUpdate | None:
    product = ProductCreate(**{"title": "Кава", **ours})
    return differences(product, keep_product(make_product("p-1", **theirs), "number").fields)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"price": Decimal("5.00")}, {"price": Decimal(5)}),
        ({}, {"price": Decimal(9), "number": "1", "alter_number": "x"}),
        ({"tax_group_id": TaxGroup.VAT_7}, {"tax_group_id": TaxGroup(2)}),
        ({"classifier_type_id": ClassifierType.UKTZED}, {"classifier_type_id": 1}),
        ({"sold_by_weight": False}, {"sold_by_weight": False}),
        ({"alter_number": ""}, {"alter_number": None}),
        ({"remote_id": "7"}, {"remote_id": 7}),
        ({"remote_id": "7"}, {}),
        ({"bookmark_ids": [1, "2"]}, {"bookmark_ids": ["1", "2"]}),
        ({"category_id": "c-1"}, {"category_id": "c-1"}),
    ],
)
def test_fields_of_equal_meaning_do_not_differ(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert compare(ours, theirs) is None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"price": Decimal("5.01")}, {"price": Decimal(5)}),
        ({"procurement_price": Decimal(0)}, {"procurement_price": None}),
        ({"title": "кава"}, {}),
        ({"alter_number": "A-1"}, {"alter_number": None}),
        ({"tax_group_id": TaxGroup.VAT_7}, {"tax_group_id": TaxGroup.VAT_20}),
        ({"sold_by_weight": False}, {"sold_by_weight": None}),
        ({"bookmark_ids": [1]}, {"bookmark_ids": None}),
    ],
)
def test_only_the_fields_that_differ_are_sent(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert compare({"alter_title": "Coffee", **ours}, {"alter_title": "Coffee", **theirs}) == ProductUpdate(**ours)


def test_a_row_whose_key_was_there_before_names_the_first_line() -> None:
    row = draft()
    steps, (duplicate,) = plan_rows([row, row], [NEW, NEW], "upsert")

    assert [step.kind for step in steps] == [OutcomeKind.CREATED]
    assert duplicate.error is not None
    assert (duplicate.kind, duplicate.error.code, duplicate.error.details) == (
        OutcomeKind.REJECTED,
        "key_duplicate",
        {"line": row.line},
    )


def test_errors_of_several_products_say_how_many_they_are() -> None:
    for state, code in ((None, "conflict"), (RowState.CREATING, "in_doubt_several")):
        error = plan_row(draft(), status(SAME, SAME, SAME, state=state), "upsert").error
        assert error is not None
        assert (error.code, error.details) == (code, {"count": 3})
