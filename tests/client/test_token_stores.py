"""Where tokens are kept between runs."""

# ruff: noqa: ASYNC240  (nothing else runs in the tests' loops)

from __future__ import annotations

import asyncio
import os
import socket
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from smartkasa_async import FileTokenStore, MemoryTokenStore, SessionError, TokenStoreError
from smartkasa_async.sync import CheckpointError
from smartkasa_async.sync.checkpoint import FileCheckpointStore
from tests.support.service import make_session


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


async def test_memory_keeps_and_forgets() -> None:
    store = MemoryTokenStore()
    assert await store.load() is None
    session = make_session()
    await store.save(session)
    assert await store.load() == session
    await store.clear()
    assert await store.load() is None
    assert await MemoryTokenStore(session).load() == session


async def test_file_keeps_and_forgets(file: Path) -> None:
    store = FileTokenStore(file)
    assert await store.load() is None
    session = make_session()
    await store.save(session)
    assert await FileTokenStore(str(file)).load() == session
    await store.clear()
    await store.clear()
    assert await store.load() is None


async def test_only_the_owner_can_read_the_file(file: Path) -> None:
    file.write_text("{}")
    file.chmod(0o666)
    before = os.umask(0)
    try:
        await FileTokenStore(file).save(make_session())
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_nothing_else_is_left_in_the_folder(file: Path) -> None:
    store = FileTokenStore(file)
    for number in range(3):
        await store.save(make_session(f"access-{number}"))
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError()])
async def test_interrupted_write_leaves_the_old_tokens(
    file: Path, step: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileTokenStore(file)
    old = make_session("old")
    await store.save(old)

    def fail(*_arguments: Any) -> None:
        raise error

    monkeypatch.setattr(*{"fsync": (os, "fsync", fail), "replace": (Path, "replace", fail)}[step])
    with pytest.raises((TokenStoreError, MemoryError)):
        await store.save(make_session("new"))
    monkeypatch.undo()

    assert await store.load() == old
    assert list(file.parent.iterdir()) == [file]


async def test_new_tokens_are_written_beside_the_old_ones(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At no moment is there a file that is half written: what replaces the old one is complete and on the disk."""
    store = FileTokenStore(file)
    await store.save(make_session("old"))
    seen: list[tuple[str, bytes]] = []
    replace = Path.replace
    synced: list[int] = []
    fsync = os.fsync

    def sync(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(descriptor)

    def watch(source: Path, target: Path) -> Path:
        seen.append((target.name, source.read_bytes()))
        assert b'"old"' in target.read_bytes()
        assert synced
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", watch)
    await store.save(make_session("new"))
    ((name, content),) = seen
    assert name == file.name
    assert content == file.read_bytes()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"access":1}', b"\xff", b'{"access":"\xff"}', b"[" * 100_000]
)
async def test_broken_file_says_what_to_do(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(TokenStoreError, match="delete it and log in again") as caught:
        await FileTokenStore(file).load()
    assert isinstance(caught.value, SessionError)
    assert caught.value.__cause__ is None


async def test_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path)
    with pytest.raises(TokenStoreError, match="cannot be read"):
        await store.load()
    with pytest.raises(TokenStoreError, match="cannot be written"):
        await FileTokenStore(tmp_path / "missing" / "tokens.json").save(make_session())
    with pytest.raises(TokenStoreError, match="cannot be deleted"):
        await store.clear()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such names")
@pytest.mark.parametrize("kind", ["/dev/zero", "/dev/full", "link", "pipe", "socket"])
async def test_what_is_no_file_is_not_read(kind: str, tmp_path: Path) -> None:
    path = Path(kind) if kind.startswith("/") else tmp_path / kind
    with socket.socket(socket.AF_UNIX) as own:
        match kind:
            case "link":
                path.symlink_to("/dev/zero")
            case "pipe":
                os.mkfifo(path)
            case "socket":
                own.bind(str(path))
        async with asyncio.timeout(30):
            with pytest.raises(TokenStoreError, match=f"{path} cannot be read: "):
                await FileTokenStore(path).load()
            with pytest.raises(CheckpointError, match=f"{path} cannot be read: "):
                await FileCheckpointStore(path).load()


def test_repr_names_the_file_only(file: Path) -> None:
    assert repr(FileTokenStore(file)) == f"FileTokenStore({str(file)!r})"


# --- whose tokens ---


async def test_tokens_of_another_account_are_refused(file: Path) -> None:
    ours = FileTokenStore(file).for_account("https://one.test", "380971111111")
    session = make_session()
    await ours.save(session)
    assert "380971111111" not in file.read_text()
    for base_url, phone_number in [
        ("https://one.test", "380972222222"),
        ("https://other.test", "380971111111"),
        ("https://other.test", None),
    ]:
        with pytest.raises(TokenStoreError, match="another address or phone number"):
            await FileTokenStore(file).for_account(base_url, phone_number).load()
    for store in (ours, FileTokenStore(file), FileTokenStore(file).for_account("https://one.test", None)):
        assert await store.load() == session


async def test_tokens_that_nobody_s_name_stands_by_are_anybody_s(file: Path) -> None:
    await FileTokenStore(file).save(make_session("a"))
    session = await FileTokenStore(file).for_account("https://one.test", "380971111111").load()
    assert session is not None
    assert session.access == "a"


# --- links ---


async def test_a_link_stays_and_what_it_names_is_replaced(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    real = folder / "real.json"
    file.symlink_to(real)
    store = FileTokenStore(file)
    for number in range(2):
        await store.save(make_session(f"access-{number}"))
    assert file.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert await FileTokenStore(real).load() == await store.load()
    async with store.lock():
        assert (folder / "real.json.lock").exists()
    await store.clear()
    assert file.is_symlink()
    assert not real.exists()


async def test_the_lock_is_one_for_a_file_and_for_links_to_it(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(file)
    async with FileTokenStore(file).lock():
        waiting = asyncio.ensure_future(FileTokenStore(link).lock().__aenter__())
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    lock = file.with_name("tokens.json.lock")
    assert (lock.stat().st_size, stat.S_IMODE(lock.stat().st_mode)) == (0, 0o600)


async def test_a_lock_is_given_back_though_a_forked_process_holds_its_file_open(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    really_open = os.open

    def note(*arguments: Any) -> int:
        opened.append(really_open(*arguments))
        return opened[-1]

    monkeypatch.setattr(os, "open", note)
    store = FileTokenStore(file)
    async with store.lock():
        inherited = os.dup(opened[-1])
    try:
        async with asyncio.timeout(5), store.lock():
            pass
    finally:
        os.close(inherited)
