"""What every long call reports while it runs, and what its result can do."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  (msgspec resolves annotations)
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

import msgspec

from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async._support.money import hryvnias
from smartkasa_async.errors import SmartKasaError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async._support.tables import ResultTable

_MOST_NAMED = 3
_KOPECKS = -2
"""Exponent of a sum that has kopecks and nothing finer."""


class Stage(StrEnum):
    """What a long call is doing."""

    READING = "reading"
    """A source is read and planned; nothing is written yet."""
    SENDING = "sending"
    """The service is written to."""
    SYNCING = "syncing"
    """Records of the service are read into a store."""
    COMPARING = "comparing"
    """Records are compared: with the service, or with each other."""
    CHECKING = "checking"
    """Fiscal rules are checked."""
    SUMMING = "summing"
    """The database sums up."""
    WRITING = "writing"
    """Files are written."""


class Progress(msgspec.Struct, frozen=True):
    """How far a long call has come; every `on_progress` is called with one.

    Attributes:
        stage: What is being done.
        done: How much of it is done.
        total: How much there is, as far as is known now; None where it is not known.
        unit: What `done` and `total` count, in the plural, such as `rows`.
        counts: What came of it so far: outcomes by their kinds, or the `records` that were written.
    """

    stage: Stage
    done: int = 0
    total: int | None = None
    unit: str = ""
    counts: Mapping[str, int] = {}

    @property
    def fraction(self) -> float | None:
        """Share of the work that is done, 0 to 1; None where it is not known."""
        return None if self.total is None else min(1.0, self.done / self.total) if self.total else 1.0

    def advance(self, done: int = 0, *, total: int = 0, **counts: int) -> Progress:
        """Return the progress after some more work.

        Args:
            done: How much more is done.
            total: How much more there is than was known.
            counts: How much more came of it, by name.
        """
        return Progress(
            self.stage,
            self.done + done,
            None if self.total is None else self.total + total,
            self.unit,
            {**self.counts, **{name: self.counts.get(name, 0) + count for name, count in counts.items()}},
        )

    def __str__(self) -> str:
        done = f"{self.done} {self.unit}" if self.total is None else f"{self.done} of {self.total} {self.unit}"
        counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in self.counts.items() if count)
        return f"{self.stage}: {done}{f' ({counts})' if counts else ''}" if self.unit else str(self.stage)


class FailuresError(SmartKasaError):
    """Something failed, was left unread, or differs.

    Attributes:
        result: The result, as the call returned it.
    """

    def __init__(self, message: str, *, result: RunResult) -> None:
        super().__init__(message)
        self.result = result


def plain_values(value: object) -> Any:
    """Turn structs, dataclasses and named tuples of a result into what JSON holds, decimals and times as texts.

    A sum that a database returns with more digits than it needs is written with kopecks.
    """
    return _with_texts(msgspec.to_builtins(value, builtin_types=(Decimal,), str_keys=True, enc_hook=str))


def _with_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_texts(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_texts(each) for each in value]
    if not isinstance(value, Decimal):
        return value
    exponent = value.as_tuple().exponent
    return hryvnias(value) if isinstance(exponent, int) and exponent < _KOPECKS else str(value)


class RunResult:
    """What all results of long calls share; printed, a result is a table."""

    __slots__ = ()

    @property
    def ok(self) -> bool:
        """Whether nothing failed, nothing was left unread, and nothing differs."""
        return next(iter(self.failures()), None) is None

    def failures(self) -> Iterator[object]:
        """Yield what is not in order; each prints itself in one line."""
        raise NotImplementedError

    def table(self, language: Language = "en") -> str:
        """Lay the result out for reading.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        raise NotImplementedError

    def to_dict(self, language: Language = "en") -> dict[str, Any]:  # noqa: ARG002  (a result with texts takes it)
        """Return the result as plain values for JSON: decimals and times as texts, `ok` in front.

        Args:
            language: Language of explanations: English (`en`) or Ukrainian (`uk`).
        """
        return {"ok": self.ok, **plain_values(self)}

    def raise_for_failures(self) -> Self:
        """Return the result, or raise where it is not `ok`.

        Raises:
            FailuresError: Something failed, was left unread, or differs; names the first few and carries the result.
        """
        if self.ok:
            return self
        failures = self.failures()
        parts = [str(each) for each in islice(failures, _MOST_NAMED)]
        if headline := self._headline():
            parts.insert(0, headline)
        if more := sum(1 for _ in failures):
            parts.append(msg("and {count} more", count=more))
        raise FailuresError(join_messages(parts, "; "), result=self)

    def _headline(self) -> str | None:
        """Return what an error about the failures begins with; None for nothing."""
        return None

    def __str__(self) -> str:
        return self.table()


class TableResult(RunResult):
    """A result whose figures are tables with headers, and notes below them."""

    __slots__ = ()

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return the figures as tables.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        raise NotImplementedError

    def note_lines(self, language: Language = "en") -> list[str]:  # noqa: ARG002  (a result with notes takes it)
        """Return what is to be known besides the figures, a line each.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        return []

    def table(self, language: Language = "en") -> str:
        """Lay the result out for reading: its tables, and its notes below them.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        return "\n\n".join([*map(str, self.tables(language)), *filter(None, ["\n".join(self.note_lines(language))])])
