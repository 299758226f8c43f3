"""httpx and pydantic, with a default client: the usual SDK."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

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
    async with httpx.AsyncClient(base_url=address, headers=HEADERS) as client:

        async def small() -> object:
            response = await client.get(SHOP_PATH)
            return ShopAnswer.model_validate_json(response.raise_for_status().content)

        async def page() -> object:
            response = await client.get(PAGE_PATH, params={"shop_id": 13, "per_page": 100})
            return ReceiptPage.model_validate_json(response.raise_for_status().content)

        async def batch() -> object:
            body, headers = products.model_dump_json(), {"Content-Type": "application/json"}
            response = await client.post(BATCH_PATH, content=body, headers=headers)
            return BatchAnswer.model_validate_json(response.raise_for_status().content)

        yield {SMALL: small, PAGE: page, BATCH: batch}
