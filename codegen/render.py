"""Python modules from the small templates, formatted by ruff."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.blocking import Imports, client_functions, door_functions
from codegen.document import SpecError
from codegen.operations import areas, operations
from codegen.structs import TEMPLATES

if TYPE_CHECKING:
    from codegen.document import Document

__all__ = ["formatted", "render_areas", "render_blocking", "render_operations"]

WIDTH = 120


def render_operations(document: Document, header: str) -> str:
    """Write the module that holds one `Operation` for each operation of the document."""
    return _template("operations.py.jinja", header=header, operations=operations(document))


def render_areas(document: Document, header: str) -> str:
    """Write the module that holds one class for each area, with a method for each operation."""
    return _template("areas.py.jinja", header=header, areas=areas(document))


def render_blocking(document: Document, header: str) -> str:
    """Write the module that holds the blocking face: areas, the client's methods, and the functions of all doors."""
    imports = Imports()
    functions = [*client_functions(imports), *door_functions(imports)]
    return _template("blocking.py.jinja", header=header, areas=areas(document), functions=functions, imports=imports)


def formatted(source: str, name: str) -> str:
    """Sort the imports of a module, drop the unused ones and format it, as the project's settings say."""
    settings = ["--isolated", "--quiet", "--line-length", str(WIDTH), "--target-version", "py311"]
    # Named, since ruff would else look for the package in the folder that the command was started from.
    own = "lint.isort.known-first-party = ['smartkasa_async']"
    for command in (["check", "--fix", "--select", "F401,I", "--config", own], ["format"]):
        arguments = [sys.executable, "-m", "ruff", *command, *settings, "--stdin-filename", name, "-"]
        run = subprocess.run(arguments, input=source, text=True, capture_output=True, check=False)  # noqa: S603
        if run.returncode:
            raise SpecError(
                f"{name} that would be generated is not valid Python; look for a name under openapi/ that Python cannot"
                f" have, and give it another one:\n{run.stdout}{run.stderr}"
            )
        source = run.stdout
    return source


def _template(name: str, **values: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  (Python is written here, not HTML)
    )
    environment.filters.update(python=repr, fill=_fill, list_item=_list_item)
    return environment.get_template(name).render(**values)


def _fill(text: str, indent: int, hanging: int = 0) -> str:
    """Wrap each paragraph of a text at the project's width."""
    first, rest = " " * indent, " " * (indent + hanging)
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return "\n\n".join(textwrap.fill(part, WIDTH, initial_indent=first, subsequent_indent=rest) for part in paragraphs)


def _list_item(annotation: str) -> str:
    return annotation.removeprefix("builtins.list[").removesuffix("]")
