"""One call of the API, between the HTTP application and the areas."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from smartkasa_async.sandbox.validation import Refused, refuse_fields
from smartkasa_async.sandbox.wire import page_meta, page_window, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from multidict import MultiMapping

    from smartkasa_async.sandbox.auth import Sessions
    from smartkasa_async.sandbox.schema import Table
    from smartkasa_async.sandbox.storage import Storage, Where
    from smartkasa_async.sandbox.views import View

    Handler = Callable[["Call"], "Answer"]

_LONGEST_NUMBER = 18
"""Digits of an id that SQLite surely holds."""


@dataclass(frozen=True)
class Service:
    """What every call works with."""

    storage: Storage
    sessions: Sessions
    wire: str
    token_form: str
    max_per_page: int
    listeners: list[Callable[[Endpoint], None]] = field(default_factory=list)
    """Called for each completed operation after its transaction has ended."""


@dataclass(slots=True)
class Answer:
    """A success: its data, its meta, and its status."""

    data: Any
    meta: Mapping[str, int | None] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Endpoint:
    """An operation: its path, which token it takes, and its handler.

    Args:
        method: The HTTP method.
        path: The path template below the server's root.
        handler: The function that runs it.
        auth: What it asks for: the API key alone, or an access or refresh token too.
        envelope: The key below which the enveloped form's body stands; None where there is no body.
    """

    method: str
    path: str
    handler: Handler
    auth: Literal["key", "access", "refresh"] = "access"
    envelope: str | None = None


@dataclass(slots=True)
class Call:
    """A request that has passed the key and the token."""

    service: Service
    token: str
    key: str
    query: MultiMapping[str]
    body: Any
    now: datetime

    @property
    def storage(self) -> Storage:
        """The database."""
        return self.service.storage

    def fields(self, envelope: str) -> dict[str, Any]:
        """Return the body's fields, or raise the 422 for a body in a form that is not taken."""
        fields = unwrap(self.body, envelope, self.service.wire)
        if fields is None:
            raise refuse_fields(**{envelope: "blank" if self.service.wire == "enveloped" else "invalid"})
        return fields

    def find(self, table: Table) -> dict[str, Any]:
        """Return the row that the path names, or raise the 404."""
        row = self.storage.find(table, self.row_key(table))
        if row is None:
            raise not_found()
        return row

    def row_key(self, table: Table) -> int | str:
        """Return the path's id as the table has it, or raise the 404."""
        if not table.numbered:
            return self.key.lower()
        if not (self.key.isascii() and self.key.isdigit() and len(self.key) <= _LONGEST_NUMBER):
            raise not_found()
        return int(self.key)

    def list_page(
        self, view: View, where: Where, order: str, per_page: int
    ) -> tuple[list[dict[str, Any]], dict[str, int | None]]:
        """Select the page that the query asks for, and its meta."""
        page, size = page_window(self.query, default=per_page, largest=self.service.max_per_page)
        total = self.storage.count(view.table, where)
        tail = f"ORDER BY {order} LIMIT {size} OFFSET {min((page - 1) * size, 2**62)}"
        return self.storage.show(view, where, tail), page_meta(page, size, total)


def not_found() -> Refused:
    """Make the 404 of an unknown id (inferred)."""
    return Refused(404, {"message": "Not Found"})
