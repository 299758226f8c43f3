"""Products of the service that the source lacks: listed, and deleted only within a given limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.ending import End
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.jobs.send import SendFailure, Verdict, is_absent, judge, send_one

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from smartkasa_async.catalog.sending.sender import Sender
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.journal import Journal, KnownItem


def refusal_to_delete(
    missing: int, limit: int, *, rows: int, unreadable: int, hidden: int = 0, end: End = End.WHOLE
) -> RuleViolationError | None:
    """Describe why nothing may be deleted, if that is so.

    Args:
        missing: Number of products that the source does not have.
        limit: Maximum number of products that may be deleted.
        rows: Number of rows in the source.
        unreadable: Number of rejected rows whose key cannot be read; each may be a missing product's.
        hidden: Number of hidden rows that were left out; their products are not missing, either.
        end: How the source ends; rows may be missing behind an end that is not that of a whole file.
    """
    reasons = (
        (not rows, "missing_source_empty", missing),
        (end is End.CUT, "missing_source_cut", missing),
        (unreadable > 0, "missing_rows_unread", unreadable),
        (hidden > 0, "missing_rows_hidden", hidden),
        (end is End.DOUBTFUL, "missing_end_doubtful", missing),
    )
    for applies, code, count in reasons:
        if missing and applies:
            return RuleViolationError(code, count=count)
    if missing > limit:
        return RuleViolationError("missing_over_limit", count=missing, limit=limit)
    return None


class Mirror:
    """Lists or deletes the products that no row of the source has, after all rows have their outcomes.

    Products without a key are left alone: no row could name them.

    Args:
        kasa: The client.
        journal: The import's journal.
        sender: Knows whether the import was stopped.
        location: The source.
        delete_limit: Maximum number of products to delete; None for none, they are listed only.
        batch_size: Products in one call.
        dry_run: Whether to report only what would be done.
    """

    def __init__(
        self,
        kasa: SmartKasa,
        journal: Journal,
        sender: Sender,
        location: SourceLocation,
        *,
        delete_limit: int | None,
        batch_size: int,
        dry_run: bool,
    ) -> None:
        self._kasa = kasa
        self._journal = journal
        self._sender = sender
        self._location = location
        self._delete_limit = delete_limit
        self._batch_size = batch_size
        self._dry_run = dry_run

    async def run(
        self, emit: Callable[[list[Outcome]], Awaitable[None]], *, rows: int, unreadable: int, hidden: int, end: End
    ) -> RuleViolationError | None:
        """List or delete what is missing.

        Returns:
            Why nothing was deleted, where something was to be.
        """
        limit = self._delete_limit
        refusal = None
        if limit is not None:
            missing = await self._journal.count_missing()
            refusal = refusal_to_delete(missing, limit, rows=rows, unreadable=unreadable, hidden=hidden, end=end)
        position = 0
        while self._sender.failure is None:
            found = await self._journal.missing(position, self._batch_size)
            if not found:
                break
            position = found[-1][0]
            products = [product for _, product in found]
            if limit is None:
                left = RuleViolationError("missing_not_deleted")
                await emit([self._outcome(product, OutcomeKind.MISSING, left) for product in products])
            elif refusal is not None:
                await emit([self._outcome(product, OutcomeKind.MISSING, refusal) for product in products])
            else:
                await emit(await self._delete(products))
        return refusal

    async def _delete(self, products: Sequence[KnownItem]) -> list[Outcome]:
        if self._dry_run:
            return [self._outcome(product, OutcomeKind.DELETED) for product in products]
        self._sender.has_sent = True
        ids = [product.id for product in products]
        try:
            deleted = {answered.id for answered in await self._kasa.products.delete_batch(ids)}
        except SmartKasaError as error:
            if judge(error) is Verdict.STOPPED and not is_absent(error):
                self._sender.record_failure(error)
            deleted = set()
        return [
            self._outcome(product, OutcomeKind.DELETED) if product.id in deleted else await self._delete_one(product)
            for product in products
        ]

    async def _delete_one(self, product: KnownItem) -> Outcome:
        """Delete what a batch did not surely delete; to delete a product twice does no harm."""
        error: Exception | None = self._sender.failure
        code = "missing_kept"
        for _ in range(2):
            if self._sender.failure is not None:
                break
            result = await send_one(lambda: self._kasa.products.delete(product.id))
            if not isinstance(result, SendFailure) or is_absent(result.error):
                return self._outcome(product, OutcomeKind.DELETED)
            error = result.error
            if result.verdict is Verdict.UNKNOWN:
                code = "missing_in_doubt"
            if result.verdict is Verdict.STOPPED:
                self._sender.record_failure(error)
        return self._outcome(product, OutcomeKind.MISSING, RuleViolationError(code, detail=error))

    def _outcome(self, product: KnownItem, kind: OutcomeKind, why: RuleViolationError | None = None) -> Outcome:
        warnings = () if why is None else (self._location.problem(why, 0, severity="warning"),)
        return Outcome(
            row=0, line=0, key=product.key, key_value=product.key, kind=kind, product_id=product.id, warnings=warnings
        )
