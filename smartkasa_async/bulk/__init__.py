"""What imports and pushes share: jobs that tell outcomes, journals, batches of which nothing is sent twice, patience.

What is sent is the business of `smartkasa_async.catalog` and `smartkasa_async.receipts`.
"""

from __future__ import annotations

from smartkasa_async.bulk.errors import JobRunningError, JournalError
from smartkasa_async.bulk.job import Job
from smartkasa_async.bulk.journal import Journal
from smartkasa_async.bulk.journal_sqlite import SqliteJournal

__all__ = ["Job", "JobRunningError", "Journal", "JournalError", "SqliteJournal"]
