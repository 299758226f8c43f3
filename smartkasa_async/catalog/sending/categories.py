"""Ids of categories for checked rows; categories that the service lacks are created once, parents first."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import anyio
import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import message_of
from smartkasa_async.catalog.checks.categories import CategoryTree, fold_path, missing_by_depth
from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sending.catalogue import seen_fields
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.errors import OutcomeUnknownError
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.jobs.send import SendFailure, Verdict, create_each
from smartkasa_async.models import CategoryCreate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smartkasa_async.catalog.checks.categories import CategoryPath
    from smartkasa_async.catalog.checks.check import ProductDraft
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.jobs.journal import Journal
    from smartkasa_async.models import Category

_PER_PAGE = 100
_ROUNDS = 4
_RULES = {Verdict.REFUSED: "category_not_created", Verdict.STOPPED: "not_sent"}


class CategoryCreator:
    """Finds and creates categories for the rows of one import.

    Args:
        kasa: The client.
        journal: Where it is written down that categories are on their way.
        location: The source.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost.
        dry_run: Whether only to note what is missing.

    Attributes:
        unreadable: Categories of the service that do not have the documented form; none is created beside them.
        created: Paths of the categories that the service lacked.
        has_sent: Whether anything was sent that creates categories.
        failure: What makes it pointless to send anything more; None while there is no such thing.
    """

    def __init__(
        self, kasa: SmartKasa, journal: Journal, location: SourceLocation, *, late_write_window: float, dry_run: bool
    ) -> None:
        self._kasa = kasa
        self._journal = journal
        self._location = location
        self._late_write_window = late_write_window
        self._dry_run = dry_run
        self._tree = CategoryTree(())
        self._broken: dict[CategoryPath, RuleViolationError] = {}
        self._ids: dict[CategoryPath, str] = {}
        self._unreadable: dict[CategoryPath, UnreadableRecord] = {}
        self.unreadable: list[UnreadableRecord] = []
        self.created: list[CategoryPath] = []
        self.has_sent: bool = False
        self.failure: Exception | None = None

    async def load(self) -> None:
        """Read the categories that the service has.

        Raises:
            SmartKasaError: They could not be read.
        """

        async def read() -> CategoryTree:
            self.unreadable.clear()
            listed = self._kasa.categories.list(per_page=_PER_PAGE, on_unreadable=self.unreadable.append)
            return CategoryTree([category async for category in listed])

        self._tree = await retry_transient(read)
        titles = ((record, seen_fields(record).get("title")) for record in self.unreadable)
        self._unreadable = {fold_path((title,)): record for record, title in titles if isinstance(title, str)}
        # What was created a moment ago may not be listed yet.
        for path, category_id in self._ids.items():
            if self._tree.find_exact(path) is None:
                self._tree.add(path, category_id)

    async def assign_ids(self, drafts: Sequence[ProductDraft]) -> tuple[list[ProductDraft], list[Outcome]]:
        """Assign each row the id of its category.

        Args:
            drafts: Rows in the order of the source. Not to be called for other rows before it has returned.

        Returns:
            The rows that have their category, and the rejections of those whose category cannot be had.
        """
        paths = dict.fromkeys(draft.category for draft in drafts if draft.category)
        await self._create_missing(paths)
        found = {path: self._find(path) for path in paths}
        resolved: list[ProductDraft] = []
        rejected: list[Outcome] = []
        for draft in drafts:
            category = found[draft.category] if draft.category else None
            if isinstance(category, RuleViolationError):
                problem = self._location.problem(category, draft.line, Field.CATEGORY, " / ".join(draft.category or ()))
                rejected.append(draft.outcome(OutcomeKind.REJECTED, problems=(problem,)))
                continue
            if category is not None:
                draft.product.category_id = category
            resolved.append(draft)
        return resolved, rejected

    def _find(self, path: CategoryPath) -> str | RuleViolationError:
        try:
            return self._tree.find(path) or self._broken[fold_path(path)]
        except RuleViolationError as error:
            return error

    async def _create_missing(self, paths: Iterable[CategoryPath]) -> None:
        for level in missing_by_depth(self._tree, [path for path in paths if self._is_missing(path)]):
            possible: list[CategoryPath] = []
            for path in level:
                error = self._broken.get(fold_path(path)) or self._broken.get(fold_path(path[:-1]))
                if error is None and (record := self._unreadable.get(fold_path(path[-1:]))) is not None:
                    error = RuleViolationError("category_unreadable", record=record.id or record.translatable)
                if error is None:
                    possible.append(path)
                else:
                    self._broken[fold_path(path)] = error
            if possible:
                await self._create(possible)

    def _is_missing(self, path: CategoryPath) -> bool:
        if fold_path(path) in self._broken:
            return False
        try:
            return self._tree.find(path) is None
        except RuleViolationError:
            return False

    async def _create(self, paths: list[CategoryPath]) -> None:
        """Create categories of one depth, each once: one whose answer is lost is looked for before it is sent again."""
        if self._dry_run:
            for path in paths:
                self._add(path, f"new category {' / '.join(path)}")
            return
        await self._journal.note_side_writes(pending=True)
        self.has_sent = True
        lost = await self._send(paths)
        for _ in range(_ROUNDS):
            lost = await self._absent(lost)
            if not lost or self.failure is not None:
                break
            await anyio.sleep(self._late_write_window)
            lost = await self._send(await self._absent(lost))
        for path in lost:
            detail = msg("its answer was lost each time")
            self._broken[fold_path(path)] = RuleViolationError("category_unknown", detail=detail)
        if not lost:
            await self._journal.note_side_writes(pending=False)

    async def _send(self, paths: list[CategoryPath]) -> list[CategoryPath]:
        """Send categories once; returns those of which nobody knows whether they were created."""
        categories = [
            CategoryCreate(title=path[-1], parent_id=self._tree.find_exact(path[:-1]) or msgspec.UNSET)
            for path in paths
        ]
        lost: list[CategoryPath] = []
        results = await create_each(self._create_batch, categories)
        for path, result in zip(paths, results, strict=True):
            if not isinstance(result, SendFailure):
                self._add(path, result.id)
            elif result.verdict is Verdict.UNKNOWN:
                lost.append(path)
            else:
                self._broken[fold_path(path)] = RuleViolationError(
                    _RULES[result.verdict], detail=message_of(result.error)
                )
                if result.verdict is Verdict.STOPPED:
                    self.failure = result.error
        return lost

    async def _create_batch(self, categories: Sequence[CategoryCreate]) -> list[Category]:
        return pair_categories(categories, await self._kasa.categories.create_batch(categories))

    async def _absent(self, lost: list[CategoryPath]) -> list[CategoryPath]:
        """Look for categories whose answer was lost, and adopt those that are there."""
        if not lost or self.failure is not None:
            return lost
        try:
            await self.load()
        except Exception as error:  # noqa: BLE001  (kept in `failure`: the calls on their way are answered first)
            self.failure = error
            return lost
        absent: list[CategoryPath] = []
        for path in lost:
            if self._tree.find_exact(path) is None:
                absent.append(path)
            else:
                self.created.append(path)
        return absent

    def _add(self, path: CategoryPath, category_id: str) -> None:
        self._tree.add(path, category_id)
        self._ids[path] = category_id
        self.created.append(path)


def pair_categories(sent: Sequence[CategoryCreate], answered: Sequence[Category]) -> list[Category]:
    """Put the answers of a batch into the order in which it was sent, by title and parent.

    Raises:
        OutcomeUnknownError: The answers are not those of what was sent.
    """
    waiting: defaultdict[object, list[Category]] = defaultdict(list)
    for category in reversed(answered):
        waiting[fold_path((category.title,)), category.parent_id or None].append(category)
    try:
        return [
            waiting[fold_path((one.title,)), None if one.parent_id is msgspec.UNSET else one.parent_id].pop()
            for one in sent
        ]
    except IndexError:
        message = msg("The service answered with other categories than were sent")
        raise OutcomeUnknownError(message) from None
