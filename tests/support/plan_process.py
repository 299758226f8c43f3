"""A plan that is applied or undone in a process of its own, which kills itself at a request or an answer.

python -m tests.support.plan_process ORDER
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Literal

import msgspec

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.plans import apply_plan, undo_plan
from tests.chaos.forking import Death, Mortal

__all__ = ["Order"]


class Order(msgspec.Struct, frozen=True):
    """What is to be done.

    Attributes:
        credentials: Arguments of the client.
        path: The plan.
        work: Whether it is applied or undone.
        death: When the process kills itself; None for never.
    """

    credentials: dict[str, Any]
    path: str
    work: Literal["apply", "undo"] = "apply"
    death: Death | None = None


async def _carry_out(order: Order) -> None:
    kill = Mortal(order.death) if order.death else None
    async with SmartKasa(**order.credentials, retry=RetryPolicy(first_wait=0), on_event=kill) as kasa:
        work = apply_plan if order.work == "apply" else undo_plan
        await work(kasa, order.path, concurrency=2, late_write_window=0.05)


if __name__ == "__main__":
    asyncio.run(_carry_out(msgspec.json.decode(sys.argv[1], type=Order)))
