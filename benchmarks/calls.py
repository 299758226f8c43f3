"""Calls through the client and by hand, side by side."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import aiohttp
import msgspec

from benchmarks.payloads import PAGE_PATH, SHOP_PATH
from smartkasa_async import SmartKasa
from smartkasa_async.models import ReceiptPage, Session, ShopAnswer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Comparison", "compare_calls"]


@dataclass
class Comparison:
    """Two ways to do the same work, measured in turns."""

    name: str
    goal: float
    client_rates: list[float] = field(default_factory=list)
    by_hand_rates: list[float] = field(default_factory=list)
    client_cpu: list[float] = field(default_factory=list)
    by_hand_cpu: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Calls per second through the client, as a share of those by hand: the median over neighbouring turns."""
        pairs = zip(self.client_rates, self.by_hand_rates, strict=True)
        return median(client / by_hand for client, by_hand in pairs)

    @property
    def cpu_ratio(self) -> float:
        """CPU time by hand, as a share of that through the client, likewise; steadier on a busy machine."""
        pairs = zip(self.client_cpu, self.by_hand_cpu, strict=True)
        return median(by_hand / client for client, by_hand in pairs)


async def compare_calls(address: str, *, rounds: int) -> list[Comparison]:
    """Measure small calls, one at a time and 16 at once, and pages of 100 receipts.

    Args:
        address: Address of the canned server.
        rounds: How many times each way is measured, in turns.
    """
    far = datetime.now(UTC) + timedelta(days=1)
    session = Session(access="token", access_expires_at=far, refresh="token", refresh_expires_at=far)
    headers = {"X-API-KEY": "key", "Authorization": "Bearer token"}
    timeout = aiohttp.ClientTimeout(total=60, sock_connect=10)
    async with (
        SmartKasa(api_key="key", base_url=address, session=session) as kasa,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=17, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept": "application/json", "User-Agent": "by hand"},
            timeout=timeout,
        ) as http,
    ):
        shop_decoder = msgspec.json.Decoder(ShopAnswer)
        page_decoder = msgspec.json.Decoder(ReceiptPage)

        async def shop_by_hand() -> object:
            url = f"{address}{SHOP_PATH}"
            async with http.get(url, headers=headers, allow_redirects=False) as response:
                response.raise_for_status()
                return shop_decoder.decode(await response.read()).data

        async def page_by_hand() -> object:
            url = f"{address}{PAGE_PATH}?shop_id=13&per_page=100"
            async with http.get(url, headers=headers, allow_redirects=False) as response:
                response.raise_for_status()
                return page_decoder.decode(await response.read()).data

        async def shop() -> object:
            return await kasa.shops.get(37971)

        async def page() -> object:
            return (await kasa.receipts.list(shop_id=13, per_page=100)).data

        cases = [
            (Comparison("small GET, one at a time", 0.80), shop, shop_by_hand, 400, 1),
            (Comparison("small GET, 16 at once", 0.80), shop, shop_by_hand, 800, 16),
            (Comparison("page of 100 receipts, one at a time", 0.95), page, page_by_hand, 40, 1),
            (Comparison("page of 100 receipts, 16 at once", 0.95), page, page_by_hand, 48, 16),
        ]
        for comparison, through_client, by_hand, calls, at_once in cases:
            await _measure(through_client, at_once, at_once)
            await _measure(by_hand, at_once, at_once)
            for _ in range(rounds):
                rate, cpu = await _measure(through_client, calls, at_once)
                comparison.client_rates.append(rate)
                comparison.client_cpu.append(cpu)
                rate, cpu = await _measure(by_hand, calls, at_once)
                comparison.by_hand_rates.append(rate)
                comparison.by_hand_cpu.append(cpu)
    return [case[0] for case in cases]


async def _measure(call: Callable[[], Awaitable[object]], calls: int, at_once: int) -> tuple[float, float]:
    """Return calls per second, and CPU seconds for each call."""

    async def work() -> None:
        for _ in range(calls // at_once):
            await call()

    gc.collect()
    started, cpu = perf_counter(), process_time()
    await asyncio.gather(*(work() for _ in range(at_once)))
    made = calls // at_once * at_once
    return made / (perf_counter() - started), (process_time() - cpu) / made
