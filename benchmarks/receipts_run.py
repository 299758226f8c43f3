"""One sync, measured in a process of its own: `python -m benchmarks.receipts_run ADDRESS DAYS WAY`.

The ways: `kept` syncs into SQLite, or the database that `--database` names, and `sqlite` and `postgresql` write there
by hand; `dlt` loads into SQLite by dlt, `not-kept` syncs and keeps nothing, and `by-hand` reads one page after another.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from anyio import to_thread

from benchmarks.peers.receipts import receipts_into_postgresql, receipts_into_sqlite
from benchmarks.peers.receipts_by_dlt import receipts_by_dlt
from benchmarks.receipts_service import FIRST_DAY
from smartkasa_async import SmartKasa
from smartkasa_async.models import Session
from smartkasa_async.stores import open_store
from smartkasa_async.sync import sync_receipts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date

    from smartkasa_async.models import Receipt
    from smartkasa_async.records import Batch, Sink

_KIBIBYTE = 1024
_PER_PAGE = 100


class _Nowhere:
    """Keeps nothing."""

    async def write(self, batch: Batch[Receipt]) -> None:
        pass


@asynccontextmanager
async def _store(database: str | Path, *, kept: bool) -> AsyncIterator[Sink[Receipt]]:
    if not kept:
        yield _Nowhere()
        return
    async with open_store(database) as store:
        yield store


async def _one_after_another(kasa: SmartKasa, end: date) -> int:
    """Read page after page and shop after shop, as a loop by hand does; nothing is kept."""
    read = 0
    async for shop in kasa.shops.list():
        listed = kasa.receipts.list(shop_id=shop.id, date_start=FIRST_DAY, date_end=end, per_page=_PER_PAGE)
        async with aclosing(listed.pages()) as pages:
            async for page in pages:
                read += len(page)
    return read


async def _run(address: str, days: int, way: str, database: str | None) -> dict[str, object]:
    far = datetime.now(UTC) + timedelta(days=1)
    session = Session(access="token", access_expires_at=far, refresh="token", refresh_expires_at=far)
    end = FIRST_DAY + timedelta(days=days - 1)
    with TemporaryDirectory() as folder:
        file = Path(folder, "receipts.sqlite")
        async with (
            SmartKasa(api_key="key", base_url=address, session=session) as kasa,
            _store(database or file, kept=way in {"kept", "sqlite", "postgresql"}) as store,
        ):
            started, cpu = perf_counter(), process_time()
            if way == "sqlite":
                read = await receipts_into_sqlite(address, file, FIRST_DAY, end, _PER_PAGE)
            elif way == "postgresql":
                plain = (database or "").replace("+asyncpg", "")
                read = await receipts_into_postgresql(address, plain, FIRST_DAY, end, _PER_PAGE)
            elif way == "dlt":
                read = await to_thread.run_sync(receipts_by_dlt, address, Path(folder), FIRST_DAY, end, _PER_PAGE)
            elif way == "by-hand":
                read = await _one_after_another(kasa, end)
            else:
                report = await sync_receipts(kasa, store, start=FIRST_DAY, end=end, per_page=_PER_PAGE)
                assert report.complete, report
                read = report.receipts
            seconds, cpu_seconds = perf_counter() - started, process_time() - cpu
    return {
        "receipts": read,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE,
    }


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receipts_run")
    parser.add_argument("address")
    parser.add_argument("days", type=int)
    parser.add_argument("way", choices=("kept", "not-kept", "by-hand", "sqlite", "postgresql", "dlt"))
    parser.add_argument("--database", help="SQLAlchemy's address of an empty PostgreSQL database")
    parser.add_argument("--core", type=int, help="the only core to use")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    json.dump(asyncio.run(_run(options.address, options.days, options.way, options.database)), sys.stdout)


if __name__ == "__main__":
    _main()
