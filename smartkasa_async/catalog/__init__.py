"""Bulk import of products: rows are read, checked, resolved and sent in batches, and each gets an outcome.

A folder for each stage: `sources`, `checks`, `sending`; `pipeline` runs them at once.
"""

from __future__ import annotations

from smartkasa_async.catalog.errors import (
    CatalogError,
    ImportStoppedError,
    LinkError,
    SourceChangedError,
    SourceDoubtfulError,
    SourceError,
)
from smartkasa_async.catalog.importing import ProductImport, import_products
from smartkasa_async.catalog.outcomes import ImportSummary, Outcome, OutcomeKind
from smartkasa_async.catalog.preview import Preview, PreviewRow, preview_source
from smartkasa_async.catalog.problems import Problem
from smartkasa_async.catalog.sources import (
    Answer,
    Choice,
    Doubt,
    FoundColumn,
    Layout,
    OnSourceDetected,
    SourceInfo,
    with_choices,
)
from smartkasa_async.catalog.writers import (
    OutcomesCsv,
    OutcomesJsonl,
    RejectedFile,
    write_outcomes_csv,
    write_outcomes_jsonl,
)
from smartkasa_async.jobs.errors import JobRunningError, JournalError
from smartkasa_async.jobs.journal import Journal
from smartkasa_async.jobs.journal_sqlite import SqliteJournal

__all__ = [
    "Answer",
    "CatalogError",
    "Choice",
    "Doubt",
    "FoundColumn",
    "ImportStoppedError",
    "ImportSummary",
    "JobRunningError",
    "Journal",
    "JournalError",
    "Layout",
    "LinkError",
    "OnSourceDetected",
    "Outcome",
    "OutcomeKind",
    "OutcomesCsv",
    "OutcomesJsonl",
    "Preview",
    "PreviewRow",
    "Problem",
    "ProductImport",
    "RejectedFile",
    "SourceChangedError",
    "SourceDoubtfulError",
    "SourceError",
    "SourceInfo",
    "SqliteJournal",
    "import_products",
    "preview_source",
    "with_choices",
    "write_outcomes_csv",
    "write_outcomes_jsonl",
]
