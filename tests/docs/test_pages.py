"""Every page of docs/ does what it shows; `tests/docs/pages.py` says how it is gone through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.markdown import Block, Document
from tests.docs.pages import NOT_FILES, NOT_RUN, PAGES, opened_shell, outputs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("page", PAGES)
def test_page_does_what_it_shows(page: str, tmp_path: Path) -> None:
    if page.startswith("docs/uk/") and shown(page) == shown(page.replace("docs/uk/", "docs/")):
        return  # the English page runs the same, and prints the same
    with opened_shell(tmp_path) as shell:
        for block, printed in outputs(page, shell):
            assert block.code.splitlines() == printed, f"{page}:{block.line}: run python -m tests.docs.pages"


def shown(page: str) -> list[Block]:
    return [block._replace(line=0) for block in Document(page).blocks]


def test_what_is_not_run_is_there() -> None:
    """A reason without a line would hide that lines are skipped for nothing."""
    lines = [line for page in PAGES for block in Document(page).blocks_in("sh") for line in block.code.splitlines()]
    languages = {block.language for page in PAGES for block in Document(page).blocks}

    assert [word for word in NOT_RUN if not any(line.split()[:1] == [word] for line in lines)] == []
    assert set(NOT_FILES) <= languages
