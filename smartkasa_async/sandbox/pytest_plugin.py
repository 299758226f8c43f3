"""The fixture `smartkasa_sandbox` for the test suites of the package's users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartkasa_async.sandbox.server import Sandbox


@pytest.fixture
def smartkasa_sandbox() -> Iterator[Sandbox]:
    """Serve an empty sandbox for one test, from a thread: it needs no async plugin and no event loop of the test."""
    from smartkasa_async.sandbox.server import Sandbox  # noqa: PLC0415 only tests that use it pay for it

    with Sandbox().in_thread() as box:
        yield box
