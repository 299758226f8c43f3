"""The sandbox, served from the shell."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from smartkasa_async.cli.errors import CommandError, Exit
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.run import ThisRun

__all__ = ["sandbox"]


def sandbox(
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    database: Path | None = None,
    wire: Literal["both", "flat", "enveloped"] = "both",
    token_form: Literal["both", "bearer", "bare"] = "both",  # noqa: S107  (a form, no secret)
    shops: int = 3,
    start: date | None = None,
    days: int = 30,
    seed: int = 1,
    drift: Annotated[float | None, Parameter(metavar="EVENTS")] = None,
    run: ThisRun,
) -> int:
    """Serve the SmartKasa API on this machine, with a simulated business.

    Prints address, key, phone number and password, and serves until Ctrl-C. Key, phone number and password come from
    SMARTKASA_API_KEY and so on, where they are set. In another shell: smartkasa login --stdin.

    Args:
        host: Address to listen on.
        port: Port to listen on; a free one where it is left out.
        database: SQLite file to keep the data in; else they are kept in memory.
        wire: Form of request bodies to take.
        token_form: Form of tokens to take.
        shops: Shops to simulate; 0 for none.
        start: First business day; else so that yesterday is the last.
        days: Business days to simulate.
        seed: Seed of the simulation.
        drift: Let the last simulated day, today by default, happen while it is served: so many events a second.
    """
    from smartkasa_async.sandbox.__main__ import NOT_STARTED, serve  # noqa: PLC0415  (the client's commands need none of it)

    options = {
        "host": host,
        "port": port,
        "database": database,
        "wire": wire,
        "token-form": token_form,
        "shops": shops,
        "start": start,
        "days": days,
        "seed": seed,
        "drift": drift,
    }
    words = [f"--{name}={value}" for name, value in options.items() if value is not None]
    try:
        serve([*words, *(["--json"] if run.output.json else [])])
    except NOT_STARTED as error:
        raise CommandError(_("The sandbox did not start: {reason}", reason=error)) from None
    return Exit.DONE
