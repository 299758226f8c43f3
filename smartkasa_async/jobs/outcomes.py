"""What becomes of each item of a job and of the job as a whole, whatever its items are."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum  # noqa: TC003  (msgspec resolves annotations)
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

import msgspec

from smartkasa_async._i18n.message import N_, join_messages, msg
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import in_language, in_ukrainian, texts_in
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.jobs.results import RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smartkasa_async._i18n.message import Message
    from smartkasa_async._i18n.translate import Language

_MOST_KEPT = 10_000

Severity = Literal["error", "warning"]
"""An error keeps its item out of the service, a warning does not."""


class Reason(NamedTuple):
    """The text of one kind of problem.

    Attributes:
        template: What is wrong and what to do, in English, marked by `N_`; `{name}` stands for a detail.
        severity: How bad it is.
    """

    template: str
    severity: Severity = "error"

    def fill(
        self, details: Mapping[str, object], arguments: Mapping[str, object] = MappingProxyType({})
    ) -> tuple[str, str]:
        """Fill the template in English and in Ukrainian.

        Args:
            details: What the template mentions; messages and errors are translated with it.
            arguments: What it may mention in every language alike.
        """
        translated = {name: in_ukrainian(value) for name, value in details.items()}
        ukrainian = texts_in("uk").gettext(self.template)
        return self.template.format_map({**arguments, **details}), ukrainian.format_map({**arguments, **translated})


class JobProblem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that is wrong or doubtful about one item.

    Attributes:
        code: Name of the broken rule.
        severity: `error` if it kept the item out of the service, `warning` if not.
        field: Field of the item; None for the item as a whole.
        reason_en: What is wrong and what to do, in English.
        reason_uk: The same in Ukrainian.
    """

    code: str
    severity: Severity = "error"
    field: str | None = None
    reason_en: str
    reason_uk: str

    def reason(self, language: Language) -> str:
        """Return what is wrong and what to do."""
        texts_in(language)  # which refuses others
        return self.reason_en if language == "en" else self.reason_uk

    def describe(self, language: Language = "en") -> str:
        """Describe the problem in one sentence: where it is, what is wrong and what to do."""
        reason = self.reason(language)
        return reason if self.field is None else f"{self.field}: {reason}"

    def __str__(self) -> str:
        return one_line(self.describe())


ProblemT_co = TypeVar("ProblemT_co", bound=JobProblem, covariant=True)


class JobOutcome(msgspec.Struct, Generic[ProblemT_co], frozen=True, kw_only=True, gc=False):
    """What became of one item.

    Attributes:
        kind: How it ended; in a dry run, how it would end.
        problems: Why it did not get into the service; empty for one that did.
        warnings: What is doubtful about it all the same.
    """

    failed_kinds: ClassVar[frozenset[StrEnum]]

    kind: StrEnum
    problems: tuple[ProblemT_co, ...] = ()
    warnings: tuple[ProblemT_co, ...] = ()

    @property
    def number(self) -> int:
        """Number of the item in the source, from 1."""
        raise NotImplementedError

    @property
    def failed(self) -> bool:
        """Whether the item did not get into the service, as far as is known."""
        return self.kind in self.failed_kinds


OutcomeT = TypeVar("OutcomeT", bound=JobOutcome[Any])
OutcomeT_co = TypeVar("OutcomeT_co", bound=JobOutcome[Any], covariant=True)


class JobSummary(RunResult, msgspec.Struct, Generic[OutcomeT_co], frozen=True, kw_only=True):
    """What became of all items; in a dry run, what would become of them.

    A job's own summary has a field for the count of each kind of outcome, named as the kind.

    Attributes:
        warned: Number of outcomes with warnings, of any kind.
        dry_run: Whether nothing was written to the service.
        ended_early: Whether the job was left before it had all outcomes, so that items may lack theirs.
        failed: Outcomes of the items that did not get into the service, in the order of the source; of very many, the
            10,000 that came first.
    """

    kind_names: ClassVar[Mapping[StrEnum, str]]
    """Names of all kinds of outcomes, in their order: English texts that have translations."""
    failed_kinds: ClassVar[frozenset[StrEnum]]
    _always_named: ClassVar[frozenset[StrEnum]] = frozenset()
    """Kinds that one line names also where there are none of them."""
    _total_name: ClassVar[str] = N_("rows")

    warned: int = 0
    dry_run: bool = False
    ended_early: bool = False
    failed: tuple[OutcomeT_co, ...] = ()

    @property
    def total(self) -> int:
        """Number of items of the source that have an outcome."""
        return sum(count for _, count in self._by_kind())

    def _by_kind(self) -> list[tuple[StrEnum, int]]:
        """Return the number of outcomes of each kind."""
        return [(kind, getattr(self, kind.value)) for kind in self.kind_names]

    @property
    def ok(self) -> bool:
        """Whether every item got into the service, as far as is known, and the job was not left early."""
        return not self.ended_early and not any(count for kind, count in self._by_kind() if kind in self.failed_kinds)

    def failures(self) -> Iterator[object]:
        """Yield that the job ended early, if so, then the first problem of each failed item that is kept."""
        if self.ended_early:
            yield msg("the job was ended before it had all outcomes")
        for outcome in self.failed:
            yield outcome.problems[0] if outcome.problems else f"{outcome.number}: {outcome.kind}"

    def _headline(self) -> Message:
        return self.describe()

    def describe(self) -> Message:
        """Describe the counts in one line, those of zero left out."""
        parts = [
            msg("{count} {kind}", count=count, kind=msg(self.kind_names[kind]))
            for kind, count in self._by_kind()
            if count or kind in self._always_named
        ]
        counts = join_messages(parts or [msg("no rows")])
        if self.ended_early:
            counts = msg("ended early: {counts}", counts=counts)
        return msg("dry run: {counts}", counts=counts) if self.dry_run else counts

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """Return the summary as plain values for JSON: the number of all items by its name, then the fields.

        Args:
            language: Not used: problems give their reasons in both languages.
        """
        return {"ok": self.ok, self._total_name: self.total, **super().to_dict(language)}

    def table(self, language: Language = "en") -> str:
        """Lay the counts out one below the other, those of zero left out, and below them the notes.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        counts = [(self.kind_names[kind], count) for kind, count in self._by_kind()] + self._more_counts()
        lines = [(self._total_name, self.total), *(line for line in counts if line[1])]
        separator = "," if language == "en" else " "
        shown = [(in_language(name, language), f"{count:,}".replace(",", separator)) for name, count in lines]
        width, digits = (max(map(len, column)) for column in zip(*shown, strict=True))
        title = [in_language(msg("Dry run: nothing was written to the service."), language)] if self.dry_run else []
        if self.ended_early:
            title.append(
                in_language(msg("The job was ended early; items without an outcome are not counted."), language)
            )
        return "\n".join(
            [*title, *(f"{name:<{width}}  {count:>{digits}}" for name, count in shown), *self.note_lines(language)]
        )

    def _more_counts(self) -> list[tuple[str, int]]:
        """Return what a job counts beside outcomes, by names as those of the kinds."""
        return [(N_("with warnings"), self.warned)]

    def note_lines(self, language: Language = "en") -> list[str]:  # noqa: ARG002  (a job with notes takes it)
        """Return notes about the job as a whole.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        return []


class JobStoppedError(SmartKasaError):
    """A job ended before its source did; the cause is the error that stopped it.

    Attributes:
        summary: What had become of the rows or receipts by then.
    """

    summary: JobSummary[JobOutcome[JobProblem]]

    def __init__(self, message: str, *, summary: JobSummary[JobOutcome[JobProblem]]) -> None:
        super().__init__(message)
        self.summary = summary


SummaryT = TypeVar("SummaryT", bound=JobSummary[Any])


class JobTally(Generic[OutcomeT, SummaryT]):
    """Counts outcomes as they come.

    Args:
        summary_type: The summary to make.
        dry_run: Whether nothing is written to the service.

    Attributes:
        counts: Number of outcomes of each kind.
    """

    def __init__(self, summary_type: type[SummaryT], *, dry_run: bool = False) -> None:
        self._summary_type = summary_type
        self._dry_run = dry_run
        self._warned = 0
        self._failed: list[OutcomeT] = []
        self.counts: dict[str, int] = dict.fromkeys((kind.value for kind in summary_type.kind_names), 0)

    @property
    def total(self) -> int:
        """Number of outcomes."""
        return sum(self.counts.values())

    def add(self, outcomes: Sequence[OutcomeT]) -> None:
        """Count outcomes, and keep those whose items did not get into the service."""
        counted = Counter([outcome.kind for outcome in outcomes])
        for kind, count in counted.items():
            self.counts[kind] += count
        self._warned += sum(bool(outcome.warnings) for outcome in outcomes)
        if not counted.keys().isdisjoint(self._summary_type.failed_kinds):
            failed = [outcome for outcome in outcomes if outcome.failed]
            self._failed += failed[: _MOST_KEPT - len(self._failed)]

    def progress_counts(self) -> dict[str, int]:
        """Return what a `Progress` counts."""
        return {**self.counts, "warned": self._warned}

    def summary(self, *, ended_early: bool = False, **fields: object) -> SummaryT:
        """Sum up what has been counted.

        Args:
            ended_early: Whether the job was left before it had all outcomes.
            fields: What the job's summary has beside counts.
        """
        failed = tuple(sorted(self._failed, key=lambda outcome: outcome.number))
        return self._summary_type(
            **self.counts,
            warned=self._warned,
            dry_run=self._dry_run,
            ended_early=ended_early,
            failed=failed,
            **fields,
        )
