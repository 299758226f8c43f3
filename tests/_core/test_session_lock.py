"""Tokens that several processes, threads and event loops share: one renews them, the others wait for it."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async import (
    CallTimeoutError,
    ClientClosedError,
    FileTokenStore,
    LockingTokenStore,
    MemoryTokenStore,
    TokenStore,
)
from tests.support.processes import LONGEST
from tests.support.session_service import SessionService, client_of, serving

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Awaitable, Callable

    from smartkasa_async.models import Session

_PROGRAM = str(Path(__file__).parents[1] / "support" / "session_process.py")


@pytest.fixture
def store(tmp_path: Path) -> FileTokenStore:
    return FileTokenStore(tmp_path / "tokens.json")


@asynccontextmanager
async def _process(url: str, file: Path, calls: int = 1) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, _PROGRAM, url, str(file), str(calls), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _line(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(LONGEST):
        return (await process.stdout.readline()).decode().strip()


async def _last_line(process: Process) -> str:
    async with asyncio.timeout(LONGEST):
        output, _ = await process.communicate()
    return output.decode().splitlines()[-1]


# --- processes ---


async def test_two_processes_and_a_slow_refresh_lose_nothing(tmp_path: Path, store: FileTokenStore) -> None:
    async with serving(SessionService()) as service:
        await store.save(service.make())
        service.expire_access()
        service.gates["refresh"] = asyncio.Event()
        async with _process(service.url, tmp_path / "tokens.json") as one:
            async with asyncio.timeout(LONGEST):
                await service.arrived["refresh"].wait()
            async with _process(service.url, tmp_path / "tokens.json") as other:
                assert await _line(other) == "locking"
                service.gates.pop("refresh").set()
                assert list(await asyncio.gather(_last_line(one), _last_line(other))) == ["done"] * 2
        assert service.calls["refresh"] == 1
        assert service.calls["login"] == 0


async def test_many_processes_whose_tokens_end_all_the_time(tmp_path: Path, store: FileTokenStore) -> None:
    async with serving(SessionService()) as service:
        await store.save(service.make())

        def expire() -> None:
            if service.calls["read"] % 40 == 0:
                service.expire_access()

        service.before["read"] = expire
        async with (
            _process(service.url, tmp_path / "tokens.json", 50) as one,
            _process(service.url, tmp_path / "tokens.json", 50) as two,
            _process(service.url, tmp_path / "tokens.json", 50) as three,
        ):
            assert await asyncio.gather(*map(_last_line, (one, two, three))) == ["done"] * 3
        assert len(service.sessions) == 1
        assert service.calls["refresh"] >= 3


async def test_a_lock_ends_with_the_process_that_is_killed(tmp_path: Path, store: FileTokenStore) -> None:
    async with serving(SessionService()) as service:
        await store.save(service.make())
        service.expire_access()
        async with _process("hold", tmp_path / "tokens.json") as holder:
            assert [await _line(holder), await _line(holder)] == ["locking", "locked"]
            async with client_of(service, credentials=False, token_store=store) as kasa:
                call = asyncio.ensure_future(kasa.shops.list()._first())
                async with asyncio.timeout(LONGEST):
                    await service.arrived["read"].wait()
                assert service.calls["refresh"] == 0
                holder.kill()
                await asyncio.wait_for(call, LONGEST)
        assert (tmp_path / "tokens.json.lock").exists()
        assert service.calls["refresh"] == 1


async def test_logout_waits_for_the_refresh_of_another_and_ends_what_it_brought(
    tmp_path: Path, store: FileTokenStore
) -> None:
    async with serving(SessionService()) as service:
        await store.save(service.make())
        service.expire_access()
        service.gates["refresh"] = asyncio.Event()
        async with (
            client_of(service, credentials=False, token_store=store) as one,
            client_of(service, credentials=False, token_store=FileTokenStore(tmp_path / "tokens.json")) as other,
        ):
            call = asyncio.ensure_future(one.shops.list()._first())
            await service.arrived["refresh"].wait()
            logout = asyncio.ensure_future(other.logout())
            await asyncio.sleep(0)
            service.gates.pop("refresh").set()
            await asyncio.gather(call, logout)
        assert service.sessions == {}
        assert await store.load() is None


# --- event loops ---


async def _calls_in_threads(make: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(asyncio.to_thread(asyncio.run, make()) for _ in range(4)))  # type: ignore[arg-type]


async def test_event_loops_of_threads_share_one_renewal() -> None:
    async with serving(SessionService()) as service:
        store = MemoryTokenStore(service.make())
        service.expire_access()
        kasa = client_of(service, credentials=False, token_store=store)

        async def call() -> None:
            async with kasa:
                await asyncio.gather(*(kasa.shops.list() for _ in range(5)))

        await _calls_in_threads(call)
        assert service.calls["refresh"] == 1


async def test_threads_share_a_file(tmp_path: Path, store: FileTokenStore) -> None:
    async with serving(SessionService()) as service:
        await store.save(service.make())
        service.expire_access()

        async def call() -> None:
            own = FileTokenStore(tmp_path / "tokens.json")
            async with client_of(service, credentials=False, token_store=own) as kasa:
                await asyncio.gather(*(kasa.shops.list() for _ in range(5)))

        await _calls_in_threads(call)
        assert service.calls["refresh"] == 1


async def test_two_clients_without_tokens_log_in_once(store: FileTokenStore) -> None:
    async with (
        serving(SessionService()) as service,
        client_of(service, token_store=store) as one,
        client_of(service, token_store=store) as other,
    ):
        await asyncio.gather(one.shops.list(), other.shops.list())
        assert service.calls["login"] == 1


# --- waiting ---


def _descriptors() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


async def test_a_call_waits_for_the_lock_as_long_as_it_may(store: FileTokenStore) -> None:
    async with serving(SessionService()) as service:
        await store.save(service.make())
        service.expire_access()
        async with client_of(service, credentials=False, token_store=store, timeout=0.3) as kasa:
            async with store.lock():
                for step in (kasa.shops.list()._first, kasa.auth.refresh, kasa.logout):
                    with pytest.raises(CallTimeoutError, match="another process or call holds its lock"):
                        await step()
            async with asyncio.timeout(LONGEST):
                await service.arrived["refresh"].wait()  # the renewal goes on for later calls
            await kasa.shops.list()


async def test_waiting_for_the_lock_can_be_cancelled(store: FileTokenStore) -> None:
    async with serving(SessionService()) as service:
        await store.save(service.make())
        async with client_of(service, token_store=store) as kasa:
            await kasa.shops.list()
            before = _descriptors()
            async with store.lock():
                waiting = [asyncio.ensure_future(step()) for step in (kasa.login, kasa.auth.refresh, kasa.logout)]
                await asyncio.sleep(0)
                for task in waiting:
                    task.cancel()
                ended = await asyncio.gather(*waiting, return_exceptions=True)
            assert {type(error) for error in ended} == {asyncio.CancelledError}
            assert _descriptors() == before
            await kasa.auth.refresh()
        assert service.calls["login"] == 0


async def test_closing_does_not_wait_for_the_lock(store: FileTokenStore) -> None:
    async with serving(SessionService()) as service:
        await store.save(service.make())
        service.expire_access()
        kasa = client_of(service, credentials=False, token_store=store)
        async with store.lock():
            call = asyncio.ensure_future(kasa.shops.list()._first())
            await service.arrived["read"].wait()
            async with asyncio.timeout(4):
                while not kasa._for_running_loop()._keeper.waits_for_lock:  # noqa: ASYNC110
                    await asyncio.sleep(0)
                await kasa.aclose()
            with pytest.raises(ClientClosedError):
                await call


async def test_other_calls_go_on_while_a_logout_waits(store: FileTokenStore) -> None:
    """Calls that wait for tokens hold all permits; who ends the session needs none of them."""
    async with serving(SessionService()) as service:
        await store.save(service.make())
        async with client_of(service, token_store=store, concurrency=2) as kasa:
            await kasa.shops.list()
            service.expire_access()
            calls = [kasa.shops.get(1) for _ in range(10)]
            ended = await asyncio.gather(kasa.logout(), *calls, return_exceptions=True)
            assert ended[0] is None
            assert CallTimeoutError not in map(type, ended)


# --- stores of other kinds ---


class _PlainStore:
    """Three methods, and no lock."""

    def __init__(self, session: Session) -> None:
        self.session: Session | None = session

    async def load(self) -> Session | None:
        return self.session

    async def save(self, session: Session) -> None:
        self.session = session

    async def clear(self) -> None:
        self.session = None


async def test_a_store_needs_no_lock() -> None:
    async with serving(SessionService()) as service:
        store: TokenStore = _PlainStore(service.make())
        service.expire_access()
        async with client_of(service, credentials=False, token_store=store) as kasa:
            await kasa.shops.list()
            await kasa.logout()
        assert await store.load() is None
    assert not isinstance(store, LockingTokenStore)
    assert isinstance(MemoryTokenStore(), LockingTokenStore)
    assert isinstance(FileTokenStore("x"), LockingTokenStore)


async def test_without_a_lock_the_pair_of_another_is_waited_for_a_moment() -> None:
    async with serving(SessionService()) as service:
        store = _PlainStore(service.make())
        service.expire_access()
        service.gates["refresh"] = asyncio.Event()
        async with (
            client_of(service, credentials=False, token_store=store) as one,
            client_of(service, credentials=False, token_store=store) as other,
        ):
            first = asyncio.ensure_future(one.shops.list()._first())
            await service.arrived["refresh"].wait()
            gate = service.gates.pop("refresh")
            second = asyncio.ensure_future(other.shops.list()._first())
            while service.calls["refresh"] < 2:  # noqa: ASYNC110
                await asyncio.sleep(0)
            gate.set()
            await asyncio.gather(first, second)


@pytest.mark.parametrize("kind", ["folder", "link"])
async def test_a_lock_that_cannot_be_had_is_told_and_hinders_nothing(
    kind: str, tmp_path: Path, store: FileTokenStore, caplog: pytest.LogCaptureFixture
) -> None:
    lock = tmp_path / "tokens.json.lock"
    if kind == "folder":
        lock.mkdir()
    else:
        lock.symlink_to(tmp_path / "elsewhere")
    async with serving(SessionService()) as service:
        await store.save(service.make())
        service.expire_access()
        async with client_of(service, credentials=False, token_store=store) as kasa:
            with caplog.at_level(logging.WARNING, "smartkasa_async"):
                await kasa.shops.list()
    assert "tokens.json.lock cannot be locked" in caplog.text
    assert not (tmp_path / "elsewhere").exists()
