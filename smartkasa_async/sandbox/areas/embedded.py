"""Objects that stand inside other objects, and counts that are kept on them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.schema import TABLES
from smartkasa_async.sandbox.validation import Form, refuse_fields
from smartkasa_async.sandbox.wire import kyiv_time, stored_time

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call
    from smartkasa_async.sandbox.views import View

SHOP_FIELDS = (
    "id business_category_id created_at email employees_count fiscal_numbers fiscalization_enabled is_excise_taxation "
    "is_vat_taxation owner_id phone_number state terminals_count title updated_at website_url"
)

UPLOADED_FILE_FORM = Form("SmartKasa::Utils::UploadedFile", "id:text! filename:text mime_type:text size:integer?")


def embed(call: Call, rows: list[dict[str, Any]], view: View, *, field: str, key: str) -> None:
    """Put the objects that rows point to into them, in one query; a row that points nowhere loses the field.

    Args:
        call: The call.
        rows: The rows to complete.
        view: How the objects are shown.
        field: Where the object goes.
        key: The rows' field that has the object's id.
    """
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
