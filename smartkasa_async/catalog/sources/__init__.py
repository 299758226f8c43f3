"""From a price list to rows, whatever its form: the form is found out, columns become fields, nothing is judged.

`source` opens it; each kind of file has a module of its own, and `presets` what well-known programs call their columns.
"""

from __future__ import annotations

from smartkasa_async.catalog.sources.answers import Answer, with_choices
from smartkasa_async.catalog.sources.layout import Layout
from smartkasa_async.catalog.sources.questions import Choice, Doubt
from smartkasa_async.catalog.sources.source_info import FoundColumn, SourceInfo

__all__ = ["Answer", "Choice", "Doubt", "FoundColumn", "Layout", "SourceInfo", "with_choices"]
