"""Serving over HTTP: on loopback by default, with tokens, and for pages of no other origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl

if TYPE_CHECKING:
    from collections.abc import Collection

    import mcp.server
    from starlette.applications import Starlette

PATH = "/mcp"
_BODY = 65_536
"""Bytes of a request at most."""
_SESSIONS = 64
_IDLE = 600.0
"""Seconds after which a session of the older protocol that nobody uses is ended."""

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def auth_settings() -> AuthSettings:
    """Return the settings of a server whose tokens come from a file: every call needs the scope `read`."""
    issuer = AnyHttpUrl("http://127.0.0.1/")
    return AuthSettings(issuer_url=issuer, resource_server_url=None, required_scopes=["read"])


def http_app(server: mcp.server.MCPServer, *, hosts: Collection[str] = (), origins: Collection[str] = ()) -> Starlette:
    """Make the ASGI app of a server.

    A request whose `Host` or `Origin` is none of these is refused, so that no page of another site can reach it.

    Args:
        server: A server with a token verifier.
        hosts: Names that it is reached by besides those of loopback, such as `kasa.example.com`.
        origins: Origins of pages that may call it besides those of loopback, such as `https://kasa.example.com`.
    """
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*(f"{name}:*" for name in _LOOPBACK), *hosts],
        allowed_origins=[*(f"http://{name}:*" for name in _LOOPBACK), *origins],
    )
    return server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=_BODY,
        session_idle_timeout=_IDLE,
        max_sessions=_SESSIONS,
        transport_security=security,
    )
