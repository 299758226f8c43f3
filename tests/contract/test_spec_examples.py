"""The examples in the OpenAPI document are valid, and the documentation's samples stand among them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from smartkasa_async.operations import find
from tests.support.spec import (
    DOCUMENT,
    SAMPLES,
    Example,
    SpecOperation,
    examples,
    faults,
    query_parameters,
    resolve,
    spec_operations,
)

EXAMPLES = examples()


def operation_of(sample: dict[str, Any]) -> SpecOperation:
    request = sample["request"]
    path = find(request["method"], urlsplit(request["url"]).path).path
    return SpecOperation(request["method"], path, DOCUMENT["paths"][path][request["method"].lower()])


def name_of(sample: dict[str, Any]) -> str:
    return str(operation_of(sample).spec["operationId"])


def to_the_letter(value: Any) -> Any:
    """Tell 1 from 1.0 and from true, which Python calls equal."""
    if isinstance(value, dict):
        return {key: to_the_letter(child) for key, child in value.items()}
    if isinstance(value, list):
        return [to_the_letter(child) for child in value]
    return type(value).__name__, value


def documented(content: dict[str, Any]) -> Any:
    return content["content"]["application/json"]["examples"]["documentation"]["value"]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_example_is_valid(example: Example) -> None:
    assert faults(example.value, example.schema) == []


def test_validation_notices_each_kind_of_fault() -> None:
    sample = SAMPLES[3]["answers"][0]["body"]
    terminal = sample["data"][0]
    wrong = {**terminal, "id": "20007", "created_at": "2021-03-22T13:52:06.216", "colour": 1}
    sample = {"data": [], "meta": {**sample["meta"]}}
    del sample["meta"]["total_count"]

    found = "\n".join(faults({**sample, "data": [wrong]}, "#/components/schemas/TerminalPage"))

    assert "$.data[0].id" in found
    assert "$.data[0].created_at" in found
    assert "colour" in found
    assert "'total_count' is a required property" in found


def test_documentation_has_thirteen_samples() -> None:
    assert len({name_of(sample) for sample in SAMPLES}) == len(SAMPLES) == 13


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_documented_request_stands_in_the_document(sample: dict[str, Any]) -> None:
    operation = operation_of(sample)
    if sample["request"]["body"] is None:
        assert "requestBody" not in operation.spec
        return
    assert to_the_letter(documented(operation.spec["requestBody"])) == to_the_letter(sample["request"]["body"])


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_documented_answers_stand_in_the_document(sample: dict[str, Any]) -> None:
    responses = operation_of(sample).spec["responses"]
    for answer in sample["answers"]:
        shown = documented(resolve(responses[str(answer["status"])]))
        assert to_the_letter(shown) == to_the_letter(answer["body"])


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_documented_query_keeps_its_order(sample: dict[str, Any]) -> None:
    sent = [name for name, _ in parse_qsl(urlsplit(sample["request"]["url"]).query)]
    described = [parameter["name"] for parameter in query_parameters(operation_of(sample))]

    assert [name for name in described if name in sent] == sent


def test_source_is_documentation_exactly_where_the_documentation_has_a_sample() -> None:
    shown = {name_of(sample) for sample in SAMPLES}
    marked = {o.spec["operationId"] for o in spec_operations() if o.spec["x-source"] == "documentation"}

    assert marked == shown


def test_only_documented_operations_have_documentation_examples() -> None:
    shown = {str(operation_of(sample)) for sample in SAMPLES}
    named = {str(o) for o in spec_operations() if "'documentation': {" in str(o.spec)}

    assert named == shown
