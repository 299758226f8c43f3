"""What the service has: the products by their keys, and a shop's stock cards by product."""

from __future__ import annotations

from collections import Counter
from datetime import datetime  # noqa: TC003  (msgspec resolves annotations)
from decimal import Decimal  # noqa: TC003  (likewise)
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.catalog.sending.catalogue import seen_fields, seen_key
from smartkasa_async.catalog.source_location import key_value_of
from smartkasa_async.errors import InvalidRequestError, NotFoundError
from smartkasa_async.jobs.concurrency import retry_transient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.catalog.source_location import KeyField
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.models import Product, StockCard

ValueT = TypeVar("ValueT")

_PER_PAGE = 100


def _given(value: ValueT | UnsetType | None) -> ValueT | None:
    return None if value is UNSET else value


class KnownCard(msgspec.Struct, frozen=True, gc=False):
    """A stock card as it was read.

    Attributes:
        id: Its id.
        count: What it has, in the product's unit of measure; None where the service gives none.
        updated_at: Time of its last change.
        counting_enabled: Whether sales change the count; None where the service does not state it.
    """

    id: int
    count: Decimal | None
    updated_at: datetime | None
    counting_enabled: bool | None

    @classmethod
    def of(cls, card: StockCard) -> KnownCard:
        """Reduce a card of the service to what is compared and set."""
        return cls(card.id, _given(card.count), _given(card.updated_at), _given(card.counting_enabled))

    def is_as(self, other: KnownCard) -> bool:
        """Return whether nothing changed the card between two reads of it."""
        return (self.id, self.count, self.updated_at) == (other.id, other.count, other.updated_at)


class ListedProduct(NamedTuple):
    """A product of the service's catalogue.

    Attributes:
        id: Its id.
        title: Its title.
        price: Its sale price, hryvnias.
    """

    id: str
    title: str
    price: Decimal


class ProductIndex:
    """The service's products by key; it takes memory for each product, and none for a row of the source."""

    def __init__(self, products: Iterable[Product], key: KeyField) -> None:
        self._key: KeyField = key
        self._found: dict[str, ListedProduct] = {}
        self._several: Counter[str] = Counter()
        self._unreadable: dict[str, UnreadableRecord] = {}
        self.size: int = 0
        self.add(products)

    def add(self, products: Iterable[Product]) -> None:
        """Enter products."""
        for product in products:
            self.size += 1
            key_value = key_value_of(product, self._key)
            if not key_value:
                continue
            if key_value in self._found:
                self._several[key_value] += 1
            else:
                self._found[key_value] = ListedProduct(product.id, product.title, product.price)

    def add_unreadable(self, records: Iterable[UnreadableRecord]) -> None:
        """Enter products that do not have the documented form, by the key that can still be seen."""
        for record in records:
            self.size += 1
            if key_value := seen_key(record, self._key):
                self._unreadable[key_value] = record

    def unreadable(self, key_value: str) -> UnreadableRecord | None:
        """Find a product with a key that cannot be read."""
        return self._unreadable.get(key_value)

    @property
    def shows_key(self) -> bool:
        """Whether any product has the key."""
        return bool(self._found or self._unreadable)

    def find(self, key_value: str) -> ListedProduct | None:
        """Find a product; the first one where there are several."""
        return self._found.get(key_value)

    def count(self, key_value: str) -> int:
        """Count the products that have a key."""
        return (key_value in self._found) + self._several[key_value]


class CardIndex:
    """A shop's stock cards by product."""

    def __init__(self, cards: Iterable[StockCard], shop_id: int) -> None:
        self._found: dict[str, KnownCard] = {}
        self._several: dict[str, list[KnownCard]] = {}
        self._unreadable: dict[str, UnreadableRecord] = {}
        for card in cards:
            if card.shop_id == shop_id:
                self._add(card.product_id, KnownCard.of(card))

    def _add(self, product_id: str, card: KnownCard) -> None:
        first = self._found.setdefault(product_id, card)
        if first is not card:
            self._several.setdefault(product_id, [first]).append(card)

    def add_unreadable(self, records: Iterable[UnreadableRecord]) -> None:
        """Enter cards that do not have the documented form, by the product that can still be seen."""
        for record in records:
            self._unreadable[str(seen_fields(record).get("product_id"))] = record

    def unreadable(self, product_id: str) -> UnreadableRecord | None:
        """Find a product's card that cannot be read."""
        return self._unreadable.get(product_id)

    def of(self, product_id: str) -> list[KnownCard]:
        """Find a product's cards: none, one, or several where the service has more than it should."""
        card = self._found.get(product_id)
        return self._several.get(product_id) or ([] if card is None else [card])


async def require_shop(kasa: SmartKasa, shop_id: int) -> None:
    """Refuse a shop that does not exist.

    Raises:
        InvalidRequestError: The service has no such shop.
        SmartKasaError: The shop could not be read.
    """
    try:
        await retry_transient(lambda: kasa.shops.get(shop_id))
    except NotFoundError as error:
        message = msg("The service has no shop {shop}; look its id up in the list of shops", shop=shop_id)
        raise InvalidRequestError(message, field="shop_id") from error


async def read_products(kasa: SmartKasa, key: KeyField, *, concurrency: int) -> ProductIndex:
    """Read the service's catalogue, pages side by side, anew where the list changed meanwhile.

    Raises:
        InvalidRequestError: No product of the service has such a key.
        SmartKasaError: The catalogue could not be read.
    """

    async def read() -> ProductIndex:
        index = ProductIndex((), key)
        unreadable: list[UnreadableRecord] = []
        listed = kasa.products.list(per_page=_PER_PAGE, on_unreadable=unreadable.append)
        async for page in listed.pages(concurrency=concurrency):
            index.add(page.data)
        index.add_unreadable(unreadable)
        return index

    index = await retry_transient(read)
    if index.size and not index.shows_key:
        message = msg(
            "None of the service's {count} products has a {key}; choose another key, such as {other}",
            count=index.size,
            key=key,
            other=argument("key", "number"),
        )
        raise InvalidRequestError(message, field="key")
    return index


async def read_cards(kasa: SmartKasa, shop_id: int) -> CardIndex:
    """Read a shop's stock cards, which the service gives whole.

    Raises:
        SmartKasaError: They could not be read.
    """

    async def read() -> CardIndex:
        unreadable: list[UnreadableRecord] = []
        listed = kasa.cards.list(shop_id=shop_id, on_unreadable=unreadable.append)
        index = CardIndex([card async for card in listed], shop_id)
        index.add_unreadable(unreadable)
        return index

    return await retry_transient(read)
