"""What long work shares: jobs with an outcome for each item, progress, results, journals, and batches sent once.

What is sent is the business of `smartkasa_async.catalog`, `smartkasa_async.stock` and `smartkasa_async.push`.
"""

from __future__ import annotations

from smartkasa_async.jobs.errors import JobRunningError, JournalError
from smartkasa_async.jobs.job import Job
from smartkasa_async.jobs.journal import Entry, Journal, KeyStatus, KnownItem, Result
from smartkasa_async.jobs.journal_sqlite import SqliteJournal
from smartkasa_async.jobs.outcomes import JobOutcome, JobProblem, JobStoppedError, JobSummary
from smartkasa_async.jobs.results import FailuresError, Progress, RunResult, Stage, TableResult

__all__ = [
    "Entry",
    "FailuresError",
    "Job",
    "JobOutcome",
    "JobProblem",
    "JobRunningError",
    "JobStoppedError",
    "JobSummary",
    "Journal",
    "JournalError",
    "KeyStatus",
    "KnownItem",
    "Progress",
    "Result",
    "RunResult",
    "SqliteJournal",
    "Stage",
    "TableResult",
]
