"""What can be wrong with a receipt that is to be pushed: in English and Ukrainian, with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import in_ukrainian
from smartkasa_async.jobs.words import Message, Severity

if TYPE_CHECKING:
    from smartkasa_async.jobs.words import Language

_MESSAGES = {
    "key_missing": Message(
        "the receipt lacks the number by which it is known; give registrar_fiscal_number and fiscal_number",
        "у чеку немає номера, за яким його впізнають; вкажіть registrar_fiscal_number і fiscal_number",
    ),
    "key_duplicate": Message(
        "receipt {position} of the source has the same numbers; give each receipt once",
        "чек {position} із джерела має такі самі номери; передавайте кожен чек один раз",
    ),
    "out_of_order": Message(
        "offline receipt {number} comes after number {last} of its session; give receipts in the order of the till",
        "офлайн-чек {number} іде після номера {last} своєї сесії; передавайте чеки в порядку каси",
    ),
    "chain_broken": Message(
        "not sent, since receipt {key} of the same offline session is not in the service; see to that one, push again",
        "не надіслано, бо чека {key} тієї самої офлайн-сесії немає в сервісі; розберіться з ним і повторіть",
    ),
    "product_unknown": Message(
        "the service has no product with this id; create the product first, or mend the id",
        "у сервісі немає товару з таким id; спершу створіть товар або виправте id",
    ),
    "value_wrong": Message(
        "not sent, since a value is not of its type: {detail}; mend the receipt and push it again",
        "не надіслано, бо значення не того типу: {detail}; виправте чек і передайте ще раз",
    ),
    "refused": Message(
        "the service refused it: {detail}; mend the receipt and push it again",
        "сервіс відхилив: {detail}; виправте чек і передайте ще раз",
    ),
    "failed_each_time": Message(
        "the service failed each time and does not have the receipt; push it again later",
        "сервіс щоразу давав збій, чека в ньому немає; передайте пізніше ще раз",
    ),
    "not_sent": Message(
        "not sent, since the push stopped: {detail}; remove the cause and push again",
        "не надіслано, бо передавання зупинено: {detail}; усуньте причину й повторіть",
    ),
    "in_doubt": Message(
        "nothing tells whether the service has the receipt: {detail}; push again with the same journal to find out",
        "невідомо, чи є чек у сервісі: {detail}; повторіть із тим самим журналом, щоб з'ясувати",
    ),
    "in_doubt_several": Message(
        "the service has {count} receipts with these numbers; leave one of them there",
        "у сервісі чеків із цими номерами: {count}; залиште там один",
    ),
    "in_doubt_differs": Message(
        "the service has a receipt with these numbers and another {field}: {there}, here {here}; compare the two",
        "у сервісі є чек із цими номерами, але {field} там {there}, а тут {here}; порівняйте їх",
    ),
    "in_doubt_unreadable": Message(
        "the service has a receipt with these numbers that cannot be read: {detail}; look it up there",
        "у сервісі є чек із цими номерами, який не вдається прочитати: {detail}; перевірте його там",
    ),
    "in_doubt_sent_otherwise": Message(
        "a receipt with these numbers was pushed before with other contents, and the service has that one as {id};"
        " compare the two: correct that one, or give this one numbers of its own",
        "чек із цими номерами вже передано з іншим вмістом, і в сервісі він має id {id};"
        " порівняйте їх: виправте той чек або дайте цьому власні номери",
    ),
    "below_zero": Message(
        "{found} is below zero, and no sum is: a refund is a receipt of its own type, a discount a field of its own",
        "{found} менше за нуль, а суми такими не бувають: повернення — чек окремого типу, знижка — окреме поле",
        "warning",
    ),
    "kopeck_fraction": Message(
        "{found} has parts of a kopeck; round it to two digits",
        "{found} містить частки копійки; заокругліть до двох знаків",
        "warning",
    ),
    "line_amount": Message(
        "price times quantity is {expected}, not {found}; mend the line",
        "ціна, помножена на кількість, дає {expected}, а не {found}; виправте рядок",
        "warning",
    ),
    "items_total": Message(
        "the lines less the discount, rounded, come to {expected}, not {found}; mend the lines, the discount, the "
        "rounding or the total",
        "рядки мінус знижка із заокругленням дають {expected}, а не {found}; виправте рядки, знижку, заокруглення "
        "чи суму",
        "warning",
    ),
    "payments_total": Message(
        "the payments come to {found}, the total is {expected}; mend the payments or the total",
        "оплати разом {found}, а сума чека {expected}; виправте оплати або суму",
        "warning",
    ),
    "payment_change": Message(
        "handed over less change is {expected}, not {found}; mend the payment",
        "отримано мінус решта дає {expected}, а не {found}; виправте оплату",
        "warning",
    ),
    "rounding_not_cash": Message(
        "{found} of rounding, and nothing was paid in cash; only cash is rounded (NBU resolution 115)",
        "заокруглення {found}, а готівкою нічого не сплачено; заокруглюють лише готівку (постанова НБУ № 115)",
        "warning",
    ),
    "rounding_wrong": Message(
        "cash of {due} is rounded to {expected}, not to {found}; round it by the rule of the till's coins",
        "готівку {due} заокруглюють до {expected}, а не до {found}; заокругліть за правилом для монет цієї каси",
        "warning",
    ),
    "rounding_large": Message(
        "{found} is more than any rounding of cash; mend rounding_amount",
        "{found} більше за будь-яке заокруглення готівки; виправте rounding_amount",
        "warning",
    ),
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
        message = _MESSAGES[code]
        return cls(
            code=code,
            severity=message.severity,
            field=field,
            reason_en=message.en.format_map(details),
            reason_uk=message.uk.format_map({name: in_ukrainian(value) for name, value in details.items()}),
        )

    def as_error(self) -> PushProblem:
        """Return the problem as one that keeps its receipt out of the service."""
        return msgspec.structs.replace(self, severity="error")

    def describe(self, language: Language = "en") -> str:
        """Say the field, what is wrong and what to do in one sentence."""
        reason = self.reason_en if language == "en" else self.reason_uk
        return reason if self.field is None else f"{self.field}: {reason}"

    def __str__(self) -> str:
        return one_line(self.describe())
