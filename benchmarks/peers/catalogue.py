"""A price list sent by hand: rows become structs and go out in batches; nothing is checked, found or written down."""

from __future__ import annotations

import asyncio
import csv
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

import aiohttp
import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["send_by_hand"]

_BATCHES = "/api/v1/inventory/products/batch"
_UNITS = {"шт": 2009, "кг": 301}
_HEADERS = {"X-API-KEY": "key", "Authorization": "Bearer token", "Content-Type": "application/json"}


class _Product(msgspec.Struct):
    title: str
    price: Decimal
    procurement_price: Decimal
    number: str
    alter_number: str
    unit_type_id: int
    tax_group_id: int
    classifier_type_id: int
    classifier_code: str


class _Created(msgspec.Struct):
    id: str


class _Answer(msgspec.Struct):
    data: list[_Created]


async def send_by_hand(address: str, source: Path, *, batch_size: int = 100, concurrency: int = 8) -> int:
    """Create a product for each row of a price list whose form is known beforehand; returns how many there are.

    Args:
        address: Address of the service.
        source: The price list, as `benchmarks.catalogue` writes it.
        batch_size: Products in one call.
        concurrency: Concurrent calls.
    """
    encoder = msgspec.json.Encoder(decimal_format="number")
    decoder = msgspec.json.Decoder(_Answer)
    with source.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        next(rows)
        async with aiohttp.ClientSession(headers=_HEADERS) as http:

            async def send_batches() -> int:
                count = 0
                while batch := list(map(_product, islice(rows, batch_size))):
                    body = encoder.encode({"products": batch})
                    async with http.post(f"{address}{_BATCHES}", data=body) as response:
                        response.raise_for_status()
                        count += len(decoder.decode(await response.read()).data)
                return count

            return sum(await asyncio.gather(*(send_batches() for _ in range(concurrency))))


def _product(row: Sequence[str]) -> _Product:
    number, alter_number, title, _, price, cost, unit, _, code = row
    return _Product(
        title,
        Decimal(price.replace(",", ".")),
        Decimal(cost.replace(",", ".")),
        number,
        alter_number,
        _UNITS[unit],
        1,
        1,
        code,
    )
