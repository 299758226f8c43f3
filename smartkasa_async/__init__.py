"""Async Python toolkit for SmartKasa, the Ukrainian point-of-sale platform.

`SmartKasa` is the client; structs stand in `models`, errors in `errors`, bulk helpers in `catalog`, `receipts` and
`reports`, and the embedded service in `sandbox`.
"""

from __future__ import annotations

from smartkasa_async import errors
from smartkasa_async._version import __version__
from smartkasa_async.client import SmartKasa
from smartkasa_async.errors import *  # noqa: F403
from smartkasa_async.pagination import Page, Pages
from smartkasa_async.retry import RetryPolicy
from smartkasa_async.token_stores import FileTokenStore, MemoryTokenStore, TokenStore

__all__ = [
    "FileTokenStore",
    "MemoryTokenStore",
    "Page",
    "Pages",
    "RetryPolicy",
    "SmartKasa",
    "TokenStore",
    "__version__",
]
__all__ += errors.__all__
