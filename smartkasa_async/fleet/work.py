"""What workers do for an account: the tasks, their queues and their locks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, get_args

Tier = Literal["standard", "slow"]
TIERS: tuple[Tier, ...] = get_args(Tier)


class TaskName(StrEnum):
    """The tasks of an account."""

    TODAY = "today"
    """Today's receipts, and reference data when stale."""
    NIGHT = "night"
    """Receipts of the last days, Z-reports, product sales, reconciliation and compliance."""
    UPLOAD = "upload"
    """Price lists and counts that wait."""
    PUSH = "push"
    """Receipts made elsewhere that wait."""
    BACKFILL = "backfill"
    """A month of the past, the newest first."""


class QueueName(StrEnum):
    """The queues of the workers."""

    LIGHT = "light"
    NIGHT = "night"
    UPLOAD = "upload"
    BACKFILL = "backfill"


DISPATCH_QUEUE = "dispatch"
"""The queue of the dispatch itself, which every worker serves beside its slots."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Attributes:
        name: Its name.
        queue: The queue that its jobs wait in.
        kind: Of the jobs of one kind, only one runs for an account at a time.
        priority: Jobs of a higher one are fetched first.
    """

    name: TaskName
    queue: QueueName
    kind: Literal["sync", "upload"]
    priority: int = 0

    def lock(self, account_id: int) -> str:
        """Return the lock that a job holds while it runs."""
        return f"{self.kind}:{account_id}"

    def queueing_lock(self, account_id: int) -> str:
        """Return the lock that a job holds while it waits."""
        return f"{self.name}:{account_id}"


TASKS = {
    task.name: task
    for task in (
        Task(TaskName.TODAY, QueueName.LIGHT, "sync"),
        Task(TaskName.NIGHT, QueueName.NIGHT, "sync"),
        Task(TaskName.UPLOAD, QueueName.UPLOAD, "upload", priority=10),
        Task(TaskName.PUSH, QueueName.UPLOAD, "upload", priority=10),
        Task(TaskName.BACKFILL, QueueName.BACKFILL, "sync", priority=-10),
    )
}
"""All tasks by name."""

STANDING = (TaskName.TODAY, TaskName.NIGHT)
"""Tasks that every account has, again and again; the others have a schedule only while something waits."""


def tasks_of(queue: QueueName) -> list[str]:
    """Return the names of a queue's tasks."""
    return [str(task.name) for task in TASKS.values() if task.queue is queue]


def tasks_of_kind(kind: str) -> list[str]:
    """Return the names of the tasks of which one runs at a time."""
    return [str(task.name) for task in TASKS.values() if task.kind == kind]
