"""What the caller says about a source that was opened, put into its layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.catalog.sources.header_matcher import mapping_of
from smartkasa_async.catalog.sources.layout import Layout
from smartkasa_async.catalog.sources.questions import Choice
from smartkasa_async.catalog.sources.source_info import SourceInfo
from smartkasa_async.errors import InvalidRequestError

Answer = Layout | Choice | Sequence[Choice] | None
"""What may be said to what was found out: another layout, a choice or choices, or nothing."""

OnSourceDetected = Callable[[SourceInfo], Answer]
"""Takes what was found out about a source, and may answer."""


def answered(layout: Layout, answer: Answer) -> Layout:
    """Give the layout that an answer makes.

    Args:
        layout: The layout that the source was opened with.
        answer: The answer: a layout stands instead of the one before, choices are added to it.

    Raises:
        InvalidRequestError: The answer is none of these, or a choice is no part of a layout.
        OSError: The mapping's file cannot be read.
    """
    match answer:
        case None:
            return layout
        case Layout():
            return answer
        case Choice():
            return with_choices(layout, [answer])
        case Sequence() if all(isinstance(choice, Choice) for choice in answer):
            return with_choices(layout, answer)
    message = msg(
        "on_source_detected answered {answer}; return a Layout, a Choice or choices of a doubt, or None",
        answer=type(answer).__name__,
    )
    raise InvalidRequestError(message, field="on_source_detected")


def with_choices(layout: Layout, choices: Sequence[Choice]) -> Layout:
    """Add choices to a layout; what they say goes before what it says.

    Raises:
        InvalidRequestError: A choice is no part of a layout.
        OSError: The mapping's file cannot be read.
    """
    changes: dict[str, Any] = {}
    mapping: dict[str, Any] = {}
    for choice in choices:
        changes |= choice.layout
        mapping |= choice.layout.get("mapping", {})
    if mapping:
        changes["mapping"] = mapping_of(layout.mapping) | mapping
    return msgspec.structs.replace(layout, **changes) if changes else layout
