"""For agents: an MCP server that answers from a store, and changes only what a person has approved.

Needs the extra `smartkasa-async[mcp]`, which is imported when something is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.extras import import_name

if TYPE_CHECKING:
    from smartkasa_async.mcp.guard import AuditRecord, Limits
    from smartkasa_async.mcp.server import make_server
    from smartkasa_async.mcp.serving import auth_settings, http_app
    from smartkasa_async.mcp.tokens import TokenFile
    from smartkasa_async.mcp.tools.planning import Changes

__all__ = ["AuditRecord", "Changes", "Limits", "TokenFile", "auth_settings", "http_app", "make_server"]

_MODULES = {
    "AuditRecord": "guard",
    "Changes": "tools.planning",
    "Limits": "guard",
    "TokenFile": "tokens",
    "auth_settings": "serving",
    "http_app": "serving",
    "make_server": "server",
}


def __getattr__(name: str) -> object:
    return import_name(__name__, _MODULES, name)
