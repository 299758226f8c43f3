"""What can be wrong with a receipt that is to be pushed, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from smartkasa_async._i18n.message import N_
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async.jobs.words import Reason, Severity

if TYPE_CHECKING:
    from smartkasa_async.jobs.words import Language

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
            "not sent, since receipt {key} of the same offline session is not in the service; see to that one, "
            "push again"
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
        N_("nothing tells whether the service has the receipt: {detail}; push again with the same journal to find out")
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


class PushProblem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that is wrong or doubtful about one receipt.

    Attributes:
        code: Name of the broken rule, for example `items_total`.
        severity: `error` if it kept the receipt out of the service, `warning` if not.
        field: Field of the receipt, for example `items[0].amount`; None for the receipt as a whole.
        reason_en: What is wrong and what to do, in English; money in hryvnias.
        reason_uk: The same in Ukrainian.
    """

    code: str
    severity: Severity
    field: str | None
    reason_en: str
    reason_uk: str

    @classmethod
    def of(cls, code: str, field: str | None = None, /, **details: object) -> PushProblem:
        """Say that a rule is broken.

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

    def describe(self, language: Language = "en") -> str:
        """Say the field, what is wrong and what to do in one sentence."""
        reason = self.reason_en if language == "en" else self.reason_uk
        return reason if self.field is None else f"{self.field}: {reason}"

    def __str__(self) -> str:
        return one_line(self.describe())
