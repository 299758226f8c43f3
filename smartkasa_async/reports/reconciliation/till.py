"""The shifts of one registrar: those that were read whole are compared, of the others the receipts are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.reports.reconciliation.moves import join_moves
from smartkasa_async.reports.reconciliation.reading import reading_of
from smartkasa_async.reports.reconciliation.registrar_check import CheckedShift, RegistrarCheck
from smartkasa_async.reports.reconciliation.shift_sums import owes_report, sum_up
from smartkasa_async.reports.reconciliation.z_reports import choose_z_reports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from smartkasa_async.records.synced_days import DaysRead
    from smartkasa_async.reports.reconciliation.ledger import Shift
    from smartkasa_async.reports.reconciliation.numbering import KnownNumbers
    from smartkasa_async.reports.reconciliation.reading import ShiftReading


class Till:
    """Takes the shifts of a registrar in the order of time.

    Numbers and cash follow from one shift to the next only where all between them was read.

    Args:
        copies: Ids of receipts whose registrar and fiscal number the store has under an earlier id, which is the value.
        held: The local numbers of the registrar that the store has.
        read: Which days were read.
        now: The present moment, aware.
        tax_tolerance: How many hryvnias each tax of a receipt may differ by.
    """

    def __init__(
        self,
        copies: Mapping[str, str],
        held: KnownNumbers,
        read: DaysRead,
        now: datetime,
        tax_tolerance: Decimal,
    ) -> None:
        self._tax_tolerance = tax_tolerance
        self.compared: list[CheckedShift] = []
        self.others: list[tuple[CheckedShift, ShiftReading]] = []
        self._copies = copies
        self._held = held
        self._read = read
        self._now = now
        self._check = RegistrarCheck(copies, held, tax_tolerance)
        self._part: list[CheckedShift] = []
        self._last: Shift | None = None

    def add(self, shift: Shift) -> None:
        """Take the next shift."""
        reading = reading_of(shift.head, self._read, self._now)
        if not reading.is_whole and reading.receipts and not shift.head.z_reports and not owes_report(shift.receipts):
            reading = reading._replace(z_reports=True)
        if self._last is not None and not self._follows(self._last, shift):
            self.end()
        if reading.is_whole:
            self._part += self._check.add(shift)
            self._last = shift
        else:
            self.end()
            self.others.append((self._alone(shift, reading), reading))

    def end(self) -> None:
        """Finish what was compared so far; what comes after does not follow from it."""
        self._part += self._check.end()
        join_moves(self._part)
        self.compared += self._part
        self._check, self._part, self._last = RegistrarCheck(self._copies, self._held, self._tax_tolerance), [], None

    def _follows(self, last: Shift, shift: Shift) -> bool:
        since, until = sorted((last.head.ends_at, shift.head.begins_at))
        return self._read.has_read(RecordKind.RECEIPTS, shift.head.shop_id, since, until)

    def _alone(self, shift: Shift, reading: ShiftReading) -> CheckedShift:
        """Check the receipts of a shift by themselves, where they were read, and tell what its Z-reports state."""
        sums = sum_up(shift, self._copies, self._held, self._tax_tolerance)
        faults = [fault for fault in sums.faults if reading.receipts and not fault.only_if_needed]
        sums.effects = []
        stated = choose_z_reports(sums)[0] if shift.head.z_reports else None
        return CheckedShift(sums, stated, faults)
