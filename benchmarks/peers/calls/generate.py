"""Makes the client of openapi-python-client in build/, from the part of the OpenAPI document that the benchmark calls.

python -m benchmarks.peers.calls.generate

The whole document has forms that the generator refuses, such as a constant that is an object. It is not committed:
it is nobody's source, and large.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["PACKAGE", "generate"]

_PROJECT = Path(__file__).parents[3]
_CALLED = {"getShop", "listReceipts", "createProductBatch"}
PACKAGE = _PROJECT / "build" / "peers" / "generated_client"
"""Where the client is."""


def generate() -> None:
    """Make the client anew.

    Raises:
        CalledProcessError: The generator failed, or is not installed; `make bench` installs it.
    """
    document = json.loads((_PROJECT / "openapi" / "smartkasa.json").read_text("utf-8"))
    PACKAGE.parent.mkdir(parents=True, exist_ok=True)
    file = PACKAGE.parent / "openapi.json"
    file.write_text(json.dumps(_part_of(document)), encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(file), "--meta", "none"]
    subprocess.run([*command, "--output-path", str(PACKAGE), "--overwrite"], check=True, stdout=sys.stderr)


def _part_of(document: dict[str, Any]) -> dict[str, Any]:
    paths = {}
    for path, item in document["paths"].items():
        called = {key: value for key, value in item.items() if value.get("operationId") in _CALLED}
        for operation in called.values():
            operation["parameters"] = item.get("parameters", []) + operation.get("parameters", [])
            operation["responses"] = {
                status: response for status, response in operation["responses"].items() if status.startswith("2")
            }
        if called:
            paths[path] = called
    kept: dict[str, dict[str, Any]] = {"securitySchemes": document["components"].get("securitySchemes", {})}
    waiting = [json.dumps(paths)]
    while waiting:
        for group, name in re.findall(r'"#/components/(\w+)/(\w+)"', waiting.pop()):
            if name not in kept.setdefault(group, {}):
                kept[group][name] = document["components"][group][name]
                waiting.append(json.dumps(kept[group][name]))
    return {**document, "paths": paths, "components": kept}


if __name__ == "__main__":
    generate()
