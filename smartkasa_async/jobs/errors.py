"""What keeps a job from beginning, what stops it, and what its result can raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.errors import SmartKasaError

if TYPE_CHECKING:
    from smartkasa_async.jobs.outcomes import JobOutcome, JobProblem, JobSummary
    from smartkasa_async.jobs.results import RunResult


class JournalError(SmartKasaError):
    """The journal of a job cannot be read or written, or belongs to something else."""


class JobRunningError(SmartKasaError):
    """Another job of the same kind is at work on the account, so this one did not begin; nothing was sent."""


class JobStoppedError(SmartKasaError):
    """A job ended before its source did; the cause is the error that stopped it.

    Attributes:
        summary: What had become of the rows or receipts by then.
    """

    summary: JobSummary[JobOutcome[JobProblem]]

    def __init__(self, message: str, *, summary: JobSummary[JobOutcome[JobProblem]]) -> None:
        super().__init__(message)
        self.summary = summary


class FailuresError(SmartKasaError):
    """Something failed, was left unread, or differs.

    Attributes:
        result: The result, as the call returned it.
    """

    def __init__(self, message: str, *, result: RunResult) -> None:
        super().__init__(message)
        self.result = result
