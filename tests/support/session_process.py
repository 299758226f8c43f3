"""A process that makes calls with the tokens of a file, or holds their lock, and tells what it does line by line.

Run as `python session_process.py URL FILE CALLS`; URL `hold` holds the lock until the process is killed.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from smartkasa_async import FileTokenStore, SmartKasa, SmartKasaError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class _TellingStore(FileTokenStore):
    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        _tell("locking")
        async with super().lock():
            yield


async def _main(url: str, file: str, calls: str) -> None:
    store = _TellingStore(file)
    if url == "hold":
        async with store.lock():
            _tell("locked")
            await asyncio.Event().wait()
    try:
        async with SmartKasa(api_key="key", base_url=url, token_store=store) as kasa:
            for _ in range(int(calls)):
                await kasa.shops.list()
    except SmartKasaError as error:
        _tell(f"failed {error!r}")
    else:
        _tell("done")


asyncio.run(_main(*sys.argv[1:]))
