"""All operations of the API, as data."""

from __future__ import annotations

from functools import cache
from typing import Any

from smartkasa_async._base.operation import Operation
from smartkasa_async._generated.operations import ALL
from smartkasa_async._support.nearest import nearest

__all__ = ["ALL", "Operation", "find"]


def find(method: str, path: str) -> Operation[Any]:
    """Return the operation that answers a method and a path.

    Args:
        method: HTTP method, in any case.
        path: Path template (`/api/v1/rsn/shops/{id}`) or a path with ids in it (`/api/v1/rsn/shops/37958`).

    Raises:
        LookupError: No operation has this method and path.
    """
    method = method.upper()
    segments = path.strip("/").split("/")
    exact = _by_segments().get((method, tuple(segments)))
    if exact is not None:
        return exact
    template = _by_segments().get((method, (*segments[:-1], "{id}")))
    if template is None or not segments[-1]:
        likely = nearest(f"{method} {path}", (f"{each.method} {each.path}" for each in ALL))
        hint = f"did you mean {' or '.join(likely)}?" if likely else "smartkasa_async.operations.ALL lists them"
        raise LookupError(f"No operation of the API is {method} {path}; {hint}")
    return template


@cache
def _by_segments() -> dict[tuple[str, tuple[str, ...]], Operation[Any]]:
    return {(operation.method, tuple(operation.path.strip("/").split("/"))): operation for operation in ALL}
