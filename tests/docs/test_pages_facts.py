"""What the pages of docs/ list is all there is: errors, settings, kinds, views, presets, pages."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import smartkasa_async
from benchmarks.results import load
from smartkasa_async import SmartKasaError
from smartkasa_async.catalog import OutcomeKind
from smartkasa_async.catalog.sources.layout import load_presets
from smartkasa_async.reports import DifferenceKind, FindingKind
from smartkasa_async.stores.views import VIEWS
from tests.docs import benchmarks_page, commands_page, house_picture, settings_page, settings_uk, tables_page
from tests.docs.markdown import PROJECT, Document

ERRORS = Document("docs/errors.md")
INDEX = Document("docs/README.md")


def first_names(document: Document, heading: str) -> list[str]:
    return [row[0].strip("`") for row in document.table(heading)]


def all_errors() -> set[str]:
    """Find every error and warning that a user can meet, wherever it is defined."""
    for module in walk_packages(smartkasa_async.__path__, "smartkasa_async."):
        if ".cli" not in module.name and not module.name.endswith("__main__"):
            import_module(module.name)
    found: set[type[Exception]] = {SmartKasaError}
    while more := {child for kind in found for child in kind.__subclasses__()} - found:
        found |= more
    warnings = {kind for kind in UserWarning.__subclasses__() if kind.__module__.startswith("smartkasa_async")}
    return {kind.__name__ for kind in found | warnings}


def test_every_error_is_explained() -> None:
    headings = ("The client", "Price lists and stock counts", "Jobs and receipts", "Stores", "Fleets", "Warnings")
    rows = [row for heading in headings for row in ERRORS.table(heading)]

    assert sorted(row[0].strip("`") for row in rows) == sorted(all_errors())
    assert [row[0] for row in rows if not row[1].strip()] == []


@pytest.mark.parametrize("language", settings_page.PAGES)
def test_settings_are_what_their_script_writes(language: str) -> None:
    written = settings_page.PAGES[language].read_text("utf-8")

    assert written == settings_page.render(language), "run python -m tests.docs.settings_page"


def test_no_translation_of_a_setting_is_left_over() -> None:
    said = settings_page.PAGES["uk"].read_text("utf-8")

    assert [text for text in settings_uk.MEANINGS.values() if text not in said] == []


@pytest.mark.parametrize("name", tables_page.PAGES)
def test_tables_are_what_their_script_writes(name: str) -> None:
    written = tables_page.PAGES[name].read_text("utf-8")

    assert written == tables_page.render(name), "run python -m tests.docs.tables_page"


@pytest.mark.parametrize("language", benchmarks_page.PAGES)
def test_benchmarks_are_those_that_were_saved(language: str) -> None:
    written = benchmarks_page.PAGES[language].read_text("utf-8")

    assert written == benchmarks_page.render(language), "run python -m tests.docs.benchmarks_page"
    for path, chart in benchmarks_page.charts(language).items():
        assert path.read_text("utf-8") == chart, "run python -m tests.docs.benchmarks_page"


@pytest.mark.parametrize(("page", "thousands", "point"), [("fleet.md", ",", "."), ("uk/fleet.md", " ", ",")])
def test_the_size_of_a_fleet_is_calculated_from_what_was_measured(page: str, thousands: str, point: str) -> None:
    measured = load("fleet")["result"]
    accounts, interval, night = 10_000, 15 * 60, 5 * 60 * 60
    kept = int(interval / measured["today"] // 1_000) * 1_000
    cores = accounts * measured["today"] / interval, accounts * measured["night"] / night
    numbers = [f"{each:,}".replace(",", thousands) for each in (kept, kept // 2)]
    numbers += [f"{each:.2f}".replace(".", point) for each in cores]

    written = " ".join((PROJECT / "docs" / page).read_text("utf-8").split())

    assert [number for number in numbers if not re.search(rf"\b{re.escape(number)}\b", written)] == []


@pytest.mark.parametrize("language", house_picture.PAGES)
def test_picture_of_the_architecture_has_the_layers_of_the_package(language: str) -> None:
    written = house_picture.PAGES[language].read_text("utf-8")
    modules = [name for layer in house_picture.layers() for name in layer]

    assert set(house_picture.CAPTIONS) == set(modules)
    assert written == house_picture.render(language), "run python -m tests.docs.house_picture"


@pytest.mark.parametrize("language", commands_page.PAGES)
def test_commands_are_what_their_script_writes(language: str) -> None:
    written = commands_page.PAGES[language].read_text("utf-8")

    assert written == commands_page.render(language), "run python -m tests.docs.commands_page"


@pytest.mark.parametrize(
    ("page", "heading", "names"),
    [
        ("docs/reconciliation.md", "Explained or not", set(DifferenceKind)),
        ("docs/reconciliation.md", "Fiscal rules", set(FindingKind)),
        ("docs/price-lists.md", "A first import", set(OutcomeKind)),
        ("docs/receipts.md", "Views for BI tools", set(VIEWS)),
        ("docs/sandbox.md", "Faults", {"delay", "drop_before", "drop_after", "status"}),
    ],
)
def test_table_names_all_there_are(page: str, heading: str, names: set[str]) -> None:
    assert set(first_names(Document(page), heading)) == names


def test_every_preset_has_an_export_to_look_at() -> None:
    page = Document("docs/price-lists.md")
    found = {line.partition(": ")[2] for block in page.blocks_in("text") for line in block.code.splitlines()}

    assert set(load_presets()) <= found


def test_index_leads_to_every_page() -> None:
    pages = {path.relative_to(PROJECT / "docs").as_posix() for path in (PROJECT / "docs").rglob("*.md")}

    assert pages - {"README.md"} == {link for link in INDEX.links if not link.startswith(("..", "#"))}


def test_every_recipe_runs_its_program() -> None:
    for recipe, program in INDEX.table("Recipes"):
        module = program.strip("`").removesuffix(".py").replace("/", ".")
        for page in re.findall(r"\(([^)]+)\)", recipe):
            assert any(f"python -m {module}" in line for line in Document(f"docs/{page}").commands), page
