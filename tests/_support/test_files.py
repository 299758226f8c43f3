"""Files that take their names once they are whole, and what they never take the place of."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import stat
import sys
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async._i18n.translate import in_ukrainian, message_of
from smartkasa_async._support import files
from smartkasa_async._support.files import FreshFile, Staging, fresh_file, replace_file
from smartkasa_async._support.tables import write_csv
from smartkasa_async.catalog import OutcomesCsv, OutcomesJsonl, RejectedFile
from smartkasa_async.cli.commands import reports
from smartkasa_async.cli.credentials import Credentials, FileCredentialStore
from smartkasa_async.cli.errors import CommandError, cli_error_of
from smartkasa_async.cli.price_list import _opened
from smartkasa_async.cli.working_files import free_name, require_files
from smartkasa_async.reports.page.writing import write_report_page
from smartkasa_async.stock.undo import UndoFile
from smartkasa_async.stores import open_store
from smartkasa_async.token_stores import FileTokenStore
from tests.catalog.test_writers import outcome
from tests.support.processes import finished
from tests.support.service import make_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

resource = pytest.importorskip("resource", reason="links, devices and limits are those of POSIX")


def put_link(path: Path) -> None:
    path.with_name("target").write_text("others' own")
    path.symlink_to(path.with_name("target"))


def put_lost_link(path: Path) -> None:
    path.symlink_to(path.with_name("not there"))


def put_device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))  # one that swallows what is written, as /dev/null
    except PermissionError:
        pytest.skip("only root can make a device")


def put_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


OTHERS: dict[str, Callable[[Path], None]] = {
    "a link": put_link,
    "a link to nothing": put_lost_link,
    "a pipe": os.mkfifo,
    "a device": put_device,
    "a socket": put_socket,
    "a folder": lambda path: path.mkdir(),
}


def write_text(path: Path) -> None:
    with fresh_file(path, encoding="utf-8") as file:
        file.write("text")


def write_rejected(path: Path) -> None:
    with RejectedFile(path) as file:
        file.write(outcome())


def write_no_rejected(path: Path) -> None:
    with RejectedFile(path):
        pass


def write_list(path: Path) -> None:
    with _opened(path.with_suffix(".csv") if path.suffix == ".csv" else path, "en") as write:
        write({})


def write_export(path: Path) -> None:
    staging = Staging(path.parent)
    (staging / type(path)(path.name)).write_text("rows")
    try:
        staging.publish([type(path)(path.name)], [])
    finally:
        staging.discard()


def remove_from_export(path: Path) -> None:
    staging = Staging(path.parent)
    try:
        staging.publish([], [type(path)(path.name)])
    finally:
        staging.discard()


def write_page(path: Path) -> None:
    now = datetime(2026, 10, 31, tzinfo=UTC)

    async def write() -> None:
        async with open_store("sqlite+aiosqlite://") as store:
            await write_report_page(store, path, start=now.date(), end=now.date(), now=now)

    asyncio.run(write())


DOORS: dict[str, Callable[[Path], object]] = {
    "text": write_text,
    "bytes": lambda path: replace_file(path, b"content"),
    "tokens": lambda path: asyncio.run(FileTokenStore(path).save(make_session())),
    "outcomes as csv": lambda path: OutcomesCsv(path).close(),
    "outcomes as jsonl": lambda path: OutcomesJsonl(path).close(),
    "rejected": write_rejected,
    "none rejected": write_no_rejected,
    "undo": lambda path: asyncio.run(UndoFile(path).write([])),
    "price list": write_list,
    "table": lambda path: write_csv(path, ["a"], [[1]]),
    "page": write_page,
    "export": write_export,
    "less than before": remove_from_export,
    "options": lambda path: require_files({}, {"FILE": path}),
}


@pytest.mark.parametrize(
    ("door", "other"),
    [(door, other) for door in DOORS for other in OTHERS if door != "tokens" or "link" not in other],
)
def test_nothing_but_a_file_is_replaced(door: str, other: str, tmp_path: Path) -> None:
    path = tmp_path / "there"
    OTHERS[other](path)
    before = path.lstat()

    with pytest.raises(Exception, match=r"there|it is") as caught:
        DOORS[door](path)

    assert cli_error_of(caught.value) is not None
    after = path.lstat()
    assert (after.st_ino, after.st_mode, after.st_rdev) == (before.st_ino, before.st_mode, before.st_rdev)
    left = {each.name for each in tmp_path.iterdir() if not each.name.startswith(".exporting-")}
    assert left <= {"there", "target"}
    if "target" in left:
        assert (tmp_path / "target").read_text() == "others' own"


@pytest.mark.parametrize(
    "door", [door for door in DOORS if "export" not in door and door not in {"tokens", "less than before"}]
)
def test_no_path_has_a_nul_character(door: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"NUL|give a path") as caught:
        DOORS[door](tmp_path / "a\0b")

    assert cli_error_of(caught.value) is not None


def test_refusal_says_what_is_there_and_what_to_do(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="only files") as caught:
        write_text(tmp_path / "pipe")
    trouble = cli_error_of(caught.value)
    assert trouble is not None
    assert trouble.message == f"{tmp_path}/pipe cannot be used: it is a pipe, and only files are replaced; name a file"
    assert str(in_ukrainian(message_of(caught.value))).startswith("це канал")


def test_credentials_replace_no_link(tmp_path: Path) -> None:
    put_link(tmp_path / "default.json")
    credentials = Credentials(base_url="https://x", api_key="k", phone_number="3", password="p")
    with pytest.raises(OSError, match="a link"):
        FileCredentialStore(tmp_path).write("default", credentials)
    assert (tmp_path / "target").read_text() == "others' own"


def test_tokens_go_to_the_file_that_a_link_names(tmp_path: Path) -> None:
    put_link(tmp_path / "tokens")
    DOORS["tokens"](tmp_path / "tokens")
    assert (tmp_path / "tokens").is_symlink()
    assert b"access" in (tmp_path / "target").read_bytes()


@pytest.mark.parametrize("name", ["-", "./-"])
def test_streams_are_no_files(name: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="standard input and output"):
        require_files({}, {"FILE": type(tmp_path)(name)})


def test_commands_refuse_a_device_before_they_work() -> None:
    assert "require_files" in reports.html.__code__.co_names


# --- how a file comes to be ---


def test_names_in_the_making_cannot_be_known(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    for guess in ("list.csv.part", ".list.csv.part", "list.csv.tmp"):
        (tmp_path / guess).symlink_to(tmp_path / "elsewhere")
    one, other = FreshFile(path), FreshFile(path)

    one.file.write(b"one")
    other.file.write(b"other")
    one.keep()
    assert path.read_bytes() == b"one"
    other.keep()

    assert path.read_bytes() == b"other"
    assert not (tmp_path / "elsewhere").exists()


def test_two_runs_at_once_write_rejected_files_of_their_own(tmp_path: Path) -> None:
    first, second = RejectedFile(tmp_path / "r.csv"), RejectedFile(tmp_path / "r.csv")
    first.write(outcome())
    second.write(outcome())
    second.write(outcome())
    first.close()
    lines = (tmp_path / "r.csv").read_bytes().count(b"\n")
    second.close()
    assert (lines, (tmp_path / "r.csv").read_bytes().count(b"\n")) == (2, 3)


def test_rights_of_a_file_that_is_replaced_stay(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_text(path)
    usual = stat.S_IMODE(path.stat().st_mode)
    (tmp_path / "other").touch()
    assert usual == stat.S_IMODE((tmp_path / "other").stat().st_mode)
    path.chmod(0o640)

    fresh = FreshFile(path)
    (part,) = tmp_path.glob(".smartkasa-*")
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    fresh.keep()

    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o644)
    replace_file(path, b"secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_owner_of_a_file_that_is_replaced_stays(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_text(path)
    try:
        os.chown(path, 12345, 12345)
    except PermissionError:
        pytest.skip("only root gives files away")
    write_text(path)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12345)


def test_block_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("before")
    with pytest.raises(ZeroDivisionError), fresh_file(path) as file:
        file.write(b"%d" % (1 // 0))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", ["text", "large", "at the end"])
def test_disk_that_is_full_is_told_with_the_name(write: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if write == "at the end":
        monkeypatch.setattr(os, "fsync", is_full)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (before[0] if write == "at the end" else 2, before[1]))
    try:
        with (
            pytest.raises(OSError, match=r"No space left|File too large") as caught,
            fresh_file(tmp_path / "list") as file,
        ):
            file.write(b"x" * (1_000_000 if write == "large" else 10))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    trouble = cli_error_of(caught.value)
    assert trouble is not None
    assert trouble.message.startswith(f"{tmp_path}/list cannot be used: ")
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_missing_is_told_with_the_name_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        OutcomesCsv(tmp_path / "none" / "list.csv")
    assert caught.value.filename == f"{tmp_path}/none/list.csv"


def test_name_of_any_length_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_text(path)
    assert path.read_text() == "text"


def test_name_of_a_lost_link_is_not_free(tmp_path: Path) -> None:
    put_lost_link(tmp_path / "list.rejected.csv")
    assert free_name(tmp_path / "list.xlsx", "rejected.csv").name == "list.rejected-2.csv"


WRITING = """
import os, sys
from pathlib import Path
from smartkasa_async._support.files import FreshFile
FreshFile(Path(sys.argv[1])).file.write(b"half")
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_the_next_run_removes_what_a_killed_one_left_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    fresh = FreshFile(path)
    fresh.file.write(b"whole")
    (own,) = tmp_path.iterdir()
    other = tmp_path / ".smartkasa-notes.txt"
    other.touch()
    assert finished([sys.executable, "-c", WRITING, path]).returncode == -signal.SIGKILL
    left = {*tmp_path.iterdir()} - {own, other}
    assert len(left) == 1

    replace_file(path, b"another")
    assert {*tmp_path.iterdir()} == {own, other, path}
    fresh.keep()
    assert path.read_bytes() == b"whole"
    assert {*tmp_path.iterdir()} == {other, path}


@pytest.mark.parametrize("is_free", [True, False])
def test_a_part_that_another_run_takes_for_a_left_one_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_free: bool
) -> None:
    """That run has removed it already, or has it locked and is about to."""
    path = tmp_path / "page.html"
    taken: list[Path] = []

    def try_lock(_descriptor: int) -> bool:
        if not taken:
            taken.extend(tmp_path.iterdir())
            if is_free:
                taken[0].unlink()
            return is_free
        taken[0].unlink(missing_ok=True)
        return True

    monkeypatch.setattr("smartkasa_async._support.files.try_lock", try_lock)
    write_text(path)
    assert path.read_text() == "text"
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_that_is_about_to_take_its_name_is_not_taken_for_a_left_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"

    def take_name(*names: Path, **rights: Any) -> None:
        with monkeypatch.context() as usual:
            usual.setattr(files, "take_name", taking_name)
            write_text(tmp_path / "other.html")
        taking_name(*names, **rights)

    taking_name = files.take_name
    monkeypatch.setattr(files, "take_name", take_name)
    write_text(path)
    assert {*tmp_path.iterdir()} == {path, tmp_path / "other.html"}


def test_files_are_written_where_the_file_system_has_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def try_lock(_descriptor: int) -> bool:
        raise OSError(errno.ENOTSUP, "no locks")

    monkeypatch.setattr("smartkasa_async._support.files.try_lock", try_lock)
    left = tmp_path / ".smartkasa-0123.part"
    left.touch()
    write_text(tmp_path / "page.html")
    assert {*tmp_path.iterdir()} == {left, tmp_path / "page.html"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no locks of folders")
def test_one_run_at_a_time_writes_into_a_folder(tmp_path: Path) -> None:
    first = Staging(tmp_path)
    (first / PurePath("a")).write_text("rows")
    with pytest.raises(BlockingIOError, match="another run is writing into this folder; run this again"):
        Staging(tmp_path)
    first.publish([PurePath("a")], [])
    first.discard()
    Staging(tmp_path).discard()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
