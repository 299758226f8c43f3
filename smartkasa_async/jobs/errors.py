"""What keeps a job from beginning, what stops it, and what its result can raise.

SmartKasaError
├── JournalError         the journal cannot be read or written, or belongs to another job
├── JobRunningError      another job of the kind is at work on the account; nothing was sent
├── JobStoppedError      the job ended before its source did; carries the summary so far
└── FailuresError        a result is not `ok`; carries the result
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from smartkasa_async.errors import SmartKasaError

if TYPE_CHECKING:
    from smartkasa_async.jobs.results import RunResult

SummaryT = TypeVar("SummaryT")


class JournalError(SmartKasaError):
    """The journal of a job cannot be read or written, or belongs to something else."""


class JobRunningError(SmartKasaError):
    """Another job of the same kind is at work on the account, so this one did not begin; nothing was sent."""


class JobStoppedError(SmartKasaError, Generic[SummaryT]):
    """A job ended before its source did; the cause is the error that stopped it.

    Attributes:
        summary: What had become of the rows or receipts by then.
    """

    def __init__(self, message: str, *, summary: SummaryT) -> None:
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
