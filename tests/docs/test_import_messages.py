"""The page of messages says what imports say."""

from __future__ import annotations

import re

import pytest

from smartkasa_async.catalog.messages import MESSAGES
from tests.docs.import_messages import DETAILS, PAGE, ROWS, example_of, render


def test_the_page_is_what_its_script_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run python -m tests.docs.import_messages"


def test_there_is_an_example_of_every_message() -> None:
    assert {*ROWS, *DETAILS, "row_unreadable", "too_many_fields"} == set(MESSAGES)


@pytest.mark.parametrize("code", MESSAGES)
def test_an_example_fills_its_text_in_both_languages(code: str) -> None:
    problem = example_of(code)

    assert (problem.code, problem.severity) == (code, MESSAGES[code].severity)
    for reason in (problem.reason_en, problem.reason_uk):
        assert not re.search(r"[{}]", reason)
        assert reason.count("|") == 0
