"""Async Python toolkit for SmartKasa, the Ukrainian point-of-sale platform.

`SmartKasa` is the client; `models` has its structs, `errors` its errors; `catalog`, `stock` and `push` write in bulk,
`plans` writes what someone has approved; `sync` reads into `stores`, `reports` and `export` work on what they hold;
`sandbox` is the embedded service. All that daily work needs can be imported from here. Names are imported on first use,
which keeps the start fast.
"""

from __future__ import annotations

from importlib import import_module as _import

from smartkasa_async._version import __version__

TYPE_CHECKING = False  # type checkers know the name; importing it from typing takes longer than all the rest
if TYPE_CHECKING:
    from smartkasa_async import errors as errors
    from smartkasa_async.catalog import import_products
    from smartkasa_async.client import RawAnswer, SmartKasa
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
    from smartkasa_async.export import export_tables
    from smartkasa_async.jobs import FailuresError, JobStoppedError, Progress
    from smartkasa_async.pagination import Page, Pages
    from smartkasa_async.plans import apply_plan, plan_changes, undo_plan
    from smartkasa_async.push import push_receipts
    from smartkasa_async.relay import relay_events
    from smartkasa_async.reports import (
        archive_z_reports,
        check_compliance,
        export_month,
        reconcile,
        write_month_workbook,
        write_report_page,
    )
    from smartkasa_async.retry import RetryPolicy
    from smartkasa_async.settings import SharedPace
    from smartkasa_async.stock import sync_stock, undo_stock
    from smartkasa_async.stores import open_store
    from smartkasa_async.sync import (
        sync_product_sales,
        sync_receipts,
        sync_reference_data,
        sync_z_reports,
        verify_receipts,
        watch_receipts,
    )
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
    "FailuresError",
    "FieldRefusal",
    "FileTokenStore",
    "ForbiddenError",
    "InvalidRequestError",
    "JobStoppedError",
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
    "Progress",
    "ProxyRefusedError",
    "RateLimitedError",
    "RawAnswer",
    "RedirectRefusedError",
    "RetryPolicy",
    "ServerError",
    "SessionError",
    "SharedPace",
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
    "apply_plan",
    "archive_z_reports",
    "check_compliance",
    "export_month",
    "export_tables",
    "import_products",
    "open_store",
    "plan_changes",
    "push_receipts",
    "reconcile",
    "relay_events",
    "sync_product_sales",
    "sync_receipts",
    "sync_reference_data",
    "sync_stock",
    "sync_z_reports",
    "undo_plan",
    "undo_stock",
    "verify_receipts",
    "watch_receipts",
    "write_month_workbook",
    "write_report_page",
]

_MODULES = {
    "FailuresError": "jobs",
    "FileTokenStore": "token_stores",
    "JobStoppedError": "jobs",
    "LockingTokenStore": "token_stores",
    "MemoryTokenStore": "token_stores",
    "Page": "pagination",
    "Pages": "pagination",
    "Progress": "jobs",
    "RawAnswer": "client",
    "RetryPolicy": "retry",
    "SharedPace": "settings",
    "SmartKasa": "client",
    "TokenStore": "token_stores",
    "apply_plan": "plans",
    "archive_z_reports": "reports",
    "check_compliance": "reports",
    "export_month": "reports",
    "export_tables": "export",
    "import_products": "catalog",
    "open_store": "stores",
    "plan_changes": "plans",
    "push_receipts": "push",
    "reconcile": "reports",
    "relay_events": "relay",
    "sync_product_sales": "sync",
    "sync_receipts": "sync",
    "sync_reference_data": "sync",
    "sync_stock": "stock",
    "sync_z_reports": "sync",
    "undo_plan": "plans",
    "undo_stock": "stock",
    "verify_receipts": "sync",
    "watch_receipts": "sync",
    "write_month_workbook": "reports",
    "write_report_page": "reports",
}

_SUBMODULES = {
    "blocking",
    "catalog",
    "client",
    "dlt_source",
    "errors",
    "events",
    "export",
    "fleet",
    "jobs",
    "mcp",
    "models",
    "operations",
    "pagination",
    "plans",
    "push",
    "records",
    "relay",
    "reports",
    "retry",
    "sandbox",
    "settings",
    "stock",
    "stores",
    "sync",
    "token_stores",
}


def __getattr__(name: str) -> object:
    if name in _SUBMODULES:
        return _import(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBMODULES} - {"TYPE_CHECKING"})
