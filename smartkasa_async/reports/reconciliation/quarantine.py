"""Differences that records in quarantine explain, or may: what came and could not be read is not missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.reports.quarantine import listed_keys
from smartkasa_async.reports.reconciliation.differences import DifferenceKind, Issue
from smartkasa_async.reports.reconciliation.figures import COUNTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from smartkasa_async.records.days import Window
    from smartkasa_async.reports.quarantine import Unreadable
    from smartkasa_async.reports.reconciliation.ledger import ShiftHead

_NUMBERED = {
    "receipt_missing": "receipts_unreadable",
    "receipts_missing": "receipts_unreadable",
    "cash_receipt_missing": "cash_receipt_unreadable",
    "number_without_effect": "unreadable_without_effect",
}
_COUNTED = frozenset({"receipts_missing_by_count", "receipts_all_missing"})
_UNCERTAIN = {
    "z_report_wrong": "unexplained_unreadable",
    "unexplained_shift": "unexplained_unreadable",
    "drawer": "unexplained_drawer_unreadable",
    "unexplained_drawer": "unexplained_drawer_unreadable",
}
_WITHOUT_REPORT = frozenset({"z_report_missing", "unexplained_no_shift"})
_MOST_ERROR = 200


class Quarantine:
    """The receipts and Z-reports of one shop that could not be read, and which of them explain something.

    Args:
        records: The records; what names no shop may be of any.
        shop_id: Id of the shop; None for what names none.
    """

    def __init__(self, records: Sequence[Unreadable], shop_id: int | None) -> None:
        self._shop_id = shop_id
        self._receipts = [one for one in records if one.kind is RecordKind.RECEIPTS]
        self._z_reports = [one for one in records if one.kind is RecordKind.Z_REPORTS]
        self._used: set[tuple[RecordKind, str]] = set()

    def explain(self, head: ShiftHead, issues: list[Issue]) -> None:
        """Explain what is missing in a shift by records in quarantine, where they are or may be it."""
        if not (self._receipts or self._z_reports):
            return
        receipts = [one for one in self._receipts if _is_of(one, head)]
        z_reports = [one for one in self._z_reports if _is_of(one, head)]
        for issue in issues:
            if issue.cause in _WITHOUT_REPORT:
                self._use(issue, z_reports, "z_report_unreadable", DifferenceKind.Z_REPORT_UNREADABLE)
            elif issue.cause in _NUMBERED:
                self._explain_numbers(issue, receipts, head.registrar)
            elif issue.cause in _COUNTED:
                named = sum(abs(figure.amount) for figure in issue.figures if figure.name in COUNTS)
                cause = "receipts_unreadable" if len(receipts) >= named else "receipts_missing_and_unreadable"
                self._use(issue, receipts, cause, _kind_of(cause))
            elif issue.cause in _UNCERTAIN:
                self._use(issue, receipts, _UNCERTAIN[issue.cause], issue.kind)

    def explain_product_sales(self, issues: Iterable[Issue]) -> None:
        """Explain days whose product sales differ by receipts of them in quarantine."""
        for issue in issues:
            receipts = [one for one in self._receipts if one.day is None or one.day in issue.days]
            self._use(issue, receipts, "product_sales_unreadable", issue.kind)

    def rest(self, window: Window, compared: Sequence[ShiftHead]) -> Iterator[Issue]:
        """Name what explains nothing: a notice where its shift was compared, and agrees or differs without it."""
        for records, kind in (
            (self._receipts, DifferenceKind.RECEIPT_UNREADABLE),
            (self._z_reports, DifferenceKind.Z_REPORT_UNREADABLE),
        ):
            left = [
                one
                for one in records
                if one.shop_id == self._shop_id
                and (one.kind, one.key) not in self._used
                and (one.made_at is None or one.made_at in window)
            ]
            for is_notice in (False, True):
                part = [one for one in left if any(_is_of(one, head) for head in compared) is is_notice]
                if part:
                    cause = "unreadable_without_effect" if is_notice else "unreadable"
                    yield _named(Issue(kind=kind, cause=cause, is_notice=is_notice), part)

    def _explain_numbers(self, issue: Issue, receipts: Sequence[Unreadable], registrar: str | None) -> None:
        """Find the numbers missing in the store that are those of receipts in quarantine, of any shift."""
        exact = [
            one
            for one in self._receipts
            if one.registrar in {None, registrar} and any(gap.has(one.local_number or 0) for gap in issue.numbers)
        ]
        unknown = [one for one in receipts if one.local_number is None]
        left = sum(map(len, issue.numbers)) - len({one.local_number for one in exact})
        if left <= len(unknown):
            cause = _NUMBERED[issue.cause]
            kind = DifferenceKind.RECEIPT_UNREADABLE
        else:
            cause = "receipts_missing_and_unreadable"
            kind = DifferenceKind.RECEIPT_MISSING
        self._use(issue, exact + unknown if left else exact, cause, kind)

    def _use(self, issue: Issue, records: Sequence[Unreadable], cause: str, kind: DifferenceKind) -> None:
        if not records:
            return
        issue.cause, issue.kind = cause, kind
        _named(issue, records)
        self._used.update((one.kind, one.key) for one in records)


def _is_of(record: Unreadable, head: ShiftHead) -> bool:
    return record.may_be_of(head.shift_id, head.registrar, head.begins_at, head.ends_at)


def _kind_of(cause: str) -> DifferenceKind:
    is_whole = cause == "receipts_unreadable"
    return DifferenceKind.RECEIPT_UNREADABLE if is_whole else DifferenceKind.RECEIPT_MISSING


def _named(issue: Issue, records: Sequence[Unreadable]) -> Issue:
    """Add to an issue which records are in quarantine, and why the first could not be read."""
    keys = listed_keys(records)
    issue.details = {**issue.details, "unreadable": keys, "error": one_line(records[0].error[:_MOST_ERROR])}
    issue.days = issue.days or tuple(sorted({one.day for one in records if one.day}))
    receipts = tuple(one.key for one in records if one.kind is RecordKind.RECEIPTS)
    issue.receipt_ids = tuple(dict.fromkeys((*issue.receipt_ids, *receipts)))
    return issue
