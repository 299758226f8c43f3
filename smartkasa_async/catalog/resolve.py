"""Puts the ids of categories into checked rows; categories that the service lacks are created once, parents first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.catalog.categories import CategoryTree, fold_path, missing_by_depth
from smartkasa_async.catalog.columns import Field
from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind
from smartkasa_async.catalog.problems import RuleBrokenError
from smartkasa_async.catalog.send import Failure, Verdict, create_each
from smartkasa_async.models import CategoryCreate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smartkasa_async.catalog.categories import CategoryPath
    from smartkasa_async.catalog.check import Origin, ProductDraft
    from smartkasa_async.client import SmartKasa

__all__ = ["CategoryResolver"]

_PER_PAGE = 100
_RULES = {
    Verdict.REFUSED: "category_not_created",
    Verdict.UNKNOWN: "category_unknown",
    Verdict.STOPPED: "not_sent",
}


class CategoryResolver:
    """Finds and creates categories for the rows of one import.

    Attributes:
        failure: What makes it pointless to send anything more; None while there is no such thing.
    """

    def __init__(self, kasa: SmartKasa, tree: CategoryTree, origin: Origin) -> None:
        self._kasa = kasa
        self._tree = tree
        self._origin = origin
        self._broken: dict[CategoryPath, RuleBrokenError] = {}
        self.failure: Exception | None = None

    @classmethod
    async def load(cls, kasa: SmartKasa, origin: Origin) -> CategoryResolver:
        """Read the categories that the service has."""
        return cls(
            kasa, CategoryTree([category async for category in kasa.categories.list(per_page=_PER_PAGE)]), origin
        )

    async def resolve(self, drafts: Sequence[ProductDraft]) -> tuple[list[ProductDraft], list[Outcome]]:
        """Give each row the id of its category.

        Args:
            drafts: Rows in the order of the source. Not to be called for other rows before it has returned.

        Returns:
            The rows that have their category, and the rejections of those whose category cannot be had.
        """
        await self._create_missing({draft.category: None for draft in drafts if draft.category})
        resolved: list[ProductDraft] = []
        rejected: list[Outcome] = []
        for draft in drafts:
            try:
                resolved.append(self._with_category(draft))
            except RuleBrokenError as error:
                problem = self._origin.problem(error, draft.line, Field.CATEGORY, " / ".join(draft.category or ()))
                rejected.append(draft.outcome(OutcomeKind.REJECTED, problems=(problem,)))
        return resolved, rejected

    def _with_category(self, draft: ProductDraft) -> ProductDraft:
        if not draft.category:
            return draft
        category_id = self._tree.find(draft.category)
        if category_id is None:
            raise self._broken[fold_path(draft.category)]
        product = msgspec.structs.replace(draft.product, category_id=category_id)
        return msgspec.structs.replace(draft, product=product, category=None)

    async def _create_missing(self, paths: Iterable[CategoryPath]) -> None:
        for level in missing_by_depth(self._tree, [path for path in paths if self._is_missing(path)]):
            possible: list[CategoryPath] = []
            for path in level:
                error = self._broken.get(fold_path(path)) or self._broken.get(fold_path(path[:-1]))
                if error is None:
                    possible.append(path)
                else:
                    self._broken[fold_path(path)] = error
            await self._create(possible)

    def _is_missing(self, path: CategoryPath) -> bool:
        if fold_path(path) in self._broken:
            return False
        try:
            return self._tree.find(path) is None
        except RuleBrokenError:
            return False

    async def _create(self, paths: list[CategoryPath]) -> None:
        categories = [
            CategoryCreate(title=path[-1], parent_id=self._tree.find_exact(path[:-1]) or msgspec.UNSET)
            for path in paths
        ]
        results = await create_each(self._kasa.categories.create_batch, categories)
        for path, result in zip(paths, results, strict=True):
            if not isinstance(result, Failure):
                self._tree.add(path, result.id)
                continue
            self._broken[fold_path(path)] = RuleBrokenError(_RULES[result.verdict], detail=str(result.error))
            if result.verdict is Verdict.STOPPED:
                self.failure = result.error
