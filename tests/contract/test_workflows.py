"""The workflows may only read, take actions by commits that cannot be moved, and end.

A job that publishes what another made may more, and runs nothing of the project for that.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
PINNED = re.compile(r"\s*(?:- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
CHECKOUT = "actions/checkout@"
PUBLISHING = {"id-token", "pages"}

# A source distribution has no workflows.
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="there are no workflows")


def find_wrongs(text: str) -> Iterator[str]:
    """List what a workflow must not do, one line for each thing."""
    workflow: dict[str, Any] = yaml.safe_load(text)
    if workflow.get("permissions") != {"contents": "read"}:
        yield "permissions are not contents: read"
    if "concurrency" not in workflow:
        yield "there is no concurrency"
    for name, job in workflow["jobs"].items():
        if "permissions" in job and not only_publishes(job):
            yield f"{name} has permissions of its own"
        if not isinstance(job.get("timeout-minutes"), int):
            yield f"{name} has no timeout-minutes"
        for step in job.get("steps", []):
            uses = step.get("uses", "")
            if uses.startswith(CHECKOUT) and step.get("with", {}).get("persist-credentials") is not False:
                yield f"{name} keeps the credentials of its checkout"
    for line in text.splitlines():
        if "uses:" in line and not PINNED.fullmatch(line):
            yield f"not pinned with its version beside it: {line.strip()}"


def only_publishes(job: dict[str, Any]) -> bool:
    """Tell whether a job may do nothing but publish, and runs nothing but actions that bring what is published."""
    runs = any("run" in step or step.get("uses", "").startswith(CHECKOUT) for step in job["steps"])
    return isinstance(job["permissions"], dict) and job["permissions"].keys() <= PUBLISHING and not runs


def test_workflows_may_only_read_and_take_only_pinned_actions() -> None:
    files = [file for pattern in ("*.yaml", "*.yml") for file in FOLDER.glob(pattern)]
    assert files
    assert {file.name: list(find_wrongs(file.read_text("utf-8"))) for file in files} == {
        file.name: [] for file in files
    }


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ("contents: read", "contents: write", "permissions are not"),
        ("permissions:\n  contents: read\n", "", "permissions are not"),
        ("concurrency:\n", "env:\n", "no concurrency"),
        ("    timeout-minutes: 45\n", "", "no timeout-minutes"),
        ("    runs-on", "    permissions: write-all\n    runs-on", "permissions of its own"),
        ("{persist-credentials: false}", "{persist-credentials: true}", "keeps the credentials"),
        ("@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v4", "not pinned"),
        (" # v6.2.0", "", "not pinned"),
    ],
)
def test_a_workflow_that_may_more_is_found(right: str, wrong: str, why: str) -> None:
    text = (FOLDER / "ci.yaml").read_text("utf-8")
    assert right in text
    assert any(why in found for found in find_wrongs(text.replace(right, wrong)))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("      pages: write", "      contents: write"),
        ("      - id: deployment", "      - run: make docs\n      - id: deployment"),
        ("    steps:\n      - uses", "    permissions:\n      id-token: write\n    steps:\n      - uses"),
    ],
)
def test_a_job_that_publishes_does_nothing_else(right: str, wrong: str) -> None:
    text = (FOLDER / "docs.yaml").read_text("utf-8")
    assert right in text
    assert any("permissions of its own" in found for found in find_wrongs(text.replace(right, wrong)))
