"""Many merchants of one sandbox: each with a key, a login, data, faults and a rate limit of its own."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from smartkasa_async.sandbox import Fault, RateLimit, Sandbox, Simulation, simulate
from tests.support.calling import Caller, two_of_each
from tests.support.processes import finished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from smartkasa_async.sandbox import Merchant

SHOPS = "/api/v1/rsn/shops"
SMALL = Simulation(shops=1, days=1, products=5, receipts_per_day=3)


class Clock:
    """Goes on by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def calling(*merchants: Sandbox | Merchant) -> AsyncIterator[list[Caller]]:
    """Log in as several merchants."""
    async with aiohttp.ClientSession() as session:
        callers = [Caller(merchant, session) for merchant in merchants]
        for caller in callers:
            await caller.login()
        yield callers


async def test_merchants_see_their_own_data_though_ids_collide() -> None:
    async with Sandbox() as box:
        first, second = box.add_merchant(simulation=SMALL), box.add_merchant(simulation=SMALL)
        async with calling(first, second, box) as (one, two, own):
            for caller, title in ((one, "Перша"), (two, "Друга")):
                await caller("POST", "/rsn/shops", {"title": title}, status=201)
            theirs, others = [await caller.data("GET", "/rsn/shops") for caller in (one, two)]
            assert [shop["id"] for shop in theirs] == [shop["id"] for shop in others]
            assert [shops[1]["title"] for shops in (theirs, others)] == ["Перша", "Друга"]
            assert await own.data("GET", "/rsn/shops") == []
        ids = [row["id"] for row in first.rows("receipts")]
        assert ids
        assert (
            ids == [row["id"] for row in second.rows("receipts")] == [r["id"] for r in simulate(SMALL).rows["receipts"]]
        )


async def test_keys_logins_and_tokens_are_good_for_one_merchant() -> None:
    async with Sandbox() as box:
        first, second = box.add_merchant(), box.add_merchant()
        assert len({merchant.phone_number for merchant in box.merchants}) == len(box.merchants) == 3
        async with calling(first, second) as (one, two):
            crossed = {**one.headers, "X-API-KEY": second.api_key}
            await one("GET", "/rsn/shops", headers=crossed, status=401)
            login = {"phone_number": first.phone_number, "password": first.password}
            await two("POST", "/auth/sessions", login, status=422)
            first.expire_tokens()
            await one("GET", "/rsn/shops", status=401)
            await two("GET", "/rsn/shops")
            await two("GET", "/rsn/shops", headers={**two.headers, "X-API-KEY": "unknown"}, status=401)


def test_a_key_belongs_to_one_merchant_and_is_not_shown() -> None:
    box = Sandbox(api_key="key-of-the-first")
    with pytest.raises(ValueError, match="Two merchants cannot have the same API key") as caught:
        box.add_merchant(api_key="key-of-the-first")
    assert "key-of-the-first" not in str(caught.value)
    merchant = box.add_merchant(api_key="key", password="word", phone_number="0671234567")
    assert repr(merchant) == "Merchant(phone_number='380671234567')"
    assert box.merchants[1] is merchant


async def test_faults_are_those_of_one_merchant_or_of_all() -> None:
    async with Sandbox() as box:
        first, second = box.add_merchant(), box.add_merchant()
        async with calling(first, second) as (one, two):
            first.faults.add(Fault("status", status=401, times=None))
            await one("GET", "/rsn/shops", status=401)
            await two("GET", "/rsn/shops")
            box.faults.add(Fault("status", times=None))
            await one("GET", "/rsn/shops", status=503)
            await two("GET", "/rsn/shops", status=503)
            box.faults.clear()
            await one("GET", "/rsn/shops", status=401)
            first.faults.clear()
            await one("GET", "/rsn/shops")


async def test_a_merchant_s_fault_waits_while_all_have_an_outage() -> None:
    async with Sandbox() as box, calling(box.add_merchant()) as (caller,):
        box.merchants[1].faults.add(Fault("status", status=401))
        box.faults.add(Fault("status"))
        await caller("GET", "/rsn/shops", status=503)
        await caller("GET", "/rsn/shops", status=401)
        await caller("GET", "/rsn/shops")


async def test_requests_beyond_the_limit_are_refused_until_their_time_has_come() -> None:
    clock = Clock()
    async with Sandbox(rate_limit=RateLimit(per_second=0.1, burst=3), clock=clock) as box:
        first, second = box.add_merchant(), box.add_merchant()
        async with calling(first, second) as (one, two):
            for _ in range(2):
                await one("POST", "/rsn/shops", {"title": "А"}, status=201)
            async with one.session.post(f"{box.url}{SHOPS}", json={"title": "Б"}, headers=one.headers) as refused:
                assert refused.status == 429
                assert refused.headers["Retry-After"] == "10"
                assert await refused.json() == {"message": "Too Many Requests"}
            await two("GET", "/rsn/shops")
            clock.now += 10
            assert [shop["title"] for shop in await one.data("GET", "/rsn/shops")] == ["А", "А"]
            await one("GET", "/rsn/shops", status=429)


async def test_a_limit_can_be_one_merchant_s_own() -> None:
    async with Sandbox(clock=Clock()) as box:
        slow = box.add_merchant(rate_limit=RateLimit(per_second=1))
        async with calling(slow, box) as (limited, free):
            await limited("GET", "/rsn/shops", status=429)
            await free("GET", "/rsn/shops")


async def test_requests_are_counted_with_their_times() -> None:
    clock = Clock()
    async with Sandbox(clock=clock) as box:
        merchant = box.add_merchant(rate_limit=RateLimit(per_second=1, burst=2))
        async with calling(merchant, box) as (caller, other):
            clock.now += 1.5
            await caller("GET", "/rsn/shops")
            await caller("GET", "/rsn/shops")
            await caller("GET", "/rsn/shops", status=429)
            await other("GET", "/rsn/shops", headers={"X-API-KEY": "unknown"}, status=401)
        assert merchant.calls == {"POST /api/v1/auth/sessions": 1, f"GET {SHOPS}": 3}
        assert list(merchant.arrivals) == [1000.0, 1001.5, 1001.5, 1001.5]
        assert (merchant.most_requests(within=1), merchant.most_requests(within=2)) == (3, 4)
        assert box.calls == {"POST /api/v1/auth/sessions": 2, f"GET {SHOPS}": 4}


async def test_merchants_come_while_it_serves() -> None:
    async with Sandbox() as box, calling(box) as (first,):
        await first("GET", "/rsn/shops")
        async with calling(box.add_merchant(simulation=SMALL)) as (late,):
            assert len(await late.data("GET", "/rsn/shops")) == 1


async def test_idle_merchants_are_closed_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartkasa_async.sandbox.databases._MOST_OPEN", 2)
    async with Sandbox() as box:
        merchants = [box.add_merchant(simulation=SMALL) for _ in range(5)]
        async with calling(*merchants) as callers:
            for number, caller in enumerate(callers):
                await caller("POST", "/rsn/shops", {"title": f"Крамниця {number}"}, status=201)
            assert sum(merchant._database.is_open for merchant in merchants) <= 2
            for number, caller in enumerate(callers):
                titles = [shop["title"] for shop in await caller.data("GET", "/rsn/shops")]
                assert titles[1:] == [f"Крамниця {number}"]


async def test_a_merchant_whose_business_goes_on_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartkasa_async.sandbox.databases._MOST_OPEN", 1)
    async with Sandbox() as box:
        merchants = [box.add_merchant() for _ in range(4)]
        drift = merchants[0].drift(simulate(SMALL), every=1)
        for merchant in merchants:
            merchant.load(two_of_each())
        left = drift.left
        async with calling(merchants[0]) as (caller,):
            await caller("GET", "/pos/receipts")
        assert drift.left == left - 1
        drift.finish()


async def test_a_business_is_made_once_and_made_anew_for_a_new_start(tmp_path: Path) -> None:
    box = Sandbox()
    kept = box.add_merchant(simulation=SMALL, database=tmp_path / "kept.sqlite")
    lost = box.add_merchant(simulation=SMALL)
    for titles in (["Одна"], ["Одна", "Одна"]):
        async with box, calling(kept, lost) as callers:
            for caller in callers:
                await caller("POST", "/rsn/shops", {"title": "Одна"}, status=201)
            assert [shop["title"] for shop in kept.rows("shops")][1:] == titles
            assert [shop["title"] for shop in lost.rows("shops")][1:] == ["Одна"]
        with pytest.raises(RuntimeError, match="not running"):
            lost.rows("shops")


async def test_a_file_of_an_earlier_sandbox_keeps_what_was_changed(tmp_path: Path) -> None:
    for title in ("Крамниця №1", "Перейменована"):
        async with Sandbox() as box:
            kept = box.add_merchant(simulation=SMALL, database=tmp_path / "kept.sqlite")
            async with calling(kept) as (caller,):
                [shop] = await caller.data("GET", "/rsn/shops")
                assert shop["title"] == title
                await caller("PUT", f"/rsn/shops/{shop['id']}", {"title": "Перейменована"})


def test_a_thousand_idle_merchants_take_little() -> None:
    measured = finished([sys.executable, "-m", "tests.support.idle_merchants", "1000"])
    assert measured.returncode == 0, measured.stderr
    assert int(measured.stdout) < 300
