"""The command `python -m codegen [--check]`."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from typing import TYPE_CHECKING

from codegen.dlt_folder import render_dlt_folder
from codegen.document import SPEC_FOLDER, SpecError, as_json, merge, validate
from codegen.render import formatted, render_areas, render_blocking, render_operations
from codegen.structs import render_structs

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = SPEC_FOLDER.parent
PACKAGE = PROJECT / "smartkasa_async" / "_generated"
HEADER = '"""{subject}\n\nGenerated from openapi/ by `python -m codegen`; edit the YAML there, not this file.\n"""\n'
BLOCKING_HEADER = """\"\"\"The client for code without an event loop, made by `SmartKasa.blocking`.

Generated from openapi/ by `python -m codegen`, and from what the client and the packages export; do not edit it.
\"\"\"
"""


def main(arguments: list[str] | None = None) -> int:
    """Write every generated file, or with `--check` only tell which are stale.

    Returns:
        Exit status: 0 done or nothing stale, 1 stale files or an invalid document.
    """
    parser = argparse.ArgumentParser(prog="python -m codegen", description="Write the generated files from openapi/.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file on disk is stale")
    options = parser.parse_args(arguments)
    try:
        files = generate()
    except SpecError as error:
        print(error, file=sys.stderr)
        return 1
    stale = {file: text for file, text in files.items() if not file.exists() or file.read_text("utf-8") != text}
    for file, text in stale.items():
        if options.check:
            _print_difference(file, text)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            print(f"wrote {file.relative_to(PROJECT)}")
    if options.check and stale:
        print(f"{len(stale)} generated files are stale; run: python -m codegen", file=sys.stderr)
        return 1
    return 0


def generate() -> dict[Path, str]:
    """Make the text of every generated file.

    Raises:
        SpecError: The files under openapi/ contradict each other or OpenAPI 3.1.
    """
    document = merge()
    validate(document)
    sources = {
        "__init__.py": HEADER.format(subject="Structs, operations and area methods."),
        "structs.py": render_structs(document, HEADER.format(subject="Structs and enums of the API.")),
        "operations.py": render_operations(document, HEADER.format(subject="The operations of the API.")),
        "areas.py": render_areas(document, HEADER.format(subject="The areas of the API, a method for each operation.")),
    }
    files = {PACKAGE / name: formatted(source, name) for name, source in sources.items()}
    blocking = render_blocking(document, BLOCKING_HEADER)
    files[PACKAGE.parent / "blocking.py"] = formatted(blocking, "blocking.py")
    return {SPEC_FOLDER / "smartkasa.json": as_json(document), **files, **_glossary(), **render_dlt_folder()}


def _glossary() -> dict[Path, str]:
    """Copy the glossary into the package, where agents read it, without the line that leads to the other language."""
    folder, docs = PACKAGE.parent / "mcp" / "glossary", PROJECT / "docs"
    pages = {"en.md": docs / "glossary.md", "uk.md": docs / "uk" / "glossary.md"}
    return {
        folder / name: re.sub(r"\n\n[^\n]+\(.*glossary\.md\)\.?\n", "\n", page.read_text("utf-8"), count=1)
        for name, page in pages.items()
    }


def _print_difference(file: Path, wanted: str) -> None:
    current = file.read_text("utf-8").splitlines() if file.exists() else []
    name = str(file.relative_to(PROJECT))
    lines = difflib.unified_diff(current, wanted.splitlines(), name, f"{name} (from openapi/)", lineterm="", n=1)
    print("\n".join(list(lines)[:40]))


if __name__ == "__main__":
    sys.exit(main())
