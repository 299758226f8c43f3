"""The same calls, made in other ways: each module here opens one contender."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

__all__ = ["BATCH", "BY_HAND", "CLIENT", "MODULES", "PAGE", "SMALL", "Calls", "open_peer"]

Calls: TypeAlias = "dict[str, Callable[[], Awaitable[object]]]"
"""What a contender calls, by the name of the work."""

SMALL, PAGE, BATCH = "small GET", "page of 100 receipts", "batch of 100 products"
CLIENT, BY_HAND = "smartkasa-async", "aiohttp + msgspec by hand"

MODULES = {
    CLIENT: "client",
    BY_HAND: "by_hand",
    "aiohttp + pydantic": "aiohttp_pydantic",
    "httpx + pydantic": "httpx_pydantic",
    "openapi-python-client": "generated",
}
"""The contenders, by the names that tables show."""


def open_peer(name: str, address: str) -> AbstractAsyncContextManager[Calls]:
    """Open a contender; imports it now, so that no other contender's process has its packages."""
    module = import_module(f"benchmarks.peers.calls.{MODULES[name]}")
    return cast("AbstractAsyncContextManager[Calls]", module.open_calls(address))
