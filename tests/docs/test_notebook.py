"""The notebook runs from top to bottom, and prints what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.docs.notebook import printed_in, run_notebook

if TYPE_CHECKING:
    from pathlib import Path


def test_each_cell_prints_what_the_notebook_shows(tmp_path: Path) -> None:
    assert run_notebook(tmp_path) == printed_in()
