"""Install the project with some of its extras, editable, into a virtual environment.

uv does it, in a tenth of pip's time; it is installed from the package index first. Where the index has no uv, or uv
cannot reach what pip can (a mirror that only pip's settings name), pip does it. Run by `make`:

    python3 .ci/install.py .venv dev                versions of .ci/constraints.txt
    python3 .ci/install.py .venv dev --upgrade      newest versions, which are written to .ci/constraints.txt
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

VERSIONS = Path(__file__).with_name("constraints.txt")


def main(folder: str, extra: str, *options: str) -> int:
    """Make the environment and install into it.

    Args:
        folder: Where the environment is, or is made.
        extra: The extra of `pyproject.toml` to install.
        options: `--upgrade`, or nothing.

    Returns:
        Exit status: 0 if everything is installed.
    """
    upgrade = "--upgrade" in options
    venv.create(folder, with_pip=True, clear=upgrade, symlinks=os.name != "nt")
    python = str(Path(folder, "Scripts" if os.name == "nt" else "bin", "python"))
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    versions = [] if upgrade else ["--constraint", str(VERSIONS)]
    wanted = ["install", "--quiet", *versions]
    project = ["--editable", f".[{extra}]"]

    has_uv = _run(*pip, *wanted, "uv")
    if not (has_uv and _run(python, "-m", "uv", "pip", *wanted, "--system-certs", "--python", python, *project)):
        print("uv did not install the project; pip does, which takes longer", file=sys.stderr)
        if not _run(*pip, *wanted, *project):
            return 1
    if upgrade:
        frozen = subprocess.run([*pip, "freeze", "--exclude-editable"], check=True, capture_output=True)
        VERSIONS.write_bytes(frozen.stdout)
    return 0


def _run(*command: str) -> bool:
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
