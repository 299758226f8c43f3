"""Write what hosts of agents install `smartkasa mcp` from: an MCP bundle (.mcpb), and the registry's server.json.

python3 .ci/bundle.py FOLDER OWNER       OWNER is whose repository it is on GitHub, which names it in the registry

The bundle names the released package, which uv installs when the bundle is first started.
"""

from __future__ import annotations

import json
import runpy
import sys
import zipfile
from pathlib import Path

PROJECT = Path(__file__).parents[1]
SUMMARY = "Sales, receipts, Z-reports, catalogue and stock of a Ukrainian shop, from a store synced from SmartKasa"
MAIN = """\
\"\"\"Start the server, with the store that the host was given.\"\"\"

import sys

from smartkasa_async.cli import main

sys.exit(main(["mcp", *sys.argv[1:]]))
"""
PYTHON_PROJECT = """\
[project]
name = "smartkasa-mcp"
version = "{version}"
requires-python = ">=3.11"
dependencies = ["smartkasa-async[mcp]=={version}"]
"""


def main(folder: str, owner: str) -> None:
    """Write both files into a folder, for the version of `smartkasa_async/_version.py`.

    Args:
        folder: The folder, which exists.
        owner: Owner of the repository on GitHub.
    """
    version = runpy.run_path(str(PROJECT / "smartkasa_async" / "_version.py"))["__version__"]
    files = {
        "manifest.json": _written(_manifest(version)),
        "pyproject.toml": PYTHON_PROJECT.format(version=version),
        "server/main.py": MAIN,
    }
    with zipfile.ZipFile(Path(folder, f"smartkasa-{version}.mcpb"), "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in files.items():
            bundle.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    Path(folder, "server.json").write_text(_written(_registered(version, owner)), "utf-8")


def _manifest(version: str) -> dict[str, object]:
    return {
        "manifest_version": "0.4",
        "name": "smartkasa",
        "display_name": "SmartKasa",
        "version": version,
        "description": SUMMARY,
        "author": {"name": "The smartkasa-async authors"},
        "license": "MIT",
        "server": {
            "type": "uv",
            "entry_point": "server/main.py",
            "mcp_config": {
                "command": "uv",
                "args": [
                    *("run", "--directory", "${__dirname}", "server/main.py"),
                    *("--store", "${user_config.store}"),
                ],
            },
        },
        "tools_generated": True,
        "prompts_generated": True,
        "user_config": {
            "store": {
                "type": "file",
                "title": "Store",
                "description": "The SQLite file that smartkasa receipts sync fills",
                "required": True,
            }
        },
        "compatibility": {"platforms": ["darwin", "win32", "linux"], "runtimes": {"python": ">=3.11"}},
    }


def _registered(version: str, owner: str) -> dict[str, object]:
    argument = {"type": "named", "name": "--store", "format": "filepath", "isRequired": True}
    package = {
        "registryType": "pypi",
        "identifier": "smartkasa-async",
        "version": version,
        "runtimeHint": "uvx",
        "runtimeArguments": [{"type": "named", "name": "--from", "value": f"smartkasa-async[mcp]=={version}"}],
        "packageArguments": [
            {"type": "positional", "value": "smartkasa"},
            {"type": "positional", "value": "mcp"},
            argument | {"description": "The store: an SQLite file, or the address of a PostgreSQL database"},
        ],
        "transport": {"type": "stdio"},
    }
    return {
        "name": f"io.github.{owner}/smartkasa-async",
        "description": SUMMARY,
        "version": version,
        "repository": {"url": f"https://github.com/{owner}/smartkasa-async", "source": "github"},
        "packages": [package],
    }


def _written(document: dict[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
