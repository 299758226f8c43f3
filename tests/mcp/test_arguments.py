"""Whatever a tool is given, it answers or says what is wrong, and the call leaves a line of audit."""

from __future__ import annotations

import logging
import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mcp import Client
from mcp.shared.exceptions import MCPError

from smartkasa_async.mcp import Changes, Limits, make_server
from smartkasa_async.mcp.guard import WRITE_TOOLS
from smartkasa_async.sandbox import Sandbox
from smartkasa_async.stores import open_store
from tests.support.agents import text_of
from tests.support.clients import client
from tests.support.planned_store import PlannedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartkasa_async.mcp import AuditRecord

NUMBERS = st.one_of(st.integers(), st.floats(), st.just(10**400), st.sampled_from([-1, 0, 2**31, 2**63, 2**64]))
TEXTS = st.one_of(
    st.text(),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Lu"])),
    st.sampled_from(
        ["today", "2026-10", "-7d", "..", "9999-12-31..9999-12-31", "0001-01-01", "-99999999999d", "1e999"]
    ),
    st.sampled_from(
        ["x" * 5_000, "%", "' OR 1=1", "\0", "\ud800", "NaN", "shops.list", "products.get", "eyJ4Ijox", "W10="]
    ),
    st.sampled_from(["total", "all", "none", "prices", "stock", "number", "en", "0" * 12]),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=5,
)


class Stage:
    """The tools of a server, what calls one, and what the server noted."""

    def __init__(self, tools: Any, call: Any, noted: list[AuditRecord]) -> None:
        self.tools = tools
        self.call = call
        self.noted = noted


@pytest.fixture(scope="module")
def stage(whole_month: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Serve all tools, with changes allowed, to a host that cannot ask."""
    folder = tmp_path_factory.mktemp("arguments")
    noted: list[AuditRecord] = []
    with ExitStack() as held:
        portal = held.enter_context(start_blocking_portal())

        def enter(manager: Any) -> Any:
            return held.enter_context(portal.wrap_async_context_manager(manager))

        box = enter(Sandbox())
        kasa = enter(client(box))
        shop = PlannedStore(box, kasa, folder / "plans")
        portal.call(shop.open)
        store = enter(open_store(shutil.copy(whole_month, folder / "kasa.sqlite")))
        limits = Limits(calls_per_minute=1_000_000)
        changes = Changes(allow=frozenset({"prices", "stock", "catalog"}), folder=shop.folder, late_write_window=0)
        server = make_server(store, kasa, changes=changes, limits=limits, audit=noted.append)
        agent = enter(Client(server))
        yield Stage(portal.call(agent.list_tools).tools, lambda *call: portal.call(agent.call_tool, *call), noted)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_no_argument_breaks_a_tool_and_each_call_is_noted(
    stage: Stage, caplog: pytest.LogCaptureFixture, data: st.DataObject
) -> None:
    tool = data.draw(st.sampled_from(stage.tools))
    schema = tool.input_schema
    names = sorted(schema.get("properties", {}))
    required = set(schema.get("required", []))
    given_values = {
        name: data.draw(st.just(_fitting(schema["properties"][name])) | VALUES)
        for name in names
        if name in required or data.draw(st.booleans())
    }
    before = len(stage.noted)
    caplog.clear()
    with caplog.at_level(logging.ERROR):
        try:
            result = stage.call(tool.name, given_values)
        except MCPError:
            outcome = "refused"
        else:
            outcome = "error" if result.is_error else "ok"
            assert text_of(result).strip() not in {f"Error executing tool {tool.name}", "Internal error"}
    assert not caplog.records, (tool.name, given_values)
    *begun, noted = stage.noted[before:]
    assert [one.outcome for one in begun] == ["begun"] * (tool.name in WRITE_TOOLS and outcome != "refused")
    assert (noted.what, noted.outcome) == (f"tools/call {tool.name}", outcome)


@pytest.mark.parametrize(
    ("tool", "arguments", "unknown", "known"),
    [
        ("sales_summary", {"days": "2026-10", "shops": "1"}, "shops", "days, "),
        ("sales_summary", {"days": "2026-10", "groupby": "shop"}, "groupby", "group_by"),
        ("find_products", {"query": "кава"}, "query", "text"),
        ("sync", {"days": "today", "refetch": True}, "refetch", "days, "),
        ("apply_plan", {"id": "0" * 12, "approval": True}, "approval", "id, code"),
        ("report_page", {"days": "today"}, "days", "—"),
    ],
)
def test_an_argument_that_a_tool_does_not_have_is_refused(
    stage: Stage, tool: str, arguments: dict[str, Any], unknown: str, known: str
) -> None:
    result = stage.call(tool, arguments)
    assert result.is_error
    assert f"{tool} has no argument '{unknown}'; it has: " in text_of(result)
    assert known in text_of(result)


@pytest.mark.parametrize(
    ("tool", "arguments", "refusal"),
    [
        ("sales_summary", {}, "sales_summary needs the argument 'days': a text"),
        ("sales_summary", {"days": 7}, "'days' of sales_summary is 7; give a text"),
        (
            "sales_summary",
            {"days": "today", "group_by": "till"},
            "'group_by' of sales_summary is 'till'; give one of total, day,",
        ),
        ("find_products", {"max_tokens": "many"}, "'max_tokens' of find_products is 'many'; give a whole number"),
        (
            "find_receipts",
            {"days": "today", "cashier_id": "x"},
            "'cashier_id' of find_receipts is 'x'; give a whole number",
        ),
        ("api_read", {"operation": "products.list", "query": [1]}, "'query' of api_read is [1]; give a JSON object"),
        (
            "plan_changes",
            {"kind": "prices", "rows": "all"},
            "'rows' of plan_changes is 'all'; give a list of JSON objects",
        ),
        (
            "plan_changes",
            {"kind": "prices", "rows": [{"price": []}]},
            "'rows.0.price' of plan_changes is []; give a text or a number",
        ),
    ],
)
def test_an_argument_of_another_form_is_refused(
    stage: Stage, tool: str, arguments: dict[str, Any], refusal: str
) -> None:
    result = stage.call(tool, arguments)
    assert result.is_error
    assert text_of(result).startswith(refusal)


def test_schemas_take_no_other_arguments(stage: Stage) -> None:
    assert all(tool.input_schema["additionalProperties"] is False for tool in stage.tools)


@pytest.mark.parametrize(
    ("tool", "arguments", "refusal"),
    [
        ("find_receipts", {"days": "2026-10", "cashier_id": 2**70}, "cashier_id is"),
        ("find_receipts", {"days": "2026-10", "cashier_id": 2**63}, "cashier_id is"),
        ("find_receipts", {"days": "2026-10", "cashier_id": -1}, "cashier_id is -1"),
        ("find_receipts", {"days": "2026-10", "shop": "9" * 5_000}, "shop is"),
        ("z_reports", {"days": "2026-10", "shop": "9" * 30}, "shop is"),
        ("sales_summary", {"days": "2026-10", "shop": 2**70}, "shop is"),
        ("get_receipt", {"number": "9" * 5_000}, "no receipt"),
        ("get_receipt", {"number": -(2**70)}, "no receipt"),
        ("api_read", {"operation": "shops.list", "query": {"page": 2**70}}, "query has page"),
        ("api_read", {"operation": "products.list", "query": {"category_id": 2**70}}, ""),
        ("api_read", {"operation": "products.get", "id": 2**70}, ""),
        ("plan_changes", {"kind": "prices", "rows": [{"barcode": 2**70, "price": 2**70}]}, None),
        ("plan_changes", {"kind": "stock", "rows": [{"barcode": "1", "count": 1}], "shop": 2**70}, "shop is"),
    ],
)
def test_numbers_out_of_bounds_are_answered_or_refused(
    stage: Stage, caplog: pytest.LogCaptureFixture, tool: str, arguments: dict[str, Any], refusal: str | None
) -> None:
    with caplog.at_level(logging.ERROR):
        result = stage.call(tool, arguments)
    assert not caplog.records
    if refusal is not None:
        assert result.is_error or not refusal
        assert refusal in text_of(result)


def _fitting(schema: dict[str, Any]) -> Any:
    """Give a value of the right kind, so that the other arguments are looked at too."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = f"{schema.get('type')}"
    return {"integer": 2_000, "array": [{"barcode": "1", "price": 1}], "object": {}}.get(kind, "today")
