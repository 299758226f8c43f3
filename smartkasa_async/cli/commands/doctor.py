"""The command `doctor`."""

from dataclasses import replace

from smartkasa_async.cli.access import Access, access_of, make_client, network_of, source_for_people
from smartkasa_async.cli.checks import Check, checks_of
from smartkasa_async.cli.configuration_writing import write_settings
from smartkasa_async.cli.errors import Exit
from smartkasa_async.cli.list_lag import WriteTest
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.running import Run, ThisRun

_WORST_FIRST = (Exit.UNREACHABLE, Exit.FORBIDDEN, Exit.USAGE, Exit.INCOMPLETE)


async def doctor(*, write: bool = False, write_test: bool = False, run: ThisRun) -> int:
    """Check address, key, credentials and behaviour of the service.

    It prints what it finds and what to set. Besides logins and a refresh it sends no writes, unless --write-test is
    given. It checks the address, TLS, the clock, the API key, the credentials, the forms of bodies and tokens that the
    service accepts, its largest page, whether it filters receipts by date, and whether it renews a session.

    The exit status is that of the worst result: 0 all well, 1 a warning, 2 a wrong setting, 3 the service cannot be
    reached, 4 it refuses access.

    Args:
        write: Write the forms of bodies and tokens that the service accepts into the profile's table of the
            configuration file, as wire and token_form.
        write_test: Also measure the delay of lists: create a test product in the catalogue, wait until the list shows
            it, delete it, wait until it disappears, and report whether late_write_window is long enough.
    """
    settings = run.settings
    access = access_of(settings)
    signs = {"ok": _("ok"), "warn": _("warning"), "fail": _("failed"), "unknown": _("unknown")}
    widest = max(map(len, signs.values()))
    found: list[Check] = []

    def report(check: Check) -> None:
        found.append(check)
        run.output.text(f"{signs[check.status]:<{widest}}  {check.message}")
        if check.hint:
            run.output.text(f"{'':<{widest}}  → {check.hint}")

    fitting: dict[str, str] = {}
    network = network_of(settings, access.base_url)
    async for each in checks_of(access, settings.wire, settings.token_form, network=network):
        fitting |= each.settings
        report(_written(run, each) if write and each.settings else each)
    if write and not fitting:
        report(Check("settings", "unknown", _("Nothing was written, since something else has to be fixed first.")))
    if write_test:
        usable = any((each.name, each.status) == ("wire", "ok") for each in found)
        for each in await _write_test(run, access) if usable else [_left_out()]:
            report(each)
    code = next((code for code in _WORST_FIRST if any(check.exit == code for check in found)), Exit.DONE)
    run.output.document(
        {
            "profile": settings.profile,
            "checks": [
                {"name": check.name, "status": check.status, "message": check.message, "hint": check.hint}
                for check in found
            ],
            "settings": fitting,
            "exit": code,
        }
    )
    return code


def _written(run: Run, check: Check) -> Check:
    """Write the settings that a check found, which resolves it."""
    path = write_settings(run.settings, check.settings)
    for name in check.settings:
        source = run.settings.found[name].source
        if source == "flag" or source.startswith("SMARTKASA_"):
            who = source_for_people(source)
            run.output.note(_("Note: {source} sets {name} too, and overrides the file.", source=who, name=name))
    values = ", ".join(f'{name} = "{value}"' for name, value in check.settings.items())
    hint = _("Written to {file}: {values}.", file=path, values=values)
    return replace(check, status="ok", hint=hint, exit=Exit.DONE)


async def _write_test(run: Run, access: Access) -> list[Check]:
    async with make_client(run.settings, access) as kasa:
        test = WriteTest(kasa, run.settings.late_write_window, run.output.note)
        try:
            return await test.run()
        finally:
            run.resume = test.remains


def _left_out() -> Check:
    message = _("The write test was skipped, since something else has to be fixed first.")
    return Check("list_lag", "unknown", message)
