"""The merged OpenAPI document: area files joined with the shared part, and validated."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

if TYPE_CHECKING:
    from collections.abc import Generator, Hashable, Iterable, Iterator, Sequence

__all__ = ["SPEC_FOLDER", "Document", "SpecError", "as_json", "merge", "place_of", "validate"]

Document = dict[str, Any]

SPEC_FOLDER = Path(__file__).parent.parent / "openapi"
ROOT_FILE = "smartkasa.yaml"

_EXTENSIONS = (
    "x-area",
    "x-enum-descriptions",
    "x-enum-varnames",
    "x-envelope",
    "x-extensible-enum",
    "x-method",
    "x-name",
    "x-pages",
    "x-retry",
    "x-source",
)
_KNOWN_EXTENSIONS = f"codegen knows {', '.join(_EXTENSIONS)}"


class SpecError(Exception):
    """The hand-maintained files contradict each other or OpenAPI 3.1."""


class _Mapping(Document):
    """A mapping of a YAML file.

    Attributes:
        places: The file and the line of each key, `openapi/areas/shops.yaml:12`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[Hashable, str] = {}


class _Yaml12Loader(yaml.SafeLoader):
    """YAML 1.2 as OpenAPI wants it: dates stay text, only true and false are booleans, and no key stands twice."""

    def construct_yaml_map(self, node: yaml.MappingNode) -> Generator[dict[Any, Any], None, None]:
        """Build a mapping that knows where its keys stand."""
        made = _Mapping()
        yield made
        made.update(cast("Document", self.construct_mapping(node)))
        made.places.update({self.construct_object(key): _place(key.start_mark) for key, _ in node.value})

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        """Build a mapping, refusing a key that it has already."""
        keys = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node)
            if key in keys:
                problem = f"{key} is defined twice in one mapping, where one is enough"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            keys.add(key)
        return super().construct_mapping(node, deep)


_Yaml12Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Yaml12Loader.add_constructor("tag:yaml.org,2002:map", _Yaml12Loader.construct_yaml_map)
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
    document = _load(folder / ROOT_FILE, folder)
    document["paths"] = _Mapping()
    for file in sorted((folder / "areas").glob("*.yaml")):
        area = _load(file, folder)
        for part, whole in (("paths", document["paths"]), ("components", document["components"])):
            for name in _mapping(area, part):
                _join(whole.setdefault(name, _Mapping()), _mapping(area[part], name), f"{part}: {name}")
                whole.places.setdefault(name, area[part].places[name])
    return document


def place_of(document: Document, steps: Sequence[Hashable]) -> str:
    """Tell where something stands: file and line, then the way to it.

    Args:
        document: The merged document.
        steps: Keys and indices from its top; what is not there is told by the last that is.
    """
    place = ""
    node: Any = document
    for step in steps:
        key = step if not isinstance(node, dict) or step in node else str(step)  # statuses are text in our files
        if isinstance(node, _Mapping):
            place = node.places.get(key, place)
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            break
    return f"{place}: {'/'.join(map(str, steps))}".removeprefix(": ")


def validate(document: Document) -> None:
    """Check the merged document against OpenAPI 3.1.

    Raises:
        SpecError: It is not valid; the message lists each fault with its place.
    """
    faults = [
        f"{place_of(document, steps)}: {target} is not defined by any file; {_remedy(document, target)}"
        for steps, target in _dangling(document)
    ]
    faults = [*faults, *_unknown_extensions(document)] or [
        f"{place_of(document, _from_top(document, list(fault.absolute_path), fault.instance))}:"
        f" {fault.message.splitlines()[0]}"
        for fault in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    if faults:
        raise SpecError("The files under openapi/ are not valid OpenAPI 3.1; correct this:\n" + "\n".join(faults))


def _from_top(document: Document, steps: list[Hashable], value: object) -> list[Hashable]:
    """Give the way to a value from the top of the document; of a schema's fault the validator begins at the schema."""
    nodes: list[tuple[list[Hashable], Any]] = [([], document)]
    for before, node in nodes:  # which grows: the document level by level
        if _holds(node, steps, value):
            return [*before, *steps]
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        nodes += [([*before, key], each) for key, each in items]
    return steps


def _holds(node: Any, steps: Sequence[Hashable], value: object) -> bool:
    """Return whether the steps lead from a node to a value."""
    try:
        for step in steps:
            node = node[step if not isinstance(node, dict) or step in node else str(step)]
    except (KeyError, IndexError, TypeError):
        return False
    return bool(node == value)


def as_json(document: Document) -> str:
    """Write the document as indented JSON, Cyrillic letters as they are."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _place(mark: yaml.Mark) -> str:
    return f"{mark.name}:{mark.line + 1}"


def _load(file: Path, folder: Path) -> Document:
    loader = _Yaml12Loader(file.read_text("utf-8"))
    loader.name = f"openapi/{file.relative_to(folder).as_posix()}"
    try:
        loaded = loader.get_single_data()
    except yaml.MarkedYAMLError as fault:
        place = _place(fault.problem_mark) if fault.problem_mark else loader.name
        raise SpecError(f"{place}: {fault.problem}; correct the YAML there") from None
    finally:
        loader.dispose()
    if not isinstance(loaded, _Mapping):
        raise SpecError(f"{loader.name}: the file is no mapping; begin it with paths: or components:")
    return loaded


def _mapping(whole: Document, key: str) -> Document:
    """Give a part that has to be a mapping; an empty one where it is left out."""
    part = whole.get(key, {})
    if not isinstance(part, dict):
        raise SpecError(f"{place_of(whole, [key])} is no mapping; write its keys below it")
    return part


def _join(target: Document, addition: Document, what: str) -> None:
    for key, value in addition.items():
        if key in target:
            raise SpecError(
                f"{place_of(addition, [key])} is defined twice under {what}, see"
                f" {place_of(target, [key]).rpartition(': ')[0]}; keep one of them, or give one another name"
            )
        target[key] = value
        if isinstance(target, _Mapping) and isinstance(addition, _Mapping):
            target.places[key] = addition.places[key]


def _dangling(document: Document) -> list[tuple[tuple[Hashable, ...], str]]:
    """List the references that lead nowhere, each with the way to it."""
    return [(steps, target) for steps, target in _references(document) if not _exists(document, target)]


def _references(document: Document) -> Iterator[tuple[tuple[Hashable, ...], str]]:
    for steps, node in _mappings(document, ()):
        if isinstance(node.get("$ref"), str):
            yield steps, node["$ref"]


def _mappings(node: Any, steps: tuple[Hashable, ...]) -> Iterator[tuple[tuple[Hashable, ...], Document]]:
    """Yield every mapping of the document with the way to it."""
    if isinstance(node, dict):
        yield steps, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from _mappings(child, (*steps, key))


def _unknown_extensions(document: Document) -> list[str]:
    """Describe the keys that begin with x- and that nothing reads."""
    return [
        f"{place_of(document, [*steps, key])}: {key} is read by nothing;"
        f" {_likely(key, _EXTENSIONS) or _KNOWN_EXTENSIONS}"
        for steps, node in _mappings(document, ())
        for key in node
        if str(key).startswith("x-") and key not in _EXTENSIONS
    ]


def _remedy(document: Document, target: str) -> str:
    """Name what a reference that leads nowhere may mean."""
    _, _, rest = target.partition("#/components/")
    kind, _, name = rest.partition("/")
    known = document.get("components", {}).get(kind, {})
    return _likely(name, known) or "define it under components of an area's file"


def _likely(name: str, known: Iterable[str]) -> str:
    return "".join(f"did you mean {likely}?" for likely in get_close_matches(name, known, n=1))


def _exists(document: Document, target: str) -> bool:
    node: Any = document
    for step in target.removeprefix("#/").split("/"):
        if not isinstance(node, dict) or step not in node:
            return False
        node = node[step]
    return True
