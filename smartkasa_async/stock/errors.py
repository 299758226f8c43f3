"""What ends a sync of counts as a whole.

CatalogError
└── StockStoppedError    the sync ended before all counts were set
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.catalog.errors import CatalogError

if TYPE_CHECKING:
    from smartkasa_async.stock.outcomes import StockSummary


class StockStoppedError(CatalogError):
    """A sync of counts ended before all of them were set; the cause is the error that stopped it.

    Attributes:
        summary: What had become of the rows by then.
    """

    def __init__(self, message: str, *, summary: StockSummary) -> None:
        super().__init__(message)
        self.summary = summary
