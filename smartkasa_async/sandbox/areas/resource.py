"""What most areas share: list, get, create, update and delete of one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from smartkasa_async.sandbox.calls import Answer, Call, Endpoint, not_found
from smartkasa_async.sandbox.storage import Where

if TYPE_CHECKING:
    from smartkasa_async.sandbox.validation import Form
    from smartkasa_async.sandbox.views import View


class Resource:
    """The operations on one table; an area says what is shown and taken, and adds what is special."""

    path: ClassVar[str]
    envelope: ClassVar[str]
    form: ClassVar[Form]
    filters: ClassVar[Form]
    contained: ClassVar[frozenset[str]] = frozenset({"name", "title"})
    """Filters that look for a part of the text, whatever its case; all others ask for the very value."""
    order: ClassVar[str]
    paged: ClassVar[bool] = True
    per_page: ClassVar[int] = 25
    update_method: ClassVar[str] = "PUT"
    listed: ClassVar[View]
    shown: ClassVar[View]
    created: ClassVar[View]
    updated: ClassVar[View]
    deleted: ClassVar[View]

    def endpoint(self, name: str) -> Endpoint:
        """Return the endpoint of an operation by its name: index, create, show, update or delete."""
        method = {"index": "GET", "create": "POST", "show": "GET", "update": self.update_method, "delete": "DELETE"}[
            name
        ]
        path = self.path if name in {"index", "create"} else f"{self.path}/{{id}}"
        envelope = self.envelope if name in {"create", "update"} else None
        return Endpoint(method, path, getattr(self, name), envelope=envelope)

    def index(self, call: Call) -> Answer:
        """Answer the rows that the filters leave, by pages or whole."""
        where = self.conditions(call)
        if self.paged:
            rows, meta = call.list_page(self.listed, where, self.order, self.per_page)
        else:
            rows = call.storage.show(self.listed, where, f"ORDER BY {self.order}")
            meta = {"total_count": len(rows)}
        self.complete(call, self.listed, rows)
        return Answer(rows, meta)

    def show(self, call: Call) -> Answer:
        """Answer the row that the path names."""
        return Answer(self.one(call, self.shown, call.row_key(self.shown.table)))

    def create(self, call: Call) -> Answer:
        """Insert a row."""
        values = self.form.check(call.fields(self.envelope), creating=True)
        key = self.insert(call, values)
        return Answer(self.one(call, self.created, key), status=201)

    def update(self, call: Call) -> Answer:
        """Write the given fields of a row."""
        table = self.updated.table
        before = call.find(table)
        values = self.form.check(call.fields(self.envelope), creating=False)
        values.pop("id", None)
        values = self.prepare(call, values, before)
        stamp = {"updated_at": call.now} if "updated_at" in table.columns else {}
        call.storage.update(table, before["id"], values | stamp)
        self.settle(call, before, before | values)
        return Answer(self.one(call, self.updated, before["id"]))

    def delete(self, call: Call) -> Answer:
        """Delete a row and answer what it was."""
        before = call.find(self.deleted.table)
        return Answer(self.remove(call, before))

    def insert(self, call: Call, values: dict[str, Any]) -> Any:
        """Insert a row with checked values and do what follows from it; return its id."""
        table = self.created.table
        values.pop("id", None)
        values = self.prepare(call, values, None)
        stamps = {name: call.now for name in ("created_at", "updated_at") if name in table.columns}
        key = call.storage.insert(table, values | stamps)
        self.settle(call, None, values | {"id": key})
        return key

    def remove(self, call: Call, before: dict[str, Any]) -> dict[str, Any]:
        """Delete a row, do what follows from it, and return what is shown of it."""
        shown = self.one(call, self.deleted, before["id"])
        call.storage.delete(self.deleted.table, before["id"])
        self.settle(call, before, None)
        return shown

    def one(self, call: Call, view: View, key: Any) -> dict[str, Any]:
        """Show one row, or raise the 404."""
        rows = list(call.storage.show_by_id(view, [key]).values())
        if not rows:
            raise not_found()
        self.complete(call, view, rows)
        return rows[0]

    def conditions(self, call: Call) -> Where:
        """Turn the query's filters into conditions."""
        where = Where()
        table = self.listed.table
        for name, value in self.filters.filters(call.query).items():
            if name in self.contained:
                where.add(f'contains("{name}", ?)', value.casefold())
            elif name in table.columns and not isinstance(value, list):
                where.equals(table, name, value)
            else:
                self.narrow(where, name, value)
        return where

    def narrow(self, where: Where, name: str, value: Any) -> None:
        """Apply a filter that is no column of the table, or a list."""
        raise NotImplementedError(f"{type(self).__name__} has the filter {name} and no rule for it.")

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        """Turn checked fields into columns; `before` is None for a new row."""
        del call, before
        return values

    def settle(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        """Do what follows from a write elsewhere; None stands for a row that did not or does not exist."""

    def complete(self, call: Call, view: View, rows: list[dict[str, Any]]) -> None:
        """Fill in the fields of a view that are no columns."""
