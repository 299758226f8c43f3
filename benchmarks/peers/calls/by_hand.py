"""aiohttp and msgspec, as an engineer writes it in an evening: a default session, ids as UUIDs, plain structs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import aiohttp
import msgspec

from benchmarks.peers.calls import BATCH, PAGE, SMALL
from benchmarks.peers.calls.requests import BATCH_PATH, PAGE_PATH, PRODUCTS, SHOP_PATH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.peers.calls import Calls

__all__ = ["HEADERS", "BatchAnswer", "Product", "ProductBatch", "ReceiptPage", "ShopAnswer", "open_calls"]

HEADERS = {"Accept": "application/json", "X-API-KEY": "key", "Authorization": "Bearer token"}


class Shop(msgspec.Struct):
    id: int
    business_category_id: int | None
    created_at: datetime
    email: str
    employees_count: int
    fiscal_numbers: list[str]
    fiscalization_enabled: bool
    is_excise_taxation: bool
    is_vat_taxation: bool
    owner_id: int
    phone_number: str
    state: int
    terminals_count: int
    title: str
    updated_at: datetime
    website_url: str | None


class Item(msgspec.Struct):
    id: UUID
    amount: Decimal
    classifier_code: str | None
    classifier_type_id: int | None
    created_at: datetime
    description: str | None
    discount_amount: Decimal | None
    is_free_price: bool
    is_product: bool
    name: str
    price: Decimal
    product_id: UUID | None
    quantity: Decimal
    receipt_id: UUID
    sku: str | None
    sold_by_weight: bool
    stock_item_id: int | None
    tax_group_id: int | None
    unit_type_id: int
    unit_type_name: str
    updated_at: datetime


class Payment(msgspec.Struct):
    id: UUID
    amount: Decimal
    approval_code: str | None
    batch: str | None
    change_amount: Decimal
    created_at: datetime
    deposit_amount: Decimal
    description: str | None
    pan: str | None
    pan_hash: str | None
    payload: dict[str, Any] | None
    payment_type_id: int
    receipt_id: UUID
    result_code: str | None
    rrn: str | None
    signature: bool
    stan: str | None
    state: int
    timestamp: datetime
    transaction_type_id: int
    updated_at: datetime


class Receipt(msgspec.Struct):
    id: UUID
    cashier_name: str | None
    created_at: datetime
    description: str | None
    discount_amount: Decimal
    discount_percentage: Decimal
    discount_type_id: int | None
    fiscal_number: str | None
    is_hidden: bool
    items: list[Item]
    offline_id: int | None
    offline_local_number: int | None
    offline_seed: str | None
    payment_transactions: list[Payment]
    previous_receipt_hash: str | None
    registrar_fiscal_number: str | None
    registrar_local_number: str | None
    related_fiscal_number: str | None
    rounding_amount: Decimal
    seller_id: int | None
    shift_id: UUID | None
    shop_id: int
    state: int
    tax_amount: dict[str, Decimal] | None
    terminal_id: int | None
    terminal_shift_id: UUID | None
    title: str | None
    total_amount: Decimal
    type: int
    updated_at: datetime


class Meta(msgspec.Struct):
    current_page: int
    next_page: int | None
    prev_page: int | None
    total_pages: int
    total_count: int
    limit_value: int
    offset_value: int


class ShopAnswer(msgspec.Struct):
    data: Shop


class ReceiptPage(msgspec.Struct):
    data: list[Receipt]
    meta: Meta


class Product(msgspec.Struct, kw_only=True):
    title: str
    remote_id: str
    number: str
    price: Decimal
    procurement_price: Decimal
    sold_by_weight: bool
    unit_type_id: int
    tax_group_id: int
    category_id: UUID


class ProductBatch(msgspec.Struct):
    products: list[Product]


class Created(msgspec.Struct):
    id: UUID


class BatchAnswer(msgspec.Struct):
    data: list[Created]


@asynccontextmanager
async def open_calls(address: str) -> AsyncIterator[Calls]:
    read_shop = msgspec.json.Decoder(ShopAnswer).decode
    read_page = msgspec.json.Decoder(ReceiptPage).decode
    read_batch = msgspec.json.Decoder(BatchAnswer).decode
    write = msgspec.json.Encoder(decimal_format="number").encode
    products = msgspec.convert(PRODUCTS, list[Product])
    async with aiohttp.ClientSession(address, headers=HEADERS) as session:

        async def small() -> object:
            async with session.get(SHOP_PATH) as response:
                response.raise_for_status()
                return read_shop(await response.read()).data

        async def page() -> object:
            async with session.get(PAGE_PATH, params={"shop_id": 13, "per_page": 100}) as response:
                response.raise_for_status()
                return read_page(await response.read()).data

        async def batch() -> object:
            body, headers = write(ProductBatch(products)), {"Content-Type": "application/json"}
            async with session.post(BATCH_PATH, data=body, headers=headers) as response:
                response.raise_for_status()
                return read_batch(await response.read()).data

        yield {SMALL: small, PAGE: page, BATCH: batch}
