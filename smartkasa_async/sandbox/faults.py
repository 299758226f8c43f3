"""Misbehaviour on order: slow answers, lost connections, error statuses."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Fault", "Faults"]


@dataclass(frozen=True)
class Fault:
    """What goes wrong, for which operations, and how often.

    Args:
        kind: `delay` waits before the work; `drop_before` closes the connection before the work is done; `drop_after`
            closes it after the work is done and before the first byte of the answer; `status` answers without working.
        method: The HTTP method that it befalls; None for all.
        path: The path template that it befalls (`/api/v1/pos/receipts/{id}`); None for all.
        times: How many requests it befalls; None for all that come.
        probability: The chance that a matching request is befallen.
        seconds: How long a `delay` waits.
        status: What a `status` answers.
        retry_after: The Retry-After header of a `status`, in seconds or as an HTTP date.
        body: The body of a `status`: bytes go out as they are, anything else as JSON; None for a plain message.
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

    def __post_init__(self) -> None:
        if self.kind not in {"delay", "drop_before", "drop_after", "status"}:
            raise ValueError(f"Fault kind {self.kind!r} is unknown: use delay, drop_before, drop_after or status.")

    def befalls(self, method: str, path: str) -> bool:
        """Tell whether the fault is meant for an operation."""
        return self.method in {None, method} and self.path in {None, path}


class Faults:
    """The faults on order, drawn with a seeded generator so that a run can be repeated."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 chance for tests, not for secrets
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
        """Return what befalls one request: any number of delays and at most one other fault.

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
                    and fault.befalls(method, path)
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
