"""The facts about the API that the reference folder holds, where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.spec import PROJECT, load_json

__all__ = ["NEEDS_REFERENCE", "reference_file"]

_FOLDER = Path(os.environ.get("SMARTKASA_REFERENCE") or PROJECT / "reference").resolve()

NEEDS_REFERENCE = pytest.mark.skipif(
    not (_FOLDER / "operations.json").is_file(),
    reason="SMARTKASA_REFERENCE does not name the folder with the API's recorded facts (operations.json)",
)


def reference_file(name: str) -> list[dict[str, Any]]:
    """Read a file of the reference folder; empty where the folder is absent."""
    file = _FOLDER / name
    found: list[dict[str, Any]] = load_json(file) if file.is_file() else []
    return found
