"""What ends an import as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.errors import SmartKasaError
from smartkasa_async.jobs.outcomes import JobStoppedError

if TYPE_CHECKING:
    from smartkasa_async.catalog.outcomes import ImportSummary
    from smartkasa_async.catalog.sources.questions import Doubt


class CatalogError(SmartKasaError):
    """An import of products could not be carried out."""


class SourceError(CatalogError):
    """The source is not a price list that can be read; nothing was sent, unless it is what stopped an import."""


class LinkError(SourceError):
    """A price list could not be fetched from its link, and later it may; nothing was sent to the service."""


class SourceDoubtfulError(SourceError):
    """A source may be read in several ways, and it is unknown which is right; nothing was sent.

    Attributes:
        doubts: The questions, each with the choices that answer it.
    """

    def __init__(self, message: str, *, doubts: tuple[Doubt, ...]) -> None:
        super().__init__(message)
        self.doubts = doubts


class SourceChangedError(SourceError):
    """The file of a price list was changed, replaced or removed while it was read, so it does not count as whole."""


class ImportStoppedError(CatalogError, JobStoppedError):
    """An import ended before its source did; the cause is the error that stopped it.

    Attributes:
        summary: What had become of the rows by then.
    """

    summary: ImportSummary
