"""The SmartKasa service, embedded: for tests, demos and offline work.

`async with Sandbox() as box:` serves all 56 operations on a free loopback port, for one merchant or, with
`Sandbox.add_merchant`, for thousands; `simulate` makes a business for it, which `Sandbox.drift` lets arrive while
clients read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartkasa_async.sandbox.business import Business, Simulation, simulate
    from smartkasa_async.sandbox.drift import Drift
    from smartkasa_async.sandbox.faults import Fault, Faults
    from smartkasa_async.sandbox.merchant import Merchant
    from smartkasa_async.sandbox.rates import RateLimit
    from smartkasa_async.sandbox.server import Sandbox

__all__ = ["Business", "Drift", "Fault", "Faults", "Merchant", "RateLimit", "Sandbox", "Simulation", "simulate"]

_MODULES = {
    "Business": "business",
    "Drift": "drift",
    "Fault": "faults",
    "Faults": "faults",
    "Merchant": "merchant",
    "RateLimit": "rates",
    "Sandbox": "server",
    "Simulation": "business",
    "simulate": "business",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
