"""Problems in words, and the tally of outcomes."""

from __future__ import annotations

from string import Formatter

import pytest

from smartkasa_async.catalog import outcomes
from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind, Tally
from smartkasa_async.catalog.problems import _REASONS, Problem, RuleBrokenError


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", _REASONS)
def test_both_languages_mention_the_same(code: str) -> None:
    english, ukrainian = _REASONS[code]

    assert names(english) == names(ukrainian)
    assert english.isascii() or any(word in english for word in ("УКТЗЕД", "ПДВ", "Напої"))
    assert not ukrainian.isascii()


def test_a_problem_names_file_line_column_and_value() -> None:
    problem = Problem.from_broken_rule(
        RuleBrokenError("barcode_check_digit", expected=5),
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
    problem = Problem.from_broken_rule(RuleBrokenError("blank"), file="", line=7)

    assert str(problem) == "line 7: the value is missing; fill it in"


def outcome(row: int, kind: OutcomeKind) -> Outcome:
    return Outcome(row=row, line=row + 1, key=str(row), kind=kind)


def test_outcomes_are_counted_and_those_without_a_product_kept_in_order() -> None:
    tally = Tally()
    for row, kind in [(3, OutcomeKind.UNKNOWN), (1, OutcomeKind.CREATED), (2, OutcomeKind.REJECTED)]:
        tally.add(outcome(row, kind))

    summary = tally.summary()

    assert (summary.created, summary.rejected, summary.unknown, summary.rows) == (1, 1, 1, 3)
    assert [kept.row for kept in summary.not_created] == [2, 3]
    assert str(summary) == "1 created, 1 rejected, 1 unknown"
    assert tally.progress(0.5).settled == 3


def test_of_very_many_bad_rows_only_the_first_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "_MOST_KEPT", 2)
    tally = Tally()
    for row in range(5):
        tally.add(outcome(row, OutcomeKind.REJECTED))

    assert (tally.summary().rejected, len(tally.summary().not_created)) == (5, 2)


def test_a_created_row_has_nothing_to_tell() -> None:
    created = outcome(1, OutcomeKind.CREATED)

    assert (created.field, created.value, created.reason_en, created.reason_uk) == (None, None, None, None)
