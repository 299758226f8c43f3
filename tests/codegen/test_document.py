"""Merging the files of the OpenAPI document, and the errors of whoever edits them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from codegen.document import SPEC_FOLDER, SpecError, as_json, merge, validate
from codegen.operations import operations
from codegen.render import formatted

if TYPE_CHECKING:
    from pathlib import Path

ROOT = """
openapi: 3.1.0
info: {title: Shop API, version: 1.0.0}
components:
  schemas:
    Shared: {type: object, description: Shared., properties: {}}
"""
AREA = """
paths:
  /shops:
    get:
      responses:
        '200':
          description: The shop.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Shop'}
components:
  schemas:
    Shop: {type: object, description: A shop., properties: {}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "smartkasa.yaml").write_text(ROOT, "utf-8")
    (tmp_path / "areas").mkdir()
    (tmp_path / "areas" / "shops.yaml").write_text(AREA, "utf-8")
    return tmp_path


def add(folder: Path, name: str, text: str) -> None:
    (folder / "areas" / name).write_text(text, "utf-8")


def message_of(folder: Path) -> str:
    with pytest.raises(SpecError) as caught:
        validate(merge(folder))
    return str(caught.value)


def test_merge_joins_paths_and_components(folder: Path) -> None:
    add(folder, "terminals.yaml", "paths: {/shops: {post: {responses: {'200': {description: Done.}}}}}")
    add(folder, "units.yaml", "components: {schemas: {Unit: {type: integer}}}")

    document = merge(folder)

    validate(document)
    assert list(document["paths"]["/shops"]) == ["get", "post"]
    assert list(document["components"]["schemas"]) == ["Shared", "Shop", "Unit"]


def test_fault_within_a_schema_is_located_by_file_and_line(folder: Path) -> None:
    add(
        folder,
        "units.yaml",
        "components:\n  schemas:\n    Unit:\n      properties:\n        name:\n          type: strin\n",
    )

    assert "openapi/areas/units.yaml:6: components/schemas/Unit/properties/name/type: 'strin'" in message_of(folder)


def test_schema_of_two_files_is_refused(folder: Path) -> None:
    add(folder, "terminals.yaml", "components: {schemas: {Shop: {type: object}}}")

    assert message_of(folder) == (
        "openapi/areas/terminals.yaml:1: Shop is defined twice under components: schemas, see"
        " openapi/areas/shops.yaml:13; keep one of them, or give one another name"
    )


def test_schema_of_the_shared_file_is_not_replaced(folder: Path) -> None:
    add(folder, "terminals.yaml", "components: {schemas: {Shared: {type: object}}}")

    assert message_of(folder) == (
        "openapi/areas/terminals.yaml:1: Shared is defined twice under components: schemas, see"
        " openapi/smartkasa.yaml:6; keep one of them, or give one another name"
    )


def test_method_of_two_files_is_refused(folder: Path) -> None:
    add(folder, "terminals.yaml", "paths: {/shops: {get: {responses: {}}}}")

    assert message_of(folder) == (
        "openapi/areas/terminals.yaml:1: get is defined twice under paths: /shops, see openapi/areas/shops.yaml:4;"
        " keep one of them, or give one another name"
    )


def test_key_twice_in_one_file_is_refused(folder: Path) -> None:
    add(folder, "units.yaml", "components:\n  schemas:\n    Unit: {type: integer}\n    Unit: {type: string}\n")

    assert message_of(folder) == (
        "openapi/areas/units.yaml:4: Unit is defined twice in one mapping, where one is enough; correct the YAML there"
    )


def test_broken_yaml_names_file_and_line(folder: Path) -> None:
    add(folder, "units.yaml", "components:\n  schemas: [Unit\n")

    assert message_of(folder).startswith("openapi/areas/units.yaml:3: ")


def test_file_without_a_mapping_is_refused(folder: Path) -> None:
    add(folder, "units.yaml", "")

    assert message_of(folder) == (
        "openapi/areas/units.yaml: the file is no mapping; begin it with paths: or components:"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("components:\n  schemas:\n    - Unit\n", "openapi/areas/units.yaml:2: schemas"),
        ("paths: nothing\n", "openapi/areas/units.yaml:1: paths"),
    ],
)
def test_part_without_a_mapping_is_refused(folder: Path, text: str, place: str) -> None:
    add(folder, "units.yaml", text)

    assert message_of(folder) == f"{place} is no mapping; write its keys below it"


def test_dangling_references_are_listed_with_their_places(folder: Path) -> None:
    unit = "Unit: {type: array, items: {$ref: '#/components/schemas/Lost'}}"
    near = "Near: {type: array, items: {$ref: '#/components/schemas/Shops'}}"
    add(folder, "units.yaml", f"components:\n  schemas:\n    {unit}\n    {near}\n")

    first, second = message_of(folder).splitlines()[1:]

    assert first == (
        "openapi/areas/units.yaml:3: components/schemas/Unit/items: #/components/schemas/Lost is not defined by any"
        " file; define it under components of an area's file"
    )
    assert second == (
        "openapi/areas/units.yaml:4: components/schemas/Near/items: #/components/schemas/Shops is not defined by any"
        " file; did you mean Shop?"
    )


def test_extensions_that_nothing_reads_are_listed_with_their_places(folder: Path) -> None:
    add(folder, "units.yaml", "paths:\n  /units:\n    get:\n      x-retries: safe\n      x-speed: fast\n")

    first, second = message_of(folder).splitlines()[1:]

    assert first == (
        "openapi/areas/units.yaml:4: paths//units/get/x-retries: x-retries is read by nothing; did you mean x-retry?"
    )
    assert second.startswith(
        "openapi/areas/units.yaml:5: paths//units/get/x-speed: x-speed is read by nothing; codegen knows x-area, "
    )


def test_invalid_openapi_names_the_place(folder: Path) -> None:
    add(folder, "units.yaml", "paths:\n  /units:\n    get:\n      responses:\n        '200': {}\n")

    told = message_of(folder)

    assert "openapi/areas/units.yaml:5: paths//units/get/responses/200: " in told
    assert "is a required property" in told


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("x-method: list", "x-method: import"),
            "x-method is 'import', which no name in Python can be; give another one",
        ),
        (("x-retry: safe", "x-retry: often"), "x-retry is 'often'; give one of safe, unsent-only"),
        (("      x-retry: safe\n", ""), "'x-retry' is missing; add it, CONTRIBUTING.md says under Conventions"),
        (("tags: [unit_types]", "tags: [units]"), "the tag 'units' is unknown; add it under tags in openapi/smartkasa"),
        (("'200'", "'404'"), "it has 0 answers of success under responses; give one, such as '200'"),
    ],
)
def test_faults_of_an_operation_name_its_line_and_the_remedy(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    shutil.copytree(SPEC_FOLDER, tmp_path / "openapi")
    file = tmp_path / "openapi" / "areas" / "unit_types.yaml"
    text = file.read_text("utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change), "utf-8")

    with pytest.raises(SpecError) as caught:
        operations(merge(tmp_path / "openapi"))

    line = next(number for number, line in enumerate(text.splitlines(), 1) if line == "    get:")
    assert str(caught.value).startswith(
        f"openapi/areas/unit_types.yaml:{line}: GET /api/v1/inventory/unit_types: {message}"
    )


def test_code_that_is_not_python_is_told_with_what_to_do() -> None:
    with pytest.raises(SpecError, match=r"^areas\.py that would be generated is not valid Python; look for a name"):
        formatted("def date-start(): ...\n", "areas.py")


def test_dates_and_words_stay_text(folder: Path) -> None:
    add(folder, "units.yaml", "components: {schemas: {Day: {examples: [2021-08-01, no, on, true]}}}")

    assert merge(folder)["components"]["schemas"]["Day"]["examples"] == ["2021-08-01", "no", "on", True]


def test_json_keeps_ukrainian_letters() -> None:
    text = as_json({"title": "Крамниця"})

    assert "Крамниця" in text
    assert json.loads(text) == {"title": "Крамниця"}
