"""Merging the files of the OpenAPI document, and the errors of whoever edits them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from codegen.document import SpecError, as_json, merge, validate

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


def test_schema_of_two_files_is_refused(folder: Path) -> None:
    add(folder, "terminals.yaml", "components: {schemas: {Shop: {type: object}}}")

    assert message_of(folder) == "terminals.yaml: components.schemas: Shop is defined twice"


def test_schema_of_the_shared_file_is_not_replaced(folder: Path) -> None:
    add(folder, "terminals.yaml", "components: {schemas: {Shared: {type: object}}}")

    assert message_of(folder) == "terminals.yaml: components.schemas: Shared is defined twice"


def test_method_of_two_files_is_refused(folder: Path) -> None:
    add(folder, "terminals.yaml", "paths: {/shops: {get: {responses: {}}}}")

    assert message_of(folder) == "terminals.yaml: /shops: get is defined twice"


def test_key_twice_in_one_file_is_refused(folder: Path) -> None:
    add(folder, "units.yaml", "components:\n  schemas:\n    Unit: {type: integer}\n    Unit: {type: string}\n")

    assert message_of(folder) == "units.yaml:4: Unit is defined twice"


def test_broken_yaml_names_file_and_line(folder: Path) -> None:
    add(folder, "units.yaml", "components:\n  schemas: [Unit\n")

    assert message_of(folder).startswith("units.yaml:3: ")


def test_file_without_a_mapping_is_refused(folder: Path) -> None:
    add(folder, "units.yaml", "")

    assert message_of(folder) == "units.yaml: expected a mapping at the top"


def test_dangling_references_are_listed_with_their_places(folder: Path) -> None:
    add(
        folder, "units.yaml", "components: {schemas: {Unit: {type: array, items: {$ref: '#/components/schemas/Lost'}}}}"
    )

    assert message_of(folder).splitlines()[1:] == [
        "components/schemas/Unit/items: #/components/schemas/Lost is not defined by any file"
    ]


def test_invalid_openapi_names_the_place(folder: Path) -> None:
    add(folder, "units.yaml", "paths: {/units: {get: {responses: {'200': {}}}}}")

    assert "paths//units/get/responses/200" in message_of(folder)


def test_dates_and_words_stay_text(folder: Path) -> None:
    add(folder, "units.yaml", "components: {schemas: {Day: {examples: [2021-08-01, no, on, true]}}}")

    assert merge(folder)["components"]["schemas"]["Day"]["examples"] == ["2021-08-01", "no", "on", True]


def test_json_keeps_ukrainian_letters() -> None:
    text = as_json({"title": "Крамниця"})

    assert "Крамниця" in text
    assert json.loads(text) == {"title": "Крамниця"}
