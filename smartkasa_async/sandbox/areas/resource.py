"""What the areas share: lists, single records, embedded records, batches, and filters by business days."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from smartkasa_async.sandbox.calls import Answer, Endpoint, not_found
from smartkasa_async.sandbox.schema import TABLES
from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sandbox.validation import INVALID, Form, Refused, refuse_fields
from smartkasa_async.sandbox.wire import kyiv_day_start, kyiv_time, stored_time

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call
    from smartkasa_async.sandbox.schema import Table
    from smartkasa_async.sandbox.views import View

SHOP_FIELDS = (
    "id business_category_id created_at email employees_count fiscal_numbers fiscalization_enabled is_excise_taxation "
    "is_vat_taxation owner_id phone_number state terminals_count title updated_at website_url"
)

RECEIPT_FIELDS = (
    "id cashier_name created_at description discount_amount discount_percentage fiscal_number is_hidden offline_id "
    "offline_local_number offline_seed previous_receipt_hash registrar_fiscal_number registrar_local_number "
    "related_fiscal_number rounding_amount seller_id shift_id shop_id state tax_amount terminal_id terminal_shift_id "
    "title total_amount type updated_at"
)
"""A receipt without its items and payments."""
UPLOADED_FILE_FORM = Form("SmartKasa::Utils::UploadedFile", "id:text! filename:text mime_type:text size:integer?")


def embed(call: Call, rows: list[dict[str, Any]], view: View, *, field: str, key: str) -> None:
    """Put the objects that rows point to into them, in one query; a row that points nowhere loses the field."""
    found = call.storage.show_by_id(view, (row[key] for row in rows))
    for row in rows:
        if (other := found.get(row[key])) is None:
            del row[field]
        else:
            row[field] = other


def require_existing(call: Call, table: str, values: dict[str, Any], field: str) -> None:
    """Raise the 422 `invalid` when a field names a row that does not exist (inferred but for cards)."""
    if values.get(field) is not None and not call.storage.exists(TABLES[table], values[field]):
        raise refuse_fields(**{field: "invalid"})


def adjust_count(call: Call, table: str, column: str, *, before: Any, after: Any) -> None:
    """Move one unit of a kept count from the row that owned it to the row that owns it now."""
    if before == after:
        return
    for key, step in ((before, -1), (after, 1)):
        if key is not None:
            sql = f"UPDATE {table} SET {column} = coalesce({column}, 0) + ? WHERE id = ?"  # noqa: S608 names of our own schema
            call.storage.execute(sql, (step, key))


def make_address(
    call: Call, given: dict[str, Any] | None, stored: dict[str, Any] | None, defaults: dict[str, Any]
) -> dict[str, Any] | None:
    """Make the address object that is stored and shown; one that is changed keeps its id.

    Args:
        call: The call.
        given: The request's address; None clears it.
        stored: The address so far.
        defaults: The fields of this kind of address, with its `address_type_id`.

    Returns:
        The address as it stands on the wire.
    """
    if given is None:
        return None
    now = kyiv_time(stored_time(call.now))
    first = stored or {"id": call.storage.next_number("addresses"), **defaults, "created_at": now}
    address = first | given | {"updated_at": now}
    return {name: address[name] for name in ("id", *sorted(address.keys() - {"id"}))}


def make_picture(uploaded: dict[str, Any] | None) -> dict[str, Any] | None:
    """Make the stored picture of an uploaded file; the sandbox keeps no files."""
    if uploaded is None:
        return None
    name = secrets.token_hex(16)
    picture = {"filename": None, "mime_type": None, "size": None} | uploaded
    return picture | {"id": name, "url": f"/uploads/store/{name}"}


def narrow_by_days(where: Where, name: str, text: str, *, column: str = "created_at") -> None:
    """Keep what happened from a Kyiv day or a moment on (`date_start`) or until one (`date_end`).

    Args:
        where: The conditions to add to.
        name: `date_start` or `date_end`.
        text: An ISO date, or an ISO time with its offset.
        column: The column with the time.
    """
    try:
        if "T" in text:
            where.add(f"{column} {'>=' if name == 'date_start' else '<='} ?", _stored(text))
            return
        day = date.fromisoformat(text)
        if name == "date_start":
            where.add(f"{column} >= ?", kyiv_day_start(day))
        else:
            where.add(f"{column} < ?", kyiv_day_start(day, days_later=1))
    except (ValueError, OverflowError):
        raise refuse_fields(**{name: "invalid"}) from None


def _stored(text: str) -> str:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError(text)
    return stored_time(moment)


def batch_rows(call: Call, key: str) -> list[dict[str, Any]]:
    """Return the objects of a batch create, or raise the 422 for something else."""
    rows = call.fields("batch").get(key)
    if not rows:
        raise refuse_fields(**{key: "blank"})
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refuse_fields(**{key: "invalid"})
    return rows


def doomed_rows(call: Call, table: Table) -> list[dict[str, Any]]:
    """Return the rows that a batch delete names, in its order; an unknown id refuses the whole batch (inferred)."""
    ids = call.fields("batch").get("ids")
    if not ids:
        raise refuse_fields(ids="blank")
    if not isinstance(ids, list) or not all(isinstance(key, str) for key in ids):
        raise refuse_fields(ids="invalid")
    keys = list(dict.fromkeys(key.lower() for key in ids))
    where = Where()
    where.within("id", keys)
    found = {row["id"]: row for row in call.storage.rows(table, where)}
    if len(found) < len(keys):
        raise refuse_fields(ids="invalid")
    return [found[key] for key in keys]


def refuse_batch(key: str, messages: str | None = None) -> Refused:
    """Make the 422 of a batch, which does not name the wrong row."""
    error = INVALID if messages is None else INVALID | {"messages": messages}
    return Refused(422, {"errors": {key: [error]}})


class Resource:
    """The operations on one table; an area defines the fields and adds what is special."""

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
        self.update_related(call, before, before | values)
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
        self.update_related(call, None, values | {"id": key})
        return key

    def remove(self, call: Call, before: dict[str, Any]) -> dict[str, Any]:
        """Delete a row, do what follows from it, and return what is shown of it."""
        shown = self.one(call, self.deleted, before["id"])
        call.storage.delete(self.deleted.table, before["id"])
        self.update_related(call, before, None)
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

    def update_related(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        """Do what follows from a write elsewhere; None stands for a row that did not or does not exist."""

    def complete(self, call: Call, view: View, rows: list[dict[str, Any]]) -> None:
        """Fill in the fields of a view that are no columns."""
