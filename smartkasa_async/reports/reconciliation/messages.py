"""The explanation of every cause, and the names of figures in them.

The names in braces are filled with the details of the difference. Causes that begin with `unexplained` name what
differs; the records do not prove why.
"""

from __future__ import annotations

from dataclasses import dataclass

from smartkasa_async._i18n.message import N_, msg
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async.stores.schema import TAX_LETTERS, Z_REPORT_TAXES

_RECEIPT = {
    "total": N_("the total of receipt {receipt} should be {right}: its items and its payments agree on it"),
    "unexplained_receipt": N_(
        "unexplained: items ({items}), payments ({paid}) and total of receipt {receipt} all differ"
    ),
    "payments_less": N_("the payments of receipt {receipt} are {amount} less than its total"),
    "payments_more": N_("the payments of receipt {receipt} are {amount} more than its total"),
    "means_cash": N_(
        "receipt {receipt} over {amount} is not marked as paid in cash, but the Z-report and its rounding show it"
    ),
    "means_cashless": N_(
        "receipt {receipt} over {amount} is marked as paid in cash; by the Z-report it was not, and it is not rounded"
    ),
    "rounding_missing": N_("the rounding of {rounding} is missing on receipt {receipt}, which was paid in cash"),
    "rounding_wrong": N_("the rounding of receipt {receipt} is {stated}; by the rules of cash it is {rounding}"),
    "rounding_of_card": N_("receipt {receipt} is rounded by {stated}, but nothing was paid in cash"),
    "discount_percent": N_(
        "the discount of {percent} % on receipt {receipt} is {right}, not {stated}: the payments prove the total"
    ),
    "discount": N_(
        "a discount of {missing} is missing on receipt {receipt} or its items: the payments confirm the total"
    ),
    "items_price": N_(
        "items of receipt {receipt} state {stated}; price times quantity is {right}, as the payments confirm"
    ),
    "items_missing": N_("items of {amount} are missing on receipt {receipt}: the payments confirm the total"),
    "items_none": N_("receipt {receipt} has no items, and its payments confirm the total"),
    "taxes_wrong": N_(
        "the taxes of receipt {receipt} are {stated}; its items give {right}, computed on the sum of each tax group, "
        "and {by_line} line by line"
    ),
    "taxes_in_hryvnias": N_(
        "the taxes of receipt {receipt} were written in hryvnias instead of kopecks; right are {right}"
    ),
    "taxes_missing": N_(
        "receipt {receipt} states no taxes; its items give {right}, computed on the sum of each tax group, and "
        "{by_line} line by line"
    ),
    "type_sale": N_("receipt {receipt} is marked as a sale, but its payments give money back: it is a refund"),
    "type_refund": N_("receipt {receipt} is marked as a refund, but its payments take money: it is a sale"),
    "state_unpaid": N_("receipt {receipt} is marked as not paid, but it has a fiscal number and payments"),
    "receipt_twice": N_(
        "receipt {receipt} is counted twice: the same fiscal number {number} in ids {original} and {receipt}"
    ),
    "refund_twice": N_(
        "the refund {receipt} is counted twice: the same fiscal number {number} in ids {original} and {receipt}"
    ),
    "not_fiscal": N_("the Z-report does not count {receipts}: without a fiscal number"),
    "shift_by_registrar": N_(
        "{receipts} (local number {numbers}) name no shift; by registrar and time they are of shift {shift}"
    ),
    "shift_wrong": N_("receipt {receipt} names shift {shift}, but it is the Z-report of shift {right} that counts it"),
    "unexplained_no_shift": N_("unexplained: receipts name no shift, and no Z-report of their registrar follows"),
}

_SHIFT = {
    "receipt_missing": N_(
        "a receipt is missing: local number {numbers} of registrar {registrar} is not in the store, and the Z-report "
        "counts {figures}"
    ),
    "receipts_missing": N_(
        "receipts are missing: local numbers {numbers} of registrar {registrar} are not in the store, and the "
        "Z-report counts {figures}"
    ),
    "receipt_deleted": N_(
        "the service once listed receipt {receipts} (local number {numbers} of registrar {registrar}) and no longer "
        "does, and the Z-report counts {figures}"
    ),
    "receipts_deleted": N_(
        "the service once listed receipts {receipts} (local numbers {numbers} of registrar {registrar}) and no "
        "longer does, and the Z-report counts {figures}"
    ),
    "number_deleted": N_(
        "the service once listed local number {numbers} of registrar {registrar} and no longer does; the Z-report "
        "agrees without it"
    ),
    "receipts_missing_by_count": N_("receipts are missing: the Z-report counts more than the store has: {figures}"),
    "receipts_all_missing": N_("no receipt of the shift is in the store, and the Z-report counts {figures}"),
    "number_without_effect": N_(
        "local number {numbers} of registrar {registrar} is not in the store; the Z-report agrees without it, so it "
        "may be a cancellation or a mark of an offline session"
    ),
    "cash_receipt_missing": N_(
        "a receipt is missing: local number {numbers} of registrar {registrar} is not in the store, and {moved} of "
        "cash moved before the Z-report"
    ),
    "drawer": N_("every receipt is in the store, and the drawer should hold {expected}; the Z-report states {found}"),
    "unexplained_drawer": N_("unexplained: the drawer should hold {expected}; the Z-report states {found}"),
    "z_report_wrong": N_(
        "every receipt of the shift is in the store (local numbers {numbers} of registrar {registrar}) and adds up; "
        "the Z-report states {figures}"
    ),
    "z_report_contradicts_itself": N_(
        "the Z-report contradicts its own other sums; beside the receipts it states {figures}"
    ),
    "z_report_layouts": N_("{name} of the Z-report is {column} in its columns and {payload} in its payload"),
    "unexplained_shift": N_("unexplained: beside the receipts the Z-report states {figures}"),
    "z_report_missing": N_("the shift has sales of {sales} and refunds of {refunds}, and no Z-report"),
    "z_report_twice": N_("the Z-report with fiscal number {number} is there twice: ids {original} and {report}"),
    "z_report_extra": N_("Z-report {original} agrees with the receipts of the shift, so {report} is not of this shift"),
    "several_days": N_("the Z-report covers several days: {days}"),
    "several_shifts": N_("the Z-report covers several shifts of {days}: {shifts}; their sums agree with it"),
    "product_sales": N_(
        "the receipts of {day} come to {ours} of these products, the product sales to {stated}: {products}"
    ),
}

_QUARANTINE = {
    "receipts_unreadable": N_(
        "in the store's quarantine, since they could not be read ({error}), are receipts {unreadable}; the Z-report "
        "counts {figures}"
    ),
    "receipts_missing_and_unreadable": N_(
        "more receipts are missing than those in the store's quarantine that could not be read, {unreadable} ({error})"
    ),
    "cash_receipt_unreadable": N_(
        "in the store's quarantine, since they could not be read ({error}), are receipts {unreadable}; {moved} of "
        "cash moved before the Z-report"
    ),
    "unreadable_without_effect": N_(
        "in the store's quarantine, since they could not be read ({error}), are {unreadable}; the shift was compared "
        "without them"
    ),
    "unreadable": N_(
        "in the store's quarantine, since they could not be read ({error}), are {unreadable}; nothing was compared "
        "that counts them"
    ),
    "unexplained_unreadable": N_(
        "unexplained: beside the receipts the Z-report states {figures}; receipts {unreadable} are in the store's "
        "quarantine, since they could not be read ({error})"
    ),
    "unexplained_drawer_unreadable": N_(
        "unexplained: the drawer should hold {expected}; the Z-report states {found}; receipts {unreadable} are in "
        "the store's quarantine, since they could not be read ({error})"
    ),
    "z_report_unreadable": N_(
        "the shift was not compared: Z-report {unreadable} is in the store's quarantine, since it could not be read "
        "({error})"
    ),
    "product_sales_unreadable": N_(
        "the receipts of {day} come to {ours} of these products, the product sales to {stated}: {products}; receipts "
        "{unreadable} are in the store's quarantine, since they could not be read ({error})"
    ),
}

EXPLANATIONS = _RECEIPT | _SHIFT | _QUARANTINE
"""The English text of each cause."""

_LETTERS = {name: TAX_LETTERS[name] for name in Z_REPORT_TAXES}
_FIGURES: dict[str, str] = {
    "sale_total": N_("sales"),
    "refund_total": N_("refunds"),
    "sale_cash_total": N_("cash sales"),
    "sale_cashless_total": N_("cashless sales"),
    "refund_cash_total": N_("cash refunds"),
    "refund_cashless_total": N_("cashless refunds"),
    **{f"sale_tax_{name}_total": msg("tax {letter} in sales", letter=letter) for name, letter in _LETTERS.items()},
    **{f"refund_tax_{name}_total": msg("tax {letter} in refunds", letter=letter) for name, letter in _LETTERS.items()},
    "service_input": N_("service cash in"),
    "service_output": N_("service cash out"),
    "cash_total": N_("cash withdrawals"),
    "cash_amount": N_("cash in the drawer"),
    "turnover_amount": N_("turnover"),
    "sale_receipts_count": N_("sale receipts"),
    "refund_receipts_count": N_("refund receipts"),
    "cash_receipts_count": N_("withdrawal receipts"),
}
"""What figures are called in sentences."""


@dataclass(frozen=True, slots=True)
class NamedAmounts:
    """Figures with their amounts, as a sentence names them.

    Attributes:
        parts: Names of figures, each with its amount as text; an empty one names the figure alone.
    """

    parts: tuple[tuple[str, str], ...]

    def in_language(self, language: Language) -> str:
        """Name them in English (`en`) or Ukrainian (`uk`)."""
        return ", ".join(f"{in_language(_FIGURES[name], language)} {amount}".rstrip() for name, amount in self.parts)
