"""Bulk import of products: rows are read, checked, resolved and sent in batches, and each gets an outcome.

One module for each stage; all rules in them are pure functions.
"""

from __future__ import annotations

from smartkasa_async.catalog.errors import CatalogError, ImportStoppedError, SourceError
from smartkasa_async.catalog.importing import ProductImport, import_products
from smartkasa_async.catalog.outcomes import ImportSummary, Outcome, OutcomeKind, Progress
from smartkasa_async.catalog.problems import Problem

__all__ = [
    "CatalogError",
    "ImportStoppedError",
    "ImportSummary",
    "Outcome",
    "OutcomeKind",
    "Problem",
    "ProductImport",
    "Progress",
    "SourceError",
    "import_products",
]
