"""The sandbox, served from the shell."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from smartkasa_async.cli.errors import CommandError, Exit
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.options import parse_day
from smartkasa_async.cli.running import ThisRun


def sandbox(
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    database: Path | None = None,
    wire: Literal["both", "flat", "enveloped"] = "both",
    token_form: Literal["both", "bearer", "bare"] = "both",  # noqa: S107  (a form, no secret)
    shops: int = 3,
    start: Annotated[str | None, Parameter(metavar="DAY", allow_leading_hyphen=True)] = None,
    days: int = 30,
    seed: int = 1,
    drift: Annotated[float | None, Parameter(metavar="EVENTS")] = None,
    fault: Annotated[list[str] | None, Parameter(metavar="KIND,NAME=VALUE")] = None,
    shell: Literal["bash", "powershell", "cmd"] | None = None,
    run: ThisRun,
) -> int:
    """Serve the SmartKasa API on this machine, with a simulated business.

    Prints address, key, phone number and password, the months that it holds, and lines to paste into another shell;
    serves until Ctrl-C. Key, phone number and password come from SMARTKASA_API_KEY and so on, where they are set.

    Args:
        host: Address to listen on.
        port: Port to listen on; a free one where it is left out.
        database: SQLite file to keep the data in; else they are kept in memory.
        wire: Form of request bodies to take.
        token_form: Form of tokens to take.
        shops: Shops to simulate; 0 for none.
        start: First business day, such as 2026-10-31, 31.10.2026 or -30d; else so that yesterday is the last.
        days: Business days to simulate.
        seed: Seed of the simulation.
        drift: Let the last simulated day, today by default, happen while it is served: so many events a second.
        fault: Let requests fail: 503,operation=createProduct,times=2 or drop_after,method=POST,times=all or
            delay,seconds=2; may be given again.
        shell: Print lines to paste into this kind of shell; bash does for zsh and fish too, and powershell is taken on
            Windows.
    """
    from smartkasa_async.sandbox.__main__ import NOT_STARTED, serve  # noqa: PLC0415  (the client's commands need none of it)

    options = {
        "host": host,
        "port": port,
        "database": database,
        "wire": wire,
        "token-form": token_form,
        "shops": shops,
        "start": None if start is None else parse_day("--start", start),
        "days": days,
        "seed": seed,
        "drift": drift,
        "shell": shell,
    }
    words = [f"--{name}={value}" for name, value in options.items() if value is not None]
    words += [f"--fault={each}" for each in fault or []]
    try:
        serve([*words, *(["--json"] if run.output.json else [])], heading=_("To paste into another shell:"))
    except NOT_STARTED as error:
        raise CommandError(_("The sandbox did not start: {reason}", reason=error)) from None
    return Exit.DONE
