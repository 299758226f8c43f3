"""Whether a card may be written, and what a lost answer did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartkasa_async.stock.outcomes import StockOutcomeKind as Kind
from smartkasa_async.stock.plan import after_sending, before_sending
from tests.support.stock_cards import change, known

if TYPE_CHECKING:
    from smartkasa_async.stock.index import KnownCard
    from smartkasa_async.stock.plan import Change

SET = change(known("5"))
CREATE = change(None)
DELETE = change(known("9"), None, deletes=True)


@pytest.mark.parametrize(
    ("wanted", "cards", "kind", "code"),
    [
        pytest.param(SET, [known("5")], None, None, id="as planned"),
        pytest.param(SET, [known("4", minutes=1)], Kind.CHANGED, "card_changed", id="sold meanwhile"),
        pytest.param(SET, [known("5", minutes=1)], Kind.CHANGED, "card_changed", id="sold and refunded"),
        pytest.param(SET, [known("9", minutes=1)], Kind.UNCHANGED, None, id="has the count by now"),
        pytest.param(SET, [], Kind.CHANGED, "card_deleted", id="deleted"),
        pytest.param(CREATE, [], None, None, id="still missing"),
        pytest.param(CREATE, [known("3")], Kind.CHANGED, "card_appeared", id="created by someone else"),
        pytest.param(CREATE, [known("9")], Kind.UNCHANGED, None, id="created with the same count"),
        pytest.param(CREATE, [known("3"), known("4", id=2)], Kind.REJECTED, "cards_several", id="created twice"),
        pytest.param(DELETE, [known("9")], None, None, id="to be deleted"),
        pytest.param(DELETE, [known("8")], Kind.CHANGED, "card_changed", id="sold before it was deleted"),
        pytest.param(DELETE, [], Kind.UNCHANGED, None, id="deleted already"),
    ],
)
def test_before_sending(wanted: Change, cards: list[KnownCard], kind: Kind | None, code: str | None) -> None:
    status = before_sending(wanted, cards, overwrite_changed=False)

    assert (status.kind, status.error.code if status.error else None) == (kind, code)


@pytest.mark.parametrize(
    ("wanted", "cards", "kind"),
    [
        (SET, [known("4", minutes=1)], None),
        (CREATE, [known("3")], None),
        (DELETE, [known("8")], None),
        (SET, [known("9", minutes=1)], Kind.UNCHANGED),
        (SET, [], Kind.CHANGED),
        (CREATE, [known("3"), known("4", id=2)], Kind.REJECTED),
    ],
)
def test_before_overwriting(wanted: Change, cards: list[KnownCard], kind: Kind | None) -> None:
    status = before_sending(wanted, cards, overwrite_changed=True)

    assert (status.kind, status.card) == (kind, cards[0] if len(cards) == 1 else None)


@pytest.mark.parametrize(
    ("wanted", "cards", "kind", "code"),
    [
        pytest.param(SET, [known("9", minutes=1)], Kind.UPDATED, None, id="set"),
        pytest.param(SET, [known("5")], None, None, id="not set"),
        pytest.param(SET, [known("8", minutes=1)], Kind.IN_DOUBT, "count_in_doubt", id="set and sold, or sold"),
        pytest.param(SET, [known("5", minutes=1)], Kind.IN_DOUBT, "count_in_doubt", id="as before, but changed"),
        pytest.param(SET, [], Kind.CHANGED, "card_deleted", id="deleted"),
        pytest.param(CREATE, [known("9")], Kind.CREATED, None, id="created"),
        pytest.param(CREATE, [], None, None, id="not created"),
        pytest.param(CREATE, [known("8")], Kind.IN_DOUBT, "count_in_doubt", id="created and sold"),
        pytest.param(CREATE, [known("9"), known("9", id=2)], Kind.IN_DOUBT, "cards_several", id="created twice"),
        pytest.param(DELETE, [], Kind.DELETED, None, id="gone"),
        pytest.param(DELETE, [known("9")], None, None, id="not deleted"),
    ],
)
def test_after_sending(wanted: Change, cards: list[KnownCard], kind: Kind | None, code: str | None) -> None:
    status = after_sending(wanted, cards)

    assert (status.kind, status.error.code if status.error else None) == (kind, code)


def test_counts_are_told_as_people_write_them() -> None:
    status = before_sending(change(known("5.00")), [known("120.0", minutes=1)], overwrite_changed=False)

    assert status.error is not None
    assert status.error.details == {"before": "5", "now": "120"}


def test_errors_name_what_was_found() -> None:
    appeared = before_sending(CREATE, [known("3.00")], overwrite_changed=False)
    several = [known("3"), known("4", id=2)]
    in_doubt = after_sending(SET, [known("8.0", minutes=1)])
    created = after_sending(CREATE, [known("8.0")])

    found = [appeared, before_sending(CREATE, several, overwrite_changed=True), after_sending(CREATE, several)]
    assert [status.error.details for status in (*found, in_doubt, created) if status.error] == [
        {"now": "3"},
        {"count": 2},
        {"count": 2},
        {"before": "5", "now": "8", "count": "9"},
        {"before": "—", "now": "8", "count": "9"},
    ]
