"""Async Python toolkit for SmartKasa, the Ukrainian point-of-sale platform.

`SmartKasa` is the client; structs stand in `models`, errors in `errors`; `catalog`, `stock` and `push` write in bulk,
`sync` reads into `stores`, `reports` and `export` make something of them; `sandbox` is the embedded service. Names are
imported when they are first used, so that the command line answers at once.
"""

from __future__ import annotations

from importlib import import_module as _import

from smartkasa_async._version import __version__

TYPE_CHECKING = False  # type checkers know the name; importing it from typing takes longer than all the rest
if TYPE_CHECKING:
    from smartkasa_async import errors as errors
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.errors import (
        AnswerTooLargeError,
        ApiError,
        CallTimeoutError,
        CertificateError,
        ClientClosedError,
        ClockSkewError,
        ConfigurationError,
        ConflictError,
        ConnectionLostError,
        FieldRefusal,
        ForbiddenError,
        InvalidRequestError,
        LoginRefusedError,
        NotConnectedError,
        NotFoundError,
        OutcomeUnknownError,
        PageSizeClampedWarning,
        PaginationError,
        ProxyRefusedError,
        RateLimitedError,
        RedirectRefusedError,
        ServerError,
        SessionError,
        SmartKasaError,
        TokenStoreError,
        TransportError,
        UnauthorizedError,
        UnreadableAnswerError,
        UnreadableRecord,
        UnreadableRecordsError,
        ValidationError,
    )
    from smartkasa_async.pagination import Page, Pages
    from smartkasa_async.retry import RetryPolicy
    from smartkasa_async.token_stores import FileTokenStore, LockingTokenStore, MemoryTokenStore, TokenStore

__all__ = [
    "AnswerTooLargeError",
    "ApiError",
    "CallTimeoutError",
    "CertificateError",
    "ClientClosedError",
    "ClockSkewError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionLostError",
    "FieldRefusal",
    "FileTokenStore",
    "ForbiddenError",
    "InvalidRequestError",
    "LockingTokenStore",
    "LoginRefusedError",
    "MemoryTokenStore",
    "NotConnectedError",
    "NotFoundError",
    "OutcomeUnknownError",
    "Page",
    "PageSizeClampedWarning",
    "Pages",
    "PaginationError",
    "ProxyRefusedError",
    "RateLimitedError",
    "RedirectRefusedError",
    "RetryPolicy",
    "ServerError",
    "SessionError",
    "SmartKasa",
    "SmartKasaError",
    "TokenStore",
    "TokenStoreError",
    "TransportError",
    "UnauthorizedError",
    "UnreadableAnswerError",
    "UnreadableRecord",
    "UnreadableRecordsError",
    "ValidationError",
    "__version__",
]

_MODULES = {
    "FileTokenStore": "token_stores",
    "LockingTokenStore": "token_stores",
    "MemoryTokenStore": "token_stores",
    "Page": "pagination",
    "Pages": "pagination",
    "RetryPolicy": "retry",
    "SmartKasa": "client",
    "TokenStore": "token_stores",
}


def __getattr__(name: str) -> object:
    if name == "errors":
        return _import(f"{__name__}.errors")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__} - {"TYPE_CHECKING"})
