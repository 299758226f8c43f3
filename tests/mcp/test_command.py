"""The command `smartkasa mcp`, as hosts run it: over standard streams, and over HTTP with tokens."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import tomllib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from smartkasa_async.errors import ConfigurationError
from smartkasa_async.mcp import TokenFile
from smartkasa_async.stores import open_store
from tests.support.agent_business import Counted, faulty, month, write_month
from tests.support.agents import ERAS, Agent, agent_of, mcp_command, text_of
from tests.support.processes import finished, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


class Served:
    """A server over HTTP in a process of its own.

    Args:
        url: Its address.
        audit: The file of its audit.
        tokens: Its tokens by their names.
    """

    def __init__(self, url: str, audit: Path, tokens: dict[str, str]) -> None:
        self.url = url
        self.audit = audit
        self.tokens = tokens

    @asynccontextmanager
    async def agent(self, name: str, mode: str = "auto") -> AsyncIterator[Agent]:
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=mode) as client,
        ):
            yield await agent_of(client)

    async def post(self, **headers: str) -> int:
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        accepted = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        async with httpx2.AsyncClient() as http:
            return (await http.post(self.url, json=call, headers=accepted | headers)).status_code

    def noted(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.audit.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def served(whole_month: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a month over HTTP, to a token that reads and one that writes as well, and another account's to a third."""
    folder = tmp_path_factory.mktemp("served")
    file, audit = folder / "tokens.toml", folder / "audit.jsonl"
    tokens = {name: TokenFile(file).add(name, scopes) for name, scopes in SCOPES.items()}
    tokens["branch"] = TokenFile(file).add("branch", ["read", "write"], OTHER_ACCOUNT)
    store = folder / "kasa.sqlite"
    shutil.copy(whole_month, store)
    asyncio.run(_write_other_account(store))
    served_from: list[str | Path] = ["--tokens", file, "--audit", audit, "--store", store]
    with running(mcp_command("--http", "--port", "0", "--offline", *served_from), stdout=-1, stderr=-1) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/mcp", process.stdout.readline())
        assert found, process.stderr and process.stderr.read()
        yield Served(found[0], audit, tokens)
        process.send_signal(signal.SIGTERM)


SCOPES = {"bookkeeper": ("read",), "nightly": ("read", "write")}
OTHER_ACCOUNT = 7


async def _write_other_account(path: Path) -> None:
    async with open_store(path, account_id=OTHER_ACCOUNT, keep_raw=False) as store:
        await write_month(store, faulty())


@pytest.mark.parametrize("mode", ERAS)
async def test_a_month_is_answered_over_http_in_both_eras(served: Served, mode: str) -> None:
    async with served.agent("bookkeeper", mode) as agent:
        assert agent.client.protocol_version == ERAS[mode]
        answer = await agent.ask("sales_summary", days="2026-10")
    assert answer["total"]["net"] == f"{Counted(month()).net()}"
    noted = served.noted()[-1]
    assert (noted["who"], noted["what"], noted["outcome"]) == ("bookkeeper", "tools/call sales_summary", "ok")


@pytest.mark.parametrize("mode", ERAS)
async def test_the_account_comes_from_the_token(served: Served, mode: str) -> None:
    nets = {"bookkeeper": f"{Counted(month()).net()}", "branch": f"{Counted(faulty()).net()}"}
    assert nets["bookkeeper"] != nets["branch"]
    async with served.agent("bookkeeper", mode) as bookkeeper, served.agent("branch", mode) as branch:
        for _ in range(2):
            for name, agent in (("branch", branch), ("bookkeeper", bookkeeper)):
                answer = await agent.ask("sales_summary", days="2026-10")
                assert answer["total"]["net"] == nets[name]


async def test_what_needs_the_service_is_refused_to_tokens_of_other_accounts(served: Served) -> None:
    async with served.agent("branch") as agent:
        for tool in ("sync", "api_read", "plan_changes", "apply_plan", "undo_plan"):
            with pytest.raises(MCPError, match="logged in to another account than this token's"):
                await agent.client.call_tool(tool, {})


async def test_without_a_token_nothing_is_answered(served: Served) -> None:
    assert await served.post() == 401
    assert await served.post(Authorization="Bearer guessed") == 401
    assert await served.post(Authorization=f"Basic {served.tokens['nightly']}") == 401


async def test_pages_of_other_origins_are_refused(served: Served) -> None:
    token = {"Authorization": f"Bearer {served.tokens['bookkeeper']}"}
    assert await served.post(**token, Origin="https://evil.example") == 403
    assert await served.post(**token, Host="evil.example") == 421
    assert await served.post(**token, Origin="http://localhost:1234") in {200, 400}


async def test_large_requests_are_refused(served: Served) -> None:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {served.tokens['bookkeeper']}"}) as http:
        answer = await http.post(served.url, content=b"x" * 70_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


async def test_a_token_that_only_reads_cannot_sync(served: Served) -> None:
    async with served.agent("bookkeeper") as agent:
        with pytest.raises(MCPError, match="no scope write"):
            await agent.client.call_tool("sync", {"days": "yesterday"})
    assert served.noted()[-1]["outcome"] == "refused"
    async with served.agent("nightly") as agent:  # there is no such tool without a key, but the token would do
        assert "Unknown tool" in text_of(await agent.client.call_tool("sync", {"days": "yesterday"}))


@pytest.mark.parametrize("mode", ERAS)
async def test_a_host_starts_it_over_standard_streams(whole_month: Path, mode: str) -> None:
    program, *words = map(str, mcp_command("--offline", "--store", whole_month))
    parameters = StdioServerParameters(command=program, args=words, env=dict(os.environ))
    async with Client(parameters, mode=mode) as client:
        agent = await agent_of(client)
        answer = await agent.ask("z_reports", days="2026-10")
    assert answer["rows_in_all"] == len(Counted(month()).z_reports)


def test_a_token_is_printed_once_and_kept_as_a_digest(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    ended = finished(
        mcp_command("--tokens", file, "--add-token", "nightly", "--scope", "write", "--account-id", "7", "--json")
    )
    token = json.loads(ended.stdout)["token"]
    kept = tomllib.loads(file.read_text("utf-8"))["tokens"]["nightly"]
    assert kept["scopes"] == ["read", "write"]
    assert kept["account_id"] == 7
    assert token not in file.read_text("utf-8")
    again = finished(mcp_command("--tokens", file, "--add-token", "nightly", "--lang", "en"))
    assert again.returncode == 2
    assert "has nightly already" in again.stderr


def test_a_token_of_no_account_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    ended = finished(mcp_command("--tokens", file, "--add-token", "nightly", "--account-id", "-5", "--lang", "en"))
    assert ended.returncode == 2
    assert "--account-id" in ended.stderr
    assert not file.exists()


def test_http_needs_tokens(whole_month: Path, tmp_path: Path) -> None:
    ended = finished(mcp_command("--http", "--offline", "--store", whole_month, "--lang", "en"))
    assert ended.returncode == 2
    assert "each caller needs a token" in ended.stderr
    assert "--add-token NAME" in ended.stderr
    without_file: list[str | Path] = ["--tokens", tmp_path / "none.toml", "--store", whole_month]
    assert finished(mcp_command("--http", "--offline", *without_file)).returncode == 2


def test_a_store_that_is_not_there_is_named_by_its_full_path(tmp_path: Path) -> None:
    command = mcp_command("--store", "mistyped.sqlite", "--lang", "en")
    with_key = finished(command, cwd=tmp_path, env={**os.environ, "SMARTKASA_API_KEY": "key"})
    assert f"there is no store {tmp_path / 'mistyped.sqlite'} yet" in with_key.stderr
    second = finished(command, cwd=tmp_path, env={**os.environ, "SMARTKASA_API_KEY": "key"})
    assert (with_key.returncode, second.returncode, second.stderr) == (0, 0, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no table"),
        ("[tokens.x]\nsha256 = 'abc'\nscopes = ['read']", "64 hexadecimal digits"),
        (f"[tokens.x]\nsha256 = '{'a' * 64}'\nscopes = ['all']", "of read and write"),
        (f"[tokens.x]\nsha256 = '{'a' * 64}'\nscopes = ['read']\naccount_id = true", "a whole number as account_id"),
        (f"[tokens.x]\nsha256 = '{'a' * 64}'\nscopes = ['read']\naccount_id = -1", "a whole number as account_id"),
        ("[tokens", "cannot be read"),
    ],
)
def test_a_wrong_file_of_tokens_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=told):
        TokenFile(file).read()


async def test_a_token_that_was_taken_out_is_refused_from_then_on(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.toml")
    text = file.add("nightly", ["read"])
    found = await file.verify_token(text)
    assert found is not None
    assert found.client_id == "nightly"
    assert text not in repr(found)
    (tmp_path / "tokens.toml").write_text("[tokens]", "utf-8")
    assert await file.verify_token(text) is None
