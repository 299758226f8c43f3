"""Accounts in one store have nothing to do with each other, even where all their ids and numbers are the same."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import column, delete, event, func, insert, join, outerjoin, select, text, update
from sqlalchemy import table as lite_table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from smartkasa_async._support import clock as _clock
from smartkasa_async.errors import ConfigurationError, InvalidRequestError
from smartkasa_async.export import export_tables
from smartkasa_async.records.batch import RecordKind, Undecodable
from smartkasa_async.records.days import Window
from smartkasa_async.records.synced_days import SyncedRange
from smartkasa_async.relay import dead_messages
from smartkasa_async.relay.outbox import Draft, Outbox
from smartkasa_async.reports import check_compliance, reconcile, write_report_page
from smartkasa_async.reports.listings import best_sellers, z_reports
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.stores import StoreError, StoreForbiddenError, open_store
from smartkasa_async.stores.accounts import of_account
from smartkasa_async.stores.schema import METADATA, RECEIPTS, SCHEMA_VERSIONS, SHOPS
from smartkasa_async.stores.views import VIEWS
from tests.support.faults import FAULTS, Fault, plant
from tests.support.message_receiver import about
from tests.support.postgresql import new_database
from tests.support.stored import batch, changing
from tests.support.stored_ledger import write_business

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from smartkasa_async.stores import Store

START, DAYS = date(2026, 3, 27), 3
END = START + timedelta(days=DAYS - 1)
WINDOW = Window(START, END)
NOW = datetime(2026, 4, 3, 9, tzinfo=UTC)
BUSINESS = Simulation(shops=2, terminals_per_shop=1, products=6, start=START, days=DAYS, receipts_per_day=3)
OF_ACCOUNTS = [table for table in METADATA.sorted_tables if table is not SCHEMA_VERSIONS]
_OF_ITS_OWN = {"deleted_at", "seen_at", "body"}
"""Columns that differ by the clock or name the account."""
EXPORTED = ("receipts", "receipt_items", "payments", "z_reports", "product_sales", "shops")


async def spoil(store: Store, seed: int, fault: int) -> None:
    """Do to a store what syncs do, and some faults, all of it drawn."""
    draw = random.Random(f"{seed} {fault}")  # noqa: S311  no secret
    async with changing(store) as connection:
        await plant(connection, Fault(draw.choice(FAULTS), draw.randrange(10**4), draw.randrange(10**4)))
    async with store.reading() as connection:
        ids = [*await connection.scalars(select(RECEIPTS.c.id).order_by(RECEIPTS.c.id))]
        shop_id = draw.choice([*await connection.scalars(select(SHOPS.c.id).order_by(SHOPS.c.id))])
    day = START + timedelta(days=draw.randrange(DAYS))
    span = Window(day, END)
    await store.mark_deleted(RecordKind.RECEIPTS, draw.sample(ids, len(ids) * 9 // 10), shop_id=shop_id, window=span)
    await store.mark_deleted(RecordKind.PRODUCT_SALES, [str(draw.randrange(12))], shop_id=shop_id, window=span)
    odd = Undecodable(str(draw.randrange(3)), b'{"id": 1}', f"Expected {seed}", shop_id)
    await store.write(batch(RecordKind.RECEIPTS, undecodable=[odd]))
    await store.mark_synced(RecordKind.RECEIPTS, shop_id, SyncedRange(span, NOW))
    await store.trim(RecordKind.RECEIPTS, shop_id, day)
    await store.note_read(RecordKind.RECEIPTS, NOW - timedelta(days=draw.randrange(5)), shop_id=shop_id, window=span)
    await store.note_read(RecordKind.SHIFTS, NOW - timedelta(hours=draw.randrange(5)))
    await relay(store, f"{seed} {fault}")
    await keep_history(store, draw)


async def keep_history(store: Store, draw: random.Random) -> None:
    """Do to a store what syncs do that keep history."""
    for at in (NOW, NOW + timedelta(days=1)):
        times = {"created_at": "2026-03-01T08:00:00Z", "updated_at": "2026-03-01T08:00:00Z"}
        products = [{"id": str(id_), "title": "Чай", "price": str(draw.randrange(1, 9)), **times} for id_ in range(3)]
        cards = [
            {"id": id_, "shop_id": 1, "product_id": str(id_), "count": str(draw.randrange(9)), **times}
            for id_ in range(3)
        ]
        await store.write(batch(RecordKind.PRODUCTS, *products))
        await store.write(batch(RecordKind.CARDS, *cards))
        await store.mark_deleted(RecordKind.CARDS, draw.sample(range(3), 2))
        await store.keep_prices(at)
        await store.keep_stock(at)


async def relay(store: Store, name: str) -> None:
    """Do to a store what relays do: of two messages one is given up, and another delivered."""
    outbox = Outbox(store, "webhook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_clock, "now", lambda: NOW)
        await outbox.take_over()
        drafts = [Draft(about(f"{name} {number}"), f"{name} {number}") for number in range(3)]
        await outbox.commit(drafts, new=[name, "over"], over=["over"], checkpoint=name)
        first, *_, last = await outbox.due(NOW)
        await outbox.delivered(first)
        await outbox.failed(last, NOW, name, None)


async def everything(store: Store, folder: Path) -> dict[str, Any]:
    """Return what every door gives of a store."""
    found: dict[str, Any] = {}
    async with store.reading() as connection:
        for table in OF_ACCOUNTS:
            columns: list[Any] = [column for column in table.columns if column.name not in {"account_id", *_OF_ITS_OWN}]
            columns += [table.c.deleted_at.is_(None)] if "deleted_at" in table.c else []
            query = select(*columns).order_by(*table.primary_key)
            found[table.name] = [tuple(row) for row in await connection.execute(query)]
    shops = sorted(await store.shop_titles())
    for kind in (RecordKind.RECEIPTS, RecordKind.Z_REPORTS):
        for shop_id in shops:
            found[f"kept {kind} {shop_id}"] = await store.kept(kind, shop_id, WINDOW)
            found[f"ranges {kind} {shop_id}"] = await store.synced_ranges(kind, shop_id)
    for shop_id in shops:
        found[f"kept receipts {shop_id}"] = await store.kept_receipts(shop_id, WINDOW)
    outbox = Outbox(store, "webhook")
    found["relay"] = (await outbox.state(), await outbox.next_due_at(), [one.id for one in await dead_messages(store)])
    found["titles"] = await store.shop_titles()
    found["days"] = await store.days_read()
    found["quarantined"] = [(kind, asdict(one)) for kind, one in await store.quarantined()]
    for report in (
        await reconcile(store, start=START, end=END, now=NOW),
        await check_compliance(store, start=START, end=END, now=NOW),
    ):
        file = StringIO()
        report.write_csv(file, "uk")
        found[type(report).__name__] = (report.to_dict(), file.getvalue())
    found["z_reports"] = await z_reports(store, WINDOW, None)
    found["best sellers"] = await best_sellers(store, WINDOW, None, 5)
    await write_report_page(store, folder / "page.html", start=START, end=END, now=NOW)
    found["page"] = (folder / "page.html").read_text("utf-8")
    found["files"] = {
        file.path.relative_to(folder): (file.path.read_bytes(), file.rows)
        for file in await export_tables(store, folder / "files", tables=EXPORTED, views=VIEWS, format="jsonl", raw=True)
    }
    return found


async def views_of(store: Store, account_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the views show of an account, for those who read by SQL."""
    found = {}
    async with store.engine.connect() as connection:
        for name, query in VIEWS.items():
            columns: list[Any] = [column for column in query.selected_columns.keys() if column != "account_id"]  # noqa: SIM118
            sql = text(f"SELECT {', '.join(columns)} FROM {name} WHERE account_id = {account_id}")  # noqa: S608
            rows = [tuple(map(plain, row)) for row in await connection.execute(sql)]
            found[name] = sorted(rows, key=repr)
    return found


def plain(value: Any) -> Any:
    """SQLite has no dates, and real numbers for decimals."""
    return str(value) if isinstance(value, date) or value is None or isinstance(value, str) else round(float(value), 6)


def different(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    return [name for name in expected if found[name] != expected[name]]


@pytest.fixture(params=["sqlite", "postgresql"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """Give the address of a store for several, and those of two stores in databases of the same kind."""
    if request.param == "sqlite":
        yield [f"sqlite+aiosqlite:///{tmp_path / name}.sqlite" for name in ("shared", "first", "second")]
        return
    server: str = request.getfixturevalue("postgresql")
    with ExitStack() as stack:
        yield [stack.enter_context(new_database(server)) for _ in range(3)]


@asynccontextmanager
async def worker_of(address: str) -> AsyncIterator[str]:
    """Give the address by which a new worker reaches a store; the worker is gone afterwards."""
    role = f"worker_{uuid4().hex}"
    async with open_store(address) as store:
        await store.allow_workers(role)
        async with store.engine.begin() as connection:
            await connection.exec_driver_sql(f"ALTER ROLE {role} PASSWORD 'secret'")
        yield make_url(address).set(username=role, password="secret").render_as_string(hide_password=False)
        async with store.engine.begin() as connection:
            await connection.exec_driver_sql(f"DROP OWNED BY {role}")
            await connection.exec_driver_sql(f"DROP ROLE {role}")


async def test_two_accounts_in_one_store_are_as_in_two(addresses: Sequence[str], tmp_path: Path) -> None:
    store_address, *separate = addresses
    business = simulate(BUSINESS)
    async with AsyncExitStack() as stack:
        alone, shared = [], []
        for number, account_id in enumerate((7, 0)):
            alone.append(await stack.enter_async_context(open_store(separate[number])))
            shared.append(await stack.enter_async_context(open_store(store_address, account_id=account_id)))
        for store in (*alone, *shared):
            await write_business(store, business)
        for fault in range(3):
            for number in (0, 1):
                await spoil(alone[number], number, fault)
                await spoil(shared[number], number, fault)
        results = []
        for number in (0, 1):
            folders = [tmp_path / f"{name}-{number}" for name in ("alone", "shared")]
            for folder in folders:
                folder.mkdir()
            results.append(await everything(alone[number], folders[0]))
            assert different(await everything(shared[number], folders[1]), results[number]) == []
            views = await views_of(alone[number], 0)
            assert different(await views_of(shared[number], shared[number].account_id), views) == []
    assert len(different(*results)) > len(results[0]) // 2, "the accounts must differ for this to show anything"


async def test_every_query_of_every_door_asks_for_the_account(tmp_path: Path) -> None:
    """SQLite tells which columns a statement reads: of each table of accounts it must be the account, too."""
    path = tmp_path / "kasa.sqlite"
    async with open_store(path, account_id=7) as store:
        await write_business(store, simulate(BUSINESS))
        await spoil(store, 1, 1)
    statements: list[str] = []
    async with open_store(path, account_id=7) as store:
        assert store._writer._file is not None
        for engine in (store.engine.sync_engine, store._writer._file):
            event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        await write_business(store, simulate(BUSINESS))
        await spoil(store, 2, 2)
        statements_of_changes = len(statements)
        await everything(store, tmp_path)
    assert len(statements) > statements_of_changes > 50
    assert [sql for sql in dict.fromkeys(statements) if forgets_the_account(path, sql)] == []
    assert forgets_the_account(path, "SELECT id FROM shops")
    assert forgets_the_account(
        path, "SELECT s.title FROM receipts JOIN shops s ON s.id = shop_id WHERE receipts.account_id = 7"
    )


def forgets_the_account(path: Path, sql: str) -> set[str | None]:
    """Return the tables of accounts that a statement reads or deletes without a look at whose the row is."""
    read: set[tuple[str | None, str | None]] = set()

    def note(action: int, table: str | None, column: str | None, *_: Any) -> int:
        if action == sqlite3.SQLITE_READ:
            read.add((table, column))
        elif action == sqlite3.SQLITE_DELETE:
            read.add((table, ""))
        return sqlite3.SQLITE_OK

    with sqlite3.connect(path) as connection:
        connection.set_authorizer(note)
        connection.execute(f"EXPLAIN {sql}", [None] * sql.count("?"))
    connection.close()
    tables = {table for table, _ in read} & {table.name for table in OF_ACCOUNTS}
    return {table for table in tables if (table, "account_id") not in read}


async def test_a_worker_sees_no_row_of_another_account_whatever_it_executes(empty_postgresql: str) -> None:
    business = simulate(BUSINESS)
    for account_id in (1, 2):
        async with open_store(empty_postgresql, account_id=account_id) as store:
            await write_business(store, business)
            await spoil(store, 1, 1)
    async with worker_of(empty_postgresql) as address:
        async with open_store(address, account_id=1) as store, store.engine.connect() as connection:
            for table in OF_ACCOUNTS:
                seen = set(await connection.scalars(select(table.c.account_id)))
                assert seen <= {1}, table.name
                assert seen == {1} or table.name in {"terminals", "employees", "categories", "products", "cards"}
                assert (await connection.execute(delete(table).where(table.c.account_id != 1))).rowcount == 0
            for view in VIEWS:
                assert set(await connection.scalars(select(column("account_id")).select_from(lite_table(view)))) == {1}
            await connection.rollback()
            for sql in (
                "INSERT INTO shops (account_id, id, title) VALUES (2, 99, '')",
                "UPDATE shops SET account_id = 2",
                "SELECT count(*) FROM receipts_0",
                "ALTER TABLE shops DISABLE ROW LEVEL SECURITY",
                "SELECT count(*) FROM pg_authid",
            ):
                with pytest.raises(DBAPIError, match=r"row-level security|permission denied|must be owner"):
                    await connection.execute(text(sql))
                await connection.rollback()
        engine = create_async_engine(address)
        async with engine.connect() as connection:
            for name in (*(table.name for table in OF_ACCOUNTS), *VIEWS):
                assert await connection.scalar(select(func.count()).select_from(lite_table(name))) == 0, (
                    "no account was named"
                )
        await engine.dispose()


async def test_a_worker_writes_and_reads_as_the_owner_does(empty_postgresql: str, tmp_path: Path) -> None:
    """Row security leaves PostgreSQL no COPY, and other plans."""
    found = []
    async with worker_of(empty_postgresql) as worker:
        for number, address in enumerate((empty_postgresql, worker)):
            async with open_store(address, account_id=number) as store:
                await write_business(store, simulate(BUSINESS))
                await spoil(store, 1, 1)
                (tmp_path / str(number)).mkdir()
                found.append(await everything(store, tmp_path / str(number)))
    assert different(*found) == []


async def test_who_may_do_little_is_refused_by_name(empty_postgresql: str, tmp_path: Path) -> None:
    async with worker_of(empty_postgresql) as address, open_store(address, account_id=7) as store:
        assert await store.shop_titles() == {}
        with pytest.raises(StoreForbiddenError):
            await store.allow_workers("another_worker")
    async with open_store(empty_postgresql) as store:
        with pytest.raises(ConfigurationError, match="sees the rows of all accounts"):
            await store.allow_workers("postgres")
    async with open_store(tmp_path / "kasa.sqlite") as store:
        with pytest.raises(ConfigurationError, match="PostgreSQL"):
            await store.allow_workers("worker")


async def test_a_plain_user_can_make_a_store(empty_postgresql: str) -> None:
    """Its owner need be no superuser, nor able to make roles."""
    role = f"plain_{uuid4().hex}"
    admin = create_async_engine(empty_postgresql, isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
        await connection.exec_driver_sql(f"GRANT ALL ON SCHEMA public TO {role}")
        url = make_url(empty_postgresql).set(username=role, password="secret")
        async with open_store(url.render_as_string(hide_password=False)) as store:
            await write_business(store, simulate(BUSINESS))
            assert len(await store.shop_titles()) == BUSINESS.shops
            assert (await reconcile(store, start=START, end=END, now=NOW)).ok
        await connection.exec_driver_sql(f"DROP OWNED BY {role}")
        await connection.exec_driver_sql(f"DROP ROLE {role}")
    await admin.dispose()


async def test_a_store_is_of_the_only_account_where_none_is_named(store: Store) -> None:
    await write_business(store, simulate(BUSINESS))
    assert store.account_id == 0
    async with store.engine.connect() as connection:
        for table in (RECEIPTS, SHOPS):
            assert [*await connection.scalars(select(table.c.account_id).distinct())] == [0]


@pytest.mark.parametrize("account_id", [-1, "7", True, None, 1.0, 2**63])
async def test_an_account_is_a_whole_number(tmp_path: Path, account_id: Any) -> None:
    with pytest.raises(InvalidRequestError, match="account_id"):
        async with open_store(tmp_path / "kasa.sqlite", account_id=account_id):
            pass


def limited(statement: Any) -> str:
    sql = str(of_account(statement, text("7")).compile(dialect=sqlite.dialect()))
    return " ".join(sql.split())


def test_what_is_joined_from_outside_is_limited_where_it_is_joined() -> None:
    on = SHOPS.c.id == RECEIPTS.c.shop_id
    expected = (
        "FROM receipts LEFT OUTER JOIN shops ON shops.id = receipts.shop_id AND shops.account_id = 7"
        " WHERE receipts.account_id = 7"
    )
    query = select(RECEIPTS.c.id, SHOPS.c.title)
    assert limited(query.join(SHOPS, on, isouter=True)).endswith(expected)
    assert limited(query.outerjoin_from(RECEIPTS, SHOPS, on)).endswith(expected)
    assert limited(query.select_from(outerjoin(RECEIPTS, SHOPS, on))).endswith(expected)


def test_a_query_whose_columns_were_replaced_keeps_its_joins_limited() -> None:
    joined = select(RECEIPTS.c.id).select_from(RECEIPTS).join(SHOPS, SHOPS.c.id == RECEIPTS.c.shop_id, isouter=True)
    for query in (joined.with_only_columns(SHOPS.c.title), joined.add_columns(SHOPS.c.title)):
        limited = str(of_account(query, text("7")))
        assert limited.count("account_id = 7") == 2
        assert "ON shops.id = receipts.shop_id AND shops.account_id = 7" in limited


def test_every_table_of_a_query_is_limited() -> None:
    on = SHOPS.c.id == RECEIPTS.c.shop_id
    other = RECEIPTS.alias("other")
    by_id = other.c.id == RECEIPTS.c.id
    queries = [
        (select(RECEIPTS.c.id, SHOPS.c.title).where(on), 2),
        (select(RECEIPTS.c.id).select_from(join(RECEIPTS, SHOPS, on)), 2),
        (select(RECEIPTS.c.id).join(other, by_id), 2),
        (select(RECEIPTS.c.id).where(RECEIPTS.c.shop_id.in_(select(SHOPS.c.id))), 2),
        (select(RECEIPTS.c.id, other.c.type).join(other, by_id, isouter=True), 2),
        (select(select(func.count()).where(on).correlate(SHOPS).scalar_subquery()), 2),
        (select(RECEIPTS.c.id).union(select(SHOPS.c.title)), 2),
        (select(select(SHOPS).cte().c.id), 1),
        (select(select(SHOPS).subquery().c.id), 1),
        (update(RECEIPTS).values(shop_id=select(func.max(SHOPS.c.id)).scalar_subquery()), 2),
        (delete(RECEIPTS).where(RECEIPTS.c.shop_id.in_(select(SHOPS.c.id))), 2),
        (select(SCHEMA_VERSIONS.c.version), 0),
    ]
    for query, tables in queries:
        assert len(set(re.findall(r"\w+.account_id = 7", limited(query)))) == tables, limited(query)
    assert "account_id" in limited(insert(SHOPS).values(id=1, title=""))
    with pytest.raises(NotImplementedError):
        limited(select(RECEIPTS.c.id).select_from(outerjoin(RECEIPTS, join(SHOPS, other, by_id), on)))


async def test_queries_that_differ_in_values_are_each_answered_by_their_own(store: Store) -> None:
    await write_business(store, simulate(BUSINESS))

    async def found(*ids: str) -> Sequence[str]:
        query = select(RECEIPTS.c.id).where(RECEIPTS.c.id.in_(ids)).order_by(RECEIPTS.c.id)
        async with store.reading() as connection:
            return (await connection.scalars(query)).all()

    async with store.reading() as connection:
        ids = [*await connection.scalars(select(RECEIPTS.c.id).order_by(RECEIPTS.c.id).limit(3))]
    for some in (ids, ids[:1], [], ids[1:]):
        assert await found(*some) == some


async def test_stores_of_several_accounts_share_connections_and_nothing_else(new_store_address: str) -> None:
    fenced: list[str] = []
    async with open_store(new_store_address, account_id=7) as opened:
        for account_id in (8, 9):
            other = opened.for_account(account_id, fence=lambda _, name=str(account_id): fenced.append(name))  # type: ignore[misc]
            await write_business(other, simulate(BUSINESS))
        await write_business(opened, simulate(BUSINESS))
        assert {*fenced} == {"8", "9"}
        before = await rows_of(opened)
        assert await rows_of(opened.for_account(8)) == await rows_of(opened.for_account(9)) == before
        assert await opened.for_account(8).purge() > 0
        assert set(await rows_of(opened.for_account(8))) == set()
        assert await rows_of(opened) == await rows_of(opened.for_account(9)) == before
        last = opened.for_account(9)
        with pytest.raises(InvalidRequestError, match="account_id"):
            opened.for_account(-1)
    with pytest.raises(StoreError, match="closed"):
        await last.shop_titles()


async def rows_of(store: Store) -> list[str]:
    async with store.reading() as connection:
        return [*await connection.scalars(select(RECEIPTS.c.id).order_by(RECEIPTS.c.id))]
