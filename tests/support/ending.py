"""The end of a test is not waited for without a limit: where its fixtures hang, the process says so and ends."""

from __future__ import annotations

import faulthandler
from typing import TYPE_CHECKING

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["pytest_runtest_teardown"]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Set the limit once more: pytest lifts its own when a test fails, and the one of pytest-timeout strikes once."""
    limit = float(item.config.getini("faulthandler_timeout"))
    faulthandler.dump_traceback_later(limit, exit=True, file=item.config.stash[fault_handler_stderr_fd_key])
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
