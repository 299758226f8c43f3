"""What was measured, kept as JSON: `python -m benchmarks --save` writes it, docs/benchmarks.md is made from it."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = ["load", "save"]

FOLDER = Path(__file__).parent / "results"
_PACKAGES = ("aiohttp", "msgspec", "sqlalchemy")


def save(name: str, result: dict[str, Any], load_before: float) -> None:
    """Write what was measured, with the machine and the versions that it was measured on.

    Args:
        name: Name of the table.
        result: Its numbers.
        load_before: How many programs wanted a core before it began.
    """
    machine = {
        "day": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in _PACKAGES},
        "cores": os.cpu_count(),
        "load_before": round(load_before, 1),
    }
    text = json.dumps({"machine": machine, "result": result}, indent=2)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def load(name: str) -> dict[str, Any]:
    """Read what was measured last: `machine` and `result`."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found
