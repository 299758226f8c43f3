"""Build the source distribution into dist/ and the wheel from it, and check the wheel as a user gets it.

python3 .ci/package.py              by `make package`
python3 .ci/package.py 0.1.0        fails if the wheel is of another version
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).parents[1]
DIST = PROJECT / "dist"
PACKAGE = "smartkasa_async"
NEEDED = (f"{PACKAGE}/py.typed", f"{PACKAGE}/_i18n/locale/uk/LC_MESSAGES/smartkasa.mo")


def main(version: str | None = None) -> None:
    """Build and check.

    Args:
        version: What the version must be; None for any.

    Raises:
        SystemExit: The wheel is not what it should be; the message says why.
        CalledProcessError: A step failed, and has said why.
    """
    shutil.rmtree(DIST, ignore_errors=True)
    with TemporaryDirectory() as folder:
        tools = _environment(Path(folder, "tools"))
        _run(tools, "-m", "pip", "install", "--quiet", "--constraint", PROJECT / ".ci" / "constraints.txt", "uv")
        _run(tools, "-m", "uv", "build", "--quiet", "--out-dir", DIST, PROJECT)
        (wheel,) = DIST.glob("*.whl")
        _check_content(wheel, version)
        # Each where nothing else is, and away from the sources.
        bare = _environment(Path(folder, "bare"))
        _run(tools, "-m", "uv", "pip", "install", "--quiet", "--python", bare, wheel)
        _run(bare, "-c", f"from {PACKAGE} import SmartKasa", cwd=folder)
        command = _environment(Path(folder, "command"))
        _run(tools, "-m", "uv", "pip", "install", "--quiet", "--python", command, f"{wheel}[cli]")
        _run(command.with_name("smartkasa"), "--version", cwd=folder)
    print(f"{wheel.relative_to(PROJECT)} is good")


def _check_content(wheel: Path, version: str | None) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    metadata = f"{wheel.name.split('-py3')[0]}.dist-info/"
    if foreign := [name for name in names if not name.startswith((f"{PACKAGE}/", metadata))]:
        sys.exit(f"{wheel.name} has files that are not of the package: {', '.join(foreign)}")
    if missing := [name for name in NEEDED if name not in names]:
        sys.exit(f"{wheel.name} lacks {', '.join(missing)}")
    found = wheel.name.split("-")[1]
    if version not in {None, found}:
        sys.exit(f"the tag names {version}, the wheel is {found}: change smartkasa_async/_version.py or the tag")


def _environment(folder: Path) -> Path:
    venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def _run(program: Path, *arguments: str | Path, cwd: str | None = None) -> None:
    subprocess.run([program, *arguments], check=True, cwd=cwd)


if __name__ == "__main__":
    main(*sys.argv[1:])
