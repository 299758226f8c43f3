"""Personal data of employees that nothing here needs: removed from what is kept, unless it is asked for.

The PIN opens the till, so it is removed in any case. Names, telephone numbers and e-mail addresses stay.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from smartkasa_async.models import Employee
from smartkasa_async.records.batch import RecordKind

if TYPE_CHECKING:
    from smartkasa_async.records.batch import Batch

PEOPLE = frozenset({RecordKind.EMPLOYEES, RecordKind.SHIFTS, RecordKind.TERMINALS})
"""Kinds of records that are of people, or name them."""

_PIN = frozenset({"pin", "pincode"})
_PERSONAL = frozenset({"inn", "ipn", "rnokpp", "taxnumber", "taxid"})
_PASSPORT = "passport"
_MAY_BE_PERSONAL = re.compile(rb"\\u|pin|inn|ipn|rnokpp|tax|passport", re.IGNORECASE)
_FIELDS = ("inn", "passport_serial", "passport_number")


def without_personal(batch: Batch[Any]) -> Batch[Any]:
    """Remove PINs from a batch, and tax numbers and passports unless they were asked for.

    They are removed from the records, their JSON, and the JSON of what could not be decoded.
    """
    if batch.kind not in PEOPLE:
        return batch
    keep = batch.keeps_personal
    return replace(
        batch,
        records=[_without_fields(record, keep=keep) for record in batch.records],
        raw=[without_personal_json(raw, keep=keep) for raw in batch.raw],
        undecodable=[one.with_changes(raw=without_personal_json(one.raw, keep=keep)) for one in batch.undecodable],
    )


def without_personal_json(raw: bytes, *, keep: bool = False) -> bytes:
    """Remove the same from the JSON of a record, at whatever depth, however the fields are spelt.

    JSON that has nothing of it stays byte for byte; what may have it and is no JSON at all becomes `null`.

    Args:
        raw: The JSON.
        keep: Whether tax numbers and passports stay.
    """
    if not _MAY_BE_PERSONAL.search(raw):
        return raw
    readable = raw.decode(errors="replace").encode()
    try:
        cleaned = _cleaned(msgspec.json.decode(readable, type=msgspec.Raw), keep=keep)
    except msgspec.MsgspecError:
        return b"null"
    return raw if cleaned is None else cleaned


def _cleaned(raw: msgspec.Raw, *, keep: bool) -> bytes | None:
    """Return JSON without personal fields, all else as it was written; None where it has no personal fields."""
    start = bytes(raw).lstrip()[:1]
    if start == b"{":
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        kept = {name: value for name, value in fields.items() if not _is_personal(name, keep=keep)}
        changed = {name: new for name, value in kept.items() if (new := _cleaned(value, keep=keep)) is not None}
        if len(kept) == len(fields) and not changed:
            return None
        return msgspec.json.encode(kept | {name: msgspec.Raw(value) for name, value in changed.items()})
    if start == b"[":
        items = msgspec.json.decode(raw, type=list[msgspec.Raw])
        cleaned = [_cleaned(item, keep=keep) for item in items]
        if not any(item is not None for item in cleaned):
            return None
        pairs = zip(items, cleaned, strict=True)
        return msgspec.json.encode([item if new is None else msgspec.Raw(new) for item, new in pairs])
    return None


def _is_personal(name: str, *, keep: bool) -> bool:
    plain = name.casefold().replace("_", "").replace("-", "")
    return plain in _PIN or (not keep and (plain in _PERSONAL or plain.startswith(_PASSPORT)))


def _without_fields(record: Any, *, keep: bool) -> Any:
    if not isinstance(record, Employee):
        return record
    fields = ("pin_code",) if keep else ("pin_code", *_FIELDS)
    filled = {name: UNSET for name in fields if getattr(record, name) is not UNSET}
    return msgspec.structs.replace(record, **filled) if filled else record
