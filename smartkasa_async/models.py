"""Structs and enums of the API: what goes into requests and what comes in answers."""

from __future__ import annotations

from smartkasa_async._generated.structs import *  # noqa: F403
from smartkasa_async._generated.structs import __all__ as __all__
