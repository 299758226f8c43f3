"""Records of the service that do not have the documented form: what can still be seen of them, and what is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async._base.decoding import UnreadableJsonError, decode
from smartkasa_async._i18n.message import join_messages
from smartkasa_async.catalog.keys import normalise_key
from smartkasa_async.catalog.problems import RuleViolationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.keys import KeyField
    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.errors import UnreadableRecord

_MOST_NAMED = 10


def seen_fields(record: UnreadableRecord) -> dict[str, Any]:
    """Give the fields of a record that can be seen in its JSON; none where it is no object."""
    try:
        return decode(record.raw, dict[str, Any])
    except UnreadableJsonError:
        return {}


def seen_key(record: UnreadableRecord, key: KeyField) -> str:
    """Give the normalised key that can be seen in a product's JSON; empty where there is none.

    Args:
        record: The product.
        key: Which key it is.
    """
    value = seen_fields(record).get(key)
    return normalise_key(key, str(value)) if isinstance(value, str | int) else ""


def note_of(records: Sequence[UnreadableRecord], location: SourceLocation) -> Problem:
    """Say which records of the service could not be read.

    Args:
        records: The records, at least one.
        location: The source of the import.
    """
    named = join_messages([record.translatable for record in records[:_MOST_NAMED]], "; ")
    error = RuleViolationError("records_unreadable", count=len(records), operation=records[0].operation, records=named)
    return location.problem(error, 0, severity="warning")
