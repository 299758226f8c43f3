"""`archive_z_reports`: the Z-reports of a store as files that are kept for years."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, get_args

import anyio
import msgspec
from anyio import to_thread
from sqlalchemy import select

from smartkasa_async._i18n.message import N_, msg, nmsg
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import (
    check_callbacks,
    check_choice,
    check_moment,
    check_path,
    check_store,
    chosen_shops,
)
from smartkasa_async._support.files import Staging, close_to_disk
from smartkasa_async._support.money import NO_HRYVNIAS, hryvnias
from smartkasa_async._support.tables import ResultTable
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.reports.asked import asked_window, check_days
from smartkasa_async.reports.compliance.check import check_compliance
from smartkasa_async.reports.compliance.findings import FindingKind
from smartkasa_async.reports.not_read import StoreReport
from smartkasa_async.reports.records_within import records_within
from smartkasa_async.reports.z_archive.documents import (
    folder_name,
    report_json,
    report_name,
    report_page,
    root_page,
    same_report,
    year_page,
)
from smartkasa_async.reports.z_archive.seal import (
    SEAL,
    MissingReport,
    Seal,
    SealedReport,
    extended,
    read_seal,
    sha256_of,
)
from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.schema import SHOPS, Z_REPORTS

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import date, datetime

    from smartkasa_async.records.days import Window
    from smartkasa_async.reports.compliance.check import ComplianceReport
    from smartkasa_async.reports.not_read import NotRead
    from smartkasa_async.stores.store import Store

_INDEX = "index.html"
_SUFFIXES = ("json", "html")
_YEARS = "*/[0-9][0-9][0-9][0-9]"
"""Folders of a registrar's years."""
_ROWS_AT_ONCE = 500
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZArchive(StoreReport):
    """What an archive holds after a run.

    Attributes:
        folder: The archive.
        reports: Number of Z-reports in it.
        added: Number of those that this run added.
        revised: Files of Z-reports that the service has changed since; each is kept beside the form it had.
        changed: Files that are not as they were sealed. They are left as they are: put a copy back, or remove the file,
            and run again.
        lost: Files that are not there and cannot be made again.
        restored: Files that were not there, or empty, and were made again as they were.
        unsealed: Files among the Z-reports that the seal does not name: they are not of the archive, and are left.
        missing: Number of shifts with sales or refunds and no Z-report, in all days of the archive.
        digest: SHA-256 of the seal; written down elsewhere, it shows whether the seal itself was made anew.
        not_read: Days of Z-reports that were asked for and not read whole.
        shops: Ids of the shops.
    """

    folder: Path
    reports: int
    added: int
    revised: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    unsealed: tuple[str, ...] = ()
    missing: int = 0
    digest: str = ""
    not_read: tuple[NotRead, ...] = ()
    shops: tuple[int, ...] = ()

    @property
    def is_intact(self) -> bool:
        """Whether all files are as they were sealed."""
        return not (self.changed or self.lost)

    def _shop_ids(self) -> Collection[int]:
        return self.shops

    def failures(self) -> Iterator[object]:
        """Yield each file that was changed or lost, and what is missing."""
        for name in self.changed:
            yield msg("{file} is not as it was sealed", file=name)
        for name in self.lost:
            yield msg("{file} is lost", file=name)
        if self.missing:
            yield nmsg("{count} shift without a Z-report", "{count} shifts without a Z-report", self.missing)
        for step in self.reading_steps():
            yield step.text

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return the archive as a table.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        names = (N_("Archive"), N_("Z-reports"), N_("Added"), N_("Changed files"), N_("Lost files"))
        figures = (self.folder, self.reports, self.added, len(self.changed), len(self.lost))
        return [ResultTable([in_language(name, language) for name in names], [figures])]

    def note_lines(self, language: Language = "en") -> list[str]:
        """Name each file that is not as it was, what is missing, and the seal.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        named = (
            (self.changed, N_("Changed since it was sealed, and left so: {file}")),
            (self.lost, N_("Lost: {file}")),
            (self.restored, N_("Was lost or empty, made again as it was: {file}")),
            (self.unsealed, N_("Not of the archive, since the seal does not name it: {file}")),
            (self.revised, N_("Changed at the service, kept in both forms: {file}")),
        )
        notes: list[str] = [msg(text, file=name) for names, text in named for name in names]
        if self.missing:
            notes.append(nmsg("{count} shift without a Z-report", "{count} shifts without a Z-report", self.missing))
        notes.append(msg("Seal: {digest}", digest=self.digest))
        return [in_language(note, language) for note in notes]


async def archive_z_reports(
    store: Store,
    folder: str | os.PathLike[str],
    *,
    shops: Iterable[int] | None = None,
    start: date | None = None,
    end: date | None = None,
    language: Language = "en",
    now: datetime | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> ZArchive:
    """Archive the Z-reports of a store: a folder for each registrar and year, indexes, and a seal.

    Each Z-report is a file of JSON, with the record as the service sent it where the store keeps that, and a page to
    print. `seal.json` has the digest of each file, counts, shifts without a Z-report, and days that were not read. A
    later run first compares all files with it, then adds what is new; what is there is not written again, and equal
    data give equal bytes. Files take their names when they are whole, the seal after those that it names. A file that
    was changed is named and left; one that is lost is made again where the store gives it as it was. A Z-report that
    the service has changed since is kept in both forms, and one that it no longer lists stays. The digest of the seal
    shows changes, but keeps nobody from making all anew: write it down elsewhere.

    One run at a time works on a folder.

    Args:
        store: What was synced.
        folder: The archive; it is made.
        shops: Ids of the shops; None for all that the store has.
        start: First business day, in Europe/Kyiv; None for the first that the store has.
        end: Last business day, included; None for today.
        language: Language of the pages, English (`en`) or Ukrainian (`uk`).
        now: The moment that decides which shifts still run, aware; the present one by default.
        on_progress: Called when rules begin to be checked, and after each batch of Z-reports; it must not block.

    Returns:
        What the archive holds, and which of its files are not as they were.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have, or the store knows nothing of a shop.
        StoreError: The store could not be read, the seal is lost or not as it was written, or a file that it does not
            name has the name of a new one.
        OSError: The files cannot be read or written; `BlockingIOError` where another run works on the folder.

    Z-reports are to be kept for at least 1,095 days (not checked with an accountant).
    """
    check_store(store, "snapshot")
    check_days(start, end)
    check_path("folder", folder)
    check_choice("language", language, get_args(Language))
    check_moment("now", now)
    check_callbacks(on_progress=on_progress)
    chosen = chosen_shops(shops)
    moment = now or _clock.now()
    root = Path(folder)
    async with store.snapshot() as at_once:
        window = await asked_window(at_once, chosen, start, end, business_day(moment))
        compliance = await check_compliance(
            at_once, shops=chosen, start=window.start, end=window.end, now=moment, on_progress=on_progress
        )
        archive = await to_thread.run_sync(_Archive, root, language)
        try:
            await _add_reports(archive, at_once, _reports(window, chosen), on_progress)
            unread = [one for one in compliance.not_read if one.kind is RecordKind.Z_REPORTS]
            missing = _missing_reports(compliance, window)
            seal = await to_thread.run_sync(archive.finish, window, compliance.shops, missing, unread)
        finally:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(archive.discard)
    return ZArchive(
        folder=root,
        reports=sum(one.revision == 1 for one in seal.reports),
        added=archive.added,
        revised=tuple(archive.revised),
        changed=tuple(sorted(archive.changed)),
        lost=tuple(sorted(archive.lost)),
        restored=tuple(sorted(archive.restored)),
        unsealed=tuple(archive.unsealed),
        missing=len(seal.missing),
        digest=seal.digest(),
        not_read=tuple(one for one in unread if not one.is_to_come),
        shops=compliance.shops,
    )


def _reports(window: Window, shops: Collection[int] | None) -> Any:
    column = Z_REPORTS.c
    query = select(Z_REPORTS).where(column.deleted_at.is_(None), *records_within(Z_REPORTS, window, shops))
    return query.order_by(column.created_at, column.id)


async def _add_reports(
    archive: _Archive, store: Store, query: Any, on_progress: Callable[[Progress], None] | None
) -> None:
    """Read Z-reports with the titles of the shops, and add them to an archive, a batch at a time."""
    done = 0
    async with store.reading() as connection:
        archive.shops = {row.id: row.title for row in await connection.execute(select(SHOPS.c.id, SHOPS.c.title))}
        async with connection.stream(query, execution_options={"yield_per": _ROWS_AT_ONCE}) as rows:
            async for part in rows.mappings().partitions():
                await to_thread.run_sync(archive.add, [dict(row) for row in part])
                done += len(part)
                if on_progress is not None:
                    on_progress(Progress(Stage.WRITING, done, None, "Z-reports"))


def _missing_reports(compliance: ComplianceReport, window: Window) -> list[MissingReport]:
    return [
        MissingReport(
            shop_id=one.shop_id,
            registrar=one.registrar,
            shift_id=one.shift_id,
            day=min(max(business_day(one.until), window.start), window.end),
            receipts=one.receipts_count,
        )
        for one in compliance.of(FindingKind.Z_REPORT_MISSING)
    ]


@dataclass(slots=True)
class _Archive:
    """An archive that is compared with its seal, and extended; its files wait until all are whole."""

    root: Path
    language: Language
    shops: Mapping[int, str] = field(default_factory=dict)
    added: int = 0
    revised: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    restored: set[str] = field(default_factory=set)
    unsealed: list[str] = field(default_factory=list)
    _seal: Seal = field(default_factory=Seal)
    _sealed: dict[tuple[int, int], SealedReport] = field(default_factory=dict)
    _revisions: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    _names: list[PurePosixPath] = field(default_factory=list)
    _staging: Staging = field(init=False)

    def __post_init__(self) -> None:
        """Compare the files with the seal."""
        self._staging = Staging(self.root)
        try:
            self._compare_all()
        except BaseException:
            self.discard()
            raise

    def _compare_all(self) -> None:
        self._seal = self._read_seal()
        for one in self._seal.reports:
            self._sealed[one.id, one.revision] = one
            self._revisions[one.id] = max(self._revisions[one.id], one.revision)
            for suffix in _SUFFIXES:
                self._compare(f"{one.name}.{suffix}", getattr(one, suffix))

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add Z-reports that are new or changed, and make again what is lost."""
        for row in rows:
            content = report_json(row)
            revision = self._revisions[row["id"]]
            known = self._sealed.get((row["id"], revision))
            if known is None:
                self.added += 1
                self._write_report(row, content, 1)
            elif known.json == sha256_of(content):
                self._restore(f"{known.name}.json", content)
            elif not same_report(content, self._content(f"{known.name}.json")):
                self._write_report(row, content, revision + 1)
                self.revised.append(f"{report_name(row, revision + 1)}.json")

    def finish(
        self, window: Window, shops: Collection[int], missing: Iterable[MissingReport], unread: Iterable[NotRead]
    ) -> Seal:
        """Write pages that are lost, the seal and the indexes, and give all files their names."""
        self._restore_pages()
        days: defaultdict[int, set[date]] = defaultdict(set)
        for one in unread:
            if one.shop_id is not None and not one.is_to_come:
                days[one.shop_id] |= {one.start + number * _ONE_DAY for number in range(one.window.days)}
        seal = extended(self._seal, self._sealed.values(), window, shops=shops, missing=missing, not_read=days)
        self._write_if_new(SEAL, seal.encoded())
        groups: defaultdict[tuple[str | None, int], list[SealedReport]] = defaultdict(list)
        for report in seal.reports:
            groups[report.registrar, report.day.year].append(report)
        for (registrar, year), reports in groups.items():
            gaps = [one for one in seal.missing if (one.registrar, one.day.year) == (registrar, year)]
            page = year_page(registrar, year, reports, gaps, self.language)
            self._write_if_new(f"{folder_name(registrar)}/{year}/{_INDEX}", page)
        self._write_if_new(_INDEX, root_page(seal, self.shops, self.language))
        self.unsealed = self._find_unsealed(seal)
        self._staging.publish(self._names, ())
        return seal

    def _find_unsealed(self, seal: Seal) -> list[str]:
        names = {f"{one.name}.{suffix}" for one in seal.reports for suffix in _SUFFIXES}
        found = {
            path.relative_to(self.root).as_posix()
            for suffix in _SUFFIXES
            for path in self.root.glob(f"{_YEARS}/*.{suffix}")
            if path.name != _INDEX
        }
        return sorted(found - names)

    def discard(self) -> None:
        """Leave nothing of what has no name yet."""
        self._staging.discard()

    def _read_seal(self) -> Seal:
        path = self.root / SEAL
        content = self._content(SEAL)
        if not content:
            if any(True for pattern in (_INDEX, f"{_YEARS}/{_INDEX}") for _ in self.root.glob(pattern)):
                raise StoreError(
                    msg("{file} is lost: put a copy of it back, or archive into another folder", file=f"{path}")
                )
            return Seal()
        seal = read_seal(content)
        if seal is None:
            raise StoreError(
                msg(
                    "{file} is not as it was written: put a copy of it back, or archive into another folder",
                    file=f"{path}",
                )
            )
        return seal

    def _compare(self, name: str, digest: str) -> None:
        content = self._content(name)
        if not content:
            self.lost.add(name)
        elif sha256_of(content) != digest:
            self.changed.add(name)

    def _content(self, name: str) -> bytes:
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            return b""

    def _write_report(self, row: Mapping[str, Any], content: bytes, revision: int) -> None:
        name = report_name(row, revision)
        if self._content(f"{name}.json") not in {b"", content}:  # what a killed run left is the same
            raise StoreError(
                msg(
                    "{file} is there, and the seal does not name it: move it out of the archive, and run again",
                    file=f"{self.root / name}.json",
                )
            )
        page = self._page(content)
        self._sealed[row["id"], revision] = SealedReport(
            name=name,
            id=row["id"],
            revision=revision,
            registrar=row["registrar_fiscal_number"],
            number=row["fiscal_number"],
            day=row["business_date"],
            made_at=row["created_at"],
            sales=hryvnias(row["sale_total"] or NO_HRYVNIAS),
            refunds=hryvnias(row["refund_total"] or NO_HRYVNIAS),
            json=sha256_of(content),
            html=sha256_of(page),
        )
        self._write(f"{name}.json", content)
        self._write(f"{name}.html", page)

    def _restore(self, name: str, content: bytes) -> None:
        if name in self.lost:
            self._write(name, content)
            self.lost.discard(name)
            self.restored.add(name)

    def _restore_pages(self) -> None:
        """Make lost pages again from their JSON, in the present form, which the seal then has."""
        for key, one in [*self._sealed.items()]:
            json, html = (f"{one.name}.{suffix}" for suffix in _SUFFIXES)
            if html in self.lost and json not in self.changed | self.lost:
                staged = self._staging / PurePosixPath(json)
                page = self._page(staged.read_bytes() if json in self.restored else self._content(json))
                self._sealed[key] = msgspec.structs.replace(one, html=sha256_of(page))
                self._restore(html, page)

    def _page(self, content: bytes) -> bytes:
        shop_id = msgspec.json.decode(content)["z_report"]["shop_id"]
        shop = "" if shop_id is None else self.shops.get(shop_id) or f"{shop_id}"
        return report_page(content, shop, self.language)

    def _write_if_new(self, name: str, content: bytes) -> None:
        if self._content(name) != content:
            self._write(name, content)

    def _write(self, name: str, content: bytes) -> None:
        path = self._staging / PurePosixPath(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("wb")
        file.write(content)
        if name == SEAL:
            close_to_disk(file)
        else:  # of thousands of files the disk would take minutes; what a power cut takes, the seal shows
            file.close()
        self._names.append(PurePosixPath(name))
