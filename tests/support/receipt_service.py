"""A service that keeps receipts, over a bare socket: it stores a part, or late, lists late, and answers as ordered."""

from __future__ import annotations

from collections import deque
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec import to_builtins

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.push import waiting
from tests.support.service import answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import anyio

    from tests.support.service import Arrived

__all__ = ["LIST", "PROVE_NOTHING", "REFUSALS", "Clock", "Deed", "ReceiptService", "client_of"]

LIST = "/api/v1/pos/receipts"
REFUSALS = (400, 401, 403, 404, 413, 415, 422)
"""Statuses that, with a refusal that can be read, prove that nothing was stored."""
PROVE_NOTHING = (301, 307, 408, 409, 418, 425, 429, 451, 499, 500, 501, 502, 503, 504, 520)
"""Statuses after which a batch may have been stored, or a part of it."""


class Clock:
    """The clock of a push and its service, which moves on only when the push waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    async def wait_until(self, moment: float, event: anyio.Event) -> None:
        if not event.is_set():
            self.seconds = max(self.seconds, moment)

    @contextmanager
    def driven(self) -> Iterator[Clock]:
        """Let pushes live by this clock."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(waiting, "now", self.now)
            patch.setattr(waiting, "wait_until", self.wait_until)
            yield self


class Deed(NamedTuple):
    """What the service does with one batch.

    Attributes:
        stores: How many of its receipts it stores, from the first; None for all.
        late: Seconds after which it stores them.
        answers: A status, whose body is a refusal where it has one; or `created`, `reversed` (all, the last first),
            `fewer` (all but the last), `unreadable` (201 and half a body), `page` (a refusal as a page of a proxy),
            `nothing` (hangs up).
    """

    stores: int | None = None
    late: float = 0.0
    answers: int | str = "created"


@dataclass
class ReceiptService:
    """Keeps receipts.

    Attributes:
        clock: What it lives by.
        lag: Seconds until a list shows what was stored.
        deeds: What it does with the next batches, in their order; then it stores and answers as it should.
        lists: Statuses that the next lists are answered with, 200 for a list.
        bad: Fiscal numbers of receipts that it refuses.
        page: What it answers where it is asked for a receipt by its id; no bytes for the receipt.
        renumber: Makes of a receipt's fiscal number the one that it is kept under.
        on_request: Called as a request has come.
        on_answer: Called as an answer is about to go.
        kept: All that it stores: registrar and number, id, and the moment.
        batches: Fiscal numbers of each batch that came.
        calls: Method and path of each request.
        done: What it has done with batches.
    """

    clock: Clock = field(default_factory=Clock)
    lag: float = 0.0
    deeds: deque[Deed] = field(default_factory=deque)
    lists: deque[int] = field(default_factory=deque)
    bad: frozenset[str] = frozenset()
    page: bytes = b""
    renumber: Callable[[str], str] = str
    on_request: Callable[[], object] = lambda: None
    on_answer: Callable[[], object] = lambda: None
    kept: list[tuple[dict[str, Any], float]] = field(default_factory=list)
    batches: list[list[str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    done: list[Deed] = field(default_factory=list)
    _pending: list[tuple[float, list[dict[str, Any]]]] = field(default_factory=list)
    _count: int = 0

    @property
    def stored(self) -> list[str]:
        """Fiscal numbers of what it has, in the order in which that came."""
        return [receipt["fiscal_number"] for receipt, _ in self.kept]

    @property
    def ids(self) -> dict[str, str]:
        """Ids by fiscal number."""
        return {receipt["fiscal_number"]: receipt["id"] for receipt, _ in self.kept}

    @property
    def taken(self) -> list[dict[str, Any]]:
        """All that it has, and all that it is yet to store."""
        return [receipt for receipt, _ in self.kept] + [one for _, late in self._pending for one in late]

    def change(self, **fields: object) -> None:
        """Change all that it has."""
        for receipt, _ in self.kept:
            receipt.update(fields)

    def catch_up(self) -> None:
        """Store what is due."""
        due = [one for one in self._pending if one[0] <= self.clock.seconds]
        self._pending = [one for one in self._pending if one[0] > self.clock.seconds]
        for moment, receipts in sorted(due, key=lambda one: one[0]):
            self.kept += [(receipt, moment) for receipt in receipts]

    def __call__(self, request: Arrived) -> bytes:
        self.on_request()
        self.catch_up()
        parts = urlsplit(request.target)
        self.calls.append(f"{request.method} {parts.path}")
        if parts.path.startswith("/api/v1/auth/"):
            reply = answer({"data": to_builtins(make_session()), "meta": {}}, 201)
        elif request.method == "POST":
            reply = self._create(request)
        elif parts.path == LIST:
            reply = self._list({name: values[0] for name, values in parse_qs(parts.query).items()})
        elif parts.path.startswith(LIST):
            found = [receipt for receipt, _ in self.kept if parts.path == f"{LIST}/{receipt['id']}"]
            reply = answer({"data": found[0], "meta": {}}) if found else _refusal(404)
            reply = self.page or reply
        else:
            reply = _refusal(403)
        self.on_answer()
        return reply

    def _create(self, request: Arrived) -> bytes:
        made = [self._make(fields) for fields in request.json["receipts"]]
        self.batches.append([receipt["fiscal_number"] for receipt in made])
        if self.bad.intersection(self.batches[-1]):
            return _refusal(422)
        deed = self.deeds.popleft() if self.deeds else Deed()
        self.done.append(deed)
        self._pending.append((self.clock.seconds + deed.late, made[: deed.stores]))
        self.catch_up()
        answers = {
            "created": answer({"data": made, "meta": {}}, 201),
            "reversed": answer({"data": made[::-1], "meta": {}}, 201),
            "fewer": answer({"data": made[:-1], "meta": {}}, 201),
            "unreadable": answer(b'{"data": [{"id": "r-', 201),
            "page": answer(b"<html><body>Blocked</body></html>", 403),
            "nothing": b"",
        }
        if isinstance(deed.answers, str):
            return answers[deed.answers]
        return _refusal(deed.answers)

    def _make(self, fields: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        copied = ("fiscal_number", "registrar_fiscal_number", "offline_id", "offline_local_number")
        fields |= {"fiscal_number": self.renumber(fields["fiscal_number"])}
        return {
            "id": f"r-{self._count}",
            "state": fields["state"],
            "type": fields["type"],
            "total_amount": str(fields["total_amount"]),
            "created_at": "2026-10-01T12:00:00.000+03:00",
            "updated_at": "2026-10-01T12:00:00.000+03:00",
        } | {name: fields[name] for name in copied if name in fields}

    def _list(self, wanted: dict[str, str]) -> bytes:
        status = self.lists.popleft() if self.lists else 200
        if status != 200:
            return _refusal(status)
        shown = [
            receipt
            for receipt, moment in self.kept
            if moment + self.lag <= self.clock.seconds
            and all(receipt[name] == wanted[name] for name in ("registrar_fiscal_number", "fiscal_number"))
        ]
        meta = {"current_page": 1, "total_pages": 1, "total_count": len(shown), "limit_value": 100, "offset_value": 0}
        return answer({"data": shown, "meta": meta | {"next_page": None}})


def _refusal(status: int) -> bytes:
    headers = ["Location: https://example.com/"] if 300 <= status < 400 else []
    return answer({"errors": {"receipts": [{"error": "invalid", "messages": "no"}]}}, status, *headers)


@asynccontextmanager
async def client_of(service: ReceiptService) -> AsyncIterator[SmartKasa]:
    """Give a client of the service, logged in, which repeats calls without a wait."""
    async with (
        serve(service) as served,
        SmartKasa(
            api_key="key",
            base_url=served.url,
            session=make_session(),
            retry=RetryPolicy(retries=1, first_wait=0, longest_wait=0),
        ) as kasa,
    ):
        yield kasa
