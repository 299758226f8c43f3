"""Reports and exports know the shops and the days of a store, and refuse shops that it does not know."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.export import export_tables
from smartkasa_async.records import RecordKind, Window
from smartkasa_async.reports import check_compliance, reconcile, write_report_page
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import SHOPS
from tests.support.stored import RECEIPT, SHOP, batch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from smartkasa_async.stores import Store

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
SYNCED, NEVER_SYNCED, UNKNOWN = 7, 8, 99
OCTOBER_3 = date(2026, 10, 3)


async def page(store: Store, folder: Path, **options: Any) -> Any:
    return await write_report_page(store, folder / "page.html", now=NOW, **options)


async def reconciled(store: Store, folder: Path, **options: Any) -> Any:
    return await reconcile(store, now=NOW, **options)


async def checked(store: Store, folder: Path, **options: Any) -> Any:
    return await check_compliance(store, now=NOW, **options)


async def exported(store: Store, folder: Path, **options: Any) -> Any:
    return await export_tables(store, folder, format="csv", **options)


REPORTS = [reconciled, checked, page]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Give a store that knows two shops, and has read days of one of them."""
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await store.write(batch(RecordKind.SHOPS, *({**SHOP, "id": id_} for id_ in (SYNCED, NEVER_SYNCED))))
        receipt = {**RECEIPT, "shop_id": SYNCED, "created_at": "2026-10-05T10:00:00Z"}
        await store.write(batch(RecordKind.RECEIPTS, receipt))
        for kind in (RecordKind.RECEIPTS, RecordKind.Z_REPORTS):
            await store.note_read(kind, NOW, shop_id=SYNCED, window=Window(OCTOBER_3, date(2026, 10, 31)))
        yield store


@pytest.mark.parametrize("call", [*REPORTS, exported])
async def test_a_shop_of_which_the_store_knows_nothing_is_refused_by_name(
    store: Store, tmp_path: Path, call: Callable[..., Awaitable[Any]]
) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        await call(store, tmp_path, shops=[SYNCED, UNKNOWN])

    assert str(refused.value) == (
        "shops has 99, of which the store knows nothing; it has 7, 8. Sync first if the shop is new"
    )
    assert refused.value.field == "shops"
    assert not (tmp_path / "page.html").exists()
    assert not (tmp_path / "receipts").exists()


@pytest.mark.parametrize("call", REPORTS)
async def test_a_shop_that_was_never_synced_is_not_read_and_not_missing(
    store: Store, tmp_path: Path, call: Callable[..., Awaitable[Any]]
) -> None:
    result = await call(store, tmp_path, shops=[NEVER_SYNCED])

    assert not result.ok
    assert {one.shop_id for one in result.not_read} - {None} == {NEVER_SYNCED}


async def test_a_store_that_knows_no_shops_has_not_read_those_that_are_asked_for(tmp_path: Path) -> None:
    async with open_store(tmp_path / "kasa.sqlite") as empty:
        report = await checked(empty, tmp_path, shops=[SYNCED])
        with pytest.raises(InvalidRequestError, match=r"^shops has 7, and the store has no shops yet; sync first$"):
            await exported(empty, tmp_path, shops=[SYNCED])

    assert {one.shop_id for one in report.not_read} - {None} == {SYNCED}


async def test_records_of_a_shop_are_enough_to_know_it(store: Store, tmp_path: Path) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(delete(SHOPS).where(SHOPS.c.id == SYNCED))

    (file,) = await exported(store, tmp_path / "files", shops=[SYNCED], tables=["receipts"])

    assert file.rows == 1


@pytest.mark.parametrize("call", [reconciled, page])
async def test_without_a_first_day_a_report_begins_with_the_first_that_was_read(
    store: Store, tmp_path: Path, call: Callable[..., Awaitable[Any]]
) -> None:
    result = await call(store, tmp_path, shops=[SYNCED])
    other = await call(store, tmp_path, shops=[NEVER_SYNCED])

    assert result.not_read == ()
    assert {(one.start, one.end) for one in other.not_read} == {(date(2026, 10, 31), date(2026, 10, 31))}
    assert (await reconcile(store, now=NOW)).window == Window(OCTOBER_3, date(2026, 10, 31))
    assert (await reconcile(store, end=date(2026, 9, 1), now=NOW)).window == Window(date(2026, 9, 1), date(2026, 9, 1))


async def test_receipts_are_in_a_report_also_where_no_day_is_noted_as_read(tmp_path: Path) -> None:
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await store.write(batch(RecordKind.RECEIPTS, {**RECEIPT, "created_at": "2026-09-05T10:00:00Z"}))
        assert (await reconcile(store, now=NOW)).window.start == date(2026, 9, 5)
