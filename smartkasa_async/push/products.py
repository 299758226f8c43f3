"""Whether the service has the products that receipts name; each is asked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from smartkasa_async.errors import InvalidRequestError, NotFoundError, ValidationError
from smartkasa_async.jobs.concurrency import retry_transient, run_concurrently
from smartkasa_async.jobs.send import is_absent
from smartkasa_async.push.problems import PushProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import ReceiptCreate


class ProductCheck:
    """Knows which products the service has, as far as they were asked for.

    Args:
        kasa: The client.
        concurrency: Most products to ask for at once.
    """

    def __init__(self, kasa: SmartKasa, *, concurrency: int) -> None:
        self._kasa = kasa
        self._concurrency = concurrency
        self._asking = anyio.Lock()
        self._known: dict[str, bool] = {}

    async def learn(self, receipts: Iterable[ReceiptCreate]) -> None:
        """Ask for the products of receipts that are not known yet.

        Raises:
            SmartKasaError: One could not be read.
        """
        named = dict.fromkeys(product_id for receipt in receipts for _, product_id in _products(receipt))
        async with self._asking:
            unknown = [product_id for product_id in named if product_id not in self._known]
            await run_concurrently(self._ask, unknown, concurrency=self._concurrency)

    def check(self, receipt: ReceiptCreate) -> list[PushProblem]:
        """Tell which lines of a receipt name products that the service lacks; these must have been asked for."""
        return [
            PushProblem.of("product_unknown", f"items[{number}].product_id")
            for number, product_id in _products(receipt)
            if not self._known[product_id]
        ]

    async def _ask(self, product_id: str) -> None:
        try:
            await retry_transient(lambda: self._kasa.products.get(product_id))
        except (NotFoundError, ValidationError, InvalidRequestError) as error:
            if isinstance(error, NotFoundError) and not is_absent(error):
                raise
            self._known[product_id] = False
        else:
            self._known[product_id] = True


def _products(receipt: ReceiptCreate) -> Iterator[tuple[int, str]]:
    for number, item in enumerate(receipt.items or ()):
        if item.product_id:
            yield number, item.product_id
