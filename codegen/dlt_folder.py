"""The folder that `dlt init smartkasa DESTINATION --location deploy/dlt` makes a project of."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from codegen.document import SPEC_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = SPEC_FOLDER.parent
_FOLDER = PROJECT / "deploy" / "dlt" / "sources"
_NOTE = "Made by `python -m codegen`; do not edit it."

_SOURCE = f'''"""Receipts, Z-reports, product sales and reference data of SmartKasa, points of sale in Ukraine.

{_NOTE}
"""

from smartkasa_async.dlt_source import smartkasa

__all__ = ["smartkasa"]
'''

_PIPELINE = f'''"""Load what SmartKasa has into the destination of the pipeline.

{_NOTE}
"""

import dlt

from smartkasa import smartkasa


def load_smartkasa() -> None:
    """Load from the `start` in `.dlt/config.toml` on; a later run goes on from the last day that was loaded."""
    pipeline = dlt.pipeline(pipeline_name="smartkasa", destination="duckdb", dataset_name="smartkasa_data")
    print(pipeline.run(smartkasa()))


if __name__ == "__main__":
    load_smartkasa()
'''

_README = f"""# SmartKasa

Receipts with their items and payments, Z-reports, product sales, shops, terminals, employees, shifts, categories,
products and stock cards of [SmartKasa](https://smartkasa.ua), points of sale in Ukraine.

The credentials stand in `.dlt/secrets.toml`:

```toml
[sources.smartkasa]
api_key = "the key of your integration"
phone_number = "380971234567"
password = "…"
```

and the first day that is read in `.dlt/config.toml`; without it the first run reads from 2015 on, which takes long:

```toml
[sources.smartkasa]
start = 2026-01-01
```

{_NOTE}
"""


def render_dlt_folder() -> dict[Path, str]:
    """Make the text of each file; what is to be installed is what `pyproject.toml` has in the extra `dlt`."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [one for one in project["optional-dependencies"]["dlt"] if not one.startswith(project["name"])]
    requirements = "\n".join([f"{project['name']}[dlt]", *needed]) + "\n"
    return {
        _FOLDER / "smartkasa" / "__init__.py": _SOURCE,
        _FOLDER / "smartkasa" / "requirements.txt": requirements,
        _FOLDER / "smartkasa" / "README.md": _README,
        _FOLDER / "smartkasa_pipeline.py": _PIPELINE,
    }
