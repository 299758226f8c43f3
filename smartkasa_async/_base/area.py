"""Base of the generated area classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.nearest import nearest
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from smartkasa_async._base.operation import ListAnswer, Operation
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.pagination import Pages

AnswerT = TypeVar("AnswerT")
ItemT = TypeVar("ItemT")
RecordT = TypeVar("RecordT")


class Caller(Protocol):
    """What area methods call: the client."""

    def call(
        self,
        operation: Operation[AnswerT],
        *,
        id: str | int | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> Coroutine[Any, Any, AnswerT]:
        """Call one operation and return its answer."""

    def pages(
        self,
        operation: Operation[ListAnswer[RecordT]],
        query: Mapping[str, object],
        *,
        limit: int | None,
        on_unreadable: Callable[[UnreadableRecord], None] | None,
    ) -> Pages[RecordT]:
        """Describe a list that is fetched page by page."""


def listed(values: Sequence[ItemT]) -> list[ItemT]:
    """Make the list that a batch call sends.

    Raises:
        InvalidRequestError: The argument is one text, whose letters would pass for ids, or cannot be iterated.
    """
    if isinstance(values, str):
        raise InvalidRequestError(msg("One text was given; give a list, also for a single record"), field="$")
    if not isinstance(values, Iterable):
        raise InvalidRequestError(
            msg("{type} was given; give a list, also for a single record", type=type(values).__name__), field="$"
        )
    return list(values)


class Suggesting:
    """Names what is like an attribute that is not there."""

    __slots__ = ()

    if not TYPE_CHECKING:  # type checkers would take any attribute for one that is there

        def __getattr__(self, name: str) -> Any:
            likely = []
            if not name.startswith("_"):
                known = [each for each in dir(self) if not each.startswith("_")]
                likely = nearest(name, known)
            hint = f"; did you mean {', '.join(likely)}?" if likely else ""
            message = f"{type(self).__name__!r} object has no attribute {name!r}{hint}"
            raise AttributeError(message, name=name, obj=None)  # no object, so that Python suggests nothing besides


class Area(Suggesting):
    """One area of the API; its methods hand an operation and its arguments to the client."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._caller!r}>"
