"""Tables of a store as files: Parquet, CSV, JSON lines.

Needs the extra `smartkasa-async[stores]`, which is imported when something is first exported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.extras import import_name

if TYPE_CHECKING:
    from smartkasa_async.export.tables import ExportedFile, ExportedFiles, export_tables

__all__ = ["ExportedFile", "ExportedFiles", "export_tables"]


def __getattr__(name: str) -> object:
    return import_name(__name__, dict.fromkeys(__all__, "tables"), name)
