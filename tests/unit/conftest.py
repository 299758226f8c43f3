"""Fixtures of the unit tests: aioresponses under the aiohttp of today."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from aiohttp import ClientResponse
from aioresponses import aioresponses

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Response(ClientResponse):
    """What aioresponses 0.7.9 makes, with the argument that aiohttp has asked for since."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "stream_writer" in signature(ClientResponse).parameters:
            kwargs["stream_writer"] = Mock(output_size=0)
        super().__init__(*args, **kwargs)


class _Mocked(aioresponses):
    def add(self, *args: Any, **kwargs: Any) -> None:
        super().add(*args, **{"response_class": _Response, **kwargs})


@pytest.fixture
def mocked() -> Iterator[aioresponses]:
    """Answer for the service without a socket."""
    with _Mocked() as mocked:
        yield mocked
