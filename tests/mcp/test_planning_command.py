"""`smartkasa mcp --allow`: changes over standard streams and over HTTP, in processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from anyio import to_thread
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import ElicitResult

from smartkasa_async.mcp import TokenFile
from smartkasa_async.plans import read_plan
from tests.support.agents import ERAS, agent_of, mcp_command, text_of
from tests.support.catalogue import barcode
from tests.support.planned_store import PlannedStore
from tests.support.processes import finished, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartkasa_async import SmartKasa
    from smartkasa_async.sandbox import Sandbox

ROWS = [{"barcode": barcode(1), "price": "7.20"}]
FULL = Path("/dev/full")
SCOPES = {"bookkeeper": ("read",), "nightly": ("read", "write")}


async def approve(context: Any, params: Any) -> ElicitResult:
    return ElicitResult(action="accept", content={"approve": True})


@pytest.fixture
async def shop(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> PlannedStore:
    opened = PlannedStore(box, kasa, tmp_path / "plans")
    await opened.open()
    return opened


def environment(box: Sandbox) -> dict[str, str]:
    named = {f"SMARTKASA_{name.upper()}": f"{value}" for name, value in box.credentials.items()}
    return {**os.environ, **named, "SMARTKASA_LATE_WRITE_WINDOW": "0.05"}


def words(shop: PlannedStore) -> list[str | Path]:
    return ["--allow", "prices, stock", "--plans", shop.folder, "--store", shop.folder.parent / "kasa.sqlite"]


@pytest.mark.parametrize("mode", ERAS)
async def test_a_host_on_this_machine_plans_applies_and_undoes(shop: PlannedStore, mode: str) -> None:
    before = shop.state
    python, *arguments = map(str, mcp_command(*words(shop)))
    parameters = StdioServerParameters(command=python, args=arguments, env=environment(shop.box))
    async with Client(parameters, mode=mode, elicitation_callback=approve) as client:
        agent = await agent_of(client)
        plan = (await agent.ask("plan_changes", kind="prices", rows=ROWS))["plan"]
        assert "--allow prices, stock" in await agent.refusal("plan_changes", kind="catalog", rows=ROWS)
        assert (await agent.ask("apply_plan", id=plan))["updated"] == 1
        assert shop.prices[1] == "7.20"
        assert (await agent.ask("undo_plan", id=plan))["updated"] == 1
    assert shop.state == before


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a file that is always full")
async def test_where_the_audit_is_full_nothing_is_changed_and_the_rest_is_answered(
    shop: PlannedStore, tmp_path: Path
) -> None:
    python, *arguments = map(str, mcp_command("--audit", FULL, *words(shop), "--lang", "en"))
    parameters = StdioServerParameters(command=python, args=arguments, env=environment(shop.box))
    shop.folder.mkdir()
    plan = await shop.plan_prices({1: "7.20"})
    plan.write(shop.folder / f"{plan.id}.json")
    with (tmp_path / "errors.txt").open("w") as errors:
        async with Client(stdio_client(parameters, errlog=errors), elicitation_callback=approve) as client:
            agent = await agent_of(client)
            for tool, given in (
                ("apply_plan", {"id": plan.id}),
                ("undo_plan", {"id": plan.id}),
                ("plan_changes", {"kind": "prices", "rows": ROWS}),
                ("sync", {"days": "yesterday"}),
            ):
                with pytest.raises(MCPError, match=f"The audit cannot be written, so {tool} was not begun"):
                    await agent.call(tool, **given)
            assert (await agent.ask("api_search", text="shops"))["rows"]
    assert shop.writes() == {}
    noted = (tmp_path / "errors.txt").read_text("utf-8")
    assert "The audit could not be written" in noted
    assert "api_search" in noted
    assert "Traceback" not in noted


async def test_the_code_is_shown_in_ukrainian(shop: PlannedStore, tmp_path: Path) -> None:
    python, *arguments = map(str, mcp_command(*words(shop), "--lang", "uk"))
    parameters = StdioServerParameters(command=python, args=arguments, env=environment(shop.box))
    with (tmp_path / "errors.txt").open("w") as errors:
        async with Client(stdio_client(parameters, errlog=errors)) as client:
            agent = await agent_of(client)
            plan = (await agent.ask("plan_changes", kind="prices", rows=ROWS))["plan"]
    assert f"План {plan}: ціни; " in (tmp_path / "errors.txt").read_text("utf-8")


@contextmanager
def served(shop: PlannedStore) -> Iterator[tuple[str, Path, dict[str, str]]]:
    """Serve over HTTP; gives the address, the file of the audit, and the tokens."""
    folder = shop.folder.parent
    file, audit = folder / "tokens.toml", folder / "audit.jsonl"
    tokens = {name: TokenFile(file).add(name, scopes) for name, scopes in SCOPES.items()}
    options: list[str | Path] = ["--tokens", file, "--audit", audit, *words(shop)]
    with running(
        mcp_command("--http", "--port", "0", *options), stdout=-1, stderr=-1, env=environment(shop.box)
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/mcp", process.stdout.readline())
        assert found, process.stderr and process.stderr.read()
        yield found[0], audit, tokens
        process.send_signal(signal.SIGTERM)


async def test_over_http_a_token_needs_the_scope_write_and_each_call_is_noted(shop: PlannedStore) -> None:
    with served(shop) as (url, audit, tokens):
        for name in SCOPES:
            async with (
                httpx2.AsyncClient(headers={"Authorization": f"Bearer {tokens[name]}"}) as http,
                Client(streamable_http_client(url, http_client=http), elicitation_callback=approve) as client,
            ):
                if name == "bookkeeper":
                    for tool in ("plan_changes", "apply_plan", "undo_plan"):
                        with pytest.raises(MCPError, match="no scope write"):
                            await client.call_tool(tool, {"id": "0" * 12, "kind": "prices", "rows": ROWS})
                    continue
                agent = await agent_of(client)
                plan = (await agent.ask("plan_changes", kind="prices", rows=ROWS))["plan"]
                assert (await agent.ask("apply_plan", id=plan))["updated"] == 1
        noted = [json.loads(line) for line in audit.read_text("utf-8").splitlines()]
    assert [(one["who"], one["what"].removeprefix("tools/call "), one["outcome"]) for one in noted] == [
        ("bookkeeper", "plan_changes", "refused"),
        ("bookkeeper", "apply_plan", "refused"),
        ("bookkeeper", "undo_plan", "refused"),
        ("nightly", "plan_changes", "begun"),
        ("nightly", "plan_changes", "ok"),
        ("nightly", "apply_plan", "begun"),
        ("nightly", "apply_plan", "asked"),
        ("nightly", "apply_plan", "begun"),
        ("nightly", "apply_plan", "ok"),
    ]
    code = read_plan(shop.folder / f"{plan}.json").code
    assert code not in audit.read_text("utf-8")
    assert shop.prices[1] == "7.20"


@pytest.mark.parametrize("mode", ERAS)
async def test_over_http_a_person_is_asked_in_both_eras(shop: PlannedStore, mode: str) -> None:
    before = shop.state
    with served(shop) as (url, _audit, tokens):
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {tokens['nightly']}"}) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode, elicitation_callback=approve) as client,
        ):
            agent = await agent_of(client)
            assert client.protocol_version == ERAS[mode]
            plan = (await agent.ask("plan_changes", kind="prices", rows=ROWS))["plan"]
            assert (await agent.ask("apply_plan", id=plan))["updated"] == 1
            assert shop.prices[1] == "7.20"
            assert (await agent.ask("undo_plan", id=plan))["updated"] == 1
    assert shop.state == before


@pytest.mark.parametrize("mode", ERAS)
async def test_over_http_without_a_host_that_asks_the_code_is_needed(shop: PlannedStore, mode: str) -> None:
    with served(shop) as (url, _audit, tokens):
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {tokens['nightly']}"}) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode) as client,
        ):
            agent = await agent_of(client)
            plan = (await agent.ask("plan_changes", kind="prices", rows=ROWS))["plan"]
            assert "ask the user for the code" in text_of(await agent.call("apply_plan", id=plan))
            assert shop.box.calls["PATCH /api/v1/inventory/products/{id}"] == 0
            code = read_plan(shop.folder / f"{plan}.json").code
            assert (await agent.ask("apply_plan", id=plan, code=code))["updated"] == 1


@pytest.mark.parametrize(
    ("allow", "more", "reason"),
    [
        ("prices,receipts", (), "--allow has 'receipts'"),
        ("delete", (), "Give one or several of prices, stock, catalog"),
        ("prices", ("--offline",), "--allow needs the service"),
    ],
)
async def test_what_cannot_be_allowed_stops_the_start(
    shop: PlannedStore, allow: str, more: tuple[str, ...], reason: str
) -> None:
    options: list[str | Path] = ["--allow", allow, *more, "--store", shop.folder.parent / "kasa.sqlite", "--lang", "en"]
    ended = await to_thread.run_sync(lambda: finished(mcp_command(*options), env=environment(shop.box)))
    assert ended.returncode == 2
    assert reason in ended.stderr
