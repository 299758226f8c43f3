"""How many jobs may be queued: pure rules for backpressure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.fleet.breaker import BreakerState
from smartkasa_async.fleet.work import QueueName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smartkasa_async.fleet.breaker import Breaker
    from smartkasa_async.fleet.policy import Policy


def slots_by_queue(workers: Iterable[tuple[int, Iterable[str]]]) -> dict[QueueName, int]:
    """Add up the slots that serve each queue.

    Args:
        workers: Slots and queues of each worker that is alive.
    """
    slots = dict.fromkeys(QueueName, 0)
    for count, queues in workers:
        for queue in queues:
            slots[QueueName(queue)] += count
    return slots


def room_by_queue(
    slots: Mapping[QueueName, int], queued: Mapping[QueueName, int], breaker: Breaker, policy: Policy
) -> dict[QueueName, int]:
    """Return how many jobs each queue takes now.

    Args:
        slots: Slots that serve each queue.
        queued: Jobs that wait or run.
        breaker: The breaker; an open one lets none pass, since its probe is sent apart.
        policy: Limits.
    """
    if breaker.state is BreakerState.OPEN:
        return dict.fromkeys(QueueName, 0)
    return {queue: max(0, _limit(queue, slots[queue], breaker, policy) - queued.get(queue, 0)) for queue in QueueName}


def _limit(queue: QueueName, slots: int, breaker: Breaker, policy: Policy) -> int:
    if not slots:
        return 0
    most = slots * (policy.backfill_share if queue is QueueName.BACKFILL else policy.jobs_per_slot)
    return max(1, int(most * breaker.share))
