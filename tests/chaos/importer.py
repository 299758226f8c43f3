"""Imports in a process of their own, which can be killed at any moment.

python -m tests.chaos.importer
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.catalog import import_products
from tests.chaos.forking import Death, Mortal, carry_out_jobs
from tests.chaos.inspection import collect

if TYPE_CHECKING:
    from tests.chaos.inspection import Told

__all__ = ["Job"]


class Job(msgspec.Struct, frozen=True):
    """One start of the importer.

    Attributes:
        base_url: The sandbox's address.
        api_key: Its key.
        phone_number: Its user.
        password: The user's password.
        source: Path of the price list.
        journal: Path of the journal.
        outcomes: Path of the file to write outcomes to, when the import has ended.
        late_write_window: The import's argument, seconds.
        death: When it kills itself; None for never.
    """

    base_url: str
    api_key: str
    phone_number: str
    password: str
    source: str
    journal: str
    outcomes: str
    late_write_window: float
    death: Death | None = None


async def _import(job: Job) -> list[Told]:
    async with SmartKasa(
        base_url=job.base_url,
        api_key=job.api_key,
        phone_number=job.phone_number,
        password=job.password,
        retry=RetryPolicy(first_wait=0.02),
        on_event=Mortal(job.death) if job.death else None,
    ) as kasa:
        return await collect(
            import_products(kasa, job.source, journal=job.journal, late_write_window=job.late_write_window)
        )


def _carry_out(job: Job) -> int:
    Path(job.outcomes).write_bytes(msgspec.json.encode(asyncio.run(_import(job))))
    return 0


if __name__ == "__main__":
    carry_out_jobs(Job, _carry_out)
