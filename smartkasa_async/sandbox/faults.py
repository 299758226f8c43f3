"""Fault injection: slow answers, lost connections, error statuses."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from smartkasa_async._generated.operations import ALL
from smartkasa_async._support.nearest import nearest
from smartkasa_async.sandbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

_LEAST_STATUS, _LAST_STATUS = 200, 599


KINDS = ("delay", "drop_before", "drop_after", "status")
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


@dataclass(frozen=True)
class Fault:
    """What goes wrong, for which operations, and how often.

    Args:
        kind: `delay` waits before the work; `drop_before` closes the connection before the work is done; `drop_after`
            closes it after the work is done and before the first byte of the answer; `status` answers without working.
        method: The HTTP method that it affects; None for all.
        path: The path template that it affects (`/api/v1/pos/receipts/{id}`); None for all.
        times: How many requests it affects; None for all.
        probability: Probability that a matching request is affected.
        seconds: How long a `delay` waits.
        status: What a `status` answers.
        retry_after: The Retry-After header of a `status`, in seconds or as an HTTP date.
        body: The body of a `status`: bytes go out as they are, anything else as JSON; None for a plain message.
        operation: The operationId that it affects (`createProduct`), instead of method and path.

    Raises:
        ValueError: It could never affect a request: there is no such kind, operation, method or path, or a number is
            none that can be; names what is like it.
    """

    kind: Literal["delay", "drop_before", "drop_after", "status"]
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    probability: float = 1.0
    seconds: float = 0.0
    status: int = 503
    retry_after: float | str | None = None
    body: Any = None
    operation: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError("Fault kind {kind} is unknown: use {kinds}.", kind=repr(self.kind), kinds=", ".join(KINDS))
        if self.operation is not None:
            self._use_operation(self.operation)
        self._check_operation()
        self._check_numbers()

    def _use_operation(self, operation: str) -> None:
        if self.method is not None or self.path is not None:
            raise UsageError("A fault has an operation, and a method or a path too: give one of them.")
        operations = {each.id: each for each in ALL}
        if operation not in operations:
            names = [*operations, *(f"{each.area}.{each.name}" for each in ALL)]
            meant = (name if name in operations else _id_of(name) for name in nearest(operation, names))
            if named := ", ".join(map(repr, dict.fromkeys(meant))):
                raise UsageError(
                    "There is no operation {name}: did you mean {names}?", name=repr(operation), names=named
                )
            raise UsageError("There is no operation {name}; the OpenAPI document lists all.", name=repr(operation))
        object.__setattr__(self, "method", operations[operation].method)
        object.__setattr__(self, "path", operations[operation].path)

    def _check_operation(self) -> None:
        if self.method is not None and self.method not in _METHODS:
            raise UsageError(
                "Fault method {method} is unknown: use {methods}.",
                method=repr(self.method),
                methods=", ".join(_METHODS),
            )
        if self.path is None:
            return
        methods = [each.method for each in ALL if each.path == self.path]
        if not methods:
            meant = nearest(self.path, dict.fromkeys(each.path for each in ALL))
            if named := ", ".join(map(repr, meant)):
                raise UsageError("There is no path {name}: did you mean {names}?", name=repr(self.path), names=named)
            raise UsageError("There is no path {name}; the OpenAPI document lists all.", name=repr(self.path))
        if self.method is not None and self.method not in methods:
            raise UsageError(
                "There is no {method} {path}: the path has {methods}.",
                method=self.method,
                path=self.path,
                methods=", ".join(sorted(methods)),
            )

    def _check_numbers(self) -> None:
        if self.times is not None and self.times < 1:
            raise UsageError(
                "times is {value}: it would affect no request; give 1 or more; None, or all in a shell, for all.",
                value=self.times,
            )
        if not 0 < self.probability <= 1:
            raise UsageError("probability is {value}: use a number above 0, up to 1.", value=self.probability)
        if not 0 <= self.seconds < float("inf"):
            raise UsageError("seconds is {value}: use 0 or more.", value=self.seconds)
        if not _LEAST_STATUS <= self.status <= _LAST_STATUS:
            raise UsageError(
                "status is {value}, which is no HTTP status: use {least} to {last}.",
                value=self.status,
                least=_LEAST_STATUS,
                last=_LAST_STATUS,
            )

    def affects(self, method: str, path: str) -> bool:
        """Return whether the fault affects an operation."""
        return self.method in {None, method} and self.path in {None, path}


def parse_fault(text: str) -> Fault:
    """Read a fault as a command line gives it.

    Args:
        text: The kind, and its options, by commas: `status,operation=createProduct,status=503,times=2`;
            a status alone is one too, `503,operation=createProduct`; `times=all` for all requests.

    Raises:
        ValueError: It is no fault.
    """
    kind, *pairs = (part.strip() for part in text.split(","))
    values: dict[str, Any] = {}
    if kind.isdecimal():
        kind, values["status"] = "status", int(kind)
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if name not in _READERS or not sign:
            known = {"text": repr(text), "name": repr(name), "names": ", ".join(_READERS)}
            if name in _READERS:
                raise UsageError("Fault {text}: {name} has no value; give NAME=VALUE, with one of {names}.", **known)
            raise UsageError("Fault {text}: there is no {name}; give NAME=VALUE, with one of {names}.", **known)
        try:
            values[name] = _READERS[name](value)
        except ValueError:
            raise UsageError(
                "Fault {text}: {name} cannot be {value}.", text=repr(text), name=name, value=repr(value)
            ) from None
    return Fault(cast("Any", kind), **values)


def _times(text: str) -> int | None:
    return None if text == "all" else int(text)


_READERS: dict[str, Callable[[str], Any]] = {
    "operation": str,
    "method": str,
    "path": str,
    "times": _times,
    "probability": float,
    "seconds": float,
    "status": int,
    "retry_after": float,
}


def _id_of(name: str) -> str:
    return next(each.id for each in ALL if f"{each.area}.{each.name}" == name)


class Faults:
    """Injected faults, drawn with a seeded generator so that a run can be repeated."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 draws for tests, not for secrets
        self._lock = threading.Lock()
        self._orders: list[tuple[Fault, int | None]] = []

    def add(self, fault: Fault) -> None:
        """Order a fault; faults come in the order in which they were added."""
        with self._lock:
            self._orders.append((fault, fault.times))

    def clear(self) -> None:
        """Cancel all orders."""
        with self._lock:
            self._orders.clear()

    def draw(self, method: str, path: str) -> list[Fault]:
        """Return the faults of one request: any number of delays and at most one other fault.

        Args:
            method: The request's method.
            path: The request's path template.

        Returns:
            The faults, which now count as used once.
        """
        drawn: list[Fault] = []
        with self._lock:
            kept: list[tuple[Fault, int | None]] = []
            ended = False
            for fault, left in self._orders:
                struck = (
                    not (ended and fault.kind != "delay")
                    and left != 0
                    and fault.affects(method, path)
                    and (fault.probability >= 1 or self._random.random() < fault.probability)
                )
                if struck:
                    drawn.append(fault)
                    ended = ended or fault.kind != "delay"
                remaining = left - 1 if struck and left is not None else left
                if remaining != 0:
                    kept.append((fault, remaining))
            self._orders = kept
        return drawn
