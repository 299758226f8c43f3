"""What became of each change of a plan, and of the plan as a whole."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from smartkasa_async._i18n.message import N_
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import in_language
from smartkasa_async.catalog.problems import Problem
from smartkasa_async.jobs.outcomes import JobOutcome, JobStoppedError, JobSummary
from smartkasa_async.plans.plan import PlannedChange  # noqa: TC001  (msgspec resolves annotations)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async._i18n.translate import Language


class PlanStoppedError(JobStoppedError):
    """A plan could not be carried out to its end; apply it once more to go on. The cause is what stopped it.

    Attributes:
        summary: What had become of the changes by then.
    """

    summary: PlanSummary


class PlanOutcomeKind(StrEnum):
    """How a change ended."""

    UPDATED = "updated"
    """The product or card is as planned; of an undo, as it was before the plan."""
    UNCHANGED = "unchanged"
    """It was so already."""
    CHANGED = "changed"
    """It changed after the plan was made, or after it was applied where it is undone, and was left alone."""
    REJECTED = "rejected"
    """It was not changed; the problem gives the reason."""
    IN_DOUBT = "in_doubt"
    """It was sent, and it is not known whether it was carried out; it is not resent."""


_FAILED = frozenset[StrEnum]({PlanOutcomeKind.CHANGED, PlanOutcomeKind.REJECTED, PlanOutcomeKind.IN_DOUBT})
_NAMES: dict[StrEnum, str] = {
    PlanOutcomeKind.UPDATED: N_("updated"),
    PlanOutcomeKind.UNCHANGED: N_("unchanged"),
    PlanOutcomeKind.CHANGED: N_("changed meanwhile"),
    PlanOutcomeKind.REJECTED: N_("rejected"),
    PlanOutcomeKind.IN_DOUBT: N_("in doubt"),
}


class PlanOutcome(JobOutcome[Problem], frozen=True, kw_only=True, gc=False):
    """What became of one change.

    Attributes:
        change: The change.
        kind: How it ended.
        problems: Why it was not carried out; empty for one that was.
        warnings: Always empty.
    """

    failed_kinds = _FAILED

    change: PlannedChange
    kind: PlanOutcomeKind
    problems: tuple[Problem, ...] = ()

    @property
    def number(self) -> int:
        """Line of its row in the source."""
        return self.change.line

    def describe(self, language: Language = "en") -> str:
        """Describe in one line what became of it: `4820… Кава: price 45.00 → 49.50 (+10%), updated`."""
        if self.problems:
            return "; ".join(problem.reason(language) for problem in self.problems)
        return f"{self.change.describe(language)}, {in_language(_NAMES[self.kind], language)}"

    def __str__(self) -> str:
        return one_line(self.describe())


class PlanSummary(JobSummary[PlanOutcome], frozen=True, kw_only=True):
    """What became of all changes of a plan.

    Attributes:
        updated: Changes that were carried out.
        unchanged: Products or cards that were as planned already.
        changed: Products or cards that changed meanwhile, and were left alone.
        rejected: Changes that were not carried out.
        in_doubt: Changes of which it is not known whether they were carried out.
        warned: Always 0.
        dry_run: Always false.
        ended_early: Whether the job was left before it had all outcomes.
        failed: Outcomes of the changes that were not carried out, in the order of the source; of very many, the 10,000
            that came first.
        plan: Id of the plan that was applied or undone.
    """

    kind_names: ClassVar[Mapping[StrEnum, str]] = _NAMES
    failed_kinds = _FAILED
    _always_named: ClassVar[frozenset[StrEnum]] = frozenset({PlanOutcomeKind.UPDATED})

    updated: int = 0
    unchanged: int = 0
    changed: int = 0
    rejected: int = 0
    in_doubt: int = 0
    plan: str = ""
