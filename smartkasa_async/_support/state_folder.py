"""The folder of state that outlives a process: leases, and the journals of plans."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def state_folder() -> Path:
    """Return the user's own folder for state, or the user's in the temporary one where there is no home.

    It is the one that the command line keeps its state in, so that programs and commands see each other.
    """
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = "~/Library/Application Support"
    else:
        base = os.environ.get("XDG_STATE_HOME", "").strip() or "~/.local/state"
    folder = Path(os.path.expanduser(base))  # noqa: PTH111  (where there is no home, Path.expanduser fails)
    if not folder.is_absolute():
        folder = Path(tempfile.gettempdir(), f"smartkasa-{getattr(os, 'getuid', lambda: 'user')()}")
    return folder / "smartkasa"
