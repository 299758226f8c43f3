from __future__ import annotations

import sqlite3
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from smartkasa_async._i18n.translate import in_ukrainian
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.stores import StoreError, StoreForbiddenError, StoreUnreachableError, open_store
from smartkasa_async.stores.engine import set_up_sqlite
from smartkasa_async.stores.schema import METADATA
from smartkasa_async.stores.versions import SCHEMA_VERSION
from tests.support.processes import finished
from tests.support.stored import SHOP, batch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartkasa_async.stores import Store

WITHOUT_PACKAGE = """
import sys
sys.modules[{package!r}] = None
import smartkasa_async.sync, smartkasa_async.reports, smartkasa_async.stores
{use}
"""

OPEN = """
import asyncio
from smartkasa_async.stores import open_store
asyncio.run(open_store("sqlite+aiosqlite://").__aenter__())
"""


def address(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def test_opening_makes_the_tables(tmp_path: Path) -> None:
    async with open_store(address(tmp_path / "kasa.sqlite")):
        pass

    with sqlite3.connect(tmp_path / "kasa.sqlite") as connection:
        tables = {
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        }
        versions = connection.execute("SELECT version FROM schema_versions").fetchall()
    connection.close()
    assert tables == set(METADATA.tables)
    assert tables >= {"shops", "shifts", "receipts", "receipt_items", "payments", "z_reports"}
    assert versions == [(SCHEMA_VERSION,)]


async def test_a_closed_store_is_refused_and_connects_no_more(tmp_path: Path) -> None:
    async with open_store(tmp_path / "kasa.sqlite") as store:
        pass

    with pytest.raises(StoreError, match=r"kasa\.sqlite is closed; use the store inside async with open_store"):
        await store.shop_titles()
    with pytest.raises(StoreError, match="is closed"):
        await store.write(batch(RecordKind.SHOPS, SHOP))


async def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        async with open_store(address(tmp_path / "kasa.sqlite")) as store:
            assert await store.shop_titles() == {}


@pytest.mark.parametrize("named", [str, lambda path: path])
async def test_a_file_is_named_by_its_path(tmp_path: Path, named: Callable[[Path], str | Path]) -> None:
    path = tmp_path / "Каса №1, 50% ?.sqlite"
    async with open_store(named(path)) as store:
        await store.write(batch(RecordKind.SHOPS, SHOP))
    assert path.is_file()
    async with open_store(path) as store:
        assert list(await store.shop_titles()) == [SHOP["id"]]


async def test_a_store_in_memory_works() -> None:
    async with open_store("sqlite+aiosqlite://") as store:
        assert await store.shop_titles() == {}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("://receipts.sqlite", "is no address of a database"),
        ("", "The address of the store is empty"),
        ("sqlite:///receipts.sqlite", r"begin the address with sqlite\+aiosqlite://"),
        ("sqlite+nothing:///receipts.sqlite", r"begin the address with sqlite\+aiosqlite://"),
        (
            "postgresql://me:secret-word@host/kasa",
            r"me:\*\*\*@host/kasa: begin the address with postgresql\+asyncpg://",
        ),
        ("postgresql+psycopg://me:secret-word@host/kasa", r"begin the address with postgresql\+asyncpg://"),
        ("postgresql+asyncpg://me:secret-word@host:54x/kasa", "is no address of a database"),
        ("postgresql+asyncpg://me:se@secret-word@host/kasa", "is no address of a database"),
        ("postgresql+asyncpg ://me:secret-word@host/kasa", "is no address of a database"),
        ("mysql+aiomysql://host/base", "A store is postgresql or sqlite, not mysql"),
    ],
)
async def test_an_address_that_cannot_be_used_is_refused(wrong: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as refused:
        async with open_store(wrong):
            pass
    assert "sqlite+aiosqlite:///receipts.sqlite" in str(refused.value)
    assert "secret-word" not in str(refused.value)


async def test_a_mistyped_address_of_a_server_is_no_folder() -> None:
    with pytest.raises(ConfigurationError, match="looks like the address of a server") as refused:
        async with open_store("postgresql+asyncpg//me:secret-word@host/kasa"):
            pass
    assert "secret-word" not in str(refused.value)


async def test_a_password_in_the_query_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be reached") as refused:
        async with open_store(f"postgresql+asyncpg://me@/kasa?host={tmp_path}&password=secret-word"):
            pass
    assert "secret-word" not in str(refused.value)
    assert "password=***" in str(refused.value)


async def test_a_query_that_the_driver_does_not_take_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'sslmode'; asyncpg calls sslmode ssl") as refused:
        async with open_store(f"postgresql+asyncpg://me:secret-word@/kasa?host={tmp_path}&sslmode=require"):
            pass
    assert "secret-word" not in str(refused.value)


async def test_a_missing_driver_is_named_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'smartkasa-async\[postgresql\]'") as refused:
        async with open_store("postgresql+asyncpg://me:secret-word@localhost/kasa"):
            pass
    assert "secret-word" not in str(refused.value)


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"absent does not exist"):
        async with open_store(address(tmp_path / "absent" / "kasa.sqlite")):
            pass


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "kasa.csv").write_text("Штрихкод;Назва;Ціна\n" * 100)
    with pytest.raises(StoreError, match=r"kasa\.csv.*not a database"):
        async with open_store(address(tmp_path / "kasa.csv")):
            pass


@pytest.mark.parametrize(
    ("package", "use"),
    [
        ("sqlalchemy", "from smartkasa_async.stores import open_store"),
        ("aiosqlite", OPEN),
    ],
)
def test_a_missing_extra_is_named(package: str, use: str) -> None:
    program = WITHOUT_PACKAGE.format(package=package, use=use)
    ended = finished([sys.executable, "-c", program])
    assert "ConfigurationError" in ended.stderr
    assert "pip install 'smartkasa-async[stores]'" in ended.stderr


async def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachableError, match="cannot be reached: No such file or directory") as refused:
        async with open_store(f"postgresql+asyncpg://me:secret-word@/kasa?host={tmp_path}"):
            pass
    assert str(in_ukrainian(refused.value)).endswith(": немає такого файлу чи теки")


async def test_a_server_that_is_too_slow_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(*_arguments: object, **_options: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("asyncpg.connect", late)
    with pytest.raises(StoreUnreachableError, match="cannot be reached: TimeoutError"):
        async with open_store(f"postgresql+asyncpg://me@/kasa?host={tmp_path}"):
            pass


@pytest.mark.parametrize(
    ("place", "why"),
    [("a..b", "label empty or too long"), ("x\u202ey", "Invalid character"), ("127.0.0.1:99999", "0-65535")],
)
async def test_a_host_or_port_that_none_can_have_is_named_without_the_password(place: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as refused:
        async with open_store(f"postgresql+asyncpg://me:secret-word@{place}/kasa"):
            pass
    assert "secret-word" not in str(refused.value)


async def test_a_connection_that_is_cut_is_told(postgresql: str) -> None:
    async with open_store(postgresql) as store:
        with pytest.raises(StoreUnreachableError):
            async with store.reading() as connection:
                await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


async def test_a_connection_that_was_cut_while_nobody_used_it_is_replaced(postgresql: str) -> None:
    async with open_store(postgresql) as store, store.reading() as connection:
        async with store.reading() as other:
            pid = await other.scalar(text("SELECT pg_backend_pid()"))
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})
        async with store.reading() as other:
            assert await other.scalar(text("SELECT pg_backend_pid()")) != pid


async def test_a_user_that_the_server_does_not_know_is_told(postgresql: str) -> None:
    stranger = make_url(postgresql).set(username="stranger", password="secret-word")
    with pytest.raises(StoreForbiddenError, match="stranger") as refused:
        async with open_store(stranger.render_as_string(hide_password=False)):
            pass
    assert "secret-word" not in str(refused.value)


async def test_a_database_that_is_not_there_is_named(postgresql: str) -> None:
    absent = make_url(postgresql).set(database="absent", password="secret-word")
    with pytest.raises(StoreError, match='"absent" does not exist') as refused:
        async with open_store(absent.render_as_string(hide_password=False)):
            pass
    assert "secret-word" not in str(refused.value)


def test_a_new_file_waits_for_another_that_writes_to_it(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "kasa.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    opened = sqlite3.connect(tmp_path / "kasa.sqlite")
    opened.set_trace_callback(lambda statement: other.rollback() if statement == "BEGIN IMMEDIATE" else None)
    try:
        set_up_sqlite(opened, None)  # type: ignore[arg-type]
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    finally:
        opened.close()
        other.close()


async def test_a_snapshot_is_read_in_its_block_only(store: Store) -> None:
    async with store.snapshot() as snapshot:
        await snapshot.shop_titles()

    with pytest.raises(StoreError, match="The snapshot has ended"):
        await snapshot.shop_titles()


async def test_an_address_has_no_nul_character(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="NUL"):
        async with open_store(tmp_path / "a\0b"):
            pass
