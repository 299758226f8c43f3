"""Records decoded one by one, so that one that does not have the documented form never loses its page: a pure rule."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from smartkasa_async._base.decoding import UnreadableJsonError, decode, id_of
from smartkasa_async._i18n.message import msg
from smartkasa_async.records.batch import Undecodable, quarantine_key

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    import msgspec

    from smartkasa_async.sync.completeness import RecordId

RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class Decoded(Generic[RecordT]):
    """The records of one page.

    Attributes:
        ids: Ids of all records of the page, in its order; a digest stands for an id that cannot be read.
        fresh: Those that were not known.
        records: The records that were not known and belong to the list.
        raw: The JSON of each of them.
        undecodable: Those that were not known and could not be decoded.
        strays: How many do not belong to the list.
        nameless: Whether a record's id cannot be read.
    """

    ids: list[RecordId]
    fresh: set[RecordId]
    records: list[RecordT]
    raw: list[bytes]
    undecodable: list[Undecodable]
    strays: int
    nameless: bool


def decode_records(
    page: Sequence[msgspec.Raw],
    struct: type[RecordT],
    *,
    known: Container[RecordId] = frozenset(),
    belongs: Callable[[RecordT], bool] | None = None,
    shop_id: int | None = None,
) -> Decoded[RecordT]:
    """Decode the records of a page, each on its own.

    Args:
        page: The JSON of each record.
        struct: Their struct, which has an `id`.
        known: Ids that came before; their records are left out.
        belongs: Tells whether a record belongs to what was asked for; None where all do.
        shop_id: Id of the shop that the list is of; None for the whole account.
    """
    ids: list[RecordId] = []
    records: list[RecordT] = []
    raws: list[bytes] = []
    undecodable: list[Undecodable] = []
    fresh: set[RecordId] = set()
    strays = 0
    nameless = False
    for raw in page:
        found = decode_record(raw, struct, shop_id)
        if isinstance(found, Undecodable):
            name = id_of(raw)
            nameless |= name is None
            id_ = found.key if name is None else name
        else:
            id_ = found.id
        ids.append(id_)
        if id_ in known or id_ in fresh:
            continue
        fresh.add(id_)
        if isinstance(found, Undecodable):
            undecodable.append(found)
        elif belongs is not None and not belongs(found):
            strays += 1
        else:
            records.append(found)
            raws.append(bytes(raw))
    return Decoded(ids, fresh, records, raws, undecodable, strays, nameless)


def decode_record(raw: msgspec.Raw, struct: type[RecordT], shop_id: int | None) -> Any | Undecodable:
    """Decode one record, or say why it cannot be decoded."""
    try:
        return decode(raw, struct)
    except UnreadableJsonError as error:
        content, name = bytes(raw), id_of(raw)
        reason = error.reason
        if error.path != "$":
            reason = msg("{reason} - at `{path}`", reason=error.reason, path=error.path)
        key = sha256(content).hexdigest() if name is None else quarantine_key(name)
        return Undecodable(key, content, reason, shop_id)
