"""Running the cells of a notebook as Jupyter does, `await` at the top included, in an empty folder.

`python -m tests.docs.notebook` writes what the cells print now into it.
"""

from __future__ import annotations

import ast
import asyncio
import io
import json
import linecache
from contextlib import chdir, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.docs.markdown import PROJECT

__all__ = ["NOTEBOOK", "printed_in", "run_notebook"]

NOTEBOOK = PROJECT / "docs" / "october.ipynb"


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


async def _run(cell: dict[str, Any], name: str, names: dict[str, Any]) -> str:
    source = "".join(cell["source"])
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # for tracebacks
    code = compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    printed = io.StringIO()
    with redirect_stdout(printed):
        running = eval(code, names)  # noqa: S307  (the project's own text)
        if running is not None:
            await running
    return printed.getvalue()


async def _run_all(notebook: dict[str, Any]) -> list[str]:
    names: dict[str, Any] = {}
    return [await _run(cell, f"cell {number}", names) for number, cell in enumerate(_cells(notebook), start=1)]


def run_notebook(folder: Path) -> list[str]:
    """Run all cells of code in a folder, and return what each printed."""
    with chdir(folder):
        return asyncio.run(_run_all(json.loads(NOTEBOOK.read_text("utf-8"))))


def printed_in() -> list[str]:
    """Return what each cell of code printed by the notebook itself."""
    cells = _cells(json.loads(NOTEBOOK.read_text("utf-8")))
    return ["".join("".join(output["text"]) for output in cell["outputs"]) for cell in cells]


def _renew() -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    with TemporaryDirectory() as folder:
        printed = run_notebook(Path(folder))
    for number, (cell, text) in enumerate(zip(_cells(notebook), printed, strict=True), start=1):
        cell["execution_count"] = number
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}]
    NOTEBOOK.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    _renew()
