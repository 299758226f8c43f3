"""Write all that is written by scripts in docs/, and what the pages print: `python -m tests.docs`."""

from __future__ import annotations

import sys
from runpy import run_module

for name in (
    "import_messages",
    "settings_page",
    "commands_page",
    "tables_page",
    "benchmarks_page",
    "house_picture",
    "notebook",
    "pages",
):
    sys.stdout.write(f"tests.docs.{name}\n")
    run_module(f"tests.docs.{name}", run_name="__main__")
