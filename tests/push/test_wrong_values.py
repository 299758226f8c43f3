"""A receipt with a value that no request can carry is refused alone; the rest of the queue goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.push import push_receipts
from tests.support.till import TILL, receipt, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async import SmartKasa
    from smartkasa_async.sandbox import Sandbox


def _price(bad: Any) -> None:
    bad.items[0].price = 10.5


def _no_items(bad: Any) -> None:
    bad.items = None


def _odd_item(bad: Any) -> None:
    bad.items = [None]


def _total(bad: Any) -> None:
    bad.total_amount = 21.0


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("spoil", "field"),
    [(_price, "items[0].price"), (_no_items, "items"), (_odd_item, "items[0]"), (_total, "total_amount")],
)
async def test_a_value_of_a_wrong_type_is_refused_alone(
    box: Sandbox, kasa: SmartKasa, spoil: Callable[[Any], None], field: str, dry_run: bool
) -> None:
    bad = receipt(2)
    spoil(bad)

    summary = await push_receipts(kasa, [receipt(1), bad, receipt(3)], dry_run=dry_run)

    (refused,) = summary.failed
    assert (summary.created, refused.position) == (2, 2)
    assert [(problem.code, problem.field) for problem in refused.problems] == [("value_wrong", field)]
    assert stored(box) == ({} if dry_run else {TILL: ["000001", "000003"]})
