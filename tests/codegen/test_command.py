"""The command `python -m codegen`: the same bytes each time, and a check that notices stale files."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codegen.__main__ import PROJECT, main
from tests.support.processes import finished

if TYPE_CHECKING:
    from collections.abc import Callable

GENERATED = [
    Path("openapi/smartkasa.json"),
    *(Path("smartkasa_async/_generated") / name for name in ("__init__.py", "structs.py", "operations.py", "areas.py")),
    Path("smartkasa_async/blocking.py"),
    *(Path("smartkasa_async/mcp/glossary") / name for name in ("en.md", "uk.md")),
]
CHANGED, MISSING = GENERATED[2], GENERATED[0]


@dataclass(frozen=True)
class Run:
    """What a run of the command said, and the generated files after it."""

    status: int
    out: str
    err: str
    files: dict[Path, bytes]


@dataclass(frozen=True)
class Runs:
    """A check of stale files, and the run that fixes them."""

    check: Run
    write: Run


def contents(project: Path) -> dict[Path, bytes]:
    return {file: (project / file).read_bytes() for file in GENERATED if (project / file).exists()}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Check a copy of the project with one file changed and one missing, then generate there."""
    project = tmp_path_factory.mktemp("project")
    for folder in ("codegen", "deploy", "docs", "openapi", "smartkasa_async"):
        shutil.copytree(PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", project)
    (project / CHANGED).write_text((project / CHANGED).read_text("utf-8") + "EDITED = True\n", "utf-8")
    (project / MISSING).unlink()
    return Runs(check=codegen(project, "--check", seed=1), write=codegen(project, seed=2))


def codegen(project: Path, *arguments: str, seed: int) -> Run:
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-m", "codegen", *arguments]
    run = finished(command, cwd=project, env=environment)
    return Run(run.returncode, run.stdout, run.stderr, contents(project))


def test_check_of_the_project_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--check"]), capsys.readouterr().out) == (0, "")


def test_check_fails_and_names_the_stale_files(runs: Runs) -> None:
    assert runs.check.status == 1
    assert f"--- {CHANGED}" in runs.check.out
    assert "-EDITED = True" in runs.check.out
    assert f"--- {MISSING}" in runs.check.out
    assert "2 generated files are stale; run: python -m codegen" in runs.check.err


def test_check_writes_nothing(runs: Runs) -> None:
    assert MISSING not in runs.check.files
    assert runs.check.files[CHANGED].endswith(b"EDITED = True\n")


def test_run_writes_the_stale_files_only(runs: Runs) -> None:
    assert runs.write.status == 0
    assert sorted(runs.write.out.splitlines()) == sorted(f"wrote {file}" for file in (CHANGED, MISSING))


def test_two_runs_give_the_same_bytes(runs: Runs) -> None:
    assert runs.write.files == contents(PROJECT)
    assert set(runs.write.files) == set(GENERATED)


def test_generated_code_names_the_command_that_makes_it() -> None:
    headers = [(PROJECT / file).read_text("utf-8")[:200] for file in GENERATED if file.suffix == ".py"]

    assert all("Generated from openapi/ by `python -m codegen`" in header for header in headers)


def test_invalid_document_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: Callable[[], dict[str, object]]
) -> None:
    monkeypatch.setattr("codegen.__main__.merge", broken)

    assert main([]) == 1
    assert "components/schemas/Shop: #/components/schemas/Lost is not defined by any file" in capsys.readouterr().err


@pytest.fixture
def broken() -> Callable[[], dict[str, object]]:
    schemas = {"Shop": {"$ref": "#/components/schemas/Lost"}}
    return lambda: {"openapi": "3.1.0", "paths": {}, "components": {"schemas": schemas}}
