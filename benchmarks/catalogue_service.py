"""A catalogue service that takes all and keeps nothing, in a process of its own: it costs the importer no core."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING

from benchmarks.payloads import EMPTY_LIST, UNIT_TYPES
from benchmarks.processes import served

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["catalogue_service"]

_HEAD = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_LISTS = {
    b"/api/v1/inventory/unit_types": UNIT_TYPES,
    b"/api/v1/inventory/categories": EMPTY_LIST,
    b"/api/v1/inventory/products": EMPTY_LIST,
}
_TIME = b"2026-10-05T17:26:14.730+00:00"
_ITEMS = {
    b"/api/v1/inventory/products/batch": b'{"id":"%08x-0000-4000-8000-000000000000"}',
    b"/api/v1/inventory/categories/batch": (
        b'{"id":"%08x-0000-4000-9000-000000000000","title":"","created_at":"'
        + _TIME
        + b'","updated_at":"'
        + _TIME
        + b'"}'
    ),
}
"""What the answer of a batch has for each record, which is known by its title."""


class _Service(asyncio.Protocol):
    """As little HTTP as an import needs, on kept connections."""

    numbers = count(1)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = bytearray()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end])
            _, _, length = head.lower().partition(b"content-length:")
            whole = end + 4 + int(length.partition(b"\r\n")[0] or 0)
            if len(self._buffer) < whole:
                return
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            self._answer(path, self._buffer.count(b'"title":', end, whole))
            del self._buffer[:whole]

    def _answer(self, path: bytes, records: int) -> None:
        if (body := _LISTS.get(path)) is not None:
            self._transport.write(_HEAD % (200, len(body)) + body)
            return
        item = _ITEMS[path]
        body = b'{"data":[' + b",".join([item % next(self.numbers) for _ in range(records)]) + b'],"meta":{}}'
        self._transport.write(_HEAD % (201, len(body)) + body)


def catalogue_service(core: int | None) -> AbstractContextManager[str]:
    """Run the service while the block runs, and give its address.

    Args:
        core: The only core that it may use; None for any.
    """
    return served(_Service, core)
