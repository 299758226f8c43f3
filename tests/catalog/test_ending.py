"""Whether a last row without an end of line is whole: pure rules."""

from __future__ import annotations

import pytest

from smartkasa_async.catalog.sources.ending import End, judge_last_row

TWO_DECIMALS = ["1250,50", "99,00", "12,25"]


def judge(last: str, others: list[str], *, is_closed: bool = False) -> End:
    """Judge a row of an article and the value, below rows of articles and the other values."""
    rows = [["A1", other] for other in others]
    return judge_last_row(["A9", last], rows, 2, 9, is_closed=is_closed).end


@pytest.mark.parametrize(
    ("last", "others", "end"),
    [
        # decimals that all others have
        ("12", TWO_DECIMALS, End.CUT),
        ("1250,5", TWO_DECIMALS, End.CUT),
        ("1250,", TWO_DECIMALS, End.CUT),
        ("1250,50", TWO_DECIMALS, End.WHOLE),
        ("7,5", ["1,5", "2,25", "3,5"], End.DOUBTFUL),
        ("7", ["1,5", "2,25", "3,5"], End.CUT),
        ("7,25", ["1,5", "2,25", "3,5"], End.WHOLE),
        ("12", ["99,50"], End.CUT),
        ("1,2", ["1,250.50", "99.00", "12.25"], End.CUT),
        ("1,250", ["1,250.50", "99.00", "12.25"], End.CUT),
        ("1 25", ["1 250,50", "99,00", "12,25"], End.CUT),
        ("1 250,50", ["1 250,50", "99,00", "12,25"], End.WHOLE),
        ("0,5", ["0,500", "1,250", "12,000"], End.CUT),
        # units and signs
        ("1250,50", ["1250,50 грн", "99,00 грн", "1,00 грн"], End.CUT),
        ("1250,50 гр", ["1250,50 грн", "99,00 грн", "1,00 грн"], End.CUT),
        ("1250 грн", ["125 грн", "99 грн", "1250 грн"], End.WHOLE),
        ("1250,5 грн", ["125 грн", "99 грн", "1250 грн"], End.DOUBTFUL),
        ("₴ 12", ["₴ 12.50", "₴ 9.00", "₴ 7.10"], End.CUT),
        ("2", ["20%", "7%", "20%"], End.CUT),
        ("20", ["20%", "7%", "20%"], End.CUT),
        ("20%", ["20%", "7%", "20%"], End.WHOLE),
        ("01.12.20", ["01.12.2026", "02.12.2026", "03.12.2026"], End.CUT),
        # forms that differ
        ("12", ["1250", "99,5", "12,25"], End.DOUBTFUL),
        ("12,25", ["1250", "99,5", "12,25"], End.WHOLE),
        ("12,5", ["1250", "99", "12"], End.DOUBTFUL),
        ("12.", ["1250", "99", "12"], End.CUT),
        # whole numbers
        ("12", ["125", "340", "718"], End.CUT),
        ("12", ["125", "340"], End.DOUBTFUL),
        ("125", ["125", "340", "718"], End.DOUBTFUL),
        ("12", ["1250", "340", "718"], End.DOUBTFUL),
        ("12", ["1250", "340", "718", "99999"] * 3, End.CUT),
        ("12", ["1250", "34", "718", "99999"] * 3, End.DOUBTFUL),
        ("48200010", ["4820001000016", "4006381333931", "4820001000023"], End.CUT),
        # texts
        ("шт", ["шт", "кг", "шт"], End.WHOLE),
        ("ш", ["шт", "кг", "шт"], End.DOUBTFUL),
        ("шт", ["шт", "штука", "шт"], End.DOUBTFUL),
        ("Кава", ["Чай", "Сік", "Вода"], End.DOUBTFUL),
        ("за домовленістю", TWO_DECIMALS, End.DOUBTFUL),
        ("12", ["за домовленістю", "99,50", "50,00"], End.CUT),
        ("", ["", "", ""], End.WHOLE),
        ("", ["12", "", "7"], End.DOUBTFUL),
        ("", ["12", "7"], End.DOUBTFUL),
        ("", ["12", "99", "7"], End.CUT),
        # letters that were cut
        ("Кав\ufffd", ["Чай", "Сік", "Вода"], End.CUT),
        # nothing to compare with
        ("12", [], End.DOUBTFUL),
        ("1250,50", [], End.DOUBTFUL),
    ],
)
def test_the_last_value_is_compared_with_its_column(last: str, others: list[str], end: End) -> None:
    assert judge(last, others) is end


@pytest.mark.parametrize("others", [[], ["Чай", "Сік"], ["1250", "7"]])
def test_a_closing_quote_is_an_end(others: list[str]) -> None:
    assert judge("12", others, is_closed=True) is End.WHOLE


@pytest.mark.parametrize(
    ("last", "others", "end"),
    [
        # a quote inside is doubled, and a cut between the two leaves what looks like the closing one
        ("Кава ", ["Чай", "Сік", "Вода"], End.DOUBTFUL),
        ('Кава "Мелена', ["Чай", "Сік", "Вода"], End.DOUBTFUL),
        ("Труба 1/2", ['Труба 3/4"', "Кран", "Муфта"], End.DOUBTFUL),
        ('Кава "Мелена" 1', ['Чай "Чорний" 1', "Сік", "Вода"], End.DOUBTFUL),
        ("Кава", ["Чай", "Сік", "Вода"], End.WHOLE),
        ("шт", ["шт", "кг", "шт"], End.WHOLE),
        ("", ["Чай", "", "Вода"], End.WHOLE),
        ("1250,50", ['за "домовленістю"', "99,50", "12,25"], End.WHOLE),
    ],
)
def test_a_closing_quote_may_be_the_first_of_a_doubled_one(last: str, others: list[str], end: End) -> None:
    assert judge(last, others, is_closed=True) is end


def test_a_row_shorter_than_all_others_is_cut() -> None:
    others = [["A1", "Кава", "5"], ["A2", "Чай", "7", "шт"]]

    ending = judge_last_row(["A3", "Сік"], others, 4, 9, is_closed=False)

    assert (ending.end, ending.reason) == (End.CUT, "it has 2 of 3 fields")
    assert judge_last_row(["A3", "Сік"], [], 3, 9, is_closed=False).end is End.CUT


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_row_shorter_than_some_is_doubtful(is_closed: bool) -> None:
    others = [["A1", "Кава", "5,50", "шт"], ["A2", "Чай", "7,00"], ["A2", "Чай", "7,00"], ["A2", "Чай", "7,00"]]

    assert judge_last_row(["A3", "Сік", "8,50"], others, 4, 9, is_closed=is_closed).end is End.DOUBTFUL
    assert judge_last_row(["A3", "Сік", "8"], others, 4, 9, is_closed=False).end is End.CUT
