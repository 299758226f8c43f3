"""Fixtures of the tests that break imports on purpose."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.chaos.driving import running_importer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.driving import Importer


@pytest.fixture(scope="session")
def importer() -> Iterator[Importer]:
    """Have an interpreter ready from which importers are forked."""
    if not hasattr(os, "fork"):
        pytest.skip("importers are forked, which this system cannot")
    with running_importer() as running:
        yield running
