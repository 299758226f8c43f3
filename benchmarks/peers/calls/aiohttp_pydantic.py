"""aiohttp and pydantic, with a default session."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from benchmarks.peers.calls import BATCH, PAGE, SMALL
from benchmarks.peers.calls.by_hand import HEADERS
from benchmarks.peers.calls.pydantic_models import BatchAnswer, ProductBatch, ReceiptPage, ShopAnswer
from benchmarks.peers.calls.requests import BATCH_PATH, PAGE_PATH, PRODUCTS, SHOP_PATH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.peers.calls import Calls

__all__ = ["open_calls"]


@asynccontextmanager
async def open_calls(address: str) -> AsyncIterator[Calls]:
    products = ProductBatch.model_validate({"products": PRODUCTS})
    async with aiohttp.ClientSession(address, headers=HEADERS) as session:

        async def small() -> object:
            async with session.get(SHOP_PATH) as response:
                response.raise_for_status()
                return ShopAnswer.model_validate_json(await response.read())

        async def page() -> object:
            async with session.get(PAGE_PATH, params={"shop_id": 13, "per_page": 100}) as response:
                response.raise_for_status()
                return ReceiptPage.model_validate_json(await response.read())

        async def batch() -> object:
            body, headers = products.model_dump_json(), {"Content-Type": "application/json"}
            async with session.post(BATCH_PATH, data=body, headers=headers) as response:
                response.raise_for_status()
                return BatchAnswer.model_validate_json(await response.read())

        yield {SMALL: small, PAGE: page, BATCH: batch}
