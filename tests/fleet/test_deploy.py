"""The files of deploy/ and the page of fleets: their commands exist, and systemd and YAML read them."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from smartkasa_async.cli.command_table import COMMANDS
from smartkasa_async.cli.running import run_tokens
from smartkasa_async.fleet.worker import connections_for, store_connections_for
from tests.support.processes import finished

_ROOT = Path(__file__).parents[2]
_DEPLOY = _ROOT / "deploy"
_UNIT = _DEPLOY / "smartkasa-fleet-worker@.service"
_PAGES = (_ROOT / "docs" / "fleet.md", _ROOT / "docs" / "uk" / "fleet.md")
_COMMAND = re.compile(r"smartkasa (fleet [^`\n]+)")


def _compose() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((_DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    return composed


def _commands() -> set[str]:
    """Return the command lines of a fleet, without the program's name."""
    texts = [path.read_text(encoding="utf-8") for path in (*_PAGES, _UNIT)]
    found = {line.strip() for text in texts for line in _COMMAND.findall(text)}
    return found | {shlex.join(service["command"]) for service in _compose()["services"].values() if "build" in service}


@pytest.mark.parametrize("command", sorted(_commands()))
def test_a_command_exists_with_its_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [word for word in shlex.split(command) if word != "…"]
    name = " ".join(words[:2])
    assert name in COMMANDS, command
    options = [word for word in words if word.startswith("--")]
    assert run_tokens([*words[:2], "--help"]) == 0
    shown = capsys.readouterr().out
    for option in options:
        assert re.search(rf"{option}\b", shown), f"{command}: {option}"


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("there is no systemd-analyze")
    text = _UNIT.read_text(encoding="utf-8").replace("/opt/smartkasa/bin/smartkasa", sys.executable)
    unit = tmp_path / "smartkasa-fleet-worker@1.service"
    unit.write_text(text, encoding="utf-8")
    verified = finished([verify, "verify", "--man=no", "--recursive-errors=no", unit])
    ours = [line for line in verified.stderr.splitlines() if unit.name in line]
    assert ours == []


def test_a_worker_is_given_longer_to_stop_than_it_takes() -> None:
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", _UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert int(seconds) > 30
    assert _compose()["services"]["worker"]["stop_grace_period"] == f"{seconds}s"


def test_services_of_docker_stand_in_the_order_that_they_need() -> None:
    services = _compose()["services"]
    assert services["tables"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services["worker"]["depends_on"] == {"tables": {"condition": "service_completed_successfully"}}
    assert {*services["worker"]["secrets"][0]} >= {"source"}
    assert services["worker"]["secrets"][0]["source"] in _compose()["secrets"]
    assert (_DEPLOY / services["worker"]["build"]["context"] / services["worker"]["build"]["dockerfile"]).is_file()
    assert "--host=127.0.0.1" in services["database"]["healthcheck"]["test"], "a server that is only set up has no TCP"


def test_the_database_of_docker_has_connections_for_the_workers_of_the_page() -> None:
    services = _compose()["services"]
    slots = int(services["worker"]["command"][services["worker"]["command"].index("--slots") + 1])
    (most,) = re.findall(r"^max_connections=(\d+)$", "\n".join(services["database"]["command"]), re.MULTILINE)
    for page in _PAGES:
        (workers,) = re.findall(r"--scale worker=(\d+)", page.read_text(encoding="utf-8"))
        assert int(workers) * (connections_for(slots) + store_connections_for(slots) + 2 * slots) <= int(most)


def test_the_image_has_the_package_and_no_secrets_that_lie_beside_it(tmp_path: Path) -> None:
    everything, *others = (_DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()[1:]
    assert everything == "*"
    for name in (line[1:] for line in others if line.startswith("!")):
        copy = shutil.copytree if (_ROOT / name).is_dir() else shutil.copyfile
        copy(_ROOT / name, tmp_path / name)
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {project["readme"], "LICENSE", "smartkasa_async", "pyproject.toml"}
    assert all((tmp_path / name).is_file() for name in project["license-files"])
    assert {path.name for path in tmp_path.iterdir()} == needed
    copied = re.findall(r"^COPY (.+) \S+$", (_DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert {name for line in copied for name in line.split()} == needed
    assert _compose()["secrets"]["fleet_key"]["file"] not in needed


def test_the_pages_know_how_many_connections_a_worker_needs() -> None:
    assert connections_for(8) == 2 * 8 + 6
    for page, words in zip(
        _PAGES, ("connections to PostgreSQL per slot and six more", "на місце і ще шість"), strict=True
    ):
        assert words in " ".join(page.read_text(encoding="utf-8").split())
