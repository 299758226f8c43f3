"""Fixtures of the tests that break imports, pushes and syncs on purpose."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.chaos.driving import running_worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.driving import Worker


@pytest.fixture(scope="session")
def importer() -> Iterator[Worker]:
    """Have an interpreter ready that imports price lists."""
    yield from _working("tests.chaos.importer")


@pytest.fixture(scope="session")
def pusher() -> Iterator[Worker]:
    """Have an interpreter ready that pushes receipts."""
    yield from _working("tests.chaos.pusher")


@pytest.fixture(scope="session")
def syncer() -> Iterator[Worker]:
    """Have an interpreter ready that syncs into a store."""
    yield from _working("tests.chaos.syncer")


def _working(module: str) -> Iterator[Worker]:
    if not (hasattr(os, "fork") and hasattr(os, "waitid")):
        pytest.skip("jobs are forked and killed, which this system cannot")
    with running_worker(module) as running:
        yield running
