"""The service's catalogue, read once into the journal, and what of a row differs from it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import msgspec

from smartkasa_async.catalog.keys import key_of_keyless, key_value_of
from smartkasa_async.catalog.unreadable import seen_fields, seen_key
from smartkasa_async.errors import NotFoundError
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.jobs.journal import KnownProduct
from smartkasa_async.jobs.send import is_absent
from smartkasa_async.models import Product, ProductCreate, ProductUpdate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.keys import KeyField
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


class Catalogue(NamedTuple):
    """What was found out about the service's products.

    Attributes:
        key_is_shown: Whether the service shows the key: False where no product has one, so that a product that is not
            found by its key may be there all the same.
        unreadable: Products that do not have the documented form; they are known by the key that can still be seen.
    """

    key_is_shown: bool
    unreadable: list[UnreadableRecord]


async def read_catalogue(kasa: SmartKasa, journal: Journal, key: KeyField, *, concurrency: int) -> Catalogue:
    """Read all products of the service into the journal; pages side by side, anew where the list changed meanwhile.

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
    kasa: SmartKasa, keys: Sequence[str], standings: Sequence[KeyStatus], key: KeyField, *, concurrency: int
) -> list[KeyStatus]:
    """Ask by their ids for the products of an earlier part of the import that the service does not list, or not yet.

    Args:
        kasa: The client.
        keys: What the products are kept under.
        standings: What is known of these keys.
        key: What products are found by.
        concurrency: Most products to ask for at once.

    Returns:
        The standings, in which those products are known that the service has under these keys.

    Raises:
        SmartKasaError: A product could not be asked for.
    """
    checked = list(standings)
    limiter = anyio.CapacityLimiter(concurrency)

    async def fetch(number: int, standing: KeyStatus) -> None:
        try:
            async with limiter:
                product = await retry_transient(lambda: kasa.products.get(str(standing.product_id)))
        except NotFoundError as error:
            if not is_absent(error):
                raise
            return
        known = keep_product(product, key)
        if known.key == keys[number]:
            checked[number] = standing._replace(known=(*standing.known, known))

    async with anyio.create_task_group() as group:
        for number, standing in enumerate(standings):
            is_own = standing.product_id is not None and standing.line is None
            if is_own and all(product.id != standing.product_id for product in standing.known):
                group.start_soon(fetch, number, standing)
    return checked


def keep_product(product: Product, key: KeyField) -> KnownProduct:
    """Reduce a product to what rows are compared with."""
    values = (getattr(product, name) for name in _FIELDS)
    fields = _encoder.encode([_NOT_SHOWN if value is msgspec.UNSET else value for value in values])
    return KnownProduct(key_value_of(product, key) or key_of_keyless(product.title), product.id, fields)


def keep_unreadable(record: UnreadableRecord, key: KeyField) -> KnownProduct:
    """Keep of a product that cannot be read what can still be seen in its JSON; it has no fields to compare."""
    found = seen_key(record, key) or key_of_keyless(str(seen_fields(record).get("title")))
    return KnownProduct(found, str(record.id or record.translatable), b"")


def shown_fields(fields: bytes) -> dict[str, Any]:
    """List what the service has of a product.

    Args:
        fields: What a `KnownProduct` holds.

    Returns:
        Values by the names of `ProductCreate`, decimals as text; nothing for a product that cannot be read.
    """
    values = zip(_FIELDS, _decoder.decode(fields), strict=True) if fields else ()
    return {name: value for name, value in values if value is not None and value != _NOT_SHOWN}


def differences(product: ProductCreate, fields: bytes) -> ProductUpdate | None:
    """Find out what is to be changed of a product.

    Args:
        product: What a row says; fields that it leaves out are left alone.
        fields: What the service has, of a `KnownProduct`; fields that it does not show cannot be compared.

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
