"""The merged OpenAPI document: area files joined with the shared part, and validated."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing.exceptions import Unresolvable

__all__ = ["SPEC_FOLDER", "Document", "SpecError", "as_json", "merge", "validate"]

Document = dict[str, Any]

SPEC_FOLDER = Path(__file__).parent.parent / "openapi"
ROOT_FILE = "smartkasa.yaml"


class SpecError(Exception):
    """The hand-maintained files contradict each other or OpenAPI 3.1."""


class _Yaml12Loader(yaml.SafeLoader):
    """YAML 1.2 as OpenAPI wants it: dates stay text, and only true and false are booleans."""


_Yaml12Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Yaml12Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def merge(folder: Path = SPEC_FOLDER) -> Document:
    """Join the shared file with every file of `areas/`.

    Args:
        folder: The folder that holds `smartkasa.yaml` and `areas/`.

    Returns:
        One OpenAPI document; paths and schemas are sorted by the order of the files, then of their lines.

    Raises:
        SpecError: A path's method or a component is defined twice.
    """
    document = _load(folder / ROOT_FILE)
    document["paths"] = {}
    for file in sorted((folder / "areas").glob("*.yaml")):
        area = _load(file)
        for path, item in area.get("paths", {}).items():
            _join(document["paths"].setdefault(path, {}), item, f"{file.name}: {path}")
        for kind, components in area.get("components", {}).items():
            _join(document["components"].setdefault(kind, {}), components, f"{file.name}: components.{kind}")
    return document


def validate(document: Document) -> None:
    """Check the merged document against OpenAPI 3.1.

    Raises:
        SpecError: It is not valid; the message lists each fault with its place.
    """
    try:
        faults = [
            f"{'/'.join(str(step) for step in fault.absolute_path)}: {fault.message}"
            for fault in OpenAPIV31SpecValidator(document).iter_errors()
        ]
    except Unresolvable as fault:
        raise SpecError(f"The merged document refers to {fault.ref}, which no file defines") from None
    if faults:
        raise SpecError("The merged document is not valid OpenAPI 3.1:\n" + "\n".join(faults))


def as_json(document: Document) -> str:
    """Write the document as indented JSON, Cyrillic letters as they are."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _load(file: Path) -> Document:
    # The loader is a SafeLoader with fewer implicit types.
    loaded = yaml.load(file.read_text("utf-8"), Loader=_Yaml12Loader)  # noqa: S506
    if not isinstance(loaded, dict):
        raise SpecError(f"{file.name}: expected a mapping at the top")
    return loaded


def _join(target: Document, addition: Document, place: str) -> None:
    for key, value in addition.items():
        if key in target:
            raise SpecError(f"{place}: {key} is defined twice")
        target[key] = value
