"""`plan_changes`: rows are read, matched and checked as an import or a sync of counts does, and nothing is sent."""

from __future__ import annotations

import os
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support.arguments import (
    MOST_CONCURRENT,
    check_callbacks,
    check_choice,
    check_client,
    check_duration,
    check_whole,
)
from smartkasa_async._support.money import without_zeros
from smartkasa_async.catalog.checks.counts import CountReader
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.source_location import KeyField
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.layout import check_layout
from smartkasa_async.catalog.sources.source import check_source, open_source
from smartkasa_async.catalog.sources.source_info import require_clear
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.plans.codes import codes_of, text_of
from smartkasa_async.plans.plan import Plan, PlanKind, PlannedChange, RefusedRow
from smartkasa_async.plans.products import plan_products
from smartkasa_async.plans.reading import LONGEST_VALID
from smartkasa_async.plans.rows import read_parts
from smartkasa_async.plans.values import plain
from smartkasa_async.stock.index import read_cards, read_products, require_shop
from smartkasa_async.stock.outcomes import StockOutcomeKind
from smartkasa_async.stock.plan import Planner

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.rows import Row
    from smartkasa_async.catalog.sources.source import Reader, Source
    from smartkasa_async.catalog.sources.source_info import OnSourceDetected
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.results import Progress
    from smartkasa_async.stock.index import ProductIndex
    from smartkasa_async.stock.outcomes import StockOutcome

_VALID_FOR = timedelta(hours=24)
_LEAST = timedelta(minutes=1)

_REQUIRED = {
    "prices": (Field.PRICE,),
    "stock": (Field.COUNT,),
    "catalog": (),
}


async def plan_changes(
    kasa: SmartKasa,
    changes: Source,
    kind: PlanKind,
    *,
    key: KeyField = "number",
    shop_id: int | None = None,
    layout: Layout | None = None,
    valid_for: timedelta = _VALID_FOR,
    concurrency: int = 8,
    on_source_detected: OnSourceDetected | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """Plan changes of prices, counts or catalogue: what each product has, and what it will have. Nothing is changed.

    Rows are read, matched and checked as `import_products` and `sync_stock` do it. A plan changes what the service has;
    it creates and deletes nothing, since what was created could be undone by a deletion alone.

    Args:
        kasa: The client.
        changes: A price list as for `import_products`, or rows: mappings from headers or names of fields to values.
        kind: `prices` plans sale and purchase prices, `stock` the counts of a shop's stock cards, `catalog` all else:
            titles, categories, codes, taxes, units. Other columns are left alone.
        key: What products are known by; a row with the product's `smartkasa_id` needs none, but for counts.
        shop_id: Shop whose cards are to be set; for `stock` only.
        layout: What is known about the source; the rest is detected.
        valid_for: How long the plan can be applied, a minute to 30 days.
        concurrency: Maximum number of concurrent calls.
        on_source_detected: As for `import_products`.
        on_progress: Called whenever rows were planned; it must not block.

    Returns:
        The plan, to be written to a file by its `write`.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have, or there is no such shop.
        OSError: The file cannot be opened.
        SourceError: The source cannot be read, or lacks a column that this kind needs.
        SourceDoubtfulError: It may be read in several ways; names the choices.
        SmartKasaError: The service could not be read.

    API: `GET /api/v1/inventory/products`, `GET /api/v1/inventory/cards`
    """
    check_client(kasa)
    check_source(changes)
    check_choice("kind", kind, get_args(PlanKind))
    check_choice("key", key, get_args(KeyField))
    check_layout(layout)
    check_whole("concurrency", concurrency, most=MOST_CONCURRENT)
    check_callbacks(on_source_detected=on_source_detected, on_progress=on_progress)
    _check_shop(kind, shop_id)
    check_duration("valid_for", valid_for)
    if not _LEAST <= valid_for <= LONGEST_VALID:
        message = msg("{field} is {value}; give a minute to 30 days", field=argument("valid_for"), value=valid_for)
        raise InvalidRequestError(message, field="valid_for")
    required = (Field(key), *_REQUIRED[kind])
    async with open_source(
        changes, layout, required=required, network=kasa.network, on_source_detected=on_source_detected
    ) as reader:
        require_clear(reader.source_info)
        facts: dict[str, Any] = {
            "account": await kasa.account_id(),
            "valid_for": valid_for,
            "source": _name_of(changes),
        }
        if kind != "stock" or shop_id is None:
            found = await plan_products(
                kasa, reader, kind, key=key, layout=layout, concurrency=concurrency, on_progress=on_progress
            )
            return Plan.of(
                kind, found.changes, found.refused, unchanged=found.unchanged, categories=found.categories, **facts
            )
        return await _plan_counts(
            kasa, reader, shop_id, key=key, concurrency=concurrency, facts=facts, on_progress=on_progress
        )


def _name_of(source: Source) -> str:
    return visible(Path(source).name) if isinstance(source, str | os.PathLike) else ""


def _check_shop(kind: PlanKind, shop_id: int | None) -> None:
    if kind == "stock":
        if shop_id is None:
            message = msg("{kind} needs {shop}, the shop whose counts are set", kind=kind, shop=argument("shop_id"))
            raise InvalidRequestError(message, field="shop_id")
        check_whole("shop_id", shop_id)
    elif shop_id is not None:
        message = msg("{shop} goes with {kind} only", shop=argument("shop_id"), kind="stock")
        raise InvalidRequestError(message, field="shop_id")


async def _plan_counts(
    kasa: SmartKasa,
    reader: Reader,
    shop_id: int,
    *,
    key: KeyField,
    concurrency: int,
    facts: dict[str, Any],
    on_progress: Callable[[Progress], None] | None,
) -> Plan:
    await require_shop(kasa, shop_id)
    products = await read_products(kasa, key, concurrency=concurrency)
    planner = Planner(reader.location, products, await read_cards(kasa, shop_id), shop_id=shop_id, key=key)
    counts = CountReader(reader.location, key)
    outcomes: list[StockOutcome] = []
    refused: list[RefusedRow] = []
    async with aclosing(read_parts(reader, on_progress)) as parts:
        async for part in parts:
            one_product = [row for row in part if not _names_another(row, reader.location, products, key, refused)]
            ended = (planner.add(counts.read(row)) for row in one_product)
            outcomes += [outcome for outcome in ended if outcome is not None]
    found = planner.finish()
    outcomes += found.outcomes
    changes: list[PlannedChange] = []
    refused += [
        RefusedRow.of(one.line, one.key, one.problems) for one in outcomes if one.kind is not StockOutcomeKind.UNCHANGED
    ]
    for change in found.changes:
        if change.card is None or change.card.count is None or change.count is None:
            problem = reader.location.problem(RuleViolationError("plan_card_missing"), change.line, key, change.key)
            refused.append(RefusedRow.of(change.line, change.key, (problem,)))
            continue
        product = products.find(change.key_value or "")
        changes.append(
            PlannedChange(
                line=change.line,
                key=change.key,
                id=f"{change.card.id}",
                title=visible(change.title),
                before={"count": without_zeros(change.card.count)},
                after={"count": without_zeros(change.count)},
                price=None if product is None else plain("price", product.price),
            )
        )
    unchanged = sum(one.kind is StockOutcomeKind.UNCHANGED for one in outcomes)
    return Plan.of("stock", changes, refused, unchanged=unchanged, shop_id=shop_id, **facts)


def _names_another(
    row: Row, location: SourceLocation, products: ProductIndex, key: KeyField, refused: list[RefusedRow]
) -> bool:
    """Refuse a row whose id is that of another product than its key is."""
    positions = location.columns.positions
    own = text_of(row, positions, Field.SMARTKASA_ID)
    found = products.find(codes_of(row, positions).get(key, "")) if own else None
    if found is None or found.id == own:
        return False
    text = visible(text_of(row, positions, Field(key)))
    error = RuleViolationError("plan_key_elsewhere", title=visible(own), other=visible(found.title))
    refused.append(RefusedRow.of(row.line, text, (location.problem(error, row.line, key, text),)))
    return True
