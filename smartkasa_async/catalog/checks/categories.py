"""Categories by title or path: what the service has, and what is missing."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.encodings import is_garbled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.models import Category

CategoryPath = tuple[str, ...]
"""Titles from the top of the tree down to the category."""

_SEPARATOR = re.compile(r"\s+[/|\\]\s+|\s*[>»→]\s*")


@lru_cache(maxsize=4096)
def parse_category(text: str) -> CategoryPath:
    """Read a category.

    Args:
        text: Its title, or its path from the top: `Напої / Кава`, `Напої > Кава`. A slash without spaces is part of a
            title.

    Raises:
        RuleViolationError: `line_break`, `letters_unreadable`, `letters_garbled`, or `blank` where there are separators
            only.
    """
    if "\n" in text:
        raise RuleViolationError("line_break")
    if "\ufffd" in text:
        raise RuleViolationError("letters_unreadable")
    if is_garbled(text):
        raise RuleViolationError("letters_garbled")
    path = tuple(" ".join(title.split()) for title in _SEPARATOR.split(text) if title.strip())
    if not path:
        raise RuleViolationError("blank")
    return path


class CategoryTree:
    """The service's categories, found by title or path; case does not count."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._by_path: defaultdict[CategoryPath, list[str]] = defaultdict(list)
        self._by_title: defaultdict[str, list[str]] = defaultdict(list)
        self._paths: dict[str, CategoryPath] = {}
        known = {category.id: category for category in categories}
        for category in known.values():
            self.add(_path_of(category, known), category.id)

    def add(self, path: CategoryPath, category_id: str) -> None:
        """Note a category that the service has."""
        folded = fold_path(path)
        self._paths[category_id] = path
        self._by_path[folded].append(category_id)
        self._by_title[folded[-1]].append(category_id)

    def find(self, path: CategoryPath) -> str | None:
        """Find a category's id.

        Args:
            path: Path from the top. A single title stands for the category of that title at the top, or else for the
                only one of that title anywhere.

        Returns:
            The id; None where the service has no such category.

        Raises:
            RuleViolationError: `category_ambiguous`.
        """
        folded = fold_path(path)
        ids = self._by_path.get(folded)
        if not ids and len(folded) == 1:
            ids = self._by_title.get(folded[0])
        if not ids:
            return None
        if len(ids) > 1:
            raise RuleViolationError("category_ambiguous")
        return ids[0]

    def path_of(self, category_id: str) -> CategoryPath | None:
        """Find the path of a category; None where there is none of this id."""
        return self._paths.get(category_id)

    def find_exact(self, path: CategoryPath) -> str | None:
        """Find the id of the first category that stands at exactly this path; None where there is none."""
        ids = self._by_path.get(fold_path(path))
        return ids[0] if ids else None


def missing_by_depth(tree: CategoryTree, paths: Iterable[CategoryPath]) -> list[list[CategoryPath]]:
    """List the categories to create so that all paths exist.

    Args:
        tree: What the service has.
        paths: Paths that are not in the tree; each once or several times, in any spelling of case.

    Returns:
        One list for each depth, parents first; each category once, in the order in which it was first met.
    """
    levels: defaultdict[int, dict[CategoryPath, CategoryPath]] = defaultdict(dict)
    for path in paths:
        for depth in range(1, len(path) + 1):
            part = path[:depth]
            if tree.find_exact(part) is None:
                levels[depth].setdefault(fold_path(part), part)
    return [list(levels[depth].values()) for depth in sorted(levels)]


def _path_of(category: Category, known: dict[str, Category]) -> CategoryPath:
    """Climb from a category to the top; a parent that is not known, or that was met before, ends the climb."""
    titles: list[str] = []
    met: set[str] = set()
    current: Category | None = category
    while current is not None and current.id not in met:
        met.add(current.id)
        titles.append(current.title)
        current = known.get(current.parent_id) if current.parent_id else None
    return tuple(reversed(titles))


@lru_cache(maxsize=4096)
def fold_path(path: CategoryPath) -> CategoryPath:
    """Reduce a path to what distinguishes categories: neither case nor the number of spaces does."""
    return tuple(" ".join(title.casefold().split()) for title in path)
