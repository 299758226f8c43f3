"""The queue: procrastinate on the fleet's connections. A job carries the account's id, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async._support.extras import naming_extras
from smartkasa_async.fleet.work import DISPATCH_QUEUE, TASKS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from procrastinate import App, JobContext
    from psycopg import AsyncConnection
    from psycopg.rows import DictRow

    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.work import Task, TaskName

_DISPATCH_PRIORITY = 100


class Queue:
    """The queue of a fleet.

    Args:
        database: The fleet's database, open.
        carry_out: Carries out a job of a task: its name, the account's id and the job's id; None where no worker runs.
        dispatch: Called once a minute in one of the workers; None likewise.
    """

    def __init__(
        self,
        database: Database,
        carry_out: Callable[[TaskName, int, int], Awaitable[None]] | None = None,
        dispatch: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        with naming_extras():
            from procrastinate import App, PsycopgConnector  # noqa: PLC0415  (of the extra)

        self._database = database
        self.app: App = App(connector=PsycopgConnector())
        if carry_out is not None:
            for task in TASKS.values():
                self._register(task, carry_out)
        if dispatch is not None:
            self._register_dispatch(dispatch)

    async def open(self) -> None:
        """Use the fleet's connections; they are closed with the database."""
        await self.app.open_async(self._database.pool)

    async def defer(self, connection: AsyncConnection[DictRow], task: Task, account_id: int) -> int | None:
        """Put a job into its queue, in a transaction.

        Args:
            connection: The transaction's.
            task: The task.
            account_id: The account.

        Returns:
            The job's id; None where a job of the task waits for the account already.
        """
        from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415  (of the extra)

        try:
            async with connection.transaction():  # a savepoint: one conflict must not undo the jobs before
                return await self.app.configure_task(
                    str(task.name),
                    queue=str(task.queue),
                    lock=task.lock(account_id),
                    queueing_lock=task.queueing_lock(account_id),
                    priority=task.priority,
                    connection=connection,
                ).defer_async(account_id=account_id)
        except AlreadyEnqueued:
            return None

    async def stalled(self, silent_after: float) -> list[tuple[int, int | None]]:
        """Return the jobs that run in workers which are dead, or have been silent for so many seconds.

        Returns:
            Id and account of each; None for the dispatch itself.
        """
        with self._database.reporting_queue():
            jobs = await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_after)
        return [(job.id, _account_of(job.task_kwargs)) for job in jobs if job.id is not None]

    async def drop(self, job_id: int) -> None:
        """Delete a job that runs; one that has ended meanwhile is gone already."""
        from procrastinate.exceptions import ConnectorException  # noqa: PLC0415  (of the extra)
        from procrastinate.jobs import Status  # noqa: PLC0415  (likewise)
        from psycopg.errors import RaiseException  # noqa: PLC0415  (likewise)

        with self._database.reporting_queue():
            try:
                await self.app.job_manager.finish_job_by_id_async(job_id, status=Status.ABORTED, delete_job=True)
            except ConnectorException as error:
                if not isinstance(error.__cause__, RaiseException):
                    raise

    def _register(self, task: Task, carry_out: Callable[[TaskName, int, int], Awaitable[None]]) -> None:
        @self.app.task(name=str(task.name), queue=str(task.queue), pass_context=True)
        async def job(context: JobContext, *, account_id: int) -> None:
            await carry_out(task.name, account_id, context.job.id or 0)

    def _register_dispatch(self, dispatch: Callable[[], Awaitable[None]]) -> None:
        @self.app.periodic(cron="* * * * *")
        @self.app.task(name="dispatch", queue=DISPATCH_QUEUE, queueing_lock="dispatch", priority=_DISPATCH_PRIORITY)
        async def job(timestamp: int) -> Any:  # noqa: ARG001  (procrastinate's)
            await dispatch()


def _account_of(arguments: Mapping[str, object]) -> int | None:
    account_id = arguments.get("account_id")
    return account_id if isinstance(account_id, int) else None
