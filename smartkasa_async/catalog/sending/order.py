"""Which answer of a batch belongs to which record: paired where the answer shows it, otherwise checked by samples."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.catalog.checks.categories import fold_path
from smartkasa_async.errors import OutcomeUnknownError, SmartKasaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Category, CategoryCreate, Product, ProductCreate, UuidId

_TRIES = 8


def pair_categories(sent: Sequence[CategoryCreate], answered: Sequence[Category]) -> list[Category]:
    """Put the answers of a batch into the order in which it was sent, by title and parent.

    Raises:
        OutcomeUnknownError: The answers are not those of what was sent.
    """
    waiting: defaultdict[object, list[Category]] = defaultdict(list)
    for category in reversed(answered):
        waiting[fold_path((category.title,)), category.parent_id or None].append(category)
    try:
        return [
            waiting[fold_path((one.title,)), None if one.parent_id is msgspec.UNSET else one.parent_id].pop()
            for one in sent
        ]
    except IndexError:
        message = msg("The service answered with other categories than were sent")
        raise OutcomeUnknownError(message) from None


class OrderCheck:
    """Checks that products are answered in the order in which they were sent, since their answer has nothing but ids.

    One product of a batch is asked for by its id and compared with what was sent at its position: of each batch until
    one has shown its order, then of every second, fourth, eighth and so on.

    Args:
        kasa: The client.

    Attributes:
        is_other: Whether a batch was answered in another order, so that the ids of its answer are nobody's.
    """

    def __init__(self, kasa: SmartKasa) -> None:
        self._kasa = kasa
        self._batches = 0
        self._next = 1
        self._has_proof = False
        self.is_other: bool = False

    @property
    def is_open(self) -> bool:
        """Whether batches were answered, and no sample could show in which order."""
        return self._batches > 0 and not self._has_proof and not self.is_other

    async def check(self, sent: Sequence[ProductCreate], answered: Sequence[UuidId]) -> None:
        """Take note of the answer of a batch, and check it where it is its turn."""
        self._batches += 1
        if self.is_other or (self._batches > _TRIES and not self._has_proof):
            return
        if self._has_proof:
            if self._batches < self._next:
                return
            self._next = 2 * self._batches
        position = len(sent) - 1
        try:
            product = await self._kasa.products.get(answered[position].id)
        except SmartKasaError:
            return
        if _is_same(sent[position], product):
            self._has_proof = True
        elif any(_is_same(other, product) for other in sent):
            self.is_other = True


def _is_same(sent: ProductCreate, product: Product) -> bool:
    if sent.number and product.number:
        return sent.number == product.number
    return sent.title == product.title
