"""Thousands of merchants on many machines: procrastinate's queue on PostgreSQL, and the library's own doors.

Needs the extra `smartkasa-async[fleet]`. A fleet lives in the store's database, in a schema of its own. Workers
(`worker`) take jobs from the queue (`queue`) and carry them out (`runs`, `tasks`); once a minute one of them fills
the queue from the schedule (`dispatch`). Rules that decide are pure: `timing`, `room`, `breaker`, `verdicts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.extras import import_name
from smartkasa_async.fleet.errors import FencedError, FleetDatabaseError, FleetError, FleetKeyError

if TYPE_CHECKING:
    from smartkasa_async.fleet.accounts import Account, Accounts, NewAccount, Run, ScheduledTask
    from smartkasa_async.fleet.accounts_csv import AccountsFileError, read_accounts
    from smartkasa_async.fleet.credentials import Credentials, CredentialStore
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.metrics import Metrics
    from smartkasa_async.fleet.policy import Policy
    from smartkasa_async.fleet.secrets import KeyRing, read_key_file
    from smartkasa_async.fleet.state import allow_workers, read_policy, set_up
    from smartkasa_async.fleet.status import FleetStatus, read_status
    from smartkasa_async.fleet.tasks import AccountWork
    from smartkasa_async.fleet.uploads import UploadOptions, Uploads
    from smartkasa_async.fleet.worker import Worker, connections_for

__all__ = [
    "Account",
    "AccountWork",
    "Accounts",
    "AccountsFileError",
    "CredentialStore",
    "Credentials",
    "Database",
    "FencedError",
    "FleetDatabaseError",
    "FleetError",
    "FleetKeyError",
    "FleetStatus",
    "KeyRing",
    "Metrics",
    "NewAccount",
    "Policy",
    "Run",
    "ScheduledTask",
    "UploadOptions",
    "Uploads",
    "Worker",
    "allow_workers",
    "connections_for",
    "read_accounts",
    "read_key_file",
    "read_policy",
    "read_status",
    "set_up",
]

_MODULES = {
    "Account": "accounts",
    "AccountWork": "tasks",
    "Accounts": "accounts",
    "AccountsFileError": "accounts_csv",
    "CredentialStore": "credentials",
    "Credentials": "credentials",
    "Database": "database",
    "FleetStatus": "status",
    "KeyRing": "secrets",
    "Metrics": "metrics",
    "NewAccount": "accounts",
    "Policy": "policy",
    "Run": "accounts",
    "ScheduledTask": "accounts",
    "UploadOptions": "uploads",
    "Uploads": "uploads",
    "Worker": "worker",
    "allow_workers": "state",
    "connections_for": "worker",
    "read_accounts": "accounts_csv",
    "read_key_file": "secrets",
    "read_policy": "state",
    "read_status": "status",
    "set_up": "state",
}


def __getattr__(name: str) -> object:
    return import_name(__name__, _MODULES, name)
