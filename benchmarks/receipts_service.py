"""A service that has the receipts of ten shops, made as they are asked for, perhaps far away."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from benchmarks.payloads import RECEIPT, SHOP, encoded
from benchmarks.processes import served

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["FIRST_DAY", "RECEIPTS_A_DAY", "SHOPS", "receipts_service"]

FIRST_DAY = date(2023, 1, 2)
SHOPS = 10
RECEIPTS_A_DAY = 100
"""Of each shop."""

_KOPECK = Decimal("0.01")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def _meta(total: int, number: int, per_page: int) -> dict[str, int | None]:
    pages = -(-total // per_page)
    return {
        "current_page": number,
        "next_page": number + 1 if number < pages else None,
        "prev_page": number - 1 or None,
        "total_pages": pages,
        "total_count": total,
        "limit_value": per_page,
        "offset_value": (number - 1) * per_page,
    }


_SHOP_LIST = encoded([SHOP | {"id": shop_id} for shop_id in range(1, SHOPS + 1)], _meta(SHOPS, 1, 100))
_ID, _TIME = RECEIPT["id"].encode(), RECEIPT["created_at"].encode()
_DIFFERENT = 4_000
"""Receipts with amounts of their own; later ones repeat these."""


def _sold(random: Random, item: dict[str, Any]) -> dict[str, Any]:
    price = Decimal(random.randint(50, 50_000)).scaleb(-1)
    whole, weighed = Decimal(random.choice((1, 1, 1, 2, 3))), Decimal(random.randint(50, 3_000)).scaleb(-3)
    quantity = random.choice((whole, whole, whole, whole, weighed))
    return item | {"price": str(price), "quantity": str(quantity), "amount": str((price * quantity).quantize(_KOPECK))}


def _receipt(random: Random) -> dict[str, Any]:
    items = [_sold(random, item) for item in RECEIPT["items"]]
    total = sum((Decimal(item["amount"]) for item in items), Decimal(0))
    by_card = (total * random.randint(0, 100)).scaleb(-2).quantize(_KOPECK)
    payments = [
        payment | {"amount": str(amount), "deposit_amount": str(amount)}
        for payment, amount in zip(RECEIPT["payment_transactions"], (total - by_card, by_card), strict=True)
    ]
    return RECEIPT | {"items": items, "payment_transactions": payments, "total_amount": str(total)}


@lru_cache(maxsize=1)
def _receipts() -> list[bytes]:
    """Make receipts of shop 13, the same each time, with prices, quantities and amounts as different as a shop's."""
    random = Random(13)  # noqa: S311
    made = (_receipt(random) for _ in range(_DIFFERENT))
    return [json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() for one in made]


def _page(shop_id: int, start: date, end: date, number: int, per_page: int) -> bytes:
    total = ((end - start).days + 1) * RECEIPTS_A_DAY
    offset = (number - 1) * per_page
    records = []
    for place in range(offset, min(offset + per_page, total)):
        days_back, of_day = divmod(place, RECEIPTS_A_DAY)
        day = end - timedelta(days=days_back)
        id_ = b"%08x-0000-4000-8000-%012x" % (shop_id, day.toordinal() * RECEIPTS_A_DAY + of_day)
        time = b"%bT%02d:%02d:00.000+00:00" % (day.isoformat().encode(), 18 - of_day // 10, of_day % 60)
        record = _receipts()[(shop_id * 997 + day.toordinal() * RECEIPTS_A_DAY + of_day) % _DIFFERENT]
        record = record.replace(b'"shop_id":13', b'"shop_id":%d' % shop_id)
        records.append(record.replace(_ID, id_).replace(_TIME, time))
    meta = json.dumps(_meta(total, number, per_page)).encode()
    return b'{"data":[%b],"meta":%b}' % (b",".join(records), meta)


class _Service(asyncio.Protocol):
    """As little HTTP as a sync needs, on kept connections.

    Args:
        latency: Seconds until an answer goes out.
    """

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            path, _, query = head.split(b" ", 2)[1].decode().partition("?")
            asyncio.get_running_loop().call_later(self._latency, self._answer, path, query)

    def _answer(self, path: str, query: str) -> None:
        body = _SHOP_LIST
        if path != "/api/v1/rsn/shops":
            asked = dict(parse_qsl(query))
            start, end = (date.fromisoformat(asked[name]) for name in ("date_start", "date_end"))
            body = _page(int(asked["shop_id"]), start, end, int(asked.get("page", 1)), int(asked["per_page"]))
        self._transport.write(_HEAD % len(body) + body)


def receipts_service(core: int | None, *, latency: float = 0.0) -> AbstractContextManager[str]:
    """Run the service while the block runs, and give its address.

    Args:
        core: The only core that it may use; None for any.
        latency: Seconds until an answer goes out.
    """
    return served(partial(_Service, latency), core)
