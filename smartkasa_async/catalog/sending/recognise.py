"""Which product of the service a row is about, as far as that is to be known before the row is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.catalog.checks.check import ProductDraft
from smartkasa_async.catalog.checks.known import Known
from smartkasa_async.catalog.checks.texts import seen_text
from smartkasa_async.catalog.keys import key_of_id, normalise_key
from smartkasa_async.catalog.sending.catalogue import shown_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from smartkasa_async.catalog.checks.check import Checker
    from smartkasa_async.catalog.keys import KeyField
    from smartkasa_async.catalog.outcomes import Outcome
    from smartkasa_async.catalog.sources.rows import Row
    from smartkasa_async.jobs.journal import Journal, KnownProduct


async def check_rows(
    checker: Checker, rows: Sequence[Row], journal: Journal, key: KeyField
) -> list[ProductDraft | Outcome]:
    """Check rows; those of an export, and those with codes of the shop's own, against what the service has.

    A row of an export is about the product with its id, whatever its other cells say; where the service has no such
    product, it is another account's. Any other row with a number that is no barcode is right if a product with its key
    has exactly that number.

    Args:
        checker: The rules.
        rows: The rows.
        journal: What keeps the catalogue.
        key: What products are found by.
    """
    ids = [checker.exported_id(row) for row in rows] if checker.has_ids else []
    if not any(ids):
        checked = [checker.check(row) for row in rows]
        ids = [""] * len(rows)
    else:
        found = await _find_by_id(journal, set(filter(None, ids)))
        checked = [
            checker.check(row, found.get(own), is_exported=bool(own) and own not in found)
            for row, own in zip(rows, ids, strict=True)
        ]
    odd = {
        place: number
        for place, (row, outcome) in enumerate(zip(rows, checked, strict=True))
        if not ids[place] and (number := checker.odd_number(row, outcome))
    }
    if odd:
        keys = [
            normalise_key(key, text) if key == "number" else checked[place].key_value for place, text in odd.items()
        ]
        standings = await journal.look_up([found_key or "" for found_key in keys])
        for (place, number), standing in zip(odd.items(), standings, strict=True):
            if (known := _with_number(number, standing.known)) is not None:
                again = checker.check(rows[place], known)
                # It is still to be found by its key: there may be several such products.
                checked[place] = (
                    msgspec.structs.replace(again, known=None) if isinstance(again, ProductDraft) else again
                )
    return checked


async def _find_by_id(journal: Journal, ids: Collection[str]) -> Mapping[str, Known]:
    products = {product.id: product for product in await journal.find_known(list(ids))}
    standings = await journal.look_up([product.key for product in products.values()])
    found: dict[str, Known] = {}
    for product, standing in zip(products.values(), standings, strict=True):
        is_only_one = len(standing.known) == 1 and not product.key.startswith(" ")
        journal_key = product.key if is_only_one else key_of_id(product.id)
        found[product.id] = Known(product, journal_key, shown_fields(product.fields))
    return found


def _with_number(number: str, products: Sequence[KnownProduct]) -> Known | None:
    for product in products:
        fields = shown_fields(product.fields)
        if seen_text(number) == seen_text(str(fields.get("number", ""))):
            return Known(product, product.key, fields)
    return None
