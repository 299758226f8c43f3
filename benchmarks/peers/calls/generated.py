"""The client that openapi-python-client makes: httpx, attrs, and money as floats."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.peers.calls import BATCH, PAGE, SMALL
from benchmarks.peers.calls.generate import PACKAGE
from benchmarks.peers.calls.requests import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.peers.calls import Calls

__all__ = ["open_calls"]


@asynccontextmanager
async def open_calls(address: str) -> AsyncIterator[Calls]:
    sys.path.insert(0, str(PACKAGE.parent))
    package = import_module("generated_client")
    get_shop = import_module("generated_client.api.shops.get_shop").asyncio
    list_receipts = import_module("generated_client.api.pos.list_receipts").asyncio
    create_batch = import_module("generated_client.api.import_.create_product_batch").asyncio
    make_batch = import_module("generated_client.models").ProductBatch.from_dict
    products = make_batch({"products": PRODUCTS})
    client = package.AuthenticatedClient(base_url=address, token="token", headers={"X-API-KEY": "key"})  # noqa: S106
    async with client:

        async def small() -> object:
            return _found(await get_shop(37971, client=client))

        async def page() -> object:
            return _found(await list_receipts(client=client, shop_id=13, per_page=100))

        async def batch() -> object:
            return _found(await create_batch(client=client, body=products))

        yield {SMALL: small, PAGE: page, BATCH: batch}


def _found(answer: object) -> object:
    assert answer is not None, "the generated client could not read the answer"
    return answer
