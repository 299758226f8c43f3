"""Files of outcomes: for a shopkeeper as CSV, for a program as JSONL, and the rejected rows to be fixed.

    with RejectedFile("to-fix.csv") as rejected:
        async for outcome in import_products(kasa, "price-list.csv"):
            rejected.write(outcome)

All are written as the outcomes come, so that memory stays flat, and take their names when they are closed. Until then
nothing is touched that has the name already, so that it may be the very source of the import.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from smartkasa_async._i18n.message import NP_
from smartkasa_async._i18n.translate import in_language, texts_in
from smartkasa_async._support.files import FreshFile, require_replaceable
from smartkasa_async._support.spreadsheets import EXCEL_ENCODING, excel_writer, seen_cell
from smartkasa_async.catalog.messages import reason_headers
from smartkasa_async.catalog.outcomes import OutcomeKind
from smartkasa_async.catalog.rejected_rows import RejectedRows, open_rejected_rows, require_package
from smartkasa_async.catalog.sources.cells import cell_text, number_text
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.models import ClassifierType, ProductCreate

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.catalog.outcomes import Outcome
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.catalog.sources.columns import Columns

_FIXABLE = frozenset({OutcomeKind.REJECTED, OutcomeKind.CONFLICT})
_HEADERS = (
    NP_("file of outcomes", "Row"),
    NP_("file of outcomes", "Line"),
    NP_("file of outcomes", "Key"),
    NP_("file of outcomes", "Outcome"),
    NP_("file of outcomes", "Product id"),
    NP_("file of outcomes", "Reason"),
    NP_("file of outcomes", "Warnings"),
)
_KINDS = {
    OutcomeKind.CREATED: NP_("file of outcomes", "created"),
    OutcomeKind.UPDATED: NP_("file of outcomes", "updated"),
    OutcomeKind.UNCHANGED: NP_("file of outcomes", "unchanged"),
    OutcomeKind.REJECTED: NP_("file of outcomes", "rejected"),
    OutcomeKind.CONFLICT: NP_("file of outcomes", "conflict"),
    OutcomeKind.IN_DOUBT: NP_("file of outcomes", "in_doubt"),
    OutcomeKind.NO_PRODUCT: NP_("file of outcomes", "no_product"),
    OutcomeKind.MISSING: NP_("file of outcomes", "missing"),
    OutcomeKind.DELETED: NP_("file of outcomes", "deleted"),
}


class _OutcomeFile(ABC):
    """A file that takes its name when it is closed.

    Attributes:
        path: Where the file will be.
        count: Number of outcomes in it.
    """

    _fresh: FreshFile | None = None

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path: Path = Path(path)
        self.count = 0

    @abstractmethod
    def write(self, outcome: Outcome) -> None:
        """Write one outcome."""

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._fresh is not None and not self._fresh.file.closed:
            self._fresh.keep()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class OutcomesCsv(_OutcomeFile):
    """All outcomes as a table that a Ukrainian Excel opens: UTF-8 with a byte order mark, semicolons.

    Cells that Excel would run as formulas, or shorten as in `4,82E+12`, are marked as text by an apostrophe.
    """

    def __init__(self, path: str | os.PathLike[str], *, language: Language = "en") -> None:
        """Begin the file.

        Args:
            path: Where it will be.
            language: Language of headers, outcomes and reasons.

        Raises:
            OSError: The file cannot be written.
        """
        super().__init__(path)
        self._language: Language = language
        self._fresh = FreshFile(self.path, encoding=EXCEL_ENCODING)
        self._writer = excel_writer(self._fresh.file)
        self._writer.writerow(in_language(header, language) for header in _HEADERS)

    def write(self, outcome: Outcome) -> None:
        """Write one outcome."""
        language = self._language
        cells = (
            str(outcome.row or ""),
            str(outcome.line or ""),
            outcome.key,
            in_language(_KINDS[outcome.kind], language),
            outcome.product_id or "",
            "; ".join(problem.describe_in_row(language) for problem in outcome.problems),
            "; ".join(problem.describe_in_row(language) for problem in outcome.warnings),
        )
        self._writer.writerow(map(seen_cell, cells))
        self.count += 1


class OutcomesJsonl(_OutcomeFile):
    """All outcomes for a program: one JSON object in each line, with problems and warnings whole."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Begin the file.

        Args:
            path: Where it will be.

        Raises:
            OSError: The file cannot be written.
        """
        super().__init__(path)
        self._fresh = FreshFile(self.path)
        self._file = self._fresh.file
        self._encoder = msgspec.json.Encoder()

    def write(self, outcome: Outcome) -> None:
        """Write one outcome."""
        line = {name: getattr(outcome, name) for name in outcome.__struct_fields__ if name != "raw"}
        self._file.write(self._encoder.encode(line) + b"\n")
        self.count += 1


class RejectedFile(_OutcomeFile):
    """The rows that are to be fixed, each behind the reason why it was rejected.

    The name gives the format: a workbook where it ends in `.xlsx` (the extra `sheets`), an object a line for `.jsonl`,
    else CSV with the delimiter and the encoding of its source, if that is CSV too. It has the headers of its source, so
    it can be fixed and imported again; the reasons are left alone then. Other outcomes are passed over: rows that made
    it, those of no product, and those in doubt, which must be looked up before they are sent again.
    """

    def __init__(self, path: str | os.PathLike[str], *, language: Language = "en") -> None:
        """Prepare the file, which begins with the first rejected row.

        Args:
            path: Where it will be.
            language: Language of the reasons.

        Raises:
            OSError: The name stands for something else than a file.
            ConfigurationError: It is a workbook, and the extra `sheets` is not installed.
            InvalidRequestError: There are no texts in the language.
        """
        super().__init__(path)
        texts_in(language)
        require_replaceable(self.path)
        require_package(self.path)
        self._language: Language = language
        self._location: SourceLocation | None = None
        self._rows: RejectedRows | None = None
        self._own_reasons: frozenset[int] = frozenset()
        self._is_closed = False

    def write(self, outcome: Outcome) -> None:
        """Write one outcome, if its row is to be fixed.

        Raises:
            OSError: The file cannot be written.
            ValueError: The row is from another source than those before it.
        """
        raw = outcome.raw
        if raw is None or outcome.kind not in _FIXABLE:
            return
        if self._rows is None:
            self._rows = self._begin(raw.location)
        elif raw.location != self._location:
            raise ValueError(f"{self.path.name} holds rows of another source; give each import a file of its own")
        cells = _cells_of(raw.content, raw.location.columns) if isinstance(raw.content, ProductCreate) else raw.content
        in_cells = len(cells) > 1
        reasons = (
            problem.describe_in_row(self._language) if in_cells else problem.describe(self._language)
            for problem in outcome.problems
        )
        # Text that could not be divided into cells stands in one, which is no reason of the source's own.
        self._rows.write("; ".join(reasons), self._without_reasons(cells) if in_cells else cells)
        self.count += 1

    def close(self) -> None:
        """Finish the file and give it its name. If no row was rejected, a file of that name is removed instead."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._rows is not None:
            self._rows.close()
            return
        require_replaceable(self.path)
        self.path.unlink(missing_ok=True)

    def _begin(self, location: SourceLocation) -> RejectedRows:
        self._location = location
        self._own_reasons = _find_reasons(location.columns.headers)
        rows = open_rejected_rows(self.path, location)
        rows.write(reason_headers()[self._language], self._without_reasons(location.columns.headers))
        return rows

    def _without_reasons(self, cells: Sequence[str]) -> list[str]:
        return [cell for position, cell in enumerate(cells) if position not in self._own_reasons]


def _find_reasons(headers: Sequence[str]) -> frozenset[int]:
    """Find the columns of reasons in a source that is a file of rejected rows itself."""
    ours = frozenset(reason_headers().values())
    return frozenset(position for position, header in enumerate(headers) if header.strip() in ours)


def _cells_of(product: ProductCreate, columns: Columns) -> list[str]:
    """Write what a product has of the fields that a table can hold."""
    cells = [""] * len(columns.headers)
    for field, position in columns.positions.items():
        value = getattr(product, field, None)
        write = cell_text if isinstance(value, list) else number_text
        cells[position] = "" if value is msgspec.UNSET else write(value)
    if product.classifier_type_id is ClassifierType.DKPP:
        code, dkpp = columns.positions[Field.CLASSIFIER_CODE], columns.positions[Field.DKPP_CODE]
        cells[code], cells[dkpp] = "", cells[code]
    return cells


def write_outcomes_csv(path: str | os.PathLike[str], outcomes: Iterable[Outcome], *, language: Language = "en") -> int:
    """Write outcomes as CSV; see `OutcomesCsv`.

    Returns:
        Number of outcomes.

    Raises:
        OSError: The file cannot be written.
    """
    with OutcomesCsv(path, language=language) as file:
        for outcome in outcomes:
            file.write(outcome)
    return file.count


def write_outcomes_jsonl(path: str | os.PathLike[str], outcomes: Iterable[Outcome]) -> int:
    """Write outcomes as JSONL; see `OutcomesJsonl`.

    Returns:
        Number of outcomes.

    Raises:
        OSError: The file cannot be written.
    """
    with OutcomesJsonl(path) as file:
        for outcome in outcomes:
            file.write(outcome)
    return file.count
