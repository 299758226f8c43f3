"""Misbehaviour on order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import aiohttp
import pytest

from smartkasa_async.sandbox import Fault, Faults

if TYPE_CHECKING:
    from tests.support.calling import Caller

SHOPS = "/api/v1/rsn/shops"
LOST = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


async def test_a_status_comes_once_and_nothing_is_done(caller: Caller) -> None:
    caller.box.faults.add(Fault("status", method="POST", path=SHOPS, status=429, retry_after=7))
    async with caller.session.post(f"{caller.box.url}{SHOPS}", json={"title": "А"}, headers=caller.headers) as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "7"
        assert await response.json() == {"message": "Too Many Requests"}
    assert caller.box.rows("shops") == []
    await caller("POST", "/rsn/shops", {"title": "А"}, status=201)


async def test_a_status_can_have_a_body_of_its_own(caller: Caller) -> None:
    caller.box.faults.add(Fault("status", status=502, body=b"<h1>Bad Gateway</h1>"))
    async with caller.session.get(f"{caller.box.url}{SHOPS}", headers=caller.headers) as response:
        assert (response.status, await response.text()) == (502, "<h1>Bad Gateway</h1>")
    caller.box.faults.add(Fault("status", status=599, body={"errors": {"base": []}}))
    assert await caller("GET", "/rsn/shops", status=599) == {"errors": {"base": []}}


async def test_dropped_before_the_work(caller: Caller) -> None:
    caller.box.faults.add(Fault("drop_before"))
    with pytest.raises(LOST):
        await caller("POST", "/rsn/shops", {"title": "А"}, status=201)
    assert caller.box.rows("shops") == []


async def test_dropped_after_the_work(caller: Caller) -> None:
    caller.box.faults.add(Fault("drop_after", method="POST"))
    with pytest.raises(LOST):
        await caller("POST", "/rsn/shops", {"title": "А"}, status=201)
    assert [shop["title"] for shop in caller.box.rows("shops")] == ["А"]
    assert caller.box.calls[f"POST {SHOPS}"] == 1


async def test_dropped_after_a_refusal(caller: Caller) -> None:
    caller.box.faults.add(Fault("drop_after"))
    with pytest.raises(LOST):
        await caller("POST", "/rsn/shops", {"title": ""}, status=422)


async def test_a_delay_waits_and_then_works(caller: Caller) -> None:
    caller.box.faults.add(Fault("delay", seconds=0.05))
    started = time.monotonic()
    await caller("GET", "/rsn/shops")
    assert time.monotonic() - started >= 0.05


async def test_a_fault_affects_its_operation_only(stocked: Caller) -> None:
    stocked.box.faults.add(Fault("status", method="GET", path=f"{SHOPS}/{{id}}", times=None))
    await stocked("GET", "/rsn/shops")
    await stocked("DELETE", "/rsn/shops/2")
    for _ in range(3):
        await stocked("GET", "/rsn/shops/1", status=503)
    stocked.box.faults.clear()
    await stocked("GET", "/rsn/shops/1")


def test_faults_come_in_order_and_as_often_as_ordered() -> None:
    faults = Faults()
    faults.add(Fault("status", times=2))
    faults.add(Fault("delay", times=1))
    faults.add(Fault("drop_before", times=1))
    drawn = [[fault.kind for fault in faults.draw("GET", SHOPS)] for _ in range(4)]
    assert drawn == [["status", "delay"], ["status"], ["drop_before"], []]


def test_chance_is_seeded() -> None:
    def run(seed: int) -> list[int]:
        faults = Faults(seed)
        faults.add(Fault("status", times=None, probability=0.5))
        return [len(faults.draw("GET", SHOPS)) for _ in range(64)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 16 < sum(run(1)) < 48


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="use delay, drop_before, drop_after, status"):
        Fault("explode")  # type: ignore[arg-type]
