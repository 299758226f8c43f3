"""The page of messages says what imports say."""

from __future__ import annotations

import re

import pytest

from smartkasa_async.catalog.messages import MESSAGES
from tests.docs.import_messages import PAGE, example_of, render
from tests.docs.markdown import PROJECT

DOORS = tuple(PROJECT / "smartkasa_async" / name for name in ("catalog", "stock", "plans"))


def test_the_page_is_what_its_script_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run python -m tests.docs.import_messages"


def test_every_message_is_used_and_every_used_one_is_there() -> None:
    modules = [path for door in DOORS for path in door.rglob("*.py") if path.name != "messages.py"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    used = {*re.findall(r'RuleViolationError\(\s*"(\w+)"', source), *re.findall(r'\bcode(?:: str)? = "(\w+)"', source)}

    assert used <= set(MESSAGES)
    assert {code for code in MESSAGES if f'"{code}"' not in source} == set()


@pytest.mark.parametrize("code", MESSAGES)
def test_an_example_fills_its_text_in_both_languages(code: str) -> None:
    problem = example_of(code)

    assert (problem.code, problem.severity) == (code, MESSAGES[code].severity)
    for reason in (problem.reason_en, problem.reason_uk):
        assert not re.search(r"\{\w+\}", reason)
        assert reason.count("|") == 0
