"""An import on the command line: what was detected, progress, files of outcomes, and the summary."""

from __future__ import annotations

import re
from contextlib import ExitStack
from importlib.util import find_spec
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from smartkasa_async.catalog import ImportStoppedError, OutcomesCsv, OutcomesJsonl, RejectedFile, import_products
from smartkasa_async.catalog.sources.archives import is_packed
from smartkasa_async.catalog.sources.links import name_of_link, shown_link
from smartkasa_async.cli.errors import Exit
from smartkasa_async.cli.messages import _, language
from smartkasa_async.cli.output import MOST_WARNINGS, facts_of
from smartkasa_async.cli.working_files import free_name

if TYPE_CHECKING:
    from smartkasa_async import SmartKasa
    from smartkasa_async.catalog import ImportSummary, Outcome, SourceInfo
    from smartkasa_async.cli.layout_confirmation import ConfirmedSource
    from smartkasa_async.cli.progress import ProgressDisplay
    from smartkasa_async.cli.running import Run
    from smartkasa_async.jobs import Progress


class _Takes(Protocol):
    def write(self, outcome: Outcome) -> None: ...


_LINE_FORMATS = {"CSV", "JSONL"}
_WORKBOOKS = {"XLSX", "XLS", "ODS"}
_OFFER = re.compile(rb"<offer[\s>]")
_CHUNK = 1 << 20


class Import:
    """One import of a price list.

    Args:
        run: The run of the command.
        file: The price list, or its link.
        rejected: Where the rows to be fixed go; None for a name beside the price list that is still free, in the
            working folder for a link; for nowhere in a dry run.
        outcomes: Where all outcomes go; None for nowhere.
        dry_run: Whether nothing is to be left behind that was not asked for.
    """

    def __init__(
        self, run: Run, file: Path | str, *, rejected: Path | None, outcomes: Path | None, dry_run: bool
    ) -> None:
        self._run = run
        self._file = file
        self._rejected = rejected
        self._is_own_name = rejected is None
        self._dry_run = dry_run
        self._outcomes = outcomes
        self._source_info: SourceInfo | None = None
        self._bar: ProgressDisplay | None = None
        self._warned: list[Outcome] = []
        self._opened = ExitStack()
        self._files: list[_Takes] = []

    async def run(self, kasa: SmartKasa, source: ConfirmedSource, **options: Any) -> ImportSummary:
        """Import, and show the progress.

        Args:
            kasa: The client.
            source: The price list with its layout.
            options: Those of `import_products`.
        """
        self._source = source
        job = import_products(
            kasa,
            source.source,
            layout=source.layout,
            on_source_detected=self._print_source_info,
            on_progress=self._show_progress,
            on_wait=self._run.output.note_wait,
            **options,
        )
        is_done = False
        try:
            with self._opened:
                if self._rejected is not None:
                    self._open(RejectedFile(self._rejected, language=language()))
                if self._outcomes is not None:
                    self._open(self._outcomes_file(self._outcomes))
                async for outcome in job:
                    for file in self._files:
                        file.write(outcome)
                    if outcome.warnings and len(self._warned) < MOST_WARNINGS:
                        self._warned.append(outcome)
                is_done = True
        except ImportStoppedError:
            self._run.output.note(self._run.resume or "")
            raise
        finally:
            if not is_done and self._is_own_name and self._rejected is not None:
                # The next run of the import reports all rejected rows again.
                self._rejected.unlink(missing_ok=True)
        return job.summary

    def print_summary(self, summary: ImportSummary) -> Exit:
        """Print how the import ended, and return its exit status."""
        output = self._run.output
        rejected = self._rejected if self._rejected is not None and self._rejected.exists() else None
        output.document(
            {
                "file": self._file if isinstance(self._file, Path) else shown_link(self._file),
                "source_info": self._source_info,
                **summary.to_dict(),
                "rejected_file": rejected,
                "warnings": facts_of(self._warned),
            }
        )
        self._run.output.problems(summary.failed, self._warned)
        output.text(summary.table(language()))
        if rejected is not None:
            text = _("Rows to be fixed are in {file}; fix them there and import that file.", file=rejected)
            output.text(text)
        elif summary.rejected and self._dry_run:
            output.text(_("To have these rows in a file to fix, name one by --rejected."))
        is_whole = not summary.failed and not any(note.severity == "error" for note in summary.notes)
        return Exit.DONE if is_whole else Exit.INCOMPLETE

    def _open(self, file: RejectedFile | OutcomesCsv | OutcomesJsonl) -> None:
        self._files.append(self._opened.enter_context(file))

    def _outcomes_file(self, path: Path) -> OutcomesCsv | OutcomesJsonl:
        if path.suffix.lower() in {".jsonl", ".ndjson"}:
            return OutcomesJsonl(path)
        return OutcomesCsv(path, language=language())

    def _print_source_info(self, source_info: SourceInfo) -> None:
        self._source_info = source_info
        self._source.print_source(source_info)
        if self._rejected is None and not self._dry_run:
            beside = self._file if isinstance(self._file, Path) else Path(name_of_link(self._file))
            self._rejected = free_name(beside, f"rejected{_suffix_for(source_info.format)}")
            self._open(RejectedFile(self._rejected, language=language()))
        output = self._run.output
        is_shown = output.for_people and not output.quiet
        total = count_rows(self._file, source_info) if is_shown and isinstance(self._file, Path) else None
        self._bar = self._opened.enter_context(output.progress(_("Products"), total=total))

    def _show_progress(self, progress: Progress) -> None:
        if self._bar is not None:
            self._bar.show(progress.done)


def _suffix_for(format: str) -> str:
    """Choose the format of the file of rejected rows: that of the source if possible, else CSV."""
    if format in _WORKBOOKS and find_spec("xlsxwriter") is not None:
        return ".xlsx"
    return ".jsonl" if format == "JSONL" else ".csv"


def count_rows(file: Path, source_info: SourceInfo) -> int | None:
    """Count the rows of a price list by its lines, its offers or the height of its sheet, with blank ones.

    Args:
        file: The price list.
        source_info: What was detected about it.

    Returns:
        Number of rows; None if counting would mean reading them.
    """
    if is_packed(file):
        return None
    if source_info.last_row is not None:
        return source_info.last_row - (source_info.header_row or 0)
    if source_info.format == "YML":
        return _count_offers(file)
    if source_info.format not in _LINE_FORMATS:
        return None
    with file.open("rb") as lines:
        count, chunk = 0, b""
        while more := lines.read(_CHUNK):
            count, chunk = count + more.count(b"\n"), more
    return max(0, count + (not chunk.endswith(b"\n")) - (source_info.header_row or 0))


def _count_offers(file: Path) -> int | None:
    """Count the offers of a feed; None for an encoding with two bytes a character."""
    with file.open("rb") as feed, mmap(feed.fileno(), 0, access=ACCESS_READ) as content:
        return sum(1 for _offer in _OFFER.finditer(content)) or None
