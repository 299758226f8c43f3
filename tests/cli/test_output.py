"""What is printed: tables, JSON, progress; on terminals, in pipes, in colour or without."""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from smartkasa_async.cli import main
from smartkasa_async.cli.command_table import COMMANDS
from smartkasa_async.cli.errors import CliError, Exit
from smartkasa_async.cli.output import Output, cell, machine_value
from smartkasa_async.cli.progress import duration, progress_on
from smartkasa_async.cli.streams import prepare_streams
from smartkasa_async.models import ReceiptType, SessionCreate, Shop

if TYPE_CHECKING:
    from tests.support.commandline import Cli

ESCAPE = "\x1b["


class Terminal(io.StringIO):
    """A terminal, as far as it can be told from a stream."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def open_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal into the place of standard output; not in a fixture, whose output pytest takes away."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    return stream


def shown_on(terminal: Terminal) -> list[str]:
    """List the lines on a terminal, without colours and spaces at their ends."""
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()]


ROWS = [("Гречка", Decimal("62.50"), True), ("Сіль", 7, None)]


def test_tables_in_pipes_are_plain_and_uncut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    Output().table(["Title", "Price", "Known"], [*ROWS, ("x" * 40, None, False)], title="All")
    assert capsys.readouterr().out.splitlines() == [
        "All",
        f"{'Title':<40}  Price  Known",
        f"{'Гречка':<40}  62.50  yes",
        f"{'Сіль':<40}      7",
        f"{'x' * 40}         no",
    ]


def test_terminals_that_do_not_tell_their_width_are_taken_for_usual_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "0")
    Output().table(["Title", "Price"], [("слово " * 20, 5)])
    Output().text("слово " * 20)
    assert 70 < max(map(len, shown_on(terminal))) <= 80


def test_tables_on_dumb_terminals_fit_their_width(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "40")
    Output().table(["Title", "Price"], [("слово " * 20, 5)])
    assert max(map(len, shown_on(terminal))) <= 40


def test_tables_on_terminals_fit_their_width(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "40")
    Output().table(["Title", "Price"], [("слово " * 20, 5), ("[bold]x[/bold]", 6)])
    assert max(map(len, shown_on(terminal))) <= 40
    assert terminal.getvalue().count("слово") == 20
    assert "[bold]x[/bold]" in terminal.getvalue(), "cells are not markup"
    assert ESCAPE in terminal.getvalue()


HEADINGS = ["Shop", "Shifts", "Receipts", "Sales", "Sales by Z", "Refunds", "Refunds by Z", "Day", "Id"]
SHOPS = [
    (
        *("Крамниця №1 на Подолі", 45, 854, Decimal("578155.25"), Decimal("570586.27"), Decimal("8727.61")),
        *(Decimal("8238.75"), date(2026, 11, 8), "ca08a7af-8eb0-4584-b785-5330a4eba873"),
    ),
    (
        *("All shops", 158, 2526, Decimal("1432379.93"), Decimal("1414330.48"), Decimal("26495.12")),
        *(Decimal("24258.76"), date(2026, 11, 27), None),
    ),
]


@pytest.mark.parametrize("columns", [9, 8, 7])
@pytest.mark.parametrize("width", range(38, 160, 3))
def test_no_figure_is_broken_on_a_terminal(monkeypatch: pytest.MonkeyPatch, width: int, columns: int) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", str(width))
    rows = [row[:columns] for row in SHOPS]
    Output().table(HEADINGS[:columns], rows, title="Receipts and Z-reports")
    lines = shown_on(terminal)
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    for value in (value for row in rows for value in row[1:] if value is not None):
        assert str(value) in words
    assert {"Крамниця", "Подолі", "All", "shops"} <= set(words)


def test_a_table_without_room_becomes_lines_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "40")
    Output().table(["Shop", "Sales", "Id"], [("Сіль", Decimal("5.00"), "x" * 36), (None, 7, "y")], title="All")
    assert shown_on(terminal) == ["All", "", "Shop: Сіль", "Sales: 5.00", f"Id: {'x' * 36}", "", "Sales: 7", "Id: y"]


def test_sentences_on_a_terminal_are_wrapped_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "30")
    Output().text("The Z-report counts sales of 578155.25.\n\nA path: /" + "x" * 40)
    Output().text("ok       The Z-report counts sales of 578155.25.")
    assert shown_on(terminal) == [
        *("The Z-report counts sales of", "578155.25.", "", "A path:", "/" + "x" * 40),
        *("ok       The Z-report counts", "         sales of 578155.25."),
    ]


def test_paths_go_on_in_the_next_line_where_a_table_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "40")
    Output().table(["Setting", "File"], [("store", "/home/me/" + "x" * 40)])
    assert shown_on(terminal)[2:] == ["store    /home/me/" + "x" * 22, " " * 9 + "x" * 18]


def test_notes_and_errors_on_a_terminal_are_wrapped_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "30")
    Output().note("  column 1 is the key, and column 2 the title")
    Output().error(CliError("--start is 'x'; give a day such as 2026-10-31", "See help", Exit.USAGE, "E"))
    assert shown_on(terminal) == [
        *("  column 1 is the key, and", "  column 2 the title"),
        *("Error: --start is 'x'; give a", "day such as 2026-10-31", "See help"),
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_bar_keeps_its_figures_at_any_width(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("rich.progress.Task.speed", 4121.5)
    stream = Terminal()
    title = "Z-reports, by spans of days"
    with progress_on(stream, title, 1000) as progress:
        progress.show(1000)
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert title in last
    assert re.search(r"1000/1000 4121\.5 a second 0:00:00", last), last
    assert "…" not in last


def test_sentences_in_pipes_are_left_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    Output().text("The Z-report counts sales of 578155.25.")
    assert capsys.readouterr().out == "The Z-report counts sales of 578155.25.\n"


def test_no_color_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    main(["--help"])
    assert ESCAPE in terminal.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    plain = open_terminal(monkeypatch)
    main(["--help"])
    assert ESCAPE not in plain.getvalue()
    main(["whoami"])
    assert f"{ESCAPE}3" not in plain.getvalue(), "bold stays in tables, colours do not"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_the_width(command: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (40, 60, 80, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        for language in ("en", "uk"):
            lines = cli(*command.split(), "--help", "--lang", language).out.splitlines()
            assert max(map(len, lines)) <= width


def test_json_is_one_document_or_a_line_for_each_record(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(json=True)
    output.document({"a": [1, 2]})
    output.record({"b": 1})
    output.text("text")
    output.note("text")
    output.table(["A"], [("text",)])
    captured = capsys.readouterr()
    assert [json.loads(line) for line in captured.out.splitlines()] == [{"a": [1, 2]}, {"b": 1}]
    assert captured.err == ""
    people = Output()
    people.document({"a": 1})
    people.record({"a": 1})
    assert capsys.readouterr().out == ""


def test_streams_that_cannot_write_ukrainian_get_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, "ascii"))
    prepare_streams()
    output = Output(json=True)
    output.document({"title": "Сіль"})
    Output().text("Сіль")
    sys.stdout.flush()
    document, text = buffer.getvalue().decode("ascii").splitlines()
    assert json.loads(document) == {"title": "Сіль"}
    assert text == "????"


class _Colour(IntEnum):
    RED = 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("12345678901234567.10"), "12345678901234567.10"),
        (Decimal("1E+3"), "1000"),
        (datetime(2026, 10, 1, 9, 30, tzinfo=UTC), "2026-10-01T09:30:00+00:00"),
        (date(2026, 10, 1), "2026-10-01"),
        (ReceiptType.SALE, 0),
        (ReceiptType(99), 99),
        (_Colour.RED, 3),
        ({1: (Decimal(1), {"x"})}, {"1": ["1", ["x"]]}),
        (Path("a/b"), "a/b"),
        (True, True),
        (None, None),
        (1.5, 1.5),
        (SessionCreate(phone_number="380", password="hush"), {"phone_number": "380", "password": "***"}),
    ],
)
def test_values_for_machines(value: object, expected: object) -> None:
    found = machine_value(value)
    assert (found, type(found)) == (expected, type(expected))
    json.dumps(found)


def test_absent_fields_are_left_out_and_null_is_kept() -> None:
    times = b'"created_at": "2026-10-01T10:00:00Z", "updated_at": "2026-10-01T10:00:00Z"'
    shop = msgspec.json.decode(b'{"id": 5, "state": 0, "title": "x", "email": null, %b}' % times, type=Shop)
    found = machine_value(shop)
    assert found["email"] is None
    assert "website_url" not in found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (msgspec.UNSET, ""),
        (True, "yes"),
        (False, "no"),
        (Decimal("1E+3"), "1000"),
        (ReceiptType.SALE, "sale"),
        (["a", None, "b"], "a, , b"),
        (datetime(2026, 10, 1, 21, 30, tzinfo=UTC), "2026-10-02 00:30"),
        (datetime(2026, 11, 1, 21, 30, tzinfo=UTC), "2026-11-01 23:30"),
        ("two\nlines", "two lines"),
    ],
)
def test_values_for_people(value: object, text: str) -> None:
    assert cell(value) == text


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_progress_in_a_log_is_a_line_a_minute() -> None:
    stream, clock = io.StringIO(), Clock()
    with progress_on(stream, "Products", 6000, clock=clock) as progress:
        for _ in range(300):  # five minutes, a second each
            clock.seconds += 1
            progress.advance(10)
    assert stream.getvalue().splitlines() == [
        f"Products: {600 * minute} of 6000, 10.0 a second, {10 - minute}:00 left" for minute in range(1, 6)
    ]


def test_progress_without_a_total_tells_the_rate() -> None:
    stream, clock = io.StringIO(), Clock()
    with progress_on(stream, "Receipts", None, clock=clock) as progress:
        clock.seconds = 90
        progress.show(45)
        clock.seconds = 180
        progress.show(180, 360)
    assert stream.getvalue().splitlines() == [
        "Receipts: 45, 30.0 a minute",
        "Receipts: 180 of 360, 1.0 a second, 3:00 left",
    ]


def test_each_part_of_the_work_is_counted_anew_and_named_in_the_log_of_a_long_run() -> None:
    stream, clock = io.StringIO(), Clock()
    with progress_on(stream, "Rules", None, clock=clock) as progress:
        clock.seconds = 30
        progress.begin("Shifts")
        clock.seconds = 90
        progress.show(600, 1200)
        progress.begin("Figures")
        progress.show(1)
    assert stream.getvalue().splitlines() == ["Shifts: 600 of 1200, 10.0 a second, 1:00 left", "Figures …"]
    assert (progress.done, progress.total) == (1, None)


def test_parts_of_the_work_take_turns_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with progress_on(stream, "Rules", None) as progress:
        progress.begin("Shifts")
        progress.show(3, 4)
    assert "Shifts" in stream.getvalue()
    assert "3/4" in stream.getvalue()


def test_progress_on_a_terminal_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with progress_on(stream, "Товари", 4) as progress:
        progress.advance()
        progress.advance()
    assert "Товари" in stream.getvalue()
    assert progress.done == 2
    monkeypatch.setenv("TERM", "dumb")
    assert type(progress_on(stream, "x", 1)).__name__ == "_Lines"


@pytest.mark.parametrize("options", [{"json": True}, {"quiet": True}])
def test_progress_is_silent_for_machines(options: dict[str, bool], capsys: pytest.CaptureFixture[str]) -> None:
    with Output(**options).progress("Products", total=5) as progress:
        progress.advance(5)
    assert progress.done == 5
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (61, "1:01"), (3723, "1:02:03")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
