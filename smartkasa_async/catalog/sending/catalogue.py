"""The service's catalogue: read once into the journal, matched to rows by id or code, and compared with them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import msgspec

from smartkasa_async._base.decoding import UnreadableJsonError, decode
from smartkasa_async._i18n.message import join_messages
from smartkasa_async.catalog.checks.check import ProductDraft
from smartkasa_async.catalog.checks.known import Known
from smartkasa_async.catalog.checks.values import seen_text
from smartkasa_async.catalog.outcomes import Outcome
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.source_location import key_of_id, key_of_keyless, key_value_of, normalise_key
from smartkasa_async.errors import NotFoundError
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.jobs.journal import KnownItem
from smartkasa_async.jobs.send import is_absent
from smartkasa_async.models import Product, ProductCreate, ProductUpdate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from smartkasa_async.catalog.checks.check import Checker
    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import KeyField, SourceLocation
    from smartkasa_async.catalog.sources.rows import Row
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.jobs.journal import Journal, KeyStatus

PER_PAGE = 100
"""Products on one page of a list; whether the service gives larger ones is not known."""

_NOT_SHOWN = "\0"
_FIELDS = tuple(
    name
    for name in ProductCreate.__struct_fields__
    if name in Product.__struct_fields__ and name in ProductUpdate.__struct_fields__
)
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Any])

_MOST_NAMED = 10


class Catalogue(NamedTuple):
    """What was detected about the service's products.

    Attributes:
        key_is_shown: Whether the service shows the key: False where no product has one, so that a product that is not
            found by its key may be there all the same.
        unreadable: Products that do not have the documented form; they are known by the key that can still be seen.
    """

    key_is_shown: bool
    unreadable: list[UnreadableRecord]


async def read_catalogue(kasa: SmartKasa, journal: Journal, key: KeyField, *, concurrency: int) -> Catalogue:
    """Read all products of the service into the journal; pages concurrently, again where the list changed meanwhile.

    Args:
        kasa: The client.
        journal: Where to keep them.
        key: What they are to be found by.
        concurrency: How many pages to fetch at once.

    Raises:
        SmartKasaError: The catalogue could not be read.
    """

    async def read() -> Catalogue:
        await journal.forget_known()
        is_shown = key == "number"
        unreadable: list[UnreadableRecord] = []
        listed = kasa.products.list(per_page=PER_PAGE, on_unreadable=unreadable.append)
        async for page in listed.pages(concurrency=concurrency):
            products = [keep_product(product, key) for product in page.data]
            is_shown = is_shown or not all(product.key.startswith(" ") for product in products)
            await journal.add_known([*products, *(keep_unreadable(record, key) for record in page.unreadable)])
        return Catalogue(is_shown, unreadable)

    return await retry_transient(read)


async def fetch_unlisted(
    kasa: SmartKasa, keys: Sequence[str], statuses: Sequence[KeyStatus], key: KeyField, *, concurrency: int
) -> list[KeyStatus]:
    """Ask by their ids for the products of an earlier part of the import that the service does not list, or not yet.

    Args:
        kasa: The client.
        keys: What the products are kept under.
        statuses: What is known of these keys.
        key: What products are found by.
        concurrency: Maximum number of products to ask for at once.

    Returns:
        The statuses, in which those products are known that the service has under these keys.

    Raises:
        SmartKasaError: A product could not be asked for.
    """
    checked = list(statuses)
    may_lack = [number for number, status in enumerate(statuses) if status.item_id is not None and status.line is None]
    if not may_lack:
        return checked
    limiter = anyio.CapacityLimiter(concurrency)

    async def fetch(number: int, status: KeyStatus) -> None:
        try:
            async with limiter:
                product = await retry_transient(lambda: kasa.products.get(str(status.item_id)))
        except NotFoundError as error:
            if not is_absent(error):
                raise
            return
        known = keep_product(product, key)
        if known.key == keys[number]:
            checked[number] = msgspec.structs.replace(status, known=(*status.known, known))

    async with anyio.create_task_group() as group:
        for number in may_lack:
            status = statuses[number]
            if all(product.id != status.item_id for product in status.known):
                group.start_soon(fetch, number, status)
    return checked


def keep_product(product: Product, key: KeyField) -> KnownItem:
    """Reduce a product to what rows are compared with."""
    values = (getattr(product, name) for name in _FIELDS)
    fields = _encoder.encode([_NOT_SHOWN if value is msgspec.UNSET else value for value in values])
    return KnownItem(key_value_of(product, key) or key_of_keyless(product.title), product.id, fields)


def keep_unreadable(record: UnreadableRecord, key: KeyField) -> KnownItem:
    """Keep of a product that cannot be read what can still be seen in its JSON; it has no fields to compare."""
    found = seen_key(record, key) or key_of_keyless(str(seen_fields(record).get("title")))
    return KnownItem(found, str(record.id or record.translatable), b"")


def shown_fields(fields: bytes) -> dict[str, Any]:
    """List what the service has of a product.

    Args:
        fields: What a `KnownItem` holds.

    Returns:
        Values by the names of `ProductCreate`, decimals as text; nothing for a product that cannot be read.
    """
    values = zip(_FIELDS, _decoder.decode(fields), strict=True) if fields else ()
    return {name: value for name, value in values if value is not None and value != _NOT_SHOWN}


def differences(product: ProductCreate, fields: bytes) -> ProductUpdate | None:
    """Determine what is to be changed of a product.

    Args:
        product: What a row has; fields that it leaves out are left alone.
        fields: What the service has, of a `KnownItem`; fields that it does not show cannot be compared.

    Returns:
        The fields that differ, numbers by value, codes as numbers, text exactly but for doubled spaces and line breaks
        that the service has and price lists do not; None where all are equal.
    """
    changes: dict[str, Any] = {}
    for name, theirs in zip(_FIELDS, _decoder.decode(fields), strict=True):
        ours = getattr(product, name)
        if ours is not msgspec.UNSET and theirs != _NOT_SHOWN and not _equal(ours, theirs):
            changes[name] = ours
    return ProductUpdate(**changes) if changes else None


def _equal(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, Decimal):
        return theirs is not None and Decimal(theirs) == ours
    if isinstance(ours, str):
        text = "" if theirs is None else str(theirs)
        return ours == text or ours == " ".join(text.split())
    if isinstance(ours, list):
        return list(map(str, ours)) == list(map(str, theirs or ()))
    return bool(ours == theirs)


async def check_rows(
    checker: Checker, rows: Sequence[Row], journal: Journal, key: KeyField
) -> list[ProductDraft | Outcome]:
    """Check rows; those of an export, and those with codes of the shop's own, against what the service has.

    A row of an export is about the product with its id, whatever its other cells contain; where the service has no such
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
        checked = checker.check_all(rows)
        ids = [""] * len(rows)
    else:
        found = await _find_by_id(journal, set(filter(None, ids)))
        checked = [
            checker.check(row, found.get(own), is_exported=bool(own) and own not in found)
            for row, own in zip(rows, ids, strict=True)
        ]
    odd = {
        position: number
        for position, (row, outcome) in enumerate(zip(rows, checked, strict=True))
        if isinstance(outcome, Outcome) and not ids[position] and (number := checker.odd_number(row, outcome))
    }
    if odd:
        keys = [
            normalise_key(key, text) if key == "number" else checked[position].key_value
            for position, text in odd.items()
        ]
        statuses = await journal.look_up([found_key or "" for found_key in keys])
        for (position, number), status in zip(odd.items(), statuses, strict=True):
            if (known := _with_number(number, status.known)) is not None:
                again = checker.check(rows[position], known)
                # It is still to be found by its key: there may be several such products.
                checked[position] = (
                    msgspec.structs.replace(again, known=None) if isinstance(again, ProductDraft) else again
                )
    return checked


async def _find_by_id(journal: Journal, ids: Collection[str]) -> Mapping[str, Known]:
    products = {product.id: product for product in await journal.find_known(list(ids))}
    statuses = await journal.look_up([product.key for product in products.values()])
    found: dict[str, Known] = {}
    for product, status in zip(products.values(), statuses, strict=True):
        is_only_one = len(status.known) == 1 and not product.key.startswith(" ")
        journal_key = product.key if is_only_one else key_of_id(product.id)
        found[product.id] = Known(product, journal_key, shown_fields(product.fields))
    return found


def _with_number(number: str, products: Sequence[KnownItem]) -> Known | None:
    for product in products:
        fields = shown_fields(product.fields)
        if seen_text(number) == seen_text(str(fields.get("number", ""))):
            return Known(product, product.key, fields)
    return None


def seen_fields(record: UnreadableRecord) -> dict[str, Any]:
    """Return the fields of a record that can be seen in its JSON; none where it is no object."""
    try:
        return decode(record.raw, dict[str, Any])
    except UnreadableJsonError:
        return {}


def seen_key(record: UnreadableRecord, key: KeyField) -> str:
    """Return the normalised key that can be seen in a product's JSON; empty where there is none.

    Args:
        record: The product.
        key: Which key it is.
    """
    value = seen_fields(record).get(key)
    return normalise_key(key, str(value)) if isinstance(value, str | int) else ""


def note_of(records: Sequence[UnreadableRecord], location: SourceLocation) -> Problem:
    """Describe which records of the service could not be read.

    Args:
        records: The records, at least one.
        location: The source of the import.
    """
    named = join_messages([record.translatable for record in records[:_MOST_NAMED]], "; ")
    error = RuleViolationError("records_unreadable", count=len(records), operation=records[0].operation, records=named)
    return location.problem(error, 0, severity="warning")
