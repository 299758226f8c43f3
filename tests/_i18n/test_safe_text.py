"""Text of others leaves the library as visible letters, an error in one line."""

from __future__ import annotations

import json
import logging
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async import RetryPolicy, SmartKasa, SmartKasaError
from smartkasa_async._i18n.safe_text import escaped_json, one_line, visible, visible_json
from smartkasa_async._support.tables import text_table
from smartkasa_async.catalog.problems import Problem, RuleViolationError
from smartkasa_async.errors import FieldRefusal
from smartkasa_async.records import Window
from smartkasa_async.reports.page.document import render
from smartkasa_async.sync.report import IncompleteWindow
from tests.support.service import answer, make_session, serve

if TYPE_CHECKING:
    from smartkasa_async.events import Event

RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
EVIL = "\x1b]0;title\x07\x1b[31m\x9b31m\u202eлив\u2069\u200f\r\x00\x7f\u2028"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("\x1b]8;;https://x\x07", r"\x1b]8;;https://x\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("\u202eabc\u202c", r"\u202eabc\u202c"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\rb", r"a\x0db"),
        ("\udcff.csv", r"\udcff.csv"),
        ("Хліб «Ї» 😀 עברית", "Хліб «Ї» 😀 עברית"),
    ],
)
def test_what_deceives_becomes_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(exclude_categories=[])))
def test_no_text_stays_raw_and_json_means_what_it_meant(text: str) -> None:
    assert RAW.search(visible(text)) is None
    assert "\n" not in one_line(text)
    made = escaped_json(json.dumps(text, ensure_ascii=False))
    assert RAW.search(made) is None
    # JSON has no halves of characters: two that stand together are one when they are read.
    assert json.loads(made).encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")
    assert (
        RAW.search(json.loads(visible_json(json.dumps(re.sub(r"[\x00-\x1f]", "", text), ensure_ascii=False)))) is None
    )


async def test_error_is_one_line_of_a_log(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Event] = []
    refused = answer({"errors": {f"x\n{EVIL}": [{"error": "no", "messages": f"no\nERROR forged {EVIL}"}]}}, 503)
    policy = RetryPolicy(retries=1, first_wait=0.0)
    async with serve(refused) as service:
        settings: dict[str, Any] = {
            "api_key": "some-key-1",
            "session": make_session(),
            "base_url": service.url,
            "retry": policy,
        }
        async with SmartKasa(**settings, on_event=heard.append) as kasa:
            with pytest.raises(SmartKasaError) as caught:
                await kasa.shops.get(1)
    logging.getLogger("user").error("%s", caught.value)
    logging.getLogger("user").error("%s", heard)
    texts = [str(caught.value), repr(caught.value), *(record.getMessage() for record in caplog.records)]
    texts += [str(refusal) for refusal in getattr(caught.value, "refusals", ())]
    texts += [getattr(event, "reason", "") for event in heard]
    assert [text for text in texts if RAW.search(text) or "\n" in text] == []
    assert r"no\nERROR forged \x1b]0;title" in str(caught.value)


def test_records_that_are_printed_are_safe() -> None:
    problem = Problem.from_broken_rule(
        RuleViolationError("negative"), file=f"{EVIL}\n.csv", line=3, field="price", column=f"Ціна\n{EVIL}", value=EVIL
    )
    window = Window(date(2026, 10, 1), date(2026, 10, 2))
    shown = [str(problem), str(FieldRefusal(EVIL, EVIL)), str(IncompleteWindow(window, f"\n{EVIL}"))]
    shown.append(text_table(["a"], [[EVIL]]))
    assert [text for text in shown if RAW.search(text)] == []


def test_page_has_nothing_that_turns_words_around() -> None:
    made = "".join(render({"shops": [{"id": 1, "title": EVIL}]}, "uk"))
    data = json.loads(re.search(r'type="application/json"[^>]*>(.*?)</script>', made, re.DOTALL)[1])  # type: ignore[index]
    title = data["shops"][0]["title"]
    assert re.search(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x7f-\x9f]", title) is None
    assert r"\u202eлив\u2069" in title
