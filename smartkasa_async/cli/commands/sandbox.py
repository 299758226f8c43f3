"""The command `sandbox`."""

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
    port: int = 0,
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

    Prints address, key, phone number and password, the months with data, and lines to paste into another shell; serves
    until Ctrl-C. Key, phone number and password come from SMARTKASA_API_KEY and so on, if they are set.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        database: SQLite file to keep the data in; memory by default.
        wire: Form of request bodies to accept.
        token_form: Form of tokens to accept.
        shops: Number of shops to simulate; 0 for none.
        start: First business day, such as 2026-10-31, 31.10.2026 or -30d; by default so that yesterday is the last.
        days: Number of business days to simulate.
        seed: Seed of the simulation.
        drift: Events per second of the last simulated day, today by default, which happens while it is served.
        fault: Fault to inject: 503,operation=createProduct,times=2 or drop_after,method=POST,times=all or
            delay,seconds=2; may be repeated.
        shell: Shell to print lines for; bash also suits zsh and fish, and powershell is the default on Windows.
    """
    from smartkasa_async.sandbox.__main__ import NOT_STARTED, ServeOptions, serve  # noqa: PLC0415  (only this command)
    from smartkasa_async.sandbox.faults import parse_fault  # noqa: PLC0415  (likewise)

    first = None if start is None else parse_day("--start", start)
    try:
        options = ServeOptions(
            host=host,
            port=port,
            database=database,
            wire=wire,
            token_form=token_form,
            shops=shops,
            start=first,
            days=days,
            seed=seed,
            drift=drift,
            faults=[parse_fault(each) for each in fault or ()],
            shell=shell or ServeOptions.shell,
            json=run.output.json,
        )
        serve(options, heading=_("To paste into another shell:"))
    except NOT_STARTED as error:
        raise CommandError(_("The sandbox did not start: {reason}", reason=error)) from None
    return Exit.DONE
