"""Check with pyright what users' type checkers see: `tests/typing` strictly, and how much of the package has a type.

Run by `make types`, which installs pyright with its Node.js first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

LEAST = 0.99


def main() -> int:
    """Run both checks.

    Returns:
        Exit status: 0 if users' code passes, and enough public symbols have a type that all checkers agree on.
    """
    folder = Path(sys.executable).parent
    # By the first python on PATH pyright finds the environment that the package is installed in.
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    command = [str(folder / "pyright")]
    passed = subprocess.run(command, env=environment, check=False).returncode == 0
    command += ["--verifytypes", "smartkasa_async", "--ignoreexternal", "--outputjson"]
    run = subprocess.run(command, env=environment, check=False, capture_output=True, encoding="utf-8")
    found = json.loads(run.stdout)["typeCompleteness"]
    score = found["completenessScore"]
    print(f"{score:.1%} of the public symbols have a known type; at least {LEAST:.0%} must")
    if score < LEAST:
        for symbol in found["symbols"]:
            if symbol["isExported"] and not symbol["isTypeKnown"]:
                print(symbol["name"], *(each["message"] for each in symbol["diagnostics"]), sep="\n    ")
    return 0 if passed and score >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
