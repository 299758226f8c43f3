"""A price list that changes while it is read: it stops the import, deletes nothing, and the journal goes on later."""

from __future__ import annotations

import errno
import json
import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import ImportStoppedError, SourceChangedError, SourceError, import_products
from smartkasa_async.catalog.sources import source_file
from smartkasa_async.catalog.sources.fields import REQUIRED
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT
from smartkasa_async.catalog.sources.source import open_file
from smartkasa_async.jobs import Progress, SqliteJournal
from tests.support.catalogue_service import FakeKasa
from tests.support.price_files import Value, write_feed, write_ods, write_xlsx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

ROWS = 1500
BATCH = 50
MIRROR: dict[str, Any] = {"mode": "mirror", "delete_missing": True, "delete_limit": ROWS}
QUICK: dict[str, Any] = {"batch_size": BATCH, "concurrency": 1, "late_write_window": 0, "key": "alter_number"}


def article(number: int) -> str:
    return f"A{number:05}"


def line(number: int, price: str = "10,00") -> str:
    return f"{article(number)};Товар {number} {'з довгою назвою ' * 8};{price}\n"


def text(count: int = ROWS, price: str = "10,00") -> bytes:
    return ("Артикул;Назва;Ціна\n" + "".join(line(number, price) for number in range(count))).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text())
    return path


@pytest.fixture
def kasa() -> Any:
    """A service that has every second product of the list, and five that the list does not have."""
    service = FakeKasa()
    for number in [*range(0, ROWS, 2), *range(ROWS, ROWS + 5)]:
        service.keep(title=f"Старий {number}", alter_number=article(number), price=Decimal(1))
    return service


def once(kasa: Any, change: Callable[[], object], batch: int = 3) -> None:
    """Change the file while the given batch is being created."""
    count = 0

    async def gate(titles: list[str]) -> None:
        nonlocal count
        count += 1
        if count == batch:
            change()

    kasa.gate = gate


def truncate(path: Path) -> None:
    os.truncate(path, 200_000)


def truncate_at_a_row(path: Path) -> None:
    os.truncate(path, path.read_bytes().index(line(ROWS // 2).encode()))


def rewrite_shorter(path: Path) -> None:
    path.write_bytes(text(ROWS - 400))


def rewrite_with_other_prices(path: Path) -> None:
    path.write_bytes(text(price="20,00"))


def rewrite_as_it_was(path: Path) -> None:
    path.write_bytes(text())


def rewrite_with_its_time_restored(path: Path) -> None:
    before = path.stat()
    path.write_bytes(text(price="20,00"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_another(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(text(ROWS - 1))
    other.replace(path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(line(ROWS).encode())


def remove(path: Path) -> None:
    path.unlink()


CHANGES = [
    truncate,
    truncate_at_a_row,
    rewrite_shorter,
    rewrite_with_other_prices,
    rewrite_with_its_time_restored,
    replace_by_another,
    empty,
    grow,
    remove,
]


def prices(kasa: Any) -> dict[str, Decimal]:
    return {product.alter_number: product.price for product in kasa.kept.values()}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_mirror_of_a_list_that_changes_stops_and_deletes_nothing(
    kasa: Any, path: Path, change: Callable[[Path], None]
) -> None:
    before = set(kasa.kept)
    once(kasa, lambda: change(path))

    with pytest.raises(ImportStoppedError, match=r"list\.csv was changed, replaced or removed") as stopped:
        await import_products(kasa, path, **MIRROR, **QUICK)

    assert isinstance(stopped.value.__cause__, SourceChangedError)
    assert before <= set(kasa.kept)
    assert (stopped.value.summary.deleted, stopped.value.summary.missing) == (0, 0)
    assert set(prices(kasa).values()) <= {Decimal(1), Decimal(10)}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("mode", ["upsert", "create"])
async def test_other_imports_stop_too(kasa: Any, path: Path, change: Callable[[Path], None], mode: Any) -> None:
    once(kasa, lambda: change(path))

    with pytest.raises(ImportStoppedError, match="may be from either version"):
        await import_products(kasa, path, mode=mode, **QUICK)

    assert Decimal(20) not in prices(kasa).values()


class LateJournal(SqliteJournal):
    """Lets something happen when all rows have been read and carried out."""

    def __init__(self, path: Path, happen: Callable[[], object]) -> None:
        super().__init__(path)
        self._happen = happen

    async def take_deferred(self, count: int) -> list[bytes]:
        self._happen()
        return await super().take_deferred(count)


@pytest.mark.parametrize("change", [rewrite_with_its_time_restored, empty, remove])
async def test_a_change_in_the_last_moment_stops_before_anything_is_deleted(
    kasa: Any, path: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    journal = LateJournal(tmp_path / "journal", lambda: change(path))

    with pytest.raises(ImportStoppedError, match="was changed"):
        await import_products(kasa, path, journal=journal, **MIRROR, **QUICK)

    await journal.close()
    assert prices(kasa)[article(ROWS - 1)] == 10
    assert article(ROWS) in prices(kasa)


async def test_a_change_that_leaves_no_trace_but_the_contents_is_found(
    kasa: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a network drive whose times and numbers of files tell nothing.
    monkeypatch.setattr(source_file, "_mark_of", lambda _: 0)
    once(kasa, lambda: rewrite_with_other_prices(path))

    with pytest.raises(ImportStoppedError, match="was changed"):
        await import_products(kasa, path, **MIRROR, **QUICK)

    assert article(ROWS) in prices(kasa)


async def test_a_change_that_was_taken_back_is_found_by_what_was_read(
    kasa: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_file, "_mark_of", lambda _: 0)
    count = 0

    async def gate(titles: list[str]) -> None:
        nonlocal count
        count += 1
        if count == 3:
            rewrite_with_other_prices(path)
        elif count == ROWS // 2 // BATCH - 4:
            rewrite_as_it_was(path)

    kasa.gate = gate

    with pytest.raises(ImportStoppedError, match="was changed"):
        await import_products(kasa, path, **MIRROR, **QUICK)

    assert article(ROWS) in prices(kasa)


@pytest.mark.parametrize("change", [os.utime, rewrite_as_it_was])
async def test_a_list_that_is_touched_or_written_with_the_same_contents_is_the_same(
    kasa: Any, path: Path, change: Callable[[Path], object]
) -> None:
    once(kasa, lambda: change(path))

    summary = await import_products(kasa, path, **MIRROR, **QUICK)

    assert (summary.created, summary.updated, summary.deleted) == (ROWS // 2, ROWS // 2, 5)


async def test_a_list_replaced_by_its_like_is_the_same(kasa: Any, path: Path) -> None:
    def replace() -> None:
        path.with_suffix(".new").write_bytes(text())
        path.with_suffix(".new").replace(path)

    once(kasa, replace)

    assert (await import_products(kasa, path, **MIRROR, **QUICK)).deleted == 5


async def test_the_journal_goes_on_and_sends_no_row_twice(kasa: Any, path: Path, tmp_path: Path) -> None:
    once(kasa, lambda: rewrite_with_other_prices(path))
    with pytest.raises(ImportStoppedError):
        await import_products(kasa, path, journal=tmp_path / "journal", **MIRROR, **QUICK)
    created = sum(len(titles) for titles in kasa.batches)

    summary = await import_products(kasa, path, journal=tmp_path / "journal", **MIRROR, **QUICK)

    assert 0 < created < ROWS // 2
    assert sum(len(titles) for titles in kasa.batches) == ROWS // 2
    assert (summary.total, summary.deleted) == (ROWS, 5)
    assert prices(kasa) == {article(number): Decimal(20) for number in range(ROWS)}
    assert [note.code for note in summary.notes] == ["source_other"]


async def test_a_journal_that_goes_on_with_the_same_list_says_nothing_of_it(
    kasa: Any, path: Path, tmp_path: Path
) -> None:
    once(kasa, lambda: truncate(path))
    with pytest.raises(ImportStoppedError):
        await import_products(kasa, path, journal=tmp_path / "journal", **MIRROR, **QUICK)
    rewrite_as_it_was(path)

    assert (await import_products(kasa, path, journal=tmp_path / "journal", **MIRROR, **QUICK)).notes == ()


async def test_a_new_import_forgets_the_list_of_the_last_one(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal")
    known = []
    for digest in ("one", "two", "two"):
        await journal.begin("number")
        known.append(await journal.note_source(digest))
        if digest == "one":
            await journal.finish()
    await journal.close()

    assert known == [None, None, "two"]


async def test_a_dry_run_of_a_list_that_changes_stops(kasa: Any, path: Path) -> None:
    def notice(progress: Progress) -> None:
        if progress.done < ROWS // 2:
            truncate(path)

    with pytest.raises(ImportStoppedError, match="was changed"):
        await import_products(kasa, path, dry_run=True, on_progress=notice, **MIRROR, **QUICK)

    assert kasa.calls == []


def lost(*_: object) -> Any:
    raise OSError(errno.EIO, "Input/output error")


async def test_a_drive_that_goes_away_is_no_end(kasa: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = import_products(kasa, path, **MIRROR, **QUICK)
    once(kasa, lambda: monkeypatch.setattr(source_file.Recorded, "readinto", lost))

    with pytest.raises(ImportStoppedError, match=r"list\.csv could not be read to its end .*Input/output error"):
        await job

    assert article(ROWS) in prices(kasa)
    assert job.summary.deleted == 0


async def test_a_drive_that_goes_away_before_the_deletion_deletes_nothing(
    kasa: Any, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = LateJournal(tmp_path / "journal", lambda: monkeypatch.setattr(source_file, "_digest_at", lost))

    with pytest.raises(ImportStoppedError, match=r"could not be read to its end .*Input/output error"):
        await import_products(kasa, path, journal=journal, **MIRROR, **QUICK)

    await journal.close()
    assert article(ROWS) in prices(kasa)


# --- sources that cannot be compared ---


def items(count: int) -> Iterator[dict[str, str]]:
    for number in range(count):
        yield {"Артикул": article(number), "Назва": f"Товар {number}", "Ціна": "10,00"}


async def async_items(count: int) -> AsyncIterator[dict[str, str]]:
    for item in items(count):
        yield item


def broken_items() -> Iterator[dict[str, str]]:
    yield from items(1000)
    raise ConnectionResetError("the pipe was cut")


async def broken_async_items() -> AsyncIterator[dict[str, str]]:
    for item in broken_items():
        yield item


@pytest.mark.parametrize("source", [broken_items, broken_async_items])
async def test_a_source_that_breaks_off_is_not_whole(kasa: Any, source: Callable[[], Any]) -> None:
    before = set(kasa.kept)

    with pytest.raises(ImportStoppedError, match="the pipe was cut"):
        await import_products(kasa, source(), **MIRROR, **QUICK)

    assert before <= set(kasa.kept)


@pytest.mark.parametrize("source", [items, async_items])
async def test_a_source_that_ends_by_itself_is_whole(kasa: Any, source: Callable[[int], Any]) -> None:
    assert (await import_products(kasa, source(ROWS), **MIRROR, **QUICK)).deleted == 5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
async def test_a_pipe_is_refused_as_it_can_be_read_once_only(kasa: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(SourceError, match="pipe is not a regular file"):
        await import_products(kasa, tmp_path / "pipe")


# --- the other formats ---

TABLE: list[tuple[Value, ...]] = [
    ("Артикул", "Назва", "Ціна"),
    *((article(number), f"Товар {number}", 10.5) for number in range(300)),
]


def write_jsonl(path: Path) -> Path:
    lines = (json.dumps(dict(zip(TABLE[0], row, strict=True)), ensure_ascii=False) for row in TABLE[1:])
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def write_offers(path: Path) -> Path:
    offers = (
        f"<offer id='{row[0]}'><name>{row[1]}</name><price>{row[2]}</price><vendorCode>{row[0]}</vendorCode></offer>"
        for row in TABLE[1:]
    )
    return write_feed(path, "".join(offers))


FORMATS = {
    "list.xlsx": lambda path: write_xlsx(path, {"Прайс": TABLE}),
    "list.ods": lambda path: write_ods(path, {"Прайс": TABLE}),
    "list.jsonl": write_jsonl,
    "feed.xml": write_offers,
}


@pytest.mark.parametrize("name", FORMATS)
async def test_each_format_notices_that_its_file_changed(kasa: Any, tmp_path: Path, name: str) -> None:
    path = FORMATS[name](tmp_path / name)
    once(kasa, lambda: path.write_bytes(path.read_bytes()[:-1] + b"!"), batch=1)

    with pytest.raises(ImportStoppedError, match="was changed"):
        await import_products(kasa, path, **MIRROR, **QUICK)

    assert article(ROWS) in prices(kasa)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_reads_the_file_that_it_opened(tmp_path: Path, name: str) -> None:
    path = FORMATS[name](tmp_path / name)
    with open_file(path, UNKNOWN_LAYOUT, REQUIRED) as file:
        path.with_suffix(".new").write_bytes(b"another")
        path.with_suffix(".new").replace(path)
        assert len(list(file)) == len(TABLE) - 1
