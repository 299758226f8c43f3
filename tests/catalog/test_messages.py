"""The words of problems."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from smartkasa_async import catalog
from smartkasa_async._i18n.translate import texts_in
from smartkasa_async.catalog.messages import MESSAGES

if TYPE_CHECKING:
    from smartkasa_async.jobs.outcomes import Reason

each_message = pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@each_message
def test_each_language_is_what_it_says(message: Reason) -> None:
    english = re.sub(r"\{\w+\}", "", message.template)
    for word in ("УКТ ЗЕД", "ДКПП", "265/95-ВР", "без ПДВ", "акциз", "Напої", "Кава", "так", "ні"):
        english = english.replace(word, "")
    ukrainian = texts_in("uk").gettext(message.template)

    assert english.isascii()
    assert re.search("[іїєґ]", ukrainian.casefold())
    assert not re.search("[ыэъё]", ukrainian.casefold())
    assert names(message.template) == names(ukrainian)


@each_message
def test_a_message_can_stand_behind_others_in_one_line(message: Reason) -> None:
    for text in (message.template, texts_in("uk").gettext(message.template)):
        assert "\n" not in text
        assert "|" not in text
        assert not text.endswith((".", ";", " "))
        assert text[0].islower() or text.startswith("{")


def test_each_rule_that_can_be_broken_has_its_words() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(catalog.__file__).parent.rglob("*.py")]
    raised = {code for text in sources for code in re.findall(r'RuleViolationError\(\s*"(\w+)"', text)}
    unreadable = {code for text in sources for code in re.findall(r'UnreadableRow(?:\.of_text)?\(.*, "(\w+)"\)', text)}

    assert unreadable == {"record_unreadable", "keys_conflict", "category_undefined"}
    assert raised | unreadable <= MESSAGES.keys()
