"""Serve the sandbox from the shell: `python -m smartkasa_async.sandbox`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sandbox.errors import UsageError
from smartkasa_async.sandbox.faults import parse_fault
from smartkasa_async.sandbox.shells import SHELLS, setting_line
from smartkasa_async.sandbox.wire import KYIV

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.sandbox.faults import Fault

_MOST_DAYS = 3_660
NOT_STARTED = (OSError, ValueError)
"""What `serve` raises where the sandbox does not start."""


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """What to serve, and how to announce it.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        database: SQLite file to keep the data in; None for memory.
        wire: Form of request bodies to accept.
        token_form: Form of tokens to accept.
        shops: Number of shops to simulate; 0 for none.
        start: First business day; None so that yesterday is the last.
        days: Number of business days to simulate.
        seed: Seed of the simulation.
        drift: Events per second of the last simulated day, which happens while it is served; None to load it whole.
        faults: Faults to inject.
        shell: Shell to print lines for.
        json: Whether to print one line of JSON instead.
    """

    host: str = "127.0.0.1"
    port: int = 0
    database: Path | None = None
    wire: Literal["both", "flat", "enveloped"] = "both"
    token_form: Literal["both", "bearer", "bare"] = "both"  # noqa: S105  (a form, no secret)
    shops: int = 3
    start: date | None = None
    days: int = 30
    seed: int = 1
    drift: float | None = None
    faults: Sequence[Fault] = ()
    shell: str = "powershell" if sys.platform == "win32" else "bash"
    json: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM.

    Args:
        arguments: The command line without the program's name; None for the process's own.

    Returns:
        The exit status.
    """
    given = vars(_parser().parse_args(arguments))
    try:
        faults = [parse_fault(text) for text in given.pop("fault")]
        serve(ServeOptions(**given, faults=faults))
    except NOT_STARTED as error:
        sys.stderr.write(f"The sandbox did not start: {error}\n")
        return 1
    return 0


def serve(options: ServeOptions, *, heading: str = "To paste into another shell:") -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        options: What to serve, and how to announce it.
        heading: The line above the lines to paste.

    Raises:
        OSError: The sandbox did not start; ValueError likewise.
    """
    asyncio.run(_serve(options, heading))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m smartkasa_async.sandbox",
        description="Serve the SmartKasa API on this machine, filled with a simulated retail business.",
        epilog="Key, phone number and password come from SMARTKASA_API_KEY and so on, where they are set.",
    )
    parser.add_argument("--host", default=ServeOptions.host, help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=ServeOptions.port, help="port to listen on (default: a free one)")
    parser.add_argument("--database", type=Path, help="SQLite file to keep the data in (default: memory)")
    parser.add_argument(
        "--wire",
        choices=("both", "flat", "enveloped"),
        default=ServeOptions.wire,
        help="form of request bodies to take",
    )
    parser.add_argument(
        "--token-form",
        choices=("both", "bearer", "bare"),
        default=ServeOptions.token_form,
        help="form of tokens to take",
    )
    parser.add_argument(
        "--shops", type=int, default=ServeOptions.shops, help="shops to simulate; 0 for none (default: %(default)s)"
    )
    parser.add_argument(
        "--start", type=date.fromisoformat, help="first business day (default: so that yesterday is the last)"
    )
    parser.add_argument(
        "--days", type=int, default=ServeOptions.days, help="business days to simulate (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=ServeOptions.seed, help="seed of the simulation (default: %(default)s)"
    )
    parser.add_argument(
        "--drift",
        type=float,
        metavar="EVENTS",
        help="let the last simulated day, today by default, happen while it is served: so many events a second",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="KIND,NAME=VALUE",
        help="let requests fail, such as 503,operation=createProduct,times=2 or drop_after,method=POST,times=all or"
        " delay,seconds=2; repeatable",
    )
    parser.add_argument(
        "--shell",
        choices=SHELLS,
        default=ServeOptions.shell,
        help="print lines to paste into this kind of shell (default: %(default)s; bash does for zsh and fish too)",
    )
    parser.add_argument("--json", action="store_true", help="print address and credentials as one line of JSON")
    return parser


async def _serve(options: ServeOptions, heading: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: its event loop has no signal handlers
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    sandbox = Sandbox(
        database=options.database,
        wire=options.wire,
        token_form=options.token_form,
        host=options.host,
        port=options.port,
        api_key=os.environ.get("SMARTKASA_API_KEY"),
        phone_number=os.environ.get("SMARTKASA_PHONE_NUMBER"),
        password=os.environ.get("SMARTKASA_PASSWORD"),
    )
    async with sandbox:
        _fill(sandbox, options)
        for fault in options.faults:
            sandbox.faults.add(fault)
        _announce(sandbox, None if options.json else options.shell, heading)
        await stop.wait()


def _fill(sandbox: Sandbox, options: ServeOptions) -> None:
    if options.shops == 0 or sandbox.rows("shops"):
        return
    if options.days > _MOST_DAYS:
        raise UsageError("days is {value}: give {most} at most", value=options.days, most=_MOST_DAYS)
    today = datetime.now(KYIV).date()
    last = today if options.drift is not None else today - timedelta(days=1)
    start = options.start or last - timedelta(days=options.days - 1)
    business = simulate(Simulation(seed=options.seed, shops=options.shops, start=start, days=options.days))
    if options.drift is None:
        sandbox.load(business)
    else:
        sandbox.drift(business, since=start + timedelta(days=options.days - 1), per_second=options.drift)


def _announce(sandbox: Sandbox, shell: str | None, heading: str) -> None:
    """Print address, credentials and months; as one line of JSON where there is no shell to print lines for."""
    facts = {
        "url": sandbox.url,
        "api_key": sandbox.api_key,
        "phone_number": sandbox.phone_number,
        "password": sandbox.password,
    }
    months = sandbox.months()
    if shell is None:
        lines = [json.dumps({**facts, "months": months})]
    else:
        lines = [f"{name:<13}{value}" for name, value in (facts | {"months": " ".join(months) or "-"}).items()]
        variables = {"BASE_URL": "url", "API_KEY": "api_key", "PHONE_NUMBER": "phone_number", "PASSWORD": "password"}
        settings = [setting_line(shell, f"SMARTKASA_{name}", facts[fact]) for name, fact in variables.items()]
        lines += ["", heading, *settings]
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
