"""The compliance check over a store: a clean business, each fault planted in it, and what is given of it."""

from __future__ import annotations

import csv
import io
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.models import ReceiptState, ReceiptType
from smartkasa_async.records import Window, business_day
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.reports import FindingKind, Urgency, check_compliance
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.stores.schema import SYNCED_DAYS
from tests.support.fiscal_ledger import FORTNIGHT, HOUR, NOW, QUARTER, TABLES, Rows, fill, look, note_read_until, sales

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.stores import Store


@pytest.fixture(scope="module")
def fortnight() -> Rows:
    return simulate(FORTNIGHT).rows


@pytest.fixture
def ledger(fortnight: Rows) -> Rows:
    return deepcopy({name: fortnight[name] for name in TABLES})


async def test_a_clean_quarter_has_no_findings(store: Store) -> None:
    rows = simulate(QUARTER).rows
    assert any(row["offline_id"] for row in rows["receipts"])
    report = await look(store, rows)
    assert report.ok, report.table()
    assert str(report) == "Nothing was found."


async def test_a_shop_without_sales_has_none(store: Store) -> None:
    rows = simulate(Simulation(shops=1, days=30, start=date(2026, 10, 1), receipts_per_day=0)).rows
    assert rows["receipts"]
    assert not rows["z_reports"]
    assert (await look(store, rows)).ok


async def test_an_empty_store_has_none(store: Store) -> None:
    seen: list[Progress] = []
    await check_compliance(store, shops=iter((1,)), on_progress=seen.append)
    assert seen == [Progress(Stage.READING), Progress(Stage.CHECKING)]
    report = await check_compliance(store)
    assert (report.findings, report.ok, report.is_complete) == ((), False, False)
    assert report.note_lines() == ["Nothing was found in what was read."]


@pytest.mark.parametrize(("hours", "told"), [(-1, True), (0, False)])
async def test_records_of_a_time_yet_to_come_are_told(store: Store, ledger: Rows, hours: int, told: bool) -> None:
    await look(store, ledger)
    newest = max(row["created_at"] for name in ("receipts", "z_reports") for row in ledger[name])
    report = await check_compliance(store, now=newest + hours * HOUR)
    assert report.newest_at == newest
    assert any("this clock or that of a registrar is wrong" in note for note in report.note_lines()) is told
    assert any("помиляється" in note for note in report.note_lines("uk")) is told


async def test_an_open_shift_is_found(store: Store, ledger: Rows) -> None:
    last = max(ledger["shifts"], key=lambda row: row["opened_at"])
    last |= {"closed_at": None, "state": 0}
    ledger["z_reports"] = [row for row in ledger["z_reports"] if row["shift_id"] != last["id"]]

    report = await look(store, ledger, now=last["opened_at"] + 30 * HOUR)

    (shift,) = report.of(FindingKind.SHIFT_TOO_LONG)
    assert (shift.urgency, shift.shift_id, shift.shop_id) == (Urgency.NOW, last["id"], last["shop_id"])
    assert shift.registrar == last["registrar_fiscal_number"]
    assert (shift.measured, shift.over) == (Decimal(30), Decimal(6))
    assert shift.receipts
    assert {finding.shift_id for finding in report.findings} == {last["id"]}


async def test_a_shift_of_a_terminal_is_of_its_shop(store: Store, ledger: Rows) -> None:
    shift = ledger["shifts"][0]
    shift["closed_at"] = shift["opened_at"] + 25 * HOUR
    for row in ledger["shifts"]:
        row["shop_id"] = None
    (found,) = (await look(store, ledger)).findings
    terminal = next(row for row in ledger["terminals"] if row["id"] == shift["terminal_id"])
    assert (found.kind, found.urgency, found.shop_id) == (
        FindingKind.SHIFT_TOO_LONG,
        Urgency.PAST,
        terminal["shop_id"],
    )


async def test_a_z_report_that_is_missing_is_found(store: Store, ledger: Rows) -> None:
    lost = ledger["z_reports"].pop(5)
    (found,) = (await look(store, ledger)).findings

    owing = [row for row in ledger["receipts"] if row["shift_id"] == lost["shift_id"] and row["type"] in {0, 3, 5}]
    owing = [row for row in owing if row["state"] != ReceiptState.DEFERRED]
    assert (found.kind, found.shift_id, found.shop_id) == (
        FindingKind.Z_REPORT_MISSING,
        lost["shift_id"],
        lost["shop_id"],
    )
    assert found.urgency is Urgency.PAST
    assert found.receipts_count == len(owing)
    first = sorted(owing, key=lambda row: (row["created_at"], row["id"]))[:10]
    assert found.receipts == tuple(row["id"] for row in first)


async def test_a_z_report_that_covers_the_next_shift_too_closes_both(store: Store, ledger: Rows) -> None:
    registrar = ledger["z_reports"][0]["registrar_fiscal_number"]
    first, second = [row for row in ledger["z_reports"] if row["registrar_fiscal_number"] == registrar][3:5]
    ledger["z_reports"].remove(first)
    for name in ("sale_receipts_count", "sale_total"):
        second[name] += first[name]
    assert (await look(store, ledger)).ok


async def test_a_z_report_that_is_gone_closes_nothing(store: Store, ledger: Rows) -> None:
    ledger["z_reports"][5]["deleted_at"] = NOW
    (found,) = (await look(store, ledger)).findings
    assert found.kind is FindingKind.Z_REPORT_MISSING


async def test_receipts_that_name_no_shift_are_matched_by_registrar(store: Store, ledger: Rows) -> None:
    for row in [*ledger["receipts"], *ledger["z_reports"]]:
        row["shift_id"] = None
    lost = ledger["z_reports"].pop(20)
    (found,) = (await look(store, ledger)).findings
    assert (found.kind, found.registrar) == (FindingKind.Z_REPORT_MISSING, lost["registrar_fiscal_number"])
    assert found.detail == str(business_day(lost["created_at"]))
    assert found.receipts


def go_offline(rows: Rows, length: timedelta | None) -> dict[str, Any]:
    """Lengthen the last offline session of a registrar, or leave it without an end."""
    marks = [row for row in rows["receipts"] if row["type"] in {ReceiptType.OFFLINE_START, ReceiptType.OFFLINE_END}]
    end = max((row for row in marks if row["type"] == ReceiptType.OFFLINE_END), key=lambda row: row["created_at"])
    (start,) = (
        row
        for row in marks
        if (row["registrar_fiscal_number"], row["offline_id"], row["type"])
        == (end["registrar_fiscal_number"], end["offline_id"], ReceiptType.OFFLINE_START)
    )
    if length is None:
        rows["receipts"] = [
            row
            for row in rows["receipts"]
            if row["registrar_fiscal_number"] != end["registrar_fiscal_number"] or row["created_at"] < end["created_at"]
        ]
    else:
        end["created_at"] = start["created_at"] + length
        end["registrar_local_number"] = None
    return start


@pytest.mark.parametrize(("more", "found"), [(timedelta(0), []), (timedelta(milliseconds=1), [Urgency.PAST])])
async def test_an_offline_session_of_more_than_36_hours_is_found(
    store: Store, ledger: Rows, more: timedelta, found: list[Urgency]
) -> None:
    start = go_offline(ledger, 36 * HOUR + more)
    report = await look(store, ledger)
    sessions = report.of(FindingKind.OFFLINE_TOO_LONG)
    assert [finding.urgency for finding in sessions] == found
    assert all(finding.receipts[0] == start["id"] for finding in sessions)


async def test_a_session_that_still_runs_is_found(store: Store, ledger: Rows) -> None:
    start = go_offline(ledger, None)
    (found,) = (await look(store, ledger, now=start["created_at"] + 30 * HOUR)).of(FindingKind.OFFLINE_TOO_LONG)
    assert (found.urgency, found.measured, found.since) == (Urgency.SOON, Decimal(30), start["created_at"])
    later = start["created_at"] + 37 * HOUR
    (found,) = (await check_compliance(store, now=later)).of(FindingKind.OFFLINE_TOO_LONG)
    assert (found.urgency, found.measured) == (Urgency.SOON, Decimal(30)), "what came later was not read"
    await note_read_until(store, ledger, later)
    (found,) = (await check_compliance(store, now=later)).of(FindingKind.OFFLINE_TOO_LONG)
    assert (found.urgency, found.over) == (Urgency.NOW, Decimal(1))


async def test_too_many_hours_in_a_month_are_found(store: Store, ledger: Rows) -> None:
    some = ledger["receipts"][0] | {"fiscal_number": None, "registrar_local_number": None}
    for number in range(9):
        at = datetime(2026, 9, 1 + 2 * number, 5, tzinfo=UTC)
        for type_, made_at in ((ReceiptType.OFFLINE_START, at), (ReceiptType.OFFLINE_END, at + 19 * HOUR)):
            mark = {"id": f"{number}-{type_}", "type": int(type_), "created_at": made_at, "offline_id": 9000 + number}
            ledger["receipts"].append(some | mark)
    (found,) = (await look(store, ledger)).findings
    assert (found.kind, found.urgency, found.detail) == (FindingKind.OFFLINE_MONTH, Urgency.PAST, "2026-09")
    assert (found.measured, found.receipts_count, len(found.receipts)) == (Decimal(171), 18, 10)


@pytest.mark.parametrize("missing", [None, ""])
async def test_receipts_without_a_fiscal_number_are_found(store: Store, ledger: Rows, missing: str | None) -> None:
    first, second = (row for row in sales(ledger)[:2])
    for row in (first, second):
        row["fiscal_number"] = missing
    (found,) = (await look(store, ledger)).findings
    assert (found.kind, found.urgency) == (FindingKind.FISCAL_NUMBER_MISSING, Urgency.NOW)
    assert (found.receipts, found.receipts_count) == ((first["id"], second["id"]), 2)
    assert (found.shift_id, found.since) == (first["shift_id"], first["created_at"])


async def test_deferred_receipts_and_unknown_kinds_owe_no_number(store: Store, ledger: Rows) -> None:
    owing = [
        (ReceiptType.REFUND, ReceiptState.REFUND),
        (ReceiptType.CASH_WITHDRAWAL, ReceiptState.PAID),
        (ReceiptType.SERVICE_CASH_IN, ReceiptState.PAID),
        (ReceiptType.CANCELLATION, ReceiptState.PAID),
    ]
    others = [(ReceiptType.SALE, ReceiptState.DEFERRED), (ReceiptType(77), ReceiptState.PAID)]
    changed = sales(ledger)[:6]
    for row, (type_, state) in zip(changed, owing + others, strict=True):
        row.update(fiscal_number=None, type=int(type_), state=int(state))
    (found,) = (await look(store, ledger)).of(FindingKind.FISCAL_NUMBER_MISSING)
    assert found.receipts == tuple(row["id"] for row in changed[: len(owing)])


async def test_those_waiting_offline_are_milder(store: Store, ledger: Rows) -> None:
    start = go_offline(ledger, None)
    waiting = [
        row
        for row in ledger["receipts"]
        if row["offline_id"] == start["offline_id"] and row["type"] == ReceiptType.SALE
    ]
    for row in waiting:
        row["fiscal_number"] = None
    (found,) = (await look(store, ledger, now=start["created_at"] + 20 * HOUR)).of(FindingKind.FISCAL_NUMBER_MISSING)
    assert (found.urgency, found.receipts_count) == (Urgency.SOON, len(waiting))
    await note_read_until(store, ledger, start["created_at"] + 40 * HOUR)
    (found,) = (await check_compliance(store, now=start["created_at"] + 40 * HOUR)).of(
        FindingKind.FISCAL_NUMBER_MISSING
    )
    assert found.urgency is Urgency.NOW


async def test_a_shop_that_is_not_fiscalized_owes_none_without_a_registrar(store: Store, ledger: Rows) -> None:
    shop = ledger["shops"][0]
    shop["fiscalization_enabled"] = False
    for row in ledger["receipts"]:
        if row["shop_id"] == shop["id"]:
            row.update(fiscal_number=None, registrar_fiscal_number=None, registrar_local_number=None)
    ledger["z_reports"] = [row for row in ledger["z_reports"] if row["shop_id"] != shop["id"]]
    assert (await look(store, ledger)).ok


async def test_a_fiscal_number_given_twice_is_found(store: Store, ledger: Rows) -> None:
    first, second, *_ = sales(ledger)
    second["fiscal_number"] = first["fiscal_number"]
    other = next(
        row for row in ledger["receipts"] if row["registrar_fiscal_number"] != first["registrar_fiscal_number"]
    )
    other["fiscal_number"] = first["fiscal_number"]  # another registrar may have it
    (found,) = (await look(store, ledger)).findings
    assert (found.kind, found.detail) == (FindingKind.FISCAL_NUMBER_REPEATED, first["fiscal_number"])
    assert (found.receipts, found.measured) == ((first["id"], second["id"]), Decimal(1))


async def test_a_fiscal_number_of_a_receipt_that_is_deleted_is_not_given_twice(store: Store, ledger: Rows) -> None:
    first, *_ = sales(ledger)
    ledger["receipts"].append(first | {"id": "copy", "registrar_local_number": None, "deleted_at": NOW})
    assert (await look(store, ledger)).ok


async def test_a_gap_in_the_local_numbers_is_found(store: Store, ledger: Rows) -> None:
    lost = sales(ledger)[40]
    lost["deleted_at"] = NOW
    report = await look(store, ledger)
    (found,) = report.of(FindingKind.LOCAL_NUMBER_MISSING)
    assert (found.detail, found.measured) == (lost["registrar_local_number"], Decimal(1))
    number = int(lost["registrar_local_number"])
    beside = [
        row["id"]
        for beside in (number - 1, number + 1)
        for row in ledger["receipts"]
        if (row["registrar_fiscal_number"], row["registrar_local_number"])
        == (lost["registrar_fiscal_number"], str(beside))
    ]
    assert list(found.receipts) == beside
    assert report.findings == (found,)


async def test_a_gap_at_the_edge_is_none(store: Store, ledger: Rows) -> None:
    numbered = sorted(
        (row for row in ledger["receipts"] if row["registrar_local_number"]), key=lambda row: row["created_at"]
    )
    registrar = numbered[0]["registrar_fiscal_number"]
    own = [row for row in numbered if row["registrar_fiscal_number"] == registrar]
    own[0]["deleted_at"] = own[-1]["deleted_at"] = NOW
    assert not (await look(store, ledger)).of(FindingKind.LOCAL_NUMBER_MISSING)


async def test_a_gap_over_days_that_were_not_read_is_none(store: Store, ledger: Rows) -> None:
    days = {date(2026, 10, 22), date(2026, 10, 23)}
    ledger["receipts"] = [row for row in ledger["receipts"] if business_day(row["created_at"]) not in days]
    found = (await look(store, ledger)).of(FindingKind.LOCAL_NUMBER_MISSING)
    registrars = {row["registrar_fiscal_number"] for row in ledger["receipts"]}
    assert {finding.registrar for finding in found} == registrars

    async with store.engine.begin() as connection:
        await connection.execute(delete(SYNCED_DAYS))
    for shop in ledger["shops"]:
        for first, last in ((19, 21), (24, 30)):
            window = Window(date(2026, 10, first), date(2026, 10, last))
            await store.note_read(RecordKind.RECEIPTS, NOW, shop_id=shop["id"], window=window)
    assert not (await check_compliance(store, now=NOW)).of(FindingKind.LOCAL_NUMBER_MISSING)


async def test_a_local_number_given_twice_is_found(store: Store, ledger: Rows) -> None:
    again = sales(ledger)[40]
    ledger["receipts"].append(
        again | {"id": "again", "fiscal_number": "99", "created_at": again["created_at"] + timedelta(milliseconds=1)}
    )
    (found,) = (await look(store, ledger)).of(FindingKind.LOCAL_NUMBER_REPEATED)
    assert (found.detail, found.receipts) == (again["registrar_local_number"], (again["id"], "again"))


async def test_local_numbers_that_are_none_are_left_out(store: Store, ledger: Rows) -> None:
    last = sales(ledger)[-1]
    for number in ("", "12-А", "٣", "1" * 30, "-5", " 7"):
        odd = {"id": f"odd{number}", "fiscal_number": f"99{number}", "registrar_local_number": number}
        ledger["receipts"].append(last | odd)
    report = await look(store, ledger)
    assert not [finding for finding in report.findings if "local" in finding.kind]


async def test_a_registrar_that_begins_anew_has_no_gap(store: Store, ledger: Rows) -> None:
    registrar = sales(ledger)[0]["registrar_fiscal_number"]
    own = [row for row in ledger["receipts"] if row["registrar_fiscal_number"] == registrar]
    numbers = [int(row["registrar_local_number"]) for row in own if row["registrar_local_number"]]
    for row in own:
        if row["registrar_local_number"] and int(row["registrar_local_number"]) > max(numbers) // 2:
            row["registrar_local_number"] = str(int(row["registrar_local_number"]) - max(numbers) // 2)
    assert (await look(store, ledger)).ok


async def test_a_span_of_days_is_looked_at_alone(store: Store, ledger: Rows) -> None:
    early, late = sales(ledger)[0], sales(ledger)[-1]
    for row in (early, late):
        row["fiscal_number"] = None
    day = business_day(early["created_at"])
    (found,) = (await look(store, ledger, end=day)).findings
    assert found.receipts == (early["id"],)
    (found,) = (await check_compliance(store, now=NOW, start=day + timedelta(days=1))).findings
    assert found.receipts == (late["id"],)
    assert (await check_compliance(store, now=NOW, start=date(2026, 12, 1), end=date(2026, 12, 31))).ok


async def test_shops_are_looked_at_alone(store: Store, ledger: Rows) -> None:
    lost = {ledger["z_reports"].pop(place)["shop_id"] for place in (30, 5, 0)}
    assert len(lost) == 2
    await fill(store, ledger)
    await note_read_until(store, ledger, NOW)
    for shop_id in lost:
        report = await check_compliance(store, now=NOW, shops=[shop_id])
        assert {finding.shop_id for finding in report.findings} == {shop_id}


async def test_a_moment_without_an_offset_is_refused(store: Store) -> None:
    with pytest.raises(InvalidRequestError, match=r"now is .*; give an aware time"):
        await check_compliance(store, now=datetime(2027, 1, 1, 12))  # noqa: DTZ001
    with pytest.raises(InvalidRequestError, match="start is"):
        await check_compliance(store, start=NOW)


async def test_the_report_is_a_table_and_a_file(store: Store, ledger: Rows, tmp_path: Path) -> None:
    ledger["shops"][0]["title"] = "=Крамниця"
    first = sales(ledger)[0]
    first["fiscal_number"] = None
    report = await look(store, ledger)

    header, line, row, blank, note = report.table().splitlines()
    assert header.split()[:3] == ["urgency", "finding", "shop"]
    assert set(line) <= {"-", " "}
    assert "receipts without a fiscal number" in row
    assert first["shift_id"] in row
    assert blank == ""
    assert "law 265/95-ВР, article 3" in note
    assert "чеки без фіскального номера" in report.table("uk")

    report.write_csv(tmp_path / "findings.csv", "uk")
    lines = (tmp_path / "findings.csv").read_text("utf-8-sig").splitlines()
    (read,) = csv.DictReader(lines, delimiter=";")
    assert read["магазин"] == "'=Крамниця"
    assert (read["виміряно"], read["чеків"], read["id чеків"]) == ("1", "1", first["id"])
    assert read["що робити"].startswith("завантажте чеки ще раз")

    file = io.StringIO()
    report.write_csv(file)
    assert file.getvalue().count("\r\n") == 2
