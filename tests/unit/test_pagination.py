"""Lists that come page by page."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async import InvalidRequestError, PageSizeClampedWarning, PaginationError
from smartkasa_async.models import CountMeta, PageMeta, Subgroup, SubgroupList, Terminal, TerminalPage
from smartkasa_async.operations import find
from smartkasa_async.pagination import Page, Pages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NUMBERED = find("GET", "/api/v1/pos/terminals")
_WHOLE = find("GET", "/api/v1/inventory/product_subgroups")
