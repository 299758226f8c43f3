"""How the command starts: at once, with little; without its extra it says what to install. In processes of its own.

What such processes do once they have started is done by programs that are started warm.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import smartkasa_async
from smartkasa_async.cli import main
from tests.support.processes import finished, running
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.commandline import Cli

RUN = "import sys; from smartkasa_async.cli import main; sys.exit(main())"
SCRIPTS: dict[tuple[str, ...], str] = {}
HEAVY = {"aiohttp", "msgspec", "anyio", "rich", "cyclopts", "sqlalchemy", "asyncio", "smartkasa_async.client"}


def command(*words: str, python: str = sys.executable) -> list[str]:
    return [python, "-W", "error", "-c", RUN, *words]


@pytest.fixture
def served() -> Iterator[str]:
    """Serve a sandbox by the command itself, and give the line that it prints."""
    words = command("sandbox", "--json", "--shops", "2", "--days", "1", python=warm_python())
    with running(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0


def loading(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that tells on standard error which modules it has loaded."""
    code = f"{RUN[: RUN.index('sys.exit')]}main(sys.argv[1:]); print(*sys.modules, sep='\\n', file=sys.stderr)"
    return finished([sys.executable, "-c", code, *words])


@pytest.mark.parametrize("words", [["--help"], [], ["--version"], ["shops"], ["--lang", "uk", "--help"]])
def test_overview_imports_little(words: list[str]) -> None:
    process = loading(*words)
    assert process.returncode == 0
    assert process.stdout
    assert HEAVY & set(process.stderr.splitlines()) == set()


def test_command_runs_as_a_module_too() -> None:
    result = finished([sys.executable, "-m", "smartkasa_async", "--version"])
    assert (result.returncode, result.stdout.strip()) == (0, f"smartkasa-async {smartkasa_async.__version__}")


def test_commands_of_the_client_leave_out_what_they_do_not_need() -> None:
    code = "from smartkasa_async.cli.commands import lists; import sys; print(*sys.modules, sep='\\n')"
    loaded = finished([sys.executable, "-c", code]).stdout.split()
    assert "aiohttp" in loaded
    assert {"sqlalchemy", "rich.table", "smartkasa_async.sandbox", "smartkasa_async.catalog"} & set(loaded) == set()


def test_whoami_opens_no_database() -> None:
    process = loading("whoami")
    assert (process.returncode, "smartkasa.sqlite" in process.stdout) == (0, True)
    assert "sqlalchemy" not in process.stderr.splitlines()


@pytest.mark.parametrize("missing", ["cyclopts", "rich", "platformdirs"])
def test_missing_extra_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == missing else object())
    assert main(["--help"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"needs {missing}: pip install 'smartkasa-async[cli]'" in captured.err
    monkeypatch.setenv("LANG", "uk_UA.UTF-8")
    assert main(["shops", "list"]) == 2
    assert "pip install 'smartkasa-async[cli]'" in capsys.readouterr().err


def test_missing_extra_of_a_command_is_named_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    result = cli("whoami", "--set", "secrets=keyring")
    assert (result.code, "pip install 'smartkasa-async[keyring]'" in result.err) == (2, True)


def test_version(cli: Cli) -> None:
    assert cli("--version").out == f"smartkasa-async {smartkasa_async.__version__}\n"


def test_whole_path_by_commands_alone(served: str) -> None:
    def run(*words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return finished(command(*words, python=warm_python()), stdin)

    facts = json.loads(served)
    login = run("login", "--stdin", stdin=served)
    assert (login.returncode, login.stderr) == (0, "")
    doctor = run("doctor")
    assert (doctor.returncode, doctor.stderr) == (0, "")
    shops = run("shops", "list", "--json")
    assert len(shops.stdout.splitlines()) == 2
    assert run("logout", "--forget").returncode == 0
    after = run("shops", "list")
    assert (after.returncode, "smartkasa login" in after.stderr) == (2, True)
    told = login.stdout + doctor.stdout + shops.stdout + after.stderr
    assert [name for name in ("api_key", "password") if facts[name] in told] == []


def test_reader_that_has_enough_is_no_error(served: str) -> None:
    facts = json.loads(served)
    environment = {
        "SMARTKASA_BASE_URL": facts["url"],
        "SMARTKASA_API_KEY": facts["api_key"],
        "SMARTKASA_PHONE_NUMBER": facts["phone_number"],
        "SMARTKASA_PASSWORD": facts["password"],
    }
    with running(
        command("units", "list", "--json", python=warm_python()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | environment,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 1


@pytest.mark.parametrize(
    ("words", "streams", "code"),
    [
        (["--help"], "| true", 0),
        (["--help"], ">&-", 0),
        (["whoami"], ">&-", 0),
        (["bogus"], "2>&-", 2),
        (["login"], "<&-", 2),
        (["--help"], ">/dev/full", 1),
        (["whoami"], ">/dev/full", 1),
    ],
)
def test_streams_that_are_closed_or_full(words: list[str], streams: str, code: int) -> None:
    result = finished(["sh", "-c", f"{shlex.join(command(*words))} {streams}"])
    assert (result.returncode, "Traceback" in result.stderr) == (code, False)
    assert ("cannot be written" in result.stderr) == ("full" in streams)


def test_help_where_the_terminal_has_no_ukrainian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    result = finished(command("--lang", "uk", "--help"))
    assert (result.returncode, result.stderr) == (0, "")


def test_sandbox_that_cannot_start_says_so(cli: Cli) -> None:
    result = cli("sandbox", "--port", "99999")
    assert (result.code, "did not start" in result.err) == (2, True)


@pytest.fixture
def completion(cli: Cli) -> Callable[..., str]:
    """Give the scripts of shells; each is printed once, since that takes a second."""

    def script_of(shell: str, *options: str) -> str:
        words = ("completion", shell, *options)
        if words not in SCRIPTS:
            result = cli(*words)
            assert result.code == 0
            SCRIPTS[words] = result.out
        return SCRIPTS[words]

    return script_of


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("options", [(), ("--lang", "uk")])
def test_completion_knows_commands_and_options(
    shell: str, options: tuple[str, ...], completion: Callable[..., str], tmp_path: Path
) -> None:
    text = completion(shell, *options)
    language = "uk" if options else "en"
    for word in ("doctor", "terminals", "base-url", "shop-id", "drift"):
        assert word in text
    if shell != "bash":
        assert ({"en": "List the shops", "uk": "Показати магазини"}[language]) in text
        assert ({"en": "Maximum number of shops", "uk": "Скільки магазинів"}[language]) in text
        assert ({"en": "Address of the service", "uk": "Адреса сервісу"}[language]) in text
        assert ({"en": "Show this help.", "uk": "Показати цю довідку."}[language]) in text
        assert "Display this message" not in text
    program = shutil.which(shell)
    if program is not None:
        script = tmp_path / "script"
        script.write_text(text, "utf-8")
        assert finished([program, "-n", str(script)]).returncode == 0


def test_completion_of_zsh_works_from_its_folder_and_sourced(completion: Callable[..., str], tmp_path: Path) -> None:
    script = tmp_path / "_smartkasa"
    script.write_text(completion("zsh"), "utf-8")
    lines = script.read_text("utf-8").splitlines()
    assert (lines[0], "_smartkasa() {" in lines, "  compdef _smartkasa smartkasa" in lines) == (
        "#compdef smartkasa",
        True,
        True,
    )
    zsh = shutil.which("zsh")
    if zsh is None:
        return
    # What completes is shown by functions in the place of those of zsh.
    stand_ins = "_arguments() { state=cmds; }; _describe() { print -l -- $commands; }; "
    stand_ins += "compdef() { print registered $1; }"
    words = "words=(smartkasa ''); CURRENT=2; _smartkasa"
    found = finished([zsh, "-f", "-c", f"{stand_ins}; fpath=({tmp_path}); autoload -Uz _smartkasa; {words}; {words}"])
    assert [line.split(":")[0] for line in found.stdout.splitlines()].count("doctor") == 2
    sourced = finished([zsh, "-f", "-c", f"{stand_ins}; source {script}"])
    assert sourced.stdout.splitlines() == ["registered _smartkasa"]


def test_completion_works_in_bash(completion: Callable[..., str], tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    script = tmp_path / "script"
    script.write_text(completion("bash"), "utf-8")
    program = f"""source {script}
COMP_WORDS=(smartkasa sh); COMP_CWORD=1; _smartkasa; echo "${{COMPREPLY[@]}}"
COMP_WORDS=(smartkasa terminals list --sh); COMP_CWORD=3; _smartkasa; echo "${{COMPREPLY[@]}}"
COMP_WORDS=(smartkasa completion ''); COMP_CWORD=2; _smartkasa; echo "${{COMPREPLY[@]}}"
COMP_WORDS=(smartkasa call shops.l); COMP_CWORD=2; _smartkasa; echo "${{COMPREPLY[@]}}"
COMP_WORDS=(smartkasa --config pr); COMP_CWORD=2; _smartkasa; echo "${{COMPREPLY[@]}}"
COMP_WORDS=(smartkasa whoami --store pr); COMP_CWORD=3; _smartkasa; echo "${{COMPREPLY[@]}}"
COMP_WORDS=(smartkasa products import pr); COMP_CWORD=3; _smartkasa; echo "${{#COMPREPLY[@]}}"
"""
    Path("price list.csv").touch()
    done = finished([bash, "--norc", "-c", program])
    assert done.stdout.splitlines() == [
        *("shops", "--shop-id", "bash zsh fish", "shops.list shops.list_employees"),
        *("price list.csv", "price list.csv", "1"),
    ]
    assert done.stderr == ""


def test_completion_of_zsh_and_fish_offers_files_and_operations(completion: Callable[..., str]) -> None:
    script = completion("zsh")
    for option in ("--config[", "--store["):
        lines = [line for line in script.splitlines() if option in line]
        assert (len(lines) > 1, [line for line in lines if ":_files'" not in line]) == (True, [])
    assert "shops.list_employees" in script
    script = completion("fish")
    for option in ("-l config ", "-l store "):
        lines = [line for line in script.splitlines() if option in line]
        assert (len(lines) > 1, [line for line in lines if " -F " not in line]) == (True, [])
    assert "shops.list_employees" in script
