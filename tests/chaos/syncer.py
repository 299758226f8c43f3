"""Syncs in a process of their own, which can be killed at any moment.

python -m tests.chaos.syncer
"""

from __future__ import annotations

import asyncio
from datetime import date  # noqa: TC003 msgspec looks the name up

import msgspec

from smartkasa_async import FileTokenStore, RetryPolicy, SmartKasa
from smartkasa_async.stores import open_store
from smartkasa_async.sync import sync_product_sales, sync_receipts, sync_reference_data, sync_z_reports
from tests.chaos.forking import Death, Mortal, carry_out_jobs

__all__ = ["INCOMPLETE", "OVERLAP", "SyncJob"]

INCOMPLETE = 4
"""Exit status of a sync that went through and says that something is not whole."""

OVERLAP = 3
"""Days after which a day counts as settled."""

_PER_PAGE = 10


class SyncJob(msgspec.Struct, frozen=True):
    """One start of the syncer.

    Attributes:
        base_url: The sandbox's address.
        api_key: Its key.
        phone_number: Its user.
        password: The user's password.
        store: Path of the store.
        tokens: Path of the file with the tokens.
        start: First business day.
        death: When it kills itself; None for never.
    """

    base_url: str
    api_key: str
    phone_number: str
    password: str
    store: str
    tokens: str
    start: date
    death: Death | None = None


async def _sync(job: SyncJob) -> bool:
    """Bring everything into the store, and tell whether all of it is whole."""
    async with (
        SmartKasa(
            base_url=job.base_url,
            api_key=job.api_key,
            phone_number=job.phone_number,
            password=job.password,
            token_store=FileTokenStore(job.tokens),
            retry=RetryPolicy(first_wait=0.02),
            on_event=Mortal(job.death) if job.death else None,
        ) as kasa,
        open_store(job.store) as store,
    ):
        reports = (
            await sync_reference_data(kasa, store),
            await sync_receipts(kasa, store, start=job.start, lookback_days=OVERLAP, per_page=_PER_PAGE),
            await sync_z_reports(kasa, store, start=job.start, lookback_days=OVERLAP, per_page=_PER_PAGE),
            await sync_product_sales(kasa, store, start=job.start, lookback_days=OVERLAP),
        )
    return all(report.complete for report in reports)


def _carry_out(job: SyncJob) -> int:
    return 0 if asyncio.run(_sync(job)) else INCOMPLETE


if __name__ == "__main__":
    carry_out_jobs(SyncJob, _carry_out)
