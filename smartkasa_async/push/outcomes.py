"""What can be wrong with a receipt that is to be pushed, and what became of each and of the push as a whole."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec

from smartkasa_async._i18n.message import N_
from smartkasa_async.jobs.outcomes import JobOutcome, JobProblem, JobStoppedError, JobSummary, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

_REASONS = {
    "key_missing": Reason(
        N_("the receipt lacks the number by which it is known; give registrar_fiscal_number and fiscal_number")
    ),
    "key_duplicate": Reason(N_("receipt {position} of the source has the same numbers; give each receipt once")),
    "out_of_order": Reason(
        N_("offline receipt {number} comes after number {last} of its session; give receipts in the order of the till")
    ),
    "chain_broken": Reason(
        N_(
            "not sent, since receipt {key} of the same offline session is not in the service; fix that one, and push"
            " again"
        )
    ),
    "product_unknown": Reason(N_("the service has no product with this id; create the product first, or fix the id")),
    "value_wrong": Reason(
        N_("not sent, since a value is not of its type: {detail}; fix the receipt and push it again")
    ),
    "refused": Reason(N_("the service refused it: {detail}; fix the receipt and push it again")),
    "failed_each_time": Reason(N_("the service failed each time and does not have the receipt; push it again later")),
    "not_sent": Reason(N_("not sent, since the push stopped: {detail}; remove the cause and push again")),
    "in_doubt": Reason(
        N_("it is unknown whether the service has the receipt: {detail}; push again with the same journal to find out")
    ),
    "in_doubt_several": Reason(N_("the service has {count} receipts with these numbers; leave one of them there")),
    "in_doubt_differs": Reason(
        N_("the service has a receipt with these numbers and another {field}: {there}, here {here}; compare the two")
    ),
    "in_doubt_unreadable": Reason(
        N_("the service has a receipt with these numbers that cannot be read: {detail}; look it up there")
    ),
    "in_doubt_sent_otherwise": Reason(
        N_(
            "a receipt with these numbers was pushed before with other contents, and the service has that one as {id};"
            " compare the two: correct that one, or give this one numbers of its own"
        )
    ),
    "below_zero": Reason(
        N_(
            "{found} is below zero, and no sum is: a refund is a receipt of its own type, a discount a field of its own"
        ),
        "warning",
    ),
    "kopeck_fraction": Reason(N_("{found} has parts of a kopeck; round it to two digits"), "warning"),
    "line_amount": Reason(N_("price times quantity is {expected}, not {found}; fix the line"), "warning"),
    "items_total": Reason(
        N_(
            "the lines less the discount, rounded, come to {expected}, not {found}; fix the lines, the discount, the "
            "rounding or the total"
        ),
        "warning",
    ),
    "payments_total": Reason(
        N_("the payments come to {found}, the total is {expected}; fix the payments or the total"), "warning"
    ),
    "payment_change": Reason(N_("handed over less change is {expected}, not {found}; fix the payment"), "warning"),
    "rounding_not_cash": Reason(
        N_("{found} of rounding, and nothing was paid in cash; only cash is rounded (NBU resolution 115)"), "warning"
    ),
    "rounding_wrong": Reason(
        N_("cash of {due} is rounded to {expected}, not to {found}; round it by the rule of the till's coins"),
        "warning",
    ),
    "rounding_large": Reason(N_("{found} is more than any rounding of cash; fix rounding_amount"), "warning"),
}


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


class PushProblem(JobProblem, frozen=True, kw_only=True, gc=False):
    """One thing that is wrong or doubtful about one receipt.

    Attributes:
        code: Name of the broken rule, for example `items_total`.
        severity: `error` if it kept the receipt out of the service, `warning` if not.
        field: Field of the receipt, for example `items[0].amount`; None for the receipt as a whole.
        reason_en: What is wrong and what to do, in English; money in hryvnias.
        reason_uk: The same in Ukrainian.
    """

    @classmethod
    def of(cls, code: str, field: str | None = None, /, **details: object) -> PushProblem:
        """Make the problem of a broken rule.

        Args:
            code: Name of the rule.
            field: Field of the receipt.
            details: What the reason mentions.
        """
        reason = _REASONS[code]
        english, ukrainian = reason.fill(details)
        return cls(code=code, severity=reason.severity, field=field, reason_en=english, reason_uk=ukrainian)

    def as_error(self) -> PushProblem:
        """Return the problem as one that keeps its receipt out of the service."""
        return msgspec.structs.replace(self, severity="error")


class PushKind(StrEnum):
    """How a receipt ended; in a dry run, how it would end."""

    CREATED = "created"
    """The service has it now."""
    ALREADY_THERE = "already_there"
    """The service had it before this run."""
    REFUSED = "refused"
    """It is not in the service; its problems give the reason."""
    HELD_BACK = "held_back"
    """It was not sent: one before it in its offline session failed, or the push stopped."""
    IN_DOUBT = "in_doubt"
    """It may be in the service, once or several times, or in another form; it is not resent automatically."""


_FAILED = frozenset[StrEnum]({PushKind.REFUSED, PushKind.HELD_BACK, PushKind.IN_DOUBT})
_NAMES: dict[StrEnum, str] = {
    PushKind.CREATED: N_("created"),
    PushKind.ALREADY_THERE: N_("already there"),
    PushKind.REFUSED: N_("refused"),
    PushKind.HELD_BACK: N_("held back"),
    PushKind.IN_DOUBT: N_("in doubt"),
}


class PushOutcome(JobOutcome[PushProblem], frozen=True, kw_only=True, gc=False):
    """What became of one receipt.

    Attributes:
        position: Its position in the source, from 1.
        key: Its numbers; None where it lacks one.
        kind: How it ended.
        id: Its id in the service; None where none is known.
        problems: Why it did not get into the service; empty for one that did.
        warnings: What is doubtful about it all the same.
    """

    failed_kinds = _FAILED

    position: int
    key: ReceiptKey | None
    kind: PushKind
    id: str | None = None
    problems: tuple[PushProblem, ...] = ()
    warnings: tuple[PushProblem, ...] = ()

    @property
    def number(self) -> int:
        """Position of the receipt in the source, from 1."""
        return self.position


class PushSummary(JobSummary[PushOutcome], frozen=True, kw_only=True):
    """What became of all receipts; in a dry run, what would become of them.

    Attributes:
        created: Receipts that the service has now.
        already_there: Receipts that the service had before.
        refused: Receipts with something wrong.
        held_back: Receipts that were not sent.
        in_doubt: Receipts of which it is not known whether the service has them.
        warned: Receipts with warnings, of any kind.
        dry_run: Whether nothing was written to the service.
        ended_early: Whether the job was left before it had all outcomes.
        failed: Outcomes of the receipts that did not get into the service, in the order of the source; of very many,
            the 10,000 that came first.
    """

    kind_names: ClassVar[Mapping[StrEnum, str]] = _NAMES
    failed_kinds = _FAILED
    _always_named: ClassVar[frozenset[StrEnum]] = frozenset({PushKind.CREATED})
    _total_name: ClassVar[str] = N_("receipts")

    created: int = 0
    already_there: int = 0
    refused: int = 0
    held_back: int = 0
    in_doubt: int = 0


class PushStoppedError(JobStoppedError):
    """A push ended before its source did; the cause is the error that stopped it.

    Attributes:
        summary: What had become of the receipts by then.
    """

    summary: PushSummary
