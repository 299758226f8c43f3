"""README, CONTRIBUTING and docs/: what they name exists, what they show of the generator is so."""

from __future__ import annotations

import builtins
import json
import re
import shlex
import tomllib
from importlib.util import find_spec
from typing import Any

import pytest
import yaml

import smartkasa_async
from codegen.document import merge
from codegen.structs import render_structs
from smartkasa_async import catalog, fleet, jobs, plans, push, relay, stock, stores, sync
from smartkasa_async.cli.command_table import COMMANDS, find_command
from tests.docs.markdown import PROJECT, Document

DOCUMENTS = [Document("README.md"), Document("CONTRIBUTING.md"), Document("README.uk.md")]
CONTRIBUTING = DOCUMENTS[1]
PAGES = [Document(path.relative_to(PROJECT).as_posix()) for path in sorted((PROJECT / "docs").rglob("*.md"))]
SPEC = json.loads((PROJECT / "openapi" / "smartkasa.json").read_text("utf-8"))

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
each_page_too = pytest.mark.parametrize("document", DOCUMENTS + PAGES, ids=lambda document: document.name)


def is_runnable(command: str) -> bool:
    """Tell whether all that a command names is there."""
    match shlex.split(command, comments=True):
        case ["make", target]:
            return re.search(rf"^{target}:", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE) is not None
        case ["python", "-m", module, *_]:
            return find_spec(module) is not None
        case ["pip", "install", package]:
            project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
            name, _, extras = package.rstrip("]").partition("[")
            return name in {".", project["name"]} and set(extras.split(",")) <= project["optional-dependencies"].keys()
        case ["smartkasa", *words]:
            return words == ["--help"] or find_command(words) in COMMANDS
        case ["export", assignment]:
            return assignment.partition("=")[0] in {
                f"SMARTKASA_{name}" for name in ("API_KEY", "PHONE_NUMBER", "PASSWORD")
            }
    return False


@each_document
def test_commands_are_runnable(document: Document) -> None:
    assert document.commands
    assert [command for command in document.commands if not is_runnable(command)] == []


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_commands_in_sentences_are_runnable(document: Document) -> None:
    """Those in blocks are run."""
    inside = [command for command in document.commands if f"`{command}`" in document.text]

    assert [command for command in inside if not is_runnable(command) and "COMMAND" not in command] == []


@each_page_too
def test_links_lead_somewhere(document: Document) -> None:
    known = {each.name: each.anchors for each in DOCUMENTS + PAGES}
    lost = []
    for link in document.links:
        path, _, anchor = link.partition("#")
        if path.startswith("https://"):
            continue
        target = (PROJECT / document.name).parent.joinpath(path).resolve() if path else PROJECT / document.name
        name = target.relative_to(PROJECT).as_posix()
        if not target.is_file() or (anchor and anchor not in known[name]):
            lost.append(link)

    assert lost == []


@each_page_too
def test_paths_exist(document: Document) -> None:
    pattern = re.compile(r"(?:openapi|codegen|smartkasa_async|tests|examples|\.ci)/[\w./*-]*")
    paths = [snippet for snippet in document.snippets if pattern.fullmatch(snippet)]

    assert paths or document in PAGES
    assert [path for path in paths if not any(PROJECT.glob(path.rstrip("/")))] == []


@pytest.mark.parametrize(
    "document",
    [page for page in DOCUMENTS + PAGES if "/reference/" not in page.name],
    ids=lambda document: document.name,
)
def test_errors_and_warnings_exist(document: Document) -> None:
    named = set(re.findall(r"\b[A-Z][a-z]\w*(?:Error|Warning)\b", document.text))
    places = (smartkasa_async, jobs, catalog, stock, plans, push, relay, sync, stores, stores.errors, fleet, builtins)

    assert [name for name in named if not any(hasattr(place, name) for place in places)] == []


def test_example_of_a_new_field_gives_what_is_shown() -> None:
    field = yaml.safe_load(CONTRIBUTING.blocks_in("yaml")[0].code)
    document = merge()
    document["components"]["schemas"]["Shop"]["properties"].update(field)

    shop = render_structs(document, "").partition("class Shop(")[2].partition("\nclass ")[0]

    lines = [line.strip() for line in shop.splitlines()]
    shown = CONTRIBUTING.blocks_in("text")[0].code.splitlines()
    assert len(shown) == 2
    assert lines[lines.index(shown[0]) :][:2] == shown


def test_extensions_are_explained() -> None:
    def extensions(node: Any) -> set[str]:
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        found = {key for key in node if str(key).startswith("x-")} if isinstance(node, dict) else set()
        return found.union(*map(extensions, children))

    explained = {name for row in CONTRIBUTING.table("Conventions") for name in re.findall(r"`(x-[\w-]+)`", row[0])}
    of_enums = {"x-extensible-enum", "x-enum-varnames", "x-enum-descriptions"}

    assert explained | of_enums == extensions(SPEC)
    assert of_enums <= set(CONTRIBUTING.snippets)


def test_folders_of_tests_are_those_that_are_explained() -> None:
    folders = {f"tests/{file.parent.name}/" for file in (PROJECT / "tests").glob("*/[!_]*.*") if file.suffix != ".pyc"}
    mirrored = {f"tests/{path.name}/" for path in (PROJECT / "smartkasa_async").rglob("*") if path.is_dir()}
    explained = {name for row in CONTRIBUTING.table("Tests") for name in re.findall(r"`(tests/\w+/)`", row[0])}

    assert folders - mirrored - explained == set()
