"""A service that loses answers, forgets tokens, refuses in storms and goes away: no product twice, none lost."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.catalog import ImportStoppedError, import_products
from smartkasa_async.sandbox import Fault, Sandbox
from tests.chaos.driving import WatchedFaults
from tests.chaos.inspection import collect, find_wrongs
from tests.chaos.price_list import make_price_list

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from tests.chaos.inspection import Told

pytestmark = pytest.mark.chaos

ROWS = 1_000
BATCH_SIZE = 20
BATCH = "/api/v1/inventory/products/batch"


class Scene:
    """A price list, and the service that it is to get into."""

    def __init__(self, folder: Path, port: int) -> None:
        self.price_list = make_price_list(folder, rows=ROWS, seed=7)
        self.faults = WatchedFaults(7)
        self.box = Sandbox(database=folder / "service.sqlite", port=port)
        self.box.faults = self.faults
        self.tasks: list[asyncio.Task[None]] = []

    async def carry_in(self, batch_size: int = BATCH_SIZE) -> list[Told]:
        async with SmartKasa(**self.box.credentials, retry=RetryPolicy(first_wait=0.02)) as kasa:
            path = self.price_list.path
            journal = path.with_name("journal.sqlite")
            return await collect(
                import_products(kasa, path, journal=journal, late_write_window=0.05, batch_size=batch_size)
            )

    def at(self, request: int, begin: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin something that takes time when a request is seen; `tasks` has it then."""
        self.faults.at(request, lambda: self.tasks.append(asyncio.create_task(begin())))

    async def restart(self) -> None:
        await self.box.stop()
        await self.box.start()

    def wrongs(self, told: list[Told]) -> list[str]:
        return find_wrongs(self.box, self.price_list, told)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scene = Scene(tmp_path, port)
    async with scene.box:
        scene.box.load(scene.price_list.there)
        yield scene


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
@pytest.mark.parametrize("share", [0.05, 0.2])
async def test_answers_are_lost(scene: Scene, kind: Any, share: float) -> None:
    scene.faults.add(Fault(kind, times=None, probability=share))

    assert scene.wrongs(await scene.carry_in()) == []


async def test_answers_are_lost_one_after_the_other(scene: Scene) -> None:
    scene.faults.add(Fault("drop_after", "POST", BATCH, times=15))

    assert scene.wrongs(await scene.carry_in()) == []


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_errors_hide_what_was_done(scene: Scene, status: int) -> None:
    scene.faults.add(Fault("status", times=None, probability=0.1, status=status))

    assert scene.wrongs(await scene.carry_in()) == []


@pytest.mark.parametrize("name", ["expire_access_tokens", "expire_tokens"])
async def test_tokens_expire_again_and_again(scene: Scene, name: str) -> None:
    # So far apart that a call, sent again with new tokens, does not meet the next time, however slow all is.
    for request in range(4, 200, 24):
        scene.faults.at(request, getattr(scene.box, name))

    assert scene.wrongs(await scene.carry_in(batch_size=5)) == []
    assert scene.box.calls["POST /api/v1/auth/sessions"] + scene.box.calls["POST /api/v1/auth/refresh"] > 3


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("retry_after", [None, 0.05])
async def test_refusals_come_in_storms(scene: Scene, status: int, retry_after: float | None) -> None:
    storm = Fault("status", times=15, status=status, retry_after=retry_after)
    for request in (3, 40, 90):
        scene.faults.at(request, lambda: scene.faults.add(storm))

    assert scene.wrongs(await scene.carry_in()) == []


@pytest.mark.parametrize("request_seen", [2, 6, 12, 30, 50])
async def test_the_service_is_restarted_meanwhile(scene: Scene, request_seen: int) -> None:
    scene.faults.add(Fault("delay", times=None, probability=0.5, seconds=0.005))
    scene.at(request_seen, scene.restart)

    told = await scene.carry_in()

    await scene.tasks[0]
    assert scene.wrongs(told) == []


@pytest.mark.parametrize("request_seen", [12, 30, 50])
async def test_the_service_is_away_for_long(scene: Scene, request_seen: int) -> None:
    scene.at(request_seen, scene.box.stop)

    with pytest.raises(ImportStoppedError):
        await scene.carry_in()
    await scene.tasks[0]
    await scene.box.start()

    assert scene.wrongs(await scene.carry_in()) == []
