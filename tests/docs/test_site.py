"""The site is built without a warning, and its reference has every public name."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.utils.yaml import yaml_load
from mkdocstrings import Inventory

from smartkasa_async import operations
from smartkasa_async._generated import areas
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]
_SHOWN = re.compile(r"^::: ([\w.]+)$", re.MULTILINE)
_IMPORT = re.compile(r"^from (smartkasa_async[\w.]*) import ", re.MULTILINE)
_NOT_SHOWN = {"smartkasa_async.__version__", "smartkasa_async.errors"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does: broken links, pages outside the navigation and the like end it.

    It lacks what takes half the time and warns of nothing: the index of the search, signatures, colours of code.
    """
    folder = tmp_path_factory.mktemp("site")
    file = PROJECT / "mkdocs.yml"
    given = yaml_load(file.read_text("utf-8"))
    (reference,) = (each["mkdocstrings"] for each in given["plugins"] if "mkdocstrings" in each)
    reference["handlers"]["python"]["options"] |= {"show_signature": False, "signature_crossrefs": False}
    extensions = [each for each in given["markdown_extensions"] if each != "pymdownx.highlight"]
    extensions.append({"pymdownx.highlight": {"use_pygments": False}})
    plugins = [{"mkdocstrings": reference}]
    build(load_config(str(file), strict=True, site_dir=str(folder), plugins=plugins, markdown_extensions=extensions))
    return folder


def test_reference_has_every_public_name_that_documents_import(site: Path) -> None:
    texts = [page.read_text("utf-8") for page in PAGES]
    shown = {name for text in texts for name in _SHOWN.findall(text)}
    imported = {module for text in texts for module in _IMPORT.findall(text)} - {"smartkasa_async.stores.schema"}
    with (site / "objects.inv").open("rb") as file:
        found = Inventory.parse_sphinx(file).keys()

    modules = {name for name in shown if "._" not in name}
    public = {f"{module}.{name}" for module in modules for name in import_module(module).__all__}
    methods = {f"{areas.__name__}.{_class_of(each.area)}.{each.name}" for each in operations.ALL}

    assert imported - modules == set()
    assert (public | methods) - found - _NOT_SHOWN == set()


def test_pages_have_the_words_of_their_language(site: Path) -> None:
    english, ukrainian = (
        (site / "receipts" / "index.html").read_text(),
        (site / "uk" / "receipts" / "index.html").read_text(),
    )

    assert '<html lang="en"' in english
    assert 'href="../uk/receipts/" hreflang="uk"' in english
    assert '<html lang="uk"' in ukrainian
    assert 'href="../../receipts/" hreflang="en"' in ukrainian
    assert "Довідник" not in english
    assert "Reference" not in ukrainian


def _class_of(area: str) -> str:
    return "".join(part.title() for part in area.split("_"))
