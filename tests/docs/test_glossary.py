"""The words of the glossary are the only ones for their things, in the Ukrainian texts and on the pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from codegen.messages import read_catalogue
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

RETIRED = {
    r"завдан\w+": "робота",
    r"\b[ув] сховищ[еі]\b(?! (?:ключів|токенів))": "база",
    r"позиці\w+ стеження": "контрольна точка",
    r"УКТЗЕД": "УКТ ЗЕД",
    r"\bдоповненн\w+": "додаток",
    r"\bбізнес-д\w+|\b(?:робоч|торгов)\w+ д(?:ень|н\w+)": "день за Києвом",
    r"\b(?:папк|папц|папок)\w*": "тека",
    r"\bколон(?:к|ок|ц)\w*": "стовпець",
    r"\bокругл\w+": "заокруглення",
    r"\bпрайс(?!-лист)\w*": "прайс-лист",
    r"точк\w+ спостереження": "стеження",
    r"нахлист\w*": "перекриття",
    r"\bпід сумнівом\b": "під питанням",
    r"\bоновленн\w+ залишків": "синхронізація залишків",
    r"\bжив\w+ сервіс\w*": "справжній сервіс",
    r"\bнарахову\w+ сервіс|\bсервіс нарахову\w+": "налічує",
    r"\bпостачальник\w* SmartKasa|підтримц\w+ постачальника|кабінет\w* постачальника": "SmartKasa",
    r"\bна чеку\b": "у чеку",
    r"\bкомір(?:к|ок)\w*": "клітинка",
    r"\bтаємниц\w+": "секрет",
    r"\bзадовго\b(?! до)": "надто довго",
    r"(?<=[а-щьюяіїєґ])[’ʼ](?=[а-яіїєґ])": "'",
    r"\bharvest\w*|\bwatchdog\b|\bgone_at\b|\bsync_all\b|\bpulled\b": "sync, check_compliance, deleted_at, read",
}
"""Words that are not used, and those of the glossary instead."""

OTHER_MEANINGS = {
    ("docs/uk/README.md", "Завдання"): "a heading: what readers want to do",
    ("docs/uk/in-your-service.md", "Завдання"): "a task of Celery",
    ("docs/uk/in-your-service.md", "завдань"): "tasks of asyncio",
    ("docs/uk/architecture.md", "завдань"): "task groups of anyio",
    ("docs/uk/sandbox.md", "Завдання"): "an import task of the service",
}
"""Files in which such a word means something else, and what."""


def texts() -> Iterator[tuple[str, str]]:
    """Give every Ukrainian text of the package and every page, each with its name."""
    for message in read_catalogue():
        for text in [message.string] if isinstance(message.string, str) else message.string or ():
            yield "smartkasa.po", text
    for path in (*PROJECT.glob("README*.md"), *(PROJECT / "docs").rglob("*.md")):
        yield path.relative_to(PROJECT).as_posix(), path.read_text("utf-8")


@pytest.mark.parametrize(("word", "instead"), RETIRED.items(), ids=RETIRED.values())
def test_retired_words_do_not_come_back(word: str, instead: str) -> None:
    found = {(name, match[0]) for name, text in texts() for match in re.finditer(word, text, re.IGNORECASE)}
    assert found <= OTHER_MEANINGS.keys(), f"write: {instead}"


def test_no_exception_is_left_over() -> None:
    pages = dict(texts())
    assert [key for key in OTHER_MEANINGS if key[1] not in pages[key[0]]] == []
