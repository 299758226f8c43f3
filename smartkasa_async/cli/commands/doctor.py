"""Why it does not work, and what to set."""

from smartkasa_async.cli.access import access_of
from smartkasa_async.cli.checks import checks_of
from smartkasa_async.cli.errors import Exit
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.run import ThisRun

__all__ = ["doctor"]

_WORST_FIRST = (Exit.UNREACHABLE, Exit.FORBIDDEN, Exit.USAGE, Exit.INCOMPLETE)


async def doctor(*, run: ThisRun) -> int:
    """Check address, key, credentials and habits of the service.

    It tells what it found and what to set, and sends nothing that writes besides the login. Checked are the address,
    TLS, the clock, the API key, the credentials, the wire form and token style that the service takes, its largest
    page, and whether it heeds dates where receipts are listed.

    The exit code is that of the worst finding: 0 for none, 1 for a warning, 2 for a setting, 3 where the service is not
    reached, 4 where it refuses.
    """
    settings = run.settings
    signs = {"ok": _("ok"), "warn": _("warning"), "fail": _("failed"), "unknown": _("unknown")}
    widest = max(map(len, signs.values()))
    found = []
    async for check in checks_of(access_of(settings), settings.wire):
        found.append(check)
        run.output.say(f"{signs[check.status]:<{widest}}  {check.message}")
        if check.hint:
            run.output.say(f"{'':<{widest}}  → {check.hint}")
    code = next((each for each in _WORST_FIRST if any(check.exit == each for check in found)), Exit.DONE)
    run.output.document(
        {
            "profile": settings.profile,
            "checks": [
                {"name": check.name, "status": check.status, "message": check.message, "hint": check.hint}
                for check in found
            ],
            "exit": code,
        }
    )
    return code
