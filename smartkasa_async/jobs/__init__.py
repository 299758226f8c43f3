"""What imports and pushes share: jobs that tell outcomes, journals, batches of which nothing is sent twice, patience.

What is sent is the business of `smartkasa_async.catalog`, `smartkasa_async.stock` and `smartkasa_async.push`.
"""

from __future__ import annotations

from smartkasa_async.jobs.errors import JobRunningError, JournalError
from smartkasa_async.jobs.job import Job
from smartkasa_async.jobs.journal import Journal
from smartkasa_async.jobs.journal_sqlite import SqliteJournal

__all__ = ["Job", "JobRunningError", "Journal", "JournalError", "SqliteJournal"]
