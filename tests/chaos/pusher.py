"""Pushes of receipts in a process of their own, which can be killed at any moment.

python -m tests.chaos.pusher
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.push import push_receipts
from tests.chaos.forking import Death, Mortal, carry_out_jobs
from tests.chaos.receipt_queue import make_queue

__all__ = ["PushJob", "PushTold"]


class PushJob(msgspec.Struct, frozen=True):
    """One start of the pusher.

    Attributes:
        base_url: The sandbox's address.
        api_key: Its key.
        phone_number: Its user.
        password: The user's password.
        count: Receipts of each till in the queue.
        seed: The queue's seed.
        refused_product: Id of a product for which the service refuses a receipt.
        journal: Path of the journal.
        outcomes: Path of the file to write outcomes to, when the push has ended.
        late_write_window: The push's argument, seconds.
        death: When it kills itself; None for never.
    """

    base_url: str
    api_key: str
    phone_number: str
    password: str
    count: int
    seed: int
    refused_product: str
    journal: str
    outcomes: str
    late_write_window: float
    death: Death | None = None


class PushTold(msgspec.Struct, frozen=True, array_like=True):
    """What a push told of a receipt; why it did not get into the service stands as codes of problems."""

    position: int
    kind: str
    id: str | None
    why: list[str]


async def _push(job: PushJob) -> list[PushTold]:
    queue = make_queue(job.count, seed=job.seed, refused_product=job.refused_product)
    async with SmartKasa(
        base_url=job.base_url,
        api_key=job.api_key,
        phone_number=job.phone_number,
        password=job.password,
        retry=RetryPolicy(first_wait=0.02),
        on_event=Mortal(job.death) if job.death else None,
    ) as kasa:
        push = push_receipts(
            kasa,
            queue.receipts,
            journal=job.journal,
            late_write_window=job.late_write_window,
            batch_size=10,
            totals="refuse",
        )
        return [
            PushTold(outcome.position, outcome.kind, outcome.id, [problem.code for problem in outcome.problems])
            async for outcome in push
        ]


def _carry_out(job: PushJob) -> int:
    Path(job.outcomes).write_bytes(msgspec.json.encode(asyncio.run(_push(job))))
    return 0


if __name__ == "__main__":
    carry_out_jobs(PushJob, _carry_out)
