"""The commands for a fleet of accounts."""

import asyncio
import logging
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from cyclopts import Parameter

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.files import read_file
from smartkasa_async.cli.access import refuse_untrusted_address
from smartkasa_async.cli.errors import CommandError, Exit
from smartkasa_async.cli.fleet_access import (
    KEYS_VARIABLE,
    credential_store_of,
    has_keys,
    key_file,
    keys_of,
    opened_database,
    opened_fleet,
)
from smartkasa_async.cli.messages import _, language, n_, translated
from smartkasa_async.cli.numbers import LAST_PORT, require_between
from smartkasa_async.cli.options import parse_month
from smartkasa_async.cli.prompts import ask_credential, read_credentials
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.fleet.accounts import NewAccount
from smartkasa_async.fleet.accounts_csv import AccountsFileError, read_accounts
from smartkasa_async.fleet.credentials import Credentials, CredentialStore
from smartkasa_async.fleet.secrets import add_key
from smartkasa_async.fleet.state import allow_workers, note_restored, parse_policy, read_policy, set_up
from smartkasa_async.fleet.status import read_status
from smartkasa_async.fleet.uploads import UploadOptions, Uploads
from smartkasa_async.fleet.work import QueueName, TaskName
from smartkasa_async.records.days import today

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from smartkasa_async.fleet.accounts import Run as TaskRun
    from smartkasa_async.fleet.policy import Policy
    from smartkasa_async.fleet.runs import Held, Result
    from smartkasa_async.fleet.status import FleetStatus
    from smartkasa_async.fleet.uploads import UploadKind

_MOST_SLOTS = 1_000
_MOST_RUNS = 10_000
_SECONDS_BETWEEN_LOOKS = 5.0
_SECONDS = {"day": 86_400, "h": 3600, "min": 60}


class _Given(msgspec.Struct):
    """What `fleet add --stdin` reads."""

    api_key: str
    phone_number: str
    password: str


async def init(
    *,
    policy: Path | None = None,
    worker_role: Annotated[str | None, Parameter(metavar="NAME")] = None,
    restored: bool = False,
    run: ThisRun,
) -> None:
    """Create the fleet's tables in the store's database, or bring them up to date, and make a master key.

    The store must be PostgreSQL. The master key encrypts the credentials of all accounts, which are lost without it:
    keep a copy of its file elsewhere. Where SMARTKASA_FLEET_KEYS or the file is there already, no key is made.

    Args:
        policy: JSON file of intervals and limits to work by, instead of those that the fleet has.
        worker_role: Role of PostgreSQL that workers log in as, made if it does not exist: in the store it sees one
            account at a time. Give it a password with ALTER ROLE.
        restored: The database was restored from a backup: receipts that it does not know as pushed are looked up in
            the service before they are pushed.
    """
    wanted = parse_policy(_read(policy)) if policy is not None else None
    made = None if has_keys(run.settings) else add_key(key_file(run.settings))
    async with opened_database(run.settings) as database:
        applied = await set_up(database, wanted)
        kept = await read_policy(database)
        if worker_role is not None:
            await allow_workers(database, worker_role)
        if restored:
            await note_restored(database)
    run.output.document({"migrations": applied, "new_key": made, "policy": msgspec.to_builtins(kept)})
    run.output.text(n_("{count} migration applied.", "{count} migrations applied.", applied))
    if made is not None:
        run.output.text(_("A new master key is in {file}. Keep a copy elsewhere.", file=key_file(run.settings)))


async def add(
    name: str,
    /,
    *,
    tier: Literal["standard", "slow"] = "standard",
    calls_per_second: float | None = None,
    stdin: Annotated[bool, Parameter(name="--stdin")] = False,
    run: ThisRun,
) -> None:
    """Add an account to the fleet, or replace its settings and credentials.

    Key and credentials come from SMARTKASA_API_KEY, SMARTKASA_PHONE_NUMBER and SMARTKASA_PASSWORD, from standard input,
    or from questions at a terminal. They are encrypted with the master key.

    Args:
        name: What the account is called in commands.
        tier: How often today's receipts are read: standard every quarter of an hour, slow every hour.
        calls_per_second: Maximum requests per second for this account; by default the policy's.
        stdin: Read them from standard input: {"api_key": "…", "phone_number": "…", "password": "…"}.
    """
    refuse_untrusted_address(run.settings)
    credentials = _given() if stdin else _asked()
    account = NewAccount(
        name=name,
        credentials=credentials,
        base_url=run.settings.base_url,
        tier=tier,
        calls_per_second=calls_per_second,
    )
    async with opened_fleet(run.settings) as fleet:
        account_id = await fleet.accounts.add(account, credential_store_of(run.settings, fleet))
    run.output.document({"account_id": account_id, "name": name})
    run.output.text(_("Added {name}, account {account}.", name=name, account=account_id))


async def import_(file: Path, /, *, run: ThisRun) -> None:
    """Add accounts from a CSV file with the columns name, api_key, phone_number and password.

    Further columns may be base_url, tier and calls_per_second. The whole file is checked first; if a row has an error,
    nothing is added. An account that is there already gets the settings and credentials of its row.

    Args:
        file: The accounts.
    """
    refuse_untrusted_address(run.settings)
    try:
        accounts = read_accounts(file, base_url=run.settings.base_url)
    except AccountsFileError as error:
        run.output.lines([str(translated(problem)) for problem in error.problems])
        raise
    async with opened_fleet(run.settings) as fleet:
        credential_store = credential_store_of(run.settings, fleet)
        ids = []
        with run.output.progress(_("Accounts"), total=len(accounts)) as bar:
            for account in accounts:
                ids.append(await fleet.accounts.add(account, credential_store))
                bar.advance()
    run.output.document({"accounts": dict(zip([account.name for account in accounts], ids, strict=True))})
    run.output.text(n_("{count} account added.", "{count} accounts added.", len(ids)))


async def list_(*, paused: bool = False, run: ThisRun) -> None:
    """List the accounts of the fleet.

    Args:
        paused: Only paused accounts, with their reasons.
    """
    async with opened_fleet(run.settings) as fleet:
        accounts = await fleet.accounts.list(state="paused" if paused else None)
    for account in accounts:
        run.output.record(account)
    headings = [_("Id"), _("Name"), _("State"), _("Complete until"), _("Reason")]
    rows = [
        (one.account_id, one.name, _state(one.state), one.complete_until, translated(one.reason)) for one in accounts
    ]
    run.output.table(headings, rows)
    run.output.note(n_("{count} account", "{count} accounts", len(accounts)))


async def show(account: str, /, *, runs: int = 10, run: ThisRun) -> None:
    """Show an account: its state, what is scheduled, and its last runs.

    Args:
        account: Name or id of the account.
        runs: Number of runs.
    """
    require_between("--runs", runs, 1, _MOST_RUNS)
    async with opened_fleet(run.settings) as fleet:
        found = await fleet.accounts.find(account)
        schedule = await fleet.accounts.schedule(found.account_id)
        ended = await fleet.accounts.runs(found.account_id, limit=runs)
    run.output.document({"account": found, "schedule": schedule, "runs": ended})
    run.output.table(
        [_("Setting"), _("Value")],
        [
            (_("Name"), found.name),
            (_("Id"), found.account_id),
            (_("State"), _state(found.state)),
            (_("Reason"), translated(found.reason)),
            (_("Complete until"), found.complete_until),
            (_("Address"), found.base_url),
        ],
    )
    run.output.table(
        [_("Task"), _("Due"), _("Failures"), _("Queued")],
        [(one.task, one.next_at, one.failures, one.is_queued) for one in schedule],
    )
    run.output.table(
        [_("Task"), _("Started"), _("Ended"), _("Outcome"), _("Error")],
        [(one.task, one.started_at, one.ended_at, one.outcome, _error(one)) for one in ended],
    )


async def pause(account: str, /, *, reason: str | None = None, run: ThisRun) -> None:
    """Pause an account: nothing is begun for it, and what runs can store nothing more.

    Args:
        account: Name or id of the account.
        reason: Why, for people.
    """
    async with opened_fleet(run.settings) as fleet:
        found = await fleet.accounts.find(account)
        await fleet.accounts.pause(found.account_id, reason or msg("paused by smartkasa fleet pause"))
    _print_change(run, found.name, _("{name} is paused.", name=found.name))


async def resume(account: str, /, *, run: ThisRun) -> None:
    """Let a paused account go on.

    Args:
        account: Name or id of the account.
    """
    async with opened_fleet(run.settings) as fleet:
        found = await fleet.accounts.find(account)
        await fleet.accounts.resume(found.account_id)
    _print_change(run, found.name, _("{name} goes on.", name=found.name))


async def retry(
    account: str | None = None, /, *, all_: Annotated[bool, Parameter(name="--all")] = False, run: ThisRun
) -> None:
    """Let an account go on at once: its failures are forgotten, and what failed is due now.

    Args:
        account: Name or id of the account.
        all_: Every paused account, for example after an outage.
    """
    async with opened_fleet(run.settings) as fleet:
        if account is None and not all_:
            raise CommandError(_("Name an account, or give --all for every paused one"))
        found = [await fleet.accounts.find(account)] if account is not None else []
        found += await fleet.accounts.list(state="paused") if all_ else []
        for one in found:
            await fleet.accounts.retry(one.account_id)
    run.output.document({"accounts": [one.name for one in found]})
    run.output.text(n_("{count} account goes on.", "{count} accounts go on.", len(found)))


async def remove(account: str, /, *, purge: bool = False, run: ThisRun) -> None:
    """Remove an account with its credentials, tokens, schedule and runs.

    What the store has of it stays, unless --purge is given.

    Args:
        account: Name or id of the account.
        purge: Delete its rows in the store as well: receipts, Z-reports and all else.
    """
    async with opened_fleet(run.settings) as fleet:
        found = await fleet.accounts.find(account)
        deleted = await fleet.accounts.purge(found.account_id) if purge else None
        await fleet.accounts.remove(found.account_id)
    if deleted is None:
        change = _(
            "{name} is removed. The store keeps its rows, as account {account}; --purge would have deleted them.",
            name=found.name,
            account=found.account_id,
        )
    else:
        change = n_(
            "{name} is removed, and {count} row of it from the store.",
            "{name} is removed, and {count} rows of it from the store.",
            deleted,
            name=found.name,
        )
    _print_change(run, found.name, change)


async def run_(
    task: Literal["today", "night", "upload", "push"],
    account: str,
    file: Path | None = None,
    /,
    *,
    shop: Annotated[int | None, Parameter(metavar="ID")] = None,
    key: Literal["number", "alter_number", "remote_id"] = "number",
    mode: Literal["upsert", "create"] = "upsert",
    run: ThisRun,
) -> None:
    """Make a task of an account due now; a worker carries it out.

    upload takes a price list, or with --shop a stock report, and push takes receipts as JSON lines. The file is kept in
    the fleet's database until it is written into the service.

    Args:
        task: The task.
        account: Name or id of the account.
        file: What upload or push writes.
        shop: Id of the shop whose stock cards are set to the counts of the file.
        key: What identifies a product, as for products import.
        mode: What happens to existing products, as for products import.
    """
    if (file is not None) != (task in {"upload", "push"}):
        raise CommandError(_("upload and push need a file, and the other tasks take none"))
    content = _read(file) if file is not None else b""
    async with opened_fleet(run.settings) as fleet:
        found = await fleet.accounts.find(account)
        upload_id = None
        if file is not None:
            kind: UploadKind = "receipts" if task == "push" else "products" if shop is None else "stock"
            upload_id = await Uploads(fleet.database).add(
                fleet.accounts,
                found.account_id,
                kind,
                name=file.name,
                content=content,
                options=UploadOptions(key=key, mode=mode, shop_id=shop),
            )
        else:
            await fleet.accounts.request(found.account_id, task)
    run.output.document({"account_id": found.account_id, "task": task, "upload_id": upload_id})
    run.output.text(_("{task} of {name} is due now.", task=task, name=found.name))


async def backfill(
    account: str | None = None,
    /,
    *,
    start: Annotated[str, Parameter(name=["--start", "--since"], metavar="MONTH")],
    end: Annotated[str | None, Parameter(name=["--end", "--until"], metavar="MONTH")] = None,
    all_: Annotated[bool, Parameter(name="--all")] = False,
    run: ThisRun,
) -> None:
    """Read months of the past, the newest first, behind all other work.

    Args:
        account: Name or id of the account.
        start: First month: 2026-01, 01.2026.
        end: Last month; by default the present one.
        all_: Every active account.
    """
    first = parse_month(start, "--start")
    last = parse_month(end, "--end") if end is not None else today()
    if last < first:
        raise CommandError(_("--end is before --start; swap them"))
    async with opened_fleet(run.settings) as fleet:
        if (account is None) != all_:
            raise CommandError(_("Name an account, or give --all for every active one"))
        found = [await fleet.accounts.find(account)] if account is not None else []
        found += await fleet.accounts.list(state="active") if all_ else []
        months = sum([await fleet.accounts.backfill(one.account_id, first, last) for one in found])
    run.output.document({"accounts": len(found), "months": months})
    run.output.text(n_("{count} month waits to be read.", "{count} months wait to be read.", months))


async def worker(
    *,
    slots: int = 8,
    queues: str = ",".join(QueueName),
    name: str | None = None,
    metrics_port: Annotated[int | None, Parameter(metavar="PORT")] = None,
    run: ThisRun,
) -> int:
    """Work for the fleet until a signal: take due tasks from the queues and carry them out.

    Any number of workers may run, on any number of machines. On SIGTERM or Ctrl-C a worker takes no more tasks, and
    gives back within 30 seconds what it has not finished. The exit status is 3 if the database was lost; let a
    supervisor start the worker again.

    Args:
        slots: How many tasks it carries out at a time.
        queues: Queues that it serves, of light, night, upload and backfill, separated by commas.
        name: What its name in lists begins with; by default host and process.
        metrics_port: Port of this machine for /metrics (Prometheus) and /healthz; by default none.
    """
    from smartkasa_async.fleet.metrics import Metrics  # noqa: PLC0415  (only workers need them)
    from smartkasa_async.fleet.metrics_server import serving_metrics  # noqa: PLC0415  (likewise)
    from smartkasa_async.fleet.tasks import AccountWork  # noqa: PLC0415  (only workers need all doors)
    from smartkasa_async.fleet.tracing import client_traces, traced  # noqa: PLC0415  (likewise)
    from smartkasa_async.fleet.worker import Worker, connections_for, store_connections_for  # noqa: PLC0415  (likewise)
    from smartkasa_async.stores import open_store  # noqa: PLC0415  (likewise)

    require_between("--slots", slots, 1, _MOST_SLOTS)
    if metrics_port is not None:
        require_between("--metrics-port", metrics_port, 0, LAST_PORT)
    served = _queues(queues)
    keys = keys_of(run.settings)
    _log_to_stderr()
    async with (
        opened_fleet(run.settings, connections=connections_for(slots)) as fleet,
        open_store(fleet.database.address, connections=store_connections_for(slots)) as store,
    ):
        credential_store = CredentialStore(fleet.database, keys)
        metrics = Metrics(fleet.database, fleet.policy)

        def make_work(policy: "Policy") -> "Callable[[TaskName, Held], Awaitable[Result]]":
            work = AccountWork(
                fleet.database,
                credential_store,
                store,
                policy,
                on_event=metrics.on_event,
                trace_configs=client_traces(),
            )
            return metrics.measured(traced(work.do))

        one = Worker(fleet.database, make_work, slots=slots, queues=served, name=name)
        run.output.note(_("Worker {name}: {slots} slots for {queues}.", name=one.name, slots=slots, queues=queues))
        serving = nullcontext() if metrics_port is None else serving_metrics(fleet.database, metrics, metrics_port)
        try:
            async with serving:
                await one.run()
        except asyncio.CancelledError:
            run.output.note(_("The worker has stopped; what it had not finished is given back."))
    return Exit.DONE


async def status(*, watch: bool = False, run: ThisRun) -> None:
    """Show how the fleet is: lag, what is due, throughput, paused accounts, queues and workers.

    Args:
        watch: Show it again every 5 seconds, until Ctrl-C.
    """
    async with opened_fleet(run.settings) as fleet:
        while True:
            _print_status(run, await read_status(fleet.database, fleet.policy))
            if not watch:
                return
            sys.stdout.flush()
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)


async def rotate_key(*, new: bool = False, run: ThisRun) -> None:
    """Encrypt the secrets of all accounts with the first master key.

    To change the key: put a new one before the old one wherever workers run (--new does it in this machine's file),
    start the workers again, run this command without --new, and remove the old key.

    Args:
        new: Only put a new key into the file of this machine: workers that run do not know it yet.
    """
    if new:
        if os.environ.get(KEYS_VARIABLE):
            raise CommandError(
                _("{variable} has the keys; put the new one before them there, without --new", variable=KEYS_VARIABLE)
            )
        run.output.document({"key": add_key(key_file(run.settings)), "rows": 0})
        run.output.text(
            _(
                "A new master key is in {file}. Copy the file to all machines, start their workers again, then run:"
                " smartkasa fleet rotate-key",
                file=key_file(run.settings),
            )
        )
        return
    async with opened_fleet(run.settings) as fleet:
        credential_store = credential_store_of(run.settings, fleet)
        rows = await credential_store.rotate()
    run.output.document({"key": credential_store.keys.current, "rows": rows})
    run.output.text(
        n_(
            "{count} row is now encrypted with the key {key}; remove the older keys.",
            "{count} rows are now encrypted with the key {key}; remove the older keys.",
            rows,
            key=credential_store.keys.current,
        )
    )


def _print_status(run: Run, found: "FleetStatus") -> None:
    run.output.document(found)
    lag, due = found.lag, found.oldest_due
    rows: list[tuple[str, object]] = [
        (_("Active accounts"), found.active),
        (_("Paused accounts"), len(found.paused)),
        (_("Breaker"), found.breaker),
    ]
    if lag is not None:
        worst = f"{_span(lag.worst)} ({lag.worst_account})"
        rows += [
            (_("Lag, median"), _span(lag.median)),
            (_("Lag, 95 of 100"), _span(lag.percentile_95)),
            (_("Lag, worst"), worst),
        ]
    if due is not None:
        rows.append((_("Due longest"), f"{due.task} {due.account}, {_span(due.seconds)}"))
    rows.append((_("Due, not queued"), found.due))
    run.output.table([_("Fleet"), _("Value")], rows)
    run.output.table(
        [_("Queue"), _("Waiting"), _("Running")],
        [(name, depth.waiting, depth.running) for name, depth in found.queues.items()],
    )
    run.output.table(
        [_("Task"), _("Outcome"), _("Runs of the last hour")],
        [(task, outcome, count) for task, outcomes in found.runs.items() for outcome, count in outcomes.items()],
    )
    run.output.table(
        [_("Worker"), _("Slots"), _("Running"), _("Queues"), _("Last seen")],
        [
            (one.worker, one.slots, one.running, ", ".join(one.queues), _span(one.seconds_silent))
            for one in found.workers
        ],
    )
    run.output.table(
        [_("Paused"), _("Since"), _("Reason")], [(one.name, one.since, translated(one.reason)) for one in found.paused]
    )


def _span(seconds: float) -> str:
    """Write a length of time in its largest unit."""
    if seconds >= _SECONDS["day"]:
        return _("{count} d", count=f"{seconds / _SECONDS['day']:.1f}")
    if seconds >= _SECONDS["h"]:
        return _("{count} h", count=f"{seconds / _SECONDS['h']:.1f}")
    if seconds >= _SECONDS["min"]:
        return _("{count} min", count=f"{seconds / _SECONDS['min']:.1f}")
    return _("{count} s", count=f"{seconds:.0f}")


def _state(state: str) -> str:
    return _("active") if state == "active" else _("paused")


def _error(ended: "TaskRun") -> str:
    """Write what went wrong, with the first rows that were rejected."""
    texts = [] if ended.error is None else [str(translated(ended.error))]
    return "; ".join([*texts, *(ended.figures or {}).get("problems", {}).get(language(), ())])


def _print_change(run: Run, name: str, text: str) -> None:
    run.output.document({"account": name})
    run.output.text(text)


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)


def _queues(text: str) -> tuple[QueueName, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in list(QueueName)]
    if unknown or not names:
        raise CommandError(
            _("--queues has {value}; give some of {choices}", value=", ".join(unknown), choices=", ".join(QueueName))
        )
    return tuple(QueueName(name) for name in dict.fromkeys(names))


def _read(file: Path) -> bytes:
    try:
        return read_file(file)
    except OSError as error:
        raise CommandError(_("{file} cannot be read: {reason}", file=file, reason=reason_of(error))) from None


def _given() -> Credentials:
    given = read_credentials(_Given)
    return Credentials(given.api_key, given.phone_number, given.password)


def _asked() -> Credentials:
    """Take the credentials from the environment, and ask for the rest at a terminal."""
    questions = {"api_key": _("API key: "), "phone_number": _("Phone number: "), "password": _("Password: ")}
    return Credentials(**{name: ask_credential(name, question) for name, question in questions.items()})
