"""The commands `login`, `logout` and `whoami`."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import Parameter

from smartkasa_async import (
    ApiError,
    MemoryTokenStore,
    OutcomeUnknownError,
    SmartKasa,
    TokenStoreError,
    TransportError,
)
from smartkasa_async._support.network import shown_proxy
from smartkasa_async._support.phones import PhoneNumberError, phone_digits
from smartkasa_async.cli.access import (
    Access,
    access_of,
    make_client,
    refuse_untrusted_address,
    refuse_untrusted_ca_file,
    source_for_people,
)
from smartkasa_async.cli.credentials import TELEGRAM, Credentials, credential_stores, masked, token_store
from smartkasa_async.cli.errors import CommandError, Exit, cli_error_of
from smartkasa_async.cli.kept_wire import forget_wire, keep_wire, wire_of
from smartkasa_async.cli.messages import _, translated
from smartkasa_async.cli.output import cell
from smartkasa_async.cli.prompts import ask_credential, read_credentials
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.cli.streams import wrapped
from smartkasa_async.stores.addresses import shown_address

if TYPE_CHECKING:
    from smartkasa_async.cli.configuration import Configuration
    from smartkasa_async.models import Session


class _Given(msgspec.Struct, kw_only=True):
    """What `login --stdin` reads; the names are those that `smartkasa sandbox --json` prints."""

    api_key: str | None = None
    phone_number: str | None = None
    password: str | None = None
    url: str | None = None
    base_url: str | None = None


async def login(*, stdin: Annotated[bool, Parameter(name="--stdin")] = False, run: ThisRun) -> None:
    """Log in, and store key, credentials and tokens for the next commands.

    Key and credentials come from SMARTKASA_API_KEY, SMARTKASA_PHONE_NUMBER and SMARTKASA_PASSWORD, from standard input,
    or from questions at a terminal. They are stored in the system's keyring if there is one, else in a file that only
    you can read, and are only sent to this address. Nothing is stored if the login fails.

    Args:
        stdin: Read them from standard input: {"api_key": "…", "phone_number": "…", "password": "…", "base_url": "…"}.
    """
    settings = run.settings
    credentials = _asked(settings, read_credentials(_Given) if stdin else _Given())
    refuse_untrusted_ca_file(settings, credentials.base_url)
    tokens = MemoryTokenStore()
    async with SmartKasa(
        api_key=credentials.api_key,
        phone_number=credentials.phone_number,
        password=credentials.password,
        base_url=credentials.base_url,
        wire=settings.wire,
        token_form=settings.token_form,
        timeout=settings.timeout,
        token_store=tokens,
        proxy=settings.proxy,
        trust_env=settings.trust_env,
        ca_file=settings.ca_file,
    ) as kasa:
        session = await kasa.login()
        wire = kasa.wire_form
    keep_wire(settings, credentials.base_url, wire)
    stores = credential_stores(settings.secrets)
    stores[0].write(settings.profile, credentials)
    for other in stores[1:]:
        other.delete(settings.profile)
    store = token_store(settings.profile)
    async with store.lock():  # a command that renews the tokens of before must not save them over these
        await store.save(session)
    facts = {
        "profile": settings.profile,
        "base_url": credentials.base_url,
        "phone_number": masked(credentials.phone_number),
        "access_expires_at": session.access_expires_at,
        "kept_in": stores[0].name,
    }
    run.output.document(facts)
    run.output.text(
        _(
            "Logged in as {phone} at {address}; profile {profile}.",
            phone=facts["phone_number"],
            address=credentials.base_url,
            profile=settings.profile,
        )
    )
    run.output.text(_("Key and credentials are stored in {location}.", location=stores[0].name))


async def logout(*, forget: bool = False, run: ThisRun) -> int:
    """End the session, and forget its tokens.

    Args:
        forget: Forget key and credentials of the profile too.
    """
    settings = run.settings
    access = access_of(settings, needs_kept=not forget)
    code, ended = Exit.DONE, False
    if access.tokens is not None and await access.tokens.load() is not None:
        try:
            async with make_client(settings, access) as kasa:
                await kasa.logout()
            ended = True
        except (ApiError, OutcomeUnknownError, TransportError) as error:
            await access.tokens.clear()
            cli_error = cli_error_of(error)
            run.output.note(_("The service could not be informed: {reason}", reason=error))
            code = cli_error.exit if cli_error is not None else Exit.UNREACHABLE
    if forget:
        for credential_store in credential_stores(settings.secrets):
            credential_store.delete(settings.profile)
            credential_store.delete_secret(settings.profile, TELEGRAM)
        forget_wire(settings)
        await token_store(settings.profile).clear()
    run.output.document({"profile": settings.profile, "session_ended": ended, "forgotten": forget})
    run.output.text(_("The session is ended.") if ended else _("There is no session any more."))
    if forget:
        run.output.text(_("Key and credentials of the profile {profile} are forgotten.", profile=settings.profile))
    return code


async def whoami(*, run: ThisRun) -> None:
    """Show profile, address and user, and where each setting comes from.

    It sends nothing to the service. Of secrets it only shows whether they are set.
    """
    settings = run.settings
    access = access_of(settings)
    session = await _kept_session(run, access)
    rows = [("profile", settings.profile, settings.profile_source), *_rows(settings, access)]
    until = session.access_expires_at if session is not None else None
    run.output.document(
        {
            "profile": settings.profile,
            "base_url": access.base_url,
            "phone_number": masked(access.phone_number) if access.phone_number else None,
            "access_expires_at": until,
            "refresh_expires_at": session.refresh_expires_at if session is not None else None,
            "settings": {name: {"value": value, "source": source} for name, value, source in rows},
        }
    )
    shown = [(name, value, source_for_people(source)) for name, value, source in rows]
    run.output.table([_("Setting"), _("Value"), _("Comes from")], shown)
    run.output.text(_token_line(until))


async def _kept_session(run: Run, access: Access) -> "Session | None":
    """Return the stored tokens; if they cannot be read, print a note, since other commands replace them."""
    try:
        return await access.tokens.load() if access.tokens is not None else None
    except TokenStoreError as error:
        run.output.note(_("Note: {message}", message=error))
        return None


def _rows(settings: "Configuration", access: Access) -> list[tuple[str, object, str]]:
    """List all settings with their sources, with what the login has stored."""
    of_access: dict[str, object] = {
        "base_url": access.base_url,
        "api_key": _presence(access.api_key),
        "phone_number": masked(access.phone_number) if access.phone_number else None,
        "password": _presence(access.password),
    }
    rows: list[tuple[str, object, str]] = [(name, of_access[name], access.sources[name]) for name in of_access]
    rows.append(("wire", *wire_of(settings, access.base_url)))
    for name, found in settings.found.items():
        if name not in of_access and name != "wire":
            show = _WITHOUT_PASSWORD.get(name)
            rows.append((name, show(found.value) if show and found.value else found.value, found.source))
    return rows


_WITHOUT_PASSWORD = {"store": shown_address, "proxy": shown_proxy}


def _presence(secret: str | None) -> str | None:
    return "***" if secret else None


def _token_line(until: datetime | None) -> str:
    if until is None:
        return _("No tokens are kept; the next command logs in, where it has credentials.")
    if until < datetime.now(until.tzinfo):
        return _("The access token ended at {time}; the next command renews it.", time=cell(until))
    return _("The access token is good until {time}.", time=cell(until))


def _asked(settings: "Configuration", given: _Given) -> Credentials:
    """Complete what was given from environment and configuration, and ask for the rest."""
    access = access_of(settings, needs_kept=False)
    address = (given.base_url or given.url or access.base_url).rstrip("/")
    if settings.is_set("base_url") and address != settings.base_url.rstrip("/"):
        source = source_for_people(settings.found["base_url"].source)
        message = _(
            "Standard input has {given}, and {source} has {address}",
            given=address,
            source=source,
            address=settings.base_url,
        )
        raise CommandError(message, hint=_("Leave one of them out, or use another profile: --profile NAME"))

    if given.api_key or given.password:
        refuse_untrusted_address(settings)
    if sys.stdin.isatty():
        source = source_for_people(access.sources["base_url"])
        text = _("Logging in at {address} ({source}).", address=address, source=source)
        sys.stderr.write(wrapped(text, sys.stderr) + "\n")

    return Credentials(
        base_url=address,
        api_key=ask_credential("api_key", _("API key: "), given.api_key),
        phone_number=_phone_digits(
            ask_credential(
                "phone_number",
                _("Phone number, such as +380 97 123 45 67 or 0971234567: "),
                given.phone_number or settings.phone_number,
            )
        ),
        password=ask_credential("password", _("Password: "), given.password),
    )


def _phone_digits(text: str) -> str:
    try:
        return phone_digits(text)
    except PhoneNumberError as error:
        text = _("{where} cannot be used: {reason}", where="phone_number", reason=translated(error.reason))
        raise CommandError(text) from None
