"""Counts of outcomes in one line, for what is said when an import or a sync of counts ends early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._i18n.phrases import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from smartkasa_async._i18n.phrases import Phrase

__all__ = ["told"]

_COUNTED: dict[str, Callable[[int], Phrase]] = {
    "created": lambda count: phrase("{count} created", count=count),
    "updated": lambda count: phrase("{count} updated", count=count),
    "unchanged": lambda count: phrase("{count} unchanged", count=count),
    "changed": lambda count: phrase("{count} changed", count=count),
    "rejected": lambda count: phrase("{count} rejected", count=count),
    "conflict": lambda count: phrase("{count} conflict", count=count),
    "in_doubt": lambda count: phrase("{count} in doubt", count=count),
    "no_product": lambda count: phrase("{count} no products", count=count),
    "missing": lambda count: phrase("{count} missing", count=count),
    "deleted": lambda count: phrase("{count} deleted", count=count),
}


def told(counts: Iterable[tuple[str, int]], *, dry_run: bool) -> Phrase:
    """Say counts, one after the other.

    Args:
        counts: Kinds of outcomes and how many there are of each.
        dry_run: Whether nothing was written to the service.
    """
    parts = [_COUNTED[kind](count) for kind, count in counts] or [phrase("no rows")]
    return phrase("dry run: {counts}", counts=joined(parts)) if dry_run else joined(parts)
