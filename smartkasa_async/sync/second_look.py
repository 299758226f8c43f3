"""Whether a list is still as it was kept, found out by one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.sync.reading import READING_FAILED, Listing, read_first_page

if TYPE_CHECKING:
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.records.sinks import KeptRecords
    from smartkasa_async.sync.decoding import Decoded


async def is_unchanged(kasa: SmartKasa, listing: Listing[Any], kept: KeptRecords) -> bool:
    """Read the first page of a list, and tell whether it is as it was kept; not where it cannot be read."""
    try:
        found, count = await read_first_page(kasa, listing)
    except READING_FAILED:
        return False
    return agrees(found, count, kept)


def agrees(found: Decoded[Any], count: int, kept: KeptRecords) -> bool:
    """Tell whether a first page, and the count that came with it, are what is kept.

    The list cannot be sorted by changes, so of one with more pages than one the count and the newest records are
    compared; of one that fits on its first page, each record.

    Args:
        found: The records of the page.
        count: How many records the service counts in all.
        kept: What is kept.
    """
    ids = set(map(str, found.ids))
    if found.nameless or found.strays or not ids <= kept.versions.keys() | set(kept.others):
        return False
    if not len(kept.versions) <= count <= len(kept.versions) + len(kept.others):
        return False
    if len(ids) == count and not kept.versions.keys() <= ids:
        return False
    return not any(_is_newer(record, kept) for record in found.records)


def _is_newer(record: Any, kept: KeptRecords) -> bool:
    version = kept.versions.get(str(record.id))
    return version is not None and record.updated_at > version
