"""A catalogue service that takes all and lists nothing, in a process of its own: it costs the importer no core."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import TYPE_CHECKING, ClassVar

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
_PRODUCTS = b"/api/v1/inventory/products/batch"
_PRODUCT = b"/api/v1/inventory/products/"
_ID = b'{"id":"%08x-0000-4000-8000-000000000000"}'
_TIMES = dict.fromkeys(("created_at", "updated_at"), "2026-10-05T17:26:14.730+00:00")
_KEPT = 64


class _Service(asyncio.Protocol):
    """As little HTTP as an import needs, on kept connections; the last batches are kept, for a look at a product."""

    made = 0
    batches: ClassVar[deque[tuple[int, bytes]]] = deque(maxlen=_KEPT)

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
            status, answer = self._answer(path, bytes(self._buffer[end + 4 : whole]))
            self._transport.write(_HEAD % (status, len(answer)) + answer)
            del self._buffer[:whole]

    def _answer(self, path: bytes, body: bytes) -> tuple[int, bytes]:
        if (known := _LISTS.get(path)) is not None:
            return 200, known
        if path == _PRODUCTS:
            first = self._number(body.count(b'"title":'))
            self.batches.append((first, body))
            return 201, b'{"data":[' + b",".join([_ID % each for each in range(first, _Service.made)]) + b'],"meta":{}}'
        if path.startswith(_PRODUCT):
            record_id = path.removeprefix(_PRODUCT).decode()
            number = int(record_id[:8], 16)
            first, batch = next(kept for kept in reversed(self.batches) if kept[0] <= number)
            product = json.loads(batch)["products"][number - first]
            return 200, json.dumps({"data": {"id": record_id, **product, **_TIMES}}).encode()
        categories = json.loads(body)["categories"]
        first = self._number(len(categories))
        data = [{**json.loads(_ID % (first + index)), **one, **_TIMES} for index, one in enumerate(categories)]
        return 201, json.dumps({"data": data, "meta": {}}).encode()

    def _number(self, records: int) -> int:
        """Give as many records their numbers; return the first."""
        _Service.made += records
        return _Service.made - records


def catalogue_service(core: int | None) -> AbstractContextManager[str]:
    """Run the service while the block runs, and give its address.

    Args:
        core: The only core that it may use; None for any.
    """
    return served(_Service, core)
