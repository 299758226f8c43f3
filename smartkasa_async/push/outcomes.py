"""What became of each receipt that was to be pushed, and of the push as a whole."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.push.problems import PushProblem  # noqa: TC001  (msgspec resolves annotations)

_MOST_KEPT = 10_000


class ReceiptKey(NamedTuple):
    """What a receipt is known by, wherever it was made.

    Attributes:
        registrar: Fiscal number of the registrar (ПРРО).
        number: Fiscal number of the receipt, the offline one where it was made offline.
    """

    registrar: str
    number: str

    def __str__(self) -> str:
        return f"{self.registrar}/{self.number}"


class PushKind(StrEnum):
    """How a receipt ended; in a dry run, how it would end."""

    CREATED = "created"
    """The service has it now."""
    ALREADY_THERE = "already_there"
    """The service had it before this run."""
    REFUSED = "refused"
    """It is not in the service; its problems say why."""
    HELD_BACK = "held_back"
    """It was not sent: one before it in its offline session failed, or the push stopped."""
    IN_DOUBT = "in_doubt"
    """It may be in the service, once or several times, or in another form; it is not sent again by itself."""


_FAILED = frozenset({PushKind.REFUSED, PushKind.HELD_BACK, PushKind.IN_DOUBT})


class PushOutcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of one receipt.

    Attributes:
        position: Its place in the source, from 1.
        key: Its numbers; None where it lacks one.
        kind: How it ended.
        id: Its id in the service; None where none is known.
        problems: Why it did not get into the service; empty for one that did.
        warnings: What is doubtful about it all the same.
    """

    position: int
    key: ReceiptKey | None
    kind: PushKind
    id: str | None = None
    problems: tuple[PushProblem, ...] = ()
    warnings: tuple[PushProblem, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the receipt did not get into the service, as far as is known."""
        return self.kind in _FAILED


class PushCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Number of outcomes of each kind.

    Attributes:
        created: Receipts that the service has now.
        already_there: Receipts that the service had before.
        refused: Receipts with something wrong.
        held_back: Receipts that were not sent.
        in_doubt: Receipts of which nobody can tell.
        warned: Receipts with warnings, of any kind.
    """

    created: int = 0
    already_there: int = 0
    refused: int = 0
    held_back: int = 0
    in_doubt: int = 0
    warned: int = 0

    @property
    def receipts(self) -> int:
        """Number of receipts that have an outcome."""
        return self.created + self.already_there + self.refused + self.held_back + self.in_doubt

    def __str__(self) -> str:
        """Say the counts in one line; those of zero are left out, but for created ones."""
        told = [msg("{count} created", count=self.created)]
        if self.already_there:
            told.append(msg("{count} already there", count=self.already_there))
        if self.refused:
            told.append(msg("{count} refused", count=self.refused))
        if self.held_back:
            told.append(msg("{count} held back", count=self.held_back))
        if self.in_doubt:
            told.append(msg("{count} in doubt", count=self.in_doubt))
        return join_messages(told)


class PushProgress(PushCounts, frozen=True, kw_only=True, gc=False):
    """How far a push has come."""


class PushSummary(PushCounts, frozen=True, kw_only=True):
    """What became of all receipts; in a dry run, what would become of them.

    Attributes:
        dry_run: Whether nothing was written to the service.
        failed: Outcomes of the receipts that did not get into the service, in the order of the source; of very many,
            the 10,000 that came first.
    """

    dry_run: bool = False
    failed: tuple[PushOutcome, ...] = ()


class PushTally:
    """Counts outcomes as they come."""

    def __init__(self, *, dry_run: bool) -> None:
        self._dry_run = dry_run
        self._counts = dict.fromkeys((kind.value for kind in PushKind), 0)
        self._warned = 0
        self._failed: list[PushOutcome] = []

    def add(self, outcome: PushOutcome) -> None:
        """Count one outcome, and keep it if its receipt did not get into the service."""
        self._counts[outcome.kind] += 1
        self._warned += bool(outcome.warnings)
        if outcome.failed and len(self._failed) < _MOST_KEPT:
            self._failed.append(outcome)

    def progress(self) -> PushProgress:
        """Say how far the push has come."""
        return PushProgress(**self._counts, warned=self._warned)

    def summary(self) -> PushSummary:
        """Sum up what has been counted."""
        failed = tuple(sorted(self._failed, key=lambda outcome: outcome.position))
        return PushSummary(**self._counts, warned=self._warned, dry_run=self._dry_run, failed=failed)


class PushStoppedError(SmartKasaError):
    """A push ended before its source did; the cause is the error that stopped it.

    Attributes:
        summary: What had become of the receipts by then.
    """

    def __init__(self, message: str, *, summary: PushSummary) -> None:
        super().__init__(message)
        self.summary = summary
