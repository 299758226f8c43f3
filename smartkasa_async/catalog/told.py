"""Counts of outcomes in one line, for what is said when an import or a sync of counts ends early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import join_messages, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from smartkasa_async._i18n.message import Message

_COUNTED: dict[str, Callable[[int], Message]] = {
    "created": lambda count: msg("{count} created", count=count),
    "updated": lambda count: msg("{count} updated", count=count),
    "unchanged": lambda count: msg("{count} unchanged", count=count),
    "changed": lambda count: msg("{count} changed", count=count),
    "rejected": lambda count: msg("{count} rejected", count=count),
    "conflict": lambda count: msg("{count} conflict", count=count),
    "in_doubt": lambda count: msg("{count} in doubt", count=count),
    "no_product": lambda count: msg("{count} no products", count=count),
    "missing": lambda count: msg("{count} missing", count=count),
    "deleted": lambda count: msg("{count} deleted", count=count),
}


def told(counts: Iterable[tuple[str, int]], *, dry_run: bool) -> Message:
    """Say counts, one after the other.

    Args:
        counts: Kinds of outcomes and how many there are of each.
        dry_run: Whether nothing was written to the service.
    """
    parts = [_COUNTED[kind](count) for kind, count in counts] or [msg("no rows")]
    return msg("dry run: {counts}", counts=join_messages(parts)) if dry_run else join_messages(parts)
