"""What the sandbox prints for people: lines to paste into another shell, and the months that it holds."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sandbox.shells import SHELLS, setting_line
from tests.support.processes import finished, running

ODD = ["plain", "it's", "a b", '$HOME `x` "q"', "100%", "back\\slash", "київ"]
COMMAND = [sys.executable, "-m", "smartkasa_async.sandbox", "--shops", "0"]

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM cannot be sent on Windows")


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish"])
def test_a_line_sets_the_very_value(shell: str, value: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    program = "import os; print(ascii(os.environ['KEY']))"
    done = finished([shell, "-c", f'{setting_line("bash", "KEY", value)}\n"{sys.executable}" -c "{program}"'])
    assert (done.returncode, done.stdout.strip()) == (0, ascii(value))


def test_lines_of_windows_quote_as_its_shells_do() -> None:
    assert setting_line("powershell", "KEY", "it's") == "$env:KEY = 'it''s'"
    assert setting_line("cmd", "KEY", "a & b") == 'set "KEY=a & b"'


@needs_signals
@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_lines_to_paste(shell: str) -> None:
    given = {"SMARTKASA_API_KEY": "it's", "SMARTKASA_PHONE_NUMBER": "097 123 45 67", "SMARTKASA_PASSWORD": "p w"}
    with running([*COMMAND, "--shell", shell], stdout=subprocess.PIPE, env=given | {"PATH": "/bin"}) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline().rstrip("\n") for _ in range(11)]
        process.send_signal(signal.SIGTERM)
    url = printed[0].split()[1]
    values = {"BASE_URL": url, "API_KEY": "it's", "PHONE_NUMBER": "380971234567", "PASSWORD": "p w"}
    assert printed[4].split() == ["months", "-"]
    assert printed[7:] == [setting_line(shell, f"SMARTKASA_{name}", value) for name, value in values.items()]


@needs_signals
def test_the_command_prints_its_months_and_takes_faults() -> None:
    words = ["--shops", "1", "--start", "2026-10-31", "--days", "2", "--json", "--fault", "503,operation=createSession"]
    with running([*COMMAND, *words], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        with pytest.raises(HTTPError) as refused, urlopen(f"{facts['url']}/api/v1/auth/sessions", b"{}"):  # noqa: S310
            pass
        refused.value.close()
        process.send_signal(signal.SIGTERM)
    assert facts["months"] == ["2026-10", "2026-11"]
    assert refused.value.code == 503


def test_a_fault_for_nothing_does_not_start() -> None:
    done = finished([*COMMAND, "--fault", "503,operation=creatProduct"])
    assert done.returncode == 1
    assert "did you mean 'createProduct'" in done.stderr


async def test_months_are_those_of_kyiv() -> None:
    async with Sandbox() as box:
        assert box.months() == []
        box.load(simulate(Simulation(shops=1, start=datetime(2026, 10, 30, tzinfo=UTC).date(), days=1)))
        rows: list[dict[str, Any]] = box.rows("receipts")
        last = rows[-1] | {"created_at": datetime(2026, 10, 31, 22, 30, tzinfo=UTC)}  # half past midnight in Kyiv
        assert box.months() == ["2026-10"]
        box.load(type("Late", (), {"rows": {"receipts": [last]}})())
        assert box.months() == ["2026-10", "2026-11"]
