"""Problems in words, and the tally of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind, Tally
from smartkasa_async.catalog.problems import Problem, RuleViolationError

if TYPE_CHECKING:
    import pytest

    from smartkasa_async.jobs.outcomes import Severity


def test_a_problem_names_file_line_column_and_value() -> None:
    problem = Problem.from_broken_rule(
        RuleViolationError("barcode_check_digit", expected=5),
        file="list.csv",
        line=7,
        field="number",
        column="Штрихкод",
        value="4006381333930",
    )

    assert str(problem) == (
        "list.csv, line 7, column «Штрихкод»: «4006381333930»: "
        "the check digit should be 5; compare the barcode with the package"
    )
    assert problem.describe("uk").startswith(
        "list.csv, рядок 7, стовпець «Штрихкод»: «4006381333930»: контрольна цифра має"
    )


def test_a_problem_of_a_whole_row_names_its_line() -> None:
    problem = Problem.from_broken_rule(RuleViolationError("blank"), file="", line=7)

    assert str(problem) == "line 7: the value is missing; fill it in, or remove the row where it is no product"


def test_a_problem_beside_its_row_needs_no_line() -> None:
    problem = Problem.from_broken_rule(
        RuleViolationError("negative"), file="list.csv", line=7, field="price", column="Ціна", value="-5"
    )

    assert problem.describe_in_row() == "column «Ціна»: «-5»: the price is below zero; write 0 or more"
    assert problem.describe_in_row("uk") == "стовпець «Ціна»: «-5»: ціна менша за нуль; запишіть 0 або більше"


def test_a_value_is_told_in_one_short_line() -> None:
    value = "Кава\r\n" + "Чай; " * 20_000

    problem = Problem.from_broken_rule(RuleViolationError("line_break"), file="", line=7, field="title", value=value)

    assert str(problem).startswith("line 7: «Кава Чай; Чай; ")
    assert len(str(problem)) < 250
    assert problem.value == value


def test_a_problem_of_the_import_as_a_whole_names_no_line() -> None:
    note = Problem.from_broken_rule(RuleViolationError("missing_rows_unread", count=3), file="list.csv", line=0)

    assert str(note).startswith("list.csv: nothing was deleted, since 3 rows have")


def test_a_rule_is_an_error_or_a_warning_unless_told_otherwise() -> None:
    def severity(code: str, told: Severity | None = None) -> str:
        return Problem.from_broken_rule(RuleViolationError(code), file="", line=1, severity=told).severity

    assert (severity("blank"), severity("price_zero")) == ("error", "warning")
    assert severity("barcode_characters", "warning") == "warning"


def outcome(row: int, kind: OutcomeKind, *warnings: Problem) -> Outcome:
    return Outcome(row=row, line=row + 1, key=str(row), kind=kind, warnings=warnings)


def test_outcomes_are_counted_and_failed_rows_kept_in_order() -> None:
    tally = Tally()
    for row, kind in enumerate(reversed(OutcomeKind)):
        tally.add([outcome(99 - row, kind)])
    warning = Problem.from_broken_rule(RuleViolationError("price_zero"), file="", line=2)
    tally.add([outcome(1, OutcomeKind.REJECTED, warning)])

    summary = tally.summary()

    assert all(getattr(summary, kind) == (2 if kind is OutcomeKind.REJECTED else 1) for kind in OutcomeKind)
    assert (summary.total, summary.warned, tally.total) == (8, 1, 8)
    assert [(kept.row, kept.kind) for kept in summary.failed] == [
        (1, OutcomeKind.REJECTED),
        (94, OutcomeKind.REJECTED),
        (95, OutcomeKind.CONFLICT),
        (96, OutcomeKind.IN_DOUBT),
    ]


def test_a_summary_is_a_line_or_a_table() -> None:
    tally = Tally()
    tally.add([outcome(row, OutcomeKind.CREATED) for row in range(1200)])
    tally.add([outcome(1200, OutcomeKind.IN_DOUBT)])
    tally.categories_created = 3

    summary = tally.summary()

    assert summary.describe() == "1200 created, 0 rejected, 1 in doubt"
    assert summary.table().splitlines() == [
        "rows            1,201",
        "created         1,200",
        "in doubt            1",
        "new categories      3",
    ]
    assert summary.table("uk").splitlines()[1] == "створено         1 200"


def test_a_dry_run_says_so_and_a_note_is_told() -> None:
    tally = Tally(dry_run=True)
    tally.notes.append(Problem.from_broken_rule(RuleViolationError("missing_rows_unread", count=3), file="", line=0))

    summary = tally.summary()

    assert summary.describe() == "dry run: 0 created, 0 rejected"
    assert summary.table("uk").splitlines()[0] == "Пробний запуск: у сервіс нічого не записано."
    assert summary.table().splitlines()[-1].startswith("nothing was deleted")
    assert summary.dry_run


def test_of_very_many_failed_rows_only_the_first_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartkasa_async.jobs.outcomes._MOST_KEPT", 2)
    tally = Tally()
    tally.add([outcome(row, OutcomeKind.REJECTED) for row in range(3)])
    tally.add([outcome(row, OutcomeKind.REJECTED) for row in range(3, 5)])

    assert (tally.summary().rejected, len(tally.summary().failed)) == (5, 2)


def test_a_created_row_has_nothing_to_tell() -> None:
    created = outcome(1, OutcomeKind.CREATED)

    assert (created.field, created.value, created.reason_en, created.reason_uk) == (None, None, None, None)
    assert not created.failed
