"""Whatever is sent to the sandbox, it answers as the OpenAPI document says, and never with a failure of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from smartkasa_async.sandbox import Sandbox
from tests.support.calling import Caller, two_of_each, uuid
from tests.support.spec import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

load_all_checks()
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(json.loads((PROJECT / "openapi" / "smartkasa.json").read_text("utf-8")))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
EXAMPLES = 5
"""For each operation, as many that the document allows as such that it does not; more find more, in more time."""


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox().in_thread() as sandbox:
        yield sandbox


@pytest.fixture
async def pair(box: Sandbox) -> dict[str, str]:
    async with aiohttp.ClientSession() as session:
        found: dict[str, str] = await Caller(box, session).login()
        return found


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_answers_are_those_of_the_document(
    box: Sandbox, pair: dict[str, str], operation: Any, mode: GenerationMode
) -> None:
    token = pair["refresh"] if operation.path.endswith("/refresh") else pair["access"]
    headers = {"X-API-KEY": box.api_key, "Authorization": f"Bearer {token}"}
    statuses = set()

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        box.load(two_of_each())
        _name_what_is_there(case.body)
        if "id" in case.path_parameters and (mode is GenerationMode.POSITIVE or operation.body):
            case.path_parameters["id"] = _first_like(case.path_parameters["id"])
        answer = case.call(base_url=box.url, headers=headers)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    send()
    assert statuses


def test_all_operations_are_tried() -> None:
    assert len(OPERATIONS) == 56


def _first_like(key: Any) -> Any:
    return uuid(1) if isinstance(key, str) else 1


def _name_what_is_there(body: Any) -> None:
    """Let a body name records that exist, or nothing could be created."""
    if isinstance(body, list):
        for item in body:
            _name_what_is_there(item)
    elif isinstance(body, dict):
        for name, value in body.items():
            if name in {"category_id", "product_id", "parent_id"} and isinstance(value, str):
                body[name] = uuid(2 if name == "parent_id" else 1)
            elif name in {"shop_id", "role_id", "subgroup_id", "terminal_id"} and type(value) is int:
                body[name] = 1
            elif name == "ids" and isinstance(value, list):
                body[name] = [uuid(1) if isinstance(key, str) and len(key) == len(uuid(1)) else key for key in value]
            else:
                _name_what_is_there(value)
