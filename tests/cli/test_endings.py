"""How runs end: exit statuses, errors for people and machines, interruptions, and the words of a wrong command line."""

from __future__ import annotations

import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.cli import app, command_table, main
from smartkasa_async.cli.errors import Exit
from tests.support import run_commands
from tests.support.commandline import Result
from tests.support.processes import LONGEST, finished

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli


@pytest.fixture(autouse=True)
def commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add commands that end in every way."""
    for name in ("fails", "gives", "waits", "warns"):
        monkeypatch.setitem(command_table.COMMANDS, name, (f"tests.support.run_commands:{name}", "A test."))


def test_codes_are_those_that_are_documented() -> None:
    assert {code.name: int(code) for code in Exit} == {
        "DONE": 0,
        "INCOMPLETE": 1,
        "USAGE": 2,
        "UNREACHABLE": 3,
        "FORBIDDEN": 4,
        "NOT_READ": 5,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("usage", 2),
        ("setting", 2),
        ("field", 2),
        ("file", 2),
        ("tokens", 2),
        ("source", 2),
        ("store", 2),
        ("session", 4),
        ("redirect", 3),
        ("unreached", 3),
        ("timeout", 3),
        ("limited", 3),
        ("server", 3),
        ("store_unreached", 3),
        ("group", 3),
        ("unauthorized", 4),
        ("forbidden", 4),
        ("credentials", 4),
        ("key", 4),
        ("store_forbidden", 4),
        ("unknown", 1),
        ("refused", 1),
        ("conflict", 1),
        ("pages", 1),
    ],
)
def test_each_error_has_its_code(cli: Cli, how: str, code: int) -> None:
    people = cli("fails", how)
    assert (people.code, people.out) == (code, "")
    assert people.err.startswith("Error: ")
    machine = cli("fails", how, "--json")
    assert (machine.code, machine.error["exit"], machine.out) == (code, code, "")
    assert machine.error["message"] in people.err


def test_ctrl_c_before_anything_is_imported_ends_quietly(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("importlib.util.find_spec", interrupted)
    assert cli("--version") == Result(130, "", "")


def test_ctrl_c_before_the_first_step_of_a_command_leaves_no_warning(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_work: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("smartkasa_async._support.event_loops.run", interrupted)
    assert cli("gives", "0") == Result(130, "", "\nInterrupted.\nTo go on, run the same command again.\n")


def test_ctrl_c_while_python_ends_is_quiet() -> None:
    program = "import atexit, os, signal, sys; from smartkasa_async.cli import main; "
    program += "atexit.register(os.kill, os.getpid(), signal.SIGINT); sys.exit(main())"
    done = finished([sys.executable, "-c", program, "--version"])
    assert (done.returncode, done.stderr, "smartkasa-async" in done.stdout) == (130, "", True)


def test_faults_of_the_program_are_not_hidden(cli: Cli) -> None:
    with pytest.raises(ZeroDivisionError):
        cli("fails", "bug")


def test_errors_tell_what_to_do(cli: Cli) -> None:
    assert cli("fails", "usage").err == "Error: the file is wrong\nfix it\n"
    assert "nothing.csv cannot be used: No such file" in cli("fails", "file").err
    assert "smartkasa doctor" in cli("fails", "unreached").err


def test_commands_give_their_code(cli: Cli) -> None:
    assert [cli("gives", str(code)).code for code in (0, 1, 4)] == [0, 1, 4]


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signals_end_cleanly_and_say_how_to_go_on(
    cli: Cli, name: str, loop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if loop == "asyncio":
        monkeypatch.setitem(sys.modules, "uvloop", None)
    else:
        pytest.importorskip("uvloop")
    before = signal.getsignal(signal.SIGTERM)
    result = cli("waits", name)
    assert (result.code, result.out) == (130, "cleaned up\n")
    assert result.err.strip() == "Interrupted.\nTo go on, run the same command again."
    result = cli("waits", name, "--told")
    assert (result.code, "Go on with: smartkasa waits --from 5" in result.err) == (130, True)
    assert signal.getsignal(signal.SIGTERM) is before


def test_warnings_of_the_library_are_notes(cli: Cli) -> None:
    assert cli("warns").err == "Note: pages of 100 instead of 500\n"
    assert "run_commands.py" not in cli("warns").err


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["sohps"], ["no command sohps", "smartkasa --help"]),
        (["sohps", "--help"], ["no command sohps"]),
        (["shops", "lst", "--help"], ["no command shops lst"]),
        (["--colour"], ["--colour"]),
        (["--profile"], ["--profile"]),
        (["shops", "lst"], ["no command shops lst", "smartkasa shops --help"]),
        (["shops", "list", "--colour", "red"], ["no option --colour", "smartkasa shops list --help"]),
        (["shops", "list", "red"], ["Too many arguments: red"]),
        (["shops", "list", "--limit"], ["--limit is missing or has no value"]),
        (["shops", "list", "--limit", "1", "--limit", "2"], ["--limit is given twice"]),
        (["shops", "list", "--limit", "few"], ["--limit is 'few'; give a whole number"]),
        (["sandbox", "--wire", "round"], ["'round'", "both, flat, enveloped"]),
        (["completion"], ["SHELL is missing"]),
        (["completion", "csh"], ["'csh'", "bash, zsh, fish"]),
        (["shops", "list", "--lang", "de"], ["'de'", "uk, en"]),
    ],
)
def test_wrong_command_lines_are_told(cli: Cli, words: list[str], parts: list[str]) -> None:
    result = cli(*words)
    assert (result.code, result.out) == (2, "")
    assert [part for part in parts if part not in result.err] == []
    assert cli(*words, "--json").error["exit"] == 2


def test_errors_of_the_system_without_a_file_are_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(run_commands.ERRORS, "there", FileExistsError("undo.csv is there already"))
    monkeypatch.setitem(run_commands.ERRORS, "loop", OSError(40, "Too many levels of symbolic links"))
    result = cli("fails", "there")
    assert (result.code, result.err) == (2, "Error: undo.csv is there already\n")
    result = cli("fails", "loop")
    assert (result.code, result.err) == (2, "Error: Too many levels of symbolic links\n")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_streams_may_be_closed(stream: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, stream, None)
    assert main(["fails", "usage"]) == 2
    assert main(["units", "list", "--help"]) == 0
    getattr(sys, stream).close()


def test_interrupted_while_it_starts(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "run", interrupted)
    assert cli("whoami").code == 130


def test_threads_that_are_cut_off_say_nothing(cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli("waits", "SIGINT").code == 130
    thread = threading.Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join(LONGEST)
    assert capsys.readouterr().err == ""


def test_service_that_is_not_there_is_told_once(box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (box.credentials | {"base_url": "http://127.0.0.1:1"}).items():
        monkeypatch.setenv(f"SMARTKASA_{name.upper()}", str(value))
    result = cli("shops", "list", "--set", "timeout=5")
    assert result.code == 3
    assert result.err.startswith("Error: createSession: The service could not be reached: ")
    assert result.err.endswith("\nTry later, or find out why: smartkasa doctor\n")
