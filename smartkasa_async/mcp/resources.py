"""Resources: the glossary in both languages, and what the store has."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
from mcp.server.mcpserver.resources import FunctionResource, TextResource
from sqlalchemy import func, select

from smartkasa_async.mcp.answers import moment
from smartkasa_async.mcp.texts import safe_text
from smartkasa_async.records.days import KYIV, business_day
from smartkasa_async.stores.schema import QUARANTINE
from smartkasa_async.stores.sync_state import read_days_read
from smartkasa_async.stores.writing import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp.server import MCPServer

    from smartkasa_async.mcp.desk import Desk
    from smartkasa_async.records.synced_days import ReadSpan


_GLOSSARY = files("smartkasa_async.mcp") / "glossary"
_MOST_SHOPS = 200
_MOST_SPANS = 10


def add_resources(server: MCPServer, desk: Desk) -> None:
    """Add the resources to a server."""
    for language, title in (("en", "Glossary"), ("uk", "Словник")):
        text = (_GLOSSARY / f"{language}.md").read_text("utf-8")
        uri = f"smartkasa://glossary/{language}"
        server.add_resource(
            TextResource(uri=uri, name=f"glossary_{language}", title=title, mime_type="text/markdown", text=text)
        )

    async def store_state() -> str:
        return msgspec.json.encode(await read_state(desk)).decode()

    server.add_resource(
        FunctionResource.from_function(
            store_state,
            uri="smartkasa://store",
            name="store",
            title="What the store has",
            description="Shops, numbers of records, and which days were read until when",
            mime_type="application/json",
        )
    )


async def read_state(desk: Desk) -> dict[str, Any]:
    """Return what the store has: shops, numbers of records, and which days were read."""
    async with desk.store.snapshot() as at_once, at_once.reading() as connection:
        read = await read_days_read(connection)
        titles = await at_once.shop_titles()
        counts = {
            kind.value: await connection.scalar(select(func.count()).select_from(table))
            for kind, table in TABLES.items()
        }
        unreadable = await connection.scalar(select(func.count()).select_from(QUARANTINE))
    spans = (read.spans or {}).items()
    return {
        "today": f"{business_day(desk.now())}",
        "service_reachable": desk.kasa is not None,
        "shops": [{"id": id_, "title": safe_text(title)} for id_, title in sorted(titles.items())[:_MOST_SHOPS]],
        "shops_in_all": len(titles),
        "records": counts,
        "unreadable_records": unreadable,
        "lists_read_at": {kind.value: moment(at) for kind, at in sorted(read.lists.items())},
        "days_read": [
            {"kind": kind.value, "shop_id": shop_id, "spans": _spans(own)}
            for (kind, shop_id), own in sorted(spans)[: 3 * _MOST_SHOPS]
        ],
    }


def _spans(spans: Iterable[ReadSpan]) -> list[str]:
    """Write the last spans: the first day, and until when."""
    return [f"{one.since.astimezone(KYIV):%Y-%m-%d}…{moment(one.until)}" for one in list(spans)[-_MOST_SPANS:]]
