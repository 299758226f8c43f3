"""The merged OpenAPI document: area files joined with the shared part, and validated."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

__all__ = ["SPEC_FOLDER", "Document", "SpecError", "as_json", "merge", "validate"]

Document = dict[str, Any]

SPEC_FOLDER = Path(__file__).parent.parent / "openapi"
ROOT_FILE = "smartkasa.yaml"


class SpecError(Exception):
    """The hand-maintained files contradict each other or OpenAPI 3.1."""


class _Yaml12Loader(yaml.SafeLoader):
    """YAML 1.2 as OpenAPI wants it: dates stay text, only true and false are booleans, and no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        """Build a mapping, refusing a key that it has already."""
        keys = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node)
            if key in keys:
                raise yaml.constructor.ConstructorError(None, None, f"{key} is defined twice", key_node.start_mark)
            keys.add(key)
        return super().construct_mapping(node, deep)


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
        SpecError: A path's method or a component is defined twice, or a file is not YAML.
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
    faults = [f"{place}: {target} is not defined by any file" for place, target in _dangling(document)] or [
        f"{'/'.join(str(step) for step in fault.absolute_path)}: {fault.message}"
        for fault in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    if faults:
        raise SpecError("The merged document is not valid OpenAPI 3.1:\n" + "\n".join(faults))


def as_json(document: Document) -> str:
    """Write the document as indented JSON, Cyrillic letters as they are."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _load(file: Path) -> Document:
    try:
        # The loader is a SafeLoader with fewer implicit types.
        loaded = yaml.load(file.read_text("utf-8"), Loader=_Yaml12Loader)  # noqa: S506
    except yaml.MarkedYAMLError as fault:
        line = f":{fault.problem_mark.line + 1}" if fault.problem_mark else ""
        raise SpecError(f"{file.name}{line}: {fault.problem}") from None
    if not isinstance(loaded, dict):
        raise SpecError(f"{file.name}: expected a mapping at the top")
    return loaded


def _join(target: Document, addition: Document, place: str) -> None:
    for key, value in addition.items():
        if key in target:
            raise SpecError(f"{place}: {key} is defined twice")
        target[key] = value


def _dangling(document: Document) -> list[tuple[str, str]]:
    """List the references that lead nowhere, each with its place."""
    return [(place, target) for place, target in _references(document, "") if not _exists(document, target)]


def _references(node: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield place, node["$ref"]
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from _references(child, f"{place}/{key}".removeprefix("/"))


def _exists(document: Document, target: str) -> bool:
    node: Any = document
    for step in target.removeprefix("#/").split("/"):
        if not isinstance(node, dict) or step not in node:
            return False
        node = node[step]
    return True
