"""The command line where its script is not on the path: `python -m smartkasa_async`."""

from __future__ import annotations

import sys

from smartkasa_async.cli import main

if __name__ == "__main__":
    sys.exit(main())
