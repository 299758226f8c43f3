"""The SDK's own client, in both eras of the protocol, at a server of ours."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from mcp import Client

from smartkasa_async.mcp import make_server
from tests.support.agent_business import NOW
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mcp_types import CallToolResult

    from smartkasa_async.stores import Store

__all__ = ["DAILY", "ERAS", "Agent", "asked", "mcp_command", "text_of", "tokens"]

ERAS = {"legacy": "2025-11-25", "auto": "2026-07-28"}
"""Modes of the SDK's client, and the protocol that each speaks with a server of ours."""

DAILY = {
    "sales_summary": ["receipts"],
    "margins": ["receipts"],
    "find_receipts": ["receipts"],
    "z_reports": ["z_reports"],
    "reconcile": ["receipts", "z_reports"],
    "compliance": ["receipts", "z_reports"],
}
"""Tools on days, and the kinds of records that each needs."""


class Agent:
    """A client that checks every answer by the schema that the server gave of it.

    Args:
        client: The SDK's client.
        schemas: The schemas by the names of the tools.
    """

    def __init__(self, client: Client, schemas: dict[str, Any]) -> None:
        self.client = client
        self.schemas = schemas
        self._validators: dict[str, Draft202012Validator] = {}

    async def call(self, tool: str, **arguments: Any) -> CallToolResult:
        result = await self.client.call_tool(tool, arguments)
        if not result.is_error:
            self._validator_of(tool).validate(result.structured_content)
        return result

    def _validator_of(self, tool: str) -> Draft202012Validator:
        """Check the schema once: that takes longer than to check an answer by it."""
        if tool not in self._validators:
            Draft202012Validator.check_schema(self.schemas[tool])
            self._validators[tool] = Draft202012Validator(self.schemas[tool])
        return self._validators[tool]

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        result = await self.call(tool, **arguments)
        assert not result.is_error, text_of(result)
        found: dict[str, Any] | None = result.structured_content
        assert found is not None
        return found

    async def refusal(self, tool: str, **arguments: Any) -> str:
        result = await self.call(tool, **arguments)
        assert result.is_error
        return text_of(result)


@asynccontextmanager
async def asked(store: Store, *, mode: str = "auto", **options: Any) -> AsyncIterator[Agent]:
    """Give a client in memory of a server that answers from a store."""
    server = make_server(store, **{"now": lambda: NOW, **options})
    async with Client(server, mode=mode) as client:
        yield await agent_of(client)


async def agent_of(client: Client) -> Agent:
    listed = await client.list_tools()
    return Agent(client, {tool.name: tool.output_schema for tool in listed.tools})


def mcp_command(*words: str | Path) -> list[str | Path]:
    """Return the command of a server in a process of its own, with these words after `mcp`."""
    return [warm_python(), "-m", "smartkasa_async", "mcp", *words]


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


def tokens(text: str) -> float:
    """An estimate by a plain rule, for JSON in two alphabets: 3.5 bytes a token."""
    return len(text.encode()) / 3.5
