"""The commands of the relay: watch, and what becomes of messages that cannot be delivered."""

import os
import stat
import sys
from contextlib import AsyncExitStack
from datetime import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from smartkasa_async.cli.access import opened_client, opened_store, refuse_untrusted_ca_file
from smartkasa_async.cli.credentials import TELEGRAM, credential_stores
from smartkasa_async.cli.errors import CliError, CommandError, Exit
from smartkasa_async.cli.messages import _, language, n_, translated
from smartkasa_async.cli.options import AcceptClockSkew, Shops, parse_day
from smartkasa_async.cli.prompts import ask_secret
from smartkasa_async.cli.running import Run, ThisRun

if TYPE_CHECKING:
    from smartkasa_async.relay import RelayMessage, TelegramReceiver, WebhookReceiver

EventName = Literal[
    "receipt.created", "receipt.changed", "receipt.deleted", "shift.too_long", "z_report.missing", "registrar.offline",
    "reconciliation.differences", "stock.low", "digest",
]  # fmt: skip
_TOKEN_VARIABLE = "SMARTKASA_TELEGRAM_TOKEN"  # noqa: S105  (its name)
_FOR_PROGRAMS = ("receipt.created", "receipt.changed")
"""Events that are too many for people, unless they are asked for."""
_MINUTE = 60.0


async def watch(
    *,
    to: Annotated[str, Parameter(name="--to", metavar="URL|telegram")],
    secret_file: Path | None = None,
    chat_id: Annotated[str | None, Parameter(metavar="ID", allow_leading_hyphen=True)] = None,
    event: Annotated[list[EventName] | None, Parameter(name="--event")] = None,
    shop: Shops = None,
    start: Annotated[str | None, Parameter(metavar="DAY", allow_leading_hyphen=True)] = None,
    quiet_hours: Annotated[str | None, Parameter(metavar="HH:MM-HH:MM")] = None,
    digest: Annotated[str | None, Parameter(metavar="HH:MM")] = None,
    min_stock: Annotated[
        list[str] | None, Parameter(name="--min-stock", metavar="[CODE=]NUMBER", allow_leading_hyphen=True)
    ] = None,
    check_every: int = 15,
    interval: float = 5.0,
    name: str | None = None,
    keep_personal: bool = False,
    accept_clock_skew: AcceptClockSkew = False,
    telegram_api: str = "https://api.telegram.org",
    limit: int | None = None,
    run: ThisRun,
) -> None:
    """Send what happens at the tills to an address of your own or to Telegram, until Ctrl-C.

    Receipts that are created, changed and deleted; shifts open for too long, Z-reports missing, offline hours nearly
    used up; differences of the night; stock below a minimum; a digest each morning. The last days are synced into the
    store for that. Each message is written into the store once and sent until it is taken, so it comes at least once,
    each time with the same id. Texts are in Ukrainian, unless the setting lang is en.

    Messages to an address are JSON, signed by the secret of --secret-file. For Telegram the token of the bot comes from
    SMARTKASA_TELEGRAM_TOKEN or from smartkasa relay token, and --chat-id names the chat.

    Args:
        to: Where messages go: an https address, http on this machine, or telegram.
        secret_file: File with the secret that the receiver checks signatures by, 16 characters or more, which only you
            can read.
        chat_id: Number of the chat, or @name of a channel, for Telegram.
        event: What to send; may be repeated; by default everything, and for Telegram everything but receipts that are
            created and changed.
        start: First business day of receipts to send if this is the first run: 2026-10-31, 31.10.2026, today,
            yesterday or -7d; by default only what happens from now on.
        quiet_hours: Hours in Kyiv in which nothing is sent, such as 22:00-08:00; what comes waits for their end.
        digest: Time in Kyiv of the digest of the day before, such as 09:00; by default there is none.
        min_stock: Number below which the stock of a counted product is reported, for all products or for the one with a
            barcode or article; may be repeated.
        check_every: Minutes between two syncs of the store.
        interval: Seconds between two polls for receipts while there are changes.
        name: Name of the receiver, if several share the store; by default webhook or telegram. What was not delivered
            waits under it.
        keep_personal: Also send what names people: receipts as the service has them.
        telegram_api: Address of Telegram's API or of a server of your own.
        limit: Number of delivered messages after which to end.
    """
    from smartkasa_async.relay import EventKind, QuietHours, relay_events  # noqa: PLC0415  (help pages need none of it)

    if limit is not None and limit < 1:
        raise CommandError(_("--limit is {limit}; give a whole number above 0", limit=limit))
    if check_every < 1:
        raise CommandError(_("--check-every is {value}; give a whole number above 0", value=check_every))
    is_telegram = to == "telegram"
    wanted: list[str] = [*(event or ())] or [one for one in EventKind if not (is_telegram and one in _FOR_PROGRAMS)]
    minimum, minima = _minima(min_stock or [])
    network = {"proxy": run.settings.proxy, "trust_env": run.settings.trust_env, "ca_file": run.settings.ca_file}
    receiver: TelegramReceiver | WebhookReceiver
    if is_telegram:
        receiver = _telegram(run, chat_id, secret_file, telegram_api, {**network, **({"name": name} if name else {})})
    else:
        receiver = _webhook(run, to, chat_id, secret_file, {**network, **({"name": name} if name else {})})
    run.resume = _("What was not delivered is in the store. To continue, run the same command again.")
    async with AsyncExitStack() as stack:
        kasa = await stack.enter_async_context(opened_client(run.settings))
        store = await stack.enter_async_context(opened_store(run.settings))
        await relay_events(
            kasa,
            store,
            await stack.enter_async_context(receiver),
            events=[*map(EventKind, wanted)],
            shops=shop,
            start=None if start is None else parse_day("--start", start),
            language=language() if run.settings.is_set("lang") else "uk",
            quiet_hours=None if quiet_hours is None else QuietHours.parse(quiet_hours),
            digest_at=None if digest is None else _time("--digest", digest),
            minimum_stock=minimum,
            minima=minima,
            check_every=check_every * _MINUTE,
            interval=interval,
            keep_personal=keep_personal,
            accept_clock_skew=accept_clock_skew,
            limit=limit,
            on_error=lambda error: _print_trouble(run, error),
            on_delivered=lambda message: _print_delivered(run, message),
        )


def _webhook(
    run: Run, url: str, chat_id: str | None, secret_file: Path | None, options: dict[str, Any]
) -> "WebhookReceiver":
    from smartkasa_async.relay import WebhookReceiver  # noqa: PLC0415  (likewise)

    if chat_id is not None:
        raise CommandError(_("--chat-id is for --to telegram; leave it out"))
    if secret_file is None:
        hint = _("Make one: (umask 077; openssl rand -hex 32 > relay.secret); then --secret-file relay.secret")
        raise CommandError(_("The secret is missing by which the receiver checks messages"), hint=hint)
    refuse_untrusted_ca_file(run.settings, url)
    return WebhookReceiver(url, secret=_secret(secret_file), **options)


def _secret(path: Path) -> str:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        content = file.read()
    if os.name == "posix" and mode & 0o077:
        message = _("{file} can be read by others (mode {mode})", file=path, mode=f"{mode:o}")
        raise CommandError(message, hint=_("Take it back: chmod 600 '{file}'; then make a new secret", file=path))
    try:
        return content.decode().strip()
    except UnicodeDecodeError:
        raise CommandError(_("{file} is not UTF-8; save it again as UTF-8", file=path)) from None


def _telegram(
    run: Run, chat_id: str | None, secret_file: Path | None, api_url: str, options: dict[str, Any]
) -> "TelegramReceiver":
    from smartkasa_async.relay import TelegramReceiver  # noqa: PLC0415  (likewise)

    if secret_file is not None:
        raise CommandError(_("--secret-file is for an address of your own; leave it out"))
    if chat_id is None:
        raise CommandError(_("--chat-id is missing"), hint=_("Give the number of the chat, or @name of a channel"))
    refuse_untrusted_ca_file(run.settings, api_url)
    return TelegramReceiver(_kept_token(run), chat_id=chat_id, api_url=api_url, **options)


def _kept_token(run: Run) -> str:
    if token := os.environ.get(_TOKEN_VARIABLE):
        return token
    for credential_store in credential_stores(run.settings.secrets):
        if kept := credential_store.read_secret(run.settings.profile, TELEGRAM):
            return kept
    hint = _("Run smartkasa relay token, or set {variable}", variable=_TOKEN_VARIABLE)
    raise CommandError(_("There is no token of a Telegram bot"), hint=hint)


def _time(option: str, text: str) -> time:
    from smartkasa_async.relay.times import read_time  # noqa: PLC0415  (likewise)

    clock = read_time(text)
    if clock is None:
        raise CommandError(
            _("{where} is {value}; give {wanted}", where=option, value=repr(text), wanted=_("a time such as 09:00"))
        )
    return clock


def _minima(texts: list[str]) -> tuple[Decimal | None, dict[str, Decimal]]:
    """Read the minimum of all products, and those of single ones."""
    minimum, minima = None, {}
    for text in texts:
        code, _sign, number = text.rpartition("=")
        try:
            value = Decimal(number.replace(",", "."))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            wanted = _("a number, or CODE=NUMBER")
            raise CommandError(_("{where} is {value}; give {wanted}", where="--min-stock", value=text, wanted=wanted))
        if code:
            minima[code.strip()] = value
        else:
            minimum = value
    return minimum, minima


def _print_delivered(run: Run, message: "RelayMessage") -> None:
    run.output.record({"id": message.id, "sequence": message.sequence, "type": message.kind, "at": message.created_at})
    run.output.text(f"{message.sequence}  {message.kind}  {message.id}")
    sys.stdout.flush()


def _print_trouble(run: Run, error: str) -> None:
    run.output.error(CliError(str(translated(error)), None, Exit.INCOMPLETE, "RelayError"))


async def dead(*, name: str | None = None, run: ThisRun) -> None:
    """List the messages of watch that were given up.

    A message is given up when its receiver refuses it (400, 413, 422), or three days after it was first sent in vain.

    Args:
        name: Only those to the receiver of this name.
    """
    from smartkasa_async.relay import dead_messages  # noqa: PLC0415  (likewise)
    from smartkasa_async.relay.outbox import waiting_messages  # noqa: PLC0415  (likewise)

    async with opened_store(run.settings, to_read=True) as store:
        found = await dead_messages(store, receiver=name)
        waiting = await waiting_messages(store)
    run.output.document({"waiting": waiting, "dead": [_facts(message) for message in found]})
    header = [_("Receiver"), _("Number"), _("Event"), _("Id"), _("Given up"), _("Attempts"), _("Reason")]
    rows = [
        (one.receiver, one.sequence, one.kind.value, one.id, one.dead_at, one.attempts, one.reason) for one in found
    ]
    if rows:
        run.output.table(header, rows)
    else:
        run.output.text(_("No message was given up."))
    run.output.text(n_("{count} message is yet to be delivered.", "{count} messages are yet to be delivered.", waiting))


async def resend(*ids: str, name: str | None = None, run: ThisRun) -> None:
    """Send messages once more that were given up.

    They are put back into the queue with their ids: a watch that runs sends them, or the next one.

    Args:
        ids: Ids of the messages; by default all.
        name: Only those to the receiver of this name.
    """
    from smartkasa_async.relay import resend_messages  # noqa: PLC0415  (likewise)

    async with opened_store(run.settings, to_read=True) as store:
        found = await resend_messages(store, ids or None, receiver=name)
    if missing := sorted(set(ids) - {message.id for message in found}):
        message = _("There are no messages that were given up with these ids: {ids}", ids=", ".join(missing))
        raise CommandError(message, hint=_("List them: smartkasa relay dead"))
    run.output.document({"resent": [_facts(message) for message in found]})
    text = n_("{count} message is sent once more.", "{count} messages are sent once more.", len(found))
    run.output.text(text)


def _facts(message: "RelayMessage") -> dict[str, object]:
    return {
        "receiver": message.receiver,
        "sequence": message.sequence,
        "type": message.kind,
        "id": message.id,
        "created_at": message.created_at,
        "dead_at": message.dead_at,
        "attempts": message.attempts,
        "reason": message.reason,
    }


async def token(*, stdin: bool = False, run: ThisRun) -> None:
    """Store the token of a Telegram bot for watch.

    It is stored for the profile as key and password are: in the system's keyring if there is one, else in a file that
    only you can read. BotFather in Telegram makes bots and gives their tokens.

    Args:
        stdin: Read it from standard input.
    """
    from smartkasa_async.relay.telegram import check_token  # noqa: PLC0415  (likewise)

    if not stdin and not sys.stdin.isatty():
        hint = _("Give --stdin, or set {variable}", variable=_TOKEN_VARIABLE)
        raise CommandError(_("{name} is missing", name="token"), hint=hint)
    given = sys.stdin.read().strip() if stdin else ask_secret(_("Token of the bot: ")) or ""
    check_token(given)
    first, *others = credential_stores(run.settings.secrets)
    first.write_secret(run.settings.profile, TELEGRAM, given)
    for other in others:
        other.delete_secret(run.settings.profile, TELEGRAM)
    run.output.document({"profile": run.settings.profile, "kept_in": first.name})
    run.output.text(_("The token is stored in {location}.", location=first.name))
