"""What hosts install the server from."""

from __future__ import annotations

import json
import os
import runpy
import sys
import tomllib
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client, StdioServerParameters

from smartkasa_async import __version__
from tests.docs.markdown import PROJECT
from tests.support.agent_business import Counted, month
from tests.support.agents import agent_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    """Write the bundle and the registry's file into a folder, and unpack the former there."""
    runpy.run_path(str(PROJECT / ".ci" / "bundle.py"))["main"](str(tmp_path), "example")
    with zipfile.ZipFile(tmp_path / f"smartkasa-{__version__}.mcpb") as bundle:
        bundle.extractall(tmp_path / "bundle")
    return tmp_path


async def test_the_bundle_starts_the_server_on_the_store_that_it_was_given(bundled: Path, whole_month: Path) -> None:
    folder = bundled / "bundle"
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    command, *words = manifest["server"]["mcp_config"]["args"]
    assert (command, manifest["server"]["type"]) == ("run", "uv")
    given = {"${__dirname}": f"{folder}", "${user_config.store}": f"{whole_month}"}
    _directory, where, program, *arguments = [given.get(word, word) for word in words]
    # With the Python that has the package as it is here; uv would install the released one.
    parameters = StdioServerParameters(
        command=sys.executable, args=[program, *arguments, "--offline"], cwd=where, env=dict(os.environ)
    )
    async with Client(parameters) as client:
        answer = await (await agent_of(client)).ask("sales_summary", days="2026-10")
    assert answer["total"]["net"] == f"{Counted(month()).net()}"


def test_bundle_and_registry_name_the_released_package(bundled: Path) -> None:
    project = tomllib.loads((bundled / "bundle" / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["dependencies"] == [f"smartkasa-async[mcp]=={__version__}"]
    registered = json.loads((bundled / "server.json").read_text("utf-8"))
    assert registered["name"] == "io.github.example/smartkasa-async"
    (package,) = registered["packages"]
    assert (package["identifier"], package["version"]) == ("smartkasa-async", __version__)
    assert registered["version"] == __version__
