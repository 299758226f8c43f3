"""Ukrainian pages say what the English ones say: the same parts, blocks, names and figures."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.markdown import PROJECT, Block, Document

ENGLISH, UKRAINIAN = Document("README.md"), Document("README.uk.md")
DOCS = PROJECT / "docs"
GUIDES = sorted(path.relative_to(DOCS / "uk").as_posix() for path in (DOCS / "uk").rglob("*.md"))
_LANGUAGE = "export SMARTKASA_LANG=uk\n"
_FIGURE = re.compile(r"\d(?:[\d,.]*\d)?")
_REMARK = re.compile(r"^# .*\n", re.MULTILINE)
_ERROR = re.compile(r"^[│├└─ ]*\w+Error|\b[45]\d\d\b", re.MULTILINE)
_IMPORT = re.compile(r"^(?:from|import) .+$", re.MULTILINE)


def levels(document: Document) -> list[int]:
    prose = re.sub(r"^```.*?^```$", "", document.text, flags=re.DOTALL | re.MULTILINE)
    return [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]


def tables(document: Document) -> list[list[str]]:
    """Give each row of each table: its cells of code and figures, whatever the language around them."""
    prose = re.sub(r"^```.*?^```$", "", document.text, flags=re.DOTALL | re.MULTILINE)
    rows = re.findall(r"^\|(.+)\|$", prose, re.MULTILINE)
    return [re.findall(r"`[^`]+`", row) or _FIGURE.findall(_in_english(row)) for row in rows]


def _in_english(row: str) -> str:
    """Write the figures of a row, such as `5\N{NO-BREAK SPACE}366` and `0,93`, as English has them."""
    if "\N{NO-BREAK SPACE}" in row or re.search(r"\d,\d{1,2}\b", row):
        row = row.replace(",", ".").replace("\N{NO-BREAK SPACE}", ",")
    return row


def meaning(block: Block) -> object:
    """Give what a block says without its comments."""
    if block.language == "python":
        return ast.dump(ast.parse(block.code))
    return re.sub(r"\s+#.*", "", block.code)


def test_parts_are_the_same() -> None:
    assert levels(UKRAINIAN) == levels(ENGLISH)


def test_blocks_are_the_same() -> None:
    assert [block.language for block in UKRAINIAN.blocks] == [block.language for block in ENGLISH.blocks]
    for ours, theirs in zip(UKRAINIAN.blocks, ENGLISH.blocks, strict=True):
        assert meaning(ours) == meaning(theirs), f"README.uk.md:{ours.line} and README.md:{theirs.line}"


def test_tables_are_the_same() -> None:
    assert tables(UKRAINIAN) == tables(ENGLISH)


def test_nothing_that_the_english_one_names_is_missing() -> None:
    """Names of code, for example of functions, arguments and files; words of one language are not meant."""
    missing = set(ENGLISH.snippets) - set(UKRAINIAN.snippets)

    assert missing == set()


@pytest.mark.parametrize("guide", GUIDES)
def test_guide_takes_the_same_steps(guide: str) -> None:
    """Its programs differ in the language of what they print, which `test_pages.py` compares."""
    ukrainian, english = Document(f"docs/uk/{guide}"), Document(f"docs/{guide}")

    assert levels(ukrainian) == levels(english)
    assert tables(ukrainian) == tables(english)
    assert [(block.language, block.file, block.encoding) for block in ukrainian.blocks] == [
        (block.language, block.file, block.encoding) for block in english.blocks
    ]
    for ours, theirs in zip(ukrainian.blocks, english.blocks, strict=True):
        where = f"docs/uk/{guide}:{ours.line}"
        if ours.language == "python":
            assert _IMPORT.findall(ours.code) == _IMPORT.findall(theirs.code), where
        elif ours.language == "tree":
            assert _ERROR.findall(ours.code) == _ERROR.findall(theirs.code), where
        elif ours.language != "text":
            assert _REMARK.sub("", ours.code.replace(_LANGUAGE, "")) == _REMARK.sub("", theirs.code), where


@pytest.mark.parametrize("guide", GUIDES)
def test_guides_lead_to_each_other_and_to_the_same_pages(guide: str) -> None:
    """A Ukrainian one leads to Ukrainian pages, wherever there are."""
    ours, theirs = targets(Document(f"docs/uk/{guide}")), targets(Document(f"docs/{guide}"))
    also = {f"uk/{target}" if target in GUIDES else target for target in theirs - {f"uk/{guide}"}}

    assert f"uk/{guide}" in theirs
    assert guide in ours
    assert also <= ours | {f"uk/{guide}"}
    assert [target for target in ours - {guide} if target in GUIDES] == []


def targets(document: Document) -> set[str]:
    """Give the pages below docs/ that a page leads to, without their parts."""
    folder = (PROJECT / document.name).parent
    links = [link.partition("#")[0] for link in document.links]
    files = [
        folder.joinpath(link).resolve() for link in links if link and "://" not in link and not link.endswith(".svg")
    ]
    return {file.relative_to(DOCS).as_posix() for file in files if file.is_relative_to(DOCS)}


@pytest.mark.parametrize("guide", GUIDES)
def test_index_leads_to_every_guide(guide: str) -> None:
    assert f"](uk/{guide})" in Document("docs/README.md").text
