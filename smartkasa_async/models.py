"""Structs and enums of the API: what goes into requests and what comes in answers."""

from __future__ import annotations

from smartkasa_async._generated import structs
from smartkasa_async._generated.structs import *  # noqa: F403

__all__ = structs.__all__
