"""Rows of a price list in any format: the format is detected, columns are matched to fields, no value is judged.

`source` opens it; each kind of file has a module, and `presets` holds the headers that well-known programs export.
"""

from __future__ import annotations

from smartkasa_async.catalog.sources.layout import Layout
from smartkasa_async.catalog.sources.questions import Choice, Doubt
from smartkasa_async.catalog.sources.source_info import Answer, FoundColumn, OnSourceDetected, SourceInfo, with_choices

__all__ = ["Answer", "Choice", "Doubt", "FoundColumn", "Layout", "OnSourceDetected", "SourceInfo", "with_choices"]
