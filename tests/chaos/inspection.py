"""Compares what an import left in the sandbox, and what it told, with what must come of its price list."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async.catalog import OutcomeKind
from tests.chaos.price_list import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smartkasa_async.catalog import ProductImport
    from smartkasa_async.sandbox import Sandbox
    from tests.chaos.price_list import PriceList

__all__ = ["Told", "collect", "find_wrongs"]

_THERE = {OutcomeKind.CREATED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What an import told of a row; why it did not get into the service stands as codes of problems."""

    row: int
    kind: OutcomeKind
    product_id: str | None
    why: list[str]


async def collect(running: ProductImport) -> list[Told]:
    """Carry out an import, and keep what it tells."""
    return [
        Told(outcome.row, outcome.kind, outcome.product_id, [problem.code for problem in outcome.problems])
        async for outcome in running
    ]


def find_wrongs(box: Sandbox, price_list: PriceList, told: Sequence[Told]) -> list[str]:
    """List all that is not as it must be, one line for each thing; empty where each good row is there exactly once.

    Args:
        box: The sandbox, running.
        price_list: The price list.
        told: Outcomes of the run that finished the import.
    """
    stored = {row["id"]: row for row in box.rows("products")}
    return [
        *_wrong_outcomes(price_list, told),
        *_wrong_categories(box),
        *_wrong_products(price_list, told, stored, _paths(box)),
    ]


def _wrong_outcomes(price_list: PriceList, told: Sequence[Told]) -> Iterator[str]:
    times = Counter(outcome.row for outcome in told)
    for row in range(1, len(price_list.kinds) + 1):
        if times[row] != 1:
            yield f"row {row} has {times[row]} outcomes"
    for outcome in told:
        expected = price_list.kinds[outcome.row - 1]
        if outcome.kind is not expected:
            yield f"row {outcome.row} ended {outcome.kind} {outcome.why}, and must be {expected}"


def _wrong_categories(box: Sandbox) -> Iterator[str]:
    for path, times in Counter(_paths(box).values()).items():
        if times > 1:
            yield f"category {path} is there {times} times"


def _wrong_products(
    price_list: PriceList, told: Sequence[Told], stored: dict[str, dict[str, Any]], paths: dict[str, str]
) -> Iterator[str]:
    by_number = Counter(row["number"] for row in stored.values())
    ids = {outcome.row: outcome.product_id for outcome in told if outcome.kind in _THERE}
    for row, (fields, path) in price_list.products.items():
        if by_number[fields["number"]] != 1:
            yield f"row {row} ({fields['number']}) is there {by_number[fields['number']]} times"
        there = stored.get(ids.get(row) or "")
        if there is None:
            yield f"row {row} has no product with the id that was told"
            continue
        found = {name: there[name] for name in FIELDS}, paths.get(there["category_id"])
        if found != (fields, path):
            yield f"row {row} is {found}, and must be {(fields, path)}"
    for key, product in price_list.untouched.items():
        kept = stored.get(key, {})
        if any(kept.get(name) != value for name, value in product.items()):
            yield f"product {key} was touched: {kept}"
    expected = len(price_list.there.rows["products"]) + price_list.kinds.count(OutcomeKind.CREATED)
    if len(stored) != expected:
        yield f"there are {len(stored)} products, and must be {expected}"


def _paths(box: Sandbox) -> dict[str, str]:
    """Return the path of each category by its id; categories are two deep."""
    rows = {row["id"]: row for row in box.rows("categories")}
    parents = {key: rows.get(row["parent_id"]) for key, row in rows.items()}
    return {
        key: f"{parent['title']} / {row['title']}" if (parent := parents[key]) else str(row["title"])
        for key, row in rows.items()
    }
