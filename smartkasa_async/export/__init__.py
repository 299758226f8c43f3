"""Tables of a store as files: Parquet, CSV, JSON lines.

Needs the extra `smartkasa-async[stores]`, which is imported when something is first exported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from smartkasa_async._support.extras import naming_extras

if TYPE_CHECKING:
    from smartkasa_async.export.tables import ExportedFile, ExportedFiles, export_tables

__all__ = ["ExportedFile", "ExportedFiles", "export_tables"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with naming_extras():
        module = import_module(f"{__name__}.tables")
    return getattr(module, name)
