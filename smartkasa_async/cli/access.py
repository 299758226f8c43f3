"""Opens the client and the store that the configuration describes."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from smartkasa_async import SmartKasa
from smartkasa_async._support.network import Network, is_loopback
from smartkasa_async.cli.configuration import SETTINGS
from smartkasa_async.cli.credentials import credential_stores, token_store
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.kept_wire import keep_wire, wire_of
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from smartkasa_async import TokenStore
    from smartkasa_async.cli.configuration import Configuration
    from smartkasa_async.cli.credentials import Credentials
    from smartkasa_async.stores import Store


@dataclass(frozen=True, slots=True)
class Access:
    """Address and credentials of a client; the repr has no secrets.

    Attributes:
        base_url: Address of the service.
        api_key: Key of the integration, or None.
        phone_number: Phone number to log in with, or None.
        password: Password to log in with, or None.
        tokens: Store of the tokens; None for credentials that no login has stored.
        sources: Where each of these comes from, by name.
        other_address: Address that the stored credentials are for, if it differs; they are not used then.
    """

    base_url: str
    api_key: str | None = field(repr=False)
    phone_number: str | None = field(repr=False)
    password: str | None = field(repr=False)
    tokens: TokenStore | None
    sources: Mapping[str, str]
    other_address: str | None


def access_of(settings: Configuration, *, needs_kept: bool = True) -> Access:
    """Combine the configuration, the environment's secrets and the stored credentials of the profile.

    Stored credentials are only sent to the address that they were stored for. Secrets of the environment are not sent
    to an address that comes from a configuration file in the working folder.

    Args:
        settings: The settings of this run.
        needs_kept: Whether unreadable stored credentials are an error; they are ignored if settings and environment
            give everything.

    Raises:
        CommandError: Such a file would redirect the environment's secrets, or the stored credentials cannot be read.
    """
    key, secret = os.environ.get("SMARTKASA_API_KEY"), os.environ.get("SMARTKASA_PASSWORD")
    try:
        kept, kept_in = _kept(settings)
    except (CommandError, OSError):
        if needs_kept and not (key and settings.phone_number and secret):
            raise
        kept, kept_in = None, "default"
    base_url, source = settings.base_url, settings.found["base_url"].source
    if kept is not None and not settings.is_set("base_url"):
        base_url, source = kept.base_url, kept_in
    other_address = kept.base_url if kept is not None and not _same(kept.base_url, base_url) else None
    if other_address is not None:
        kept = None
    if kept is None and (key or secret):
        refuse_untrusted_address(settings)
    sources = {"base_url": source}

    def choose(name: str, given: str | None, source: str, own: str | None) -> str | None:
        sources[name] = source if given else kept_in if own else "default"
        return given or own or None

    api_key = choose("api_key", key, "SMARTKASA_API_KEY", kept.api_key if kept else None)
    phone_source = settings.found["phone_number"].source
    phone = choose("phone_number", settings.phone_number, phone_source, kept.phone_number if kept else None)
    own_password = kept.password if kept is not None and kept.phone_number == phone else None
    password = choose("password", secret, "SMARTKASA_PASSWORD", own_password)
    is_kept = kept is not None and (kept.api_key, kept.phone_number) == (api_key, phone)
    tokens = token_store(settings.profile) if is_kept else None
    return Access(base_url, api_key, phone, password, tokens, sources, other_address)


def make_client(settings: Configuration, access: Access) -> SmartKasa:
    """Make a client.

    Raises:
        CommandError: There is no key, or a file in the working folder names a certificate authority.
        ConfigurationError: A setting is wrong.
    """
    if not access.api_key:
        raise _no_key(settings, access)
    refuse_untrusted_ca_file(settings, access.base_url)
    has_credentials = bool(access.phone_number and access.password)
    return SmartKasa(
        api_key=access.api_key,
        phone_number=access.phone_number if has_credentials else None,
        password=access.password if has_credentials else None,
        base_url=access.base_url,
        wire=wire_of(settings, access.base_url)[0],
        token_form=settings.token_form,
        token_store=access.tokens,
        timeout=settings.timeout,
        concurrency=settings.concurrency,
        calls_per_second=settings.calls_per_second,
        proxy=settings.proxy,
        trust_env=settings.trust_env,
        ca_file=settings.ca_file,
    )


@asynccontextmanager
async def opened_client(settings: Configuration) -> AsyncIterator[SmartKasa]:
    """Open the client that the settings describe.

    Use it as `async with opened_client(run.settings) as kasa:`. The client logs in when it first has to, and stores its
    tokens in the profile's file if a login has stored the credentials.

    Raises:
        CommandError: There is no key for the profile.
        ConfigurationError: A setting is wrong.
    """
    access = access_of(settings)
    async with make_client(settings, access) as kasa:
        try:
            yield kasa
        finally:
            keep_wire(settings, access.base_url, kasa.wire_form)


@asynccontextmanager
async def opened_store(settings: Configuration, *, to_read: bool = False) -> AsyncIterator[Store]:
    """Open the store that `--store` or the setting `store` names.

    Use it as `async with opened_store(run.settings) as store:`.

    Raises:
        CommandError: The file does not exist.
        ConfigurationError: The address cannot be used, or the extra `stores` is missing.
        StoreError: The database cannot be opened.
    """
    from smartkasa_async.stores import open_store  # noqa: PLC0415  (an extra, and most commands need none)

    if to_read:
        _require_file(settings.store)
    async with open_store(settings.store) as store:
        yield store


def store_file(store: Store) -> Path | None:
    """Return the file of a store; None for a database without one."""
    url = store.engine.url
    is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(str(url.database)) if is_file else None


def absent_file(address: str) -> Path | None:
    """Return the full path of a store that is a file and does not exist; None for any other."""
    return Path(address).absolute() if "://" not in address and not Path(address).exists() else None


def _require_file(address: str) -> None:
    if absent_file(address) is not None:
        raise CommandError(_("There is no store {file}", file=address), hint=sync_hint())


def sync_hint() -> str:
    """Return the hint for an empty store: how to sync receipts into it."""
    return _(
        "Sync receipts into it with the same --store and --profile: smartkasa receipts sync --month last;"
        " or name another store"
    )


def _kept(settings: Configuration) -> tuple[Credentials | None, str]:
    """Return the stored credentials of the profile, and where they are."""
    for credential_store in credential_stores(settings.secrets):
        credentials = credential_store.read(settings.profile)
        if credentials is not None:
            return credentials, credential_store.name
    return None, "default"


def refuse_untrusted_address(settings: Configuration) -> None:
    """Refuse an address from a configuration file that was only found in the working folder.

    Raises:
        CommandError: The address is such a one; names how to confirm it.
    """
    address = settings.untrusted_address
    if address is None or _same(address, str(SETTINGS["base_url"].default)):
        return
    message = _(
        "{source} in this folder sets the address {address}; your key and password are not sent there unasked",
        source=source_for_people(settings.found["base_url"].source),
        address=address,
    )
    hint = _("If you trust it, name the file: --config {file}; or set SMARTKASA_BASE_URL", file=settings.path)
    raise CommandError(message, hint=hint)


def network_of(settings: Configuration, address: str) -> Network:
    """Return the network settings, for connections that no client makes.

    Raises:
        CommandError: A file in the working folder names a certificate authority.
        ConfigurationError: A setting is wrong.
    """
    refuse_untrusted_ca_file(settings, address)
    return Network.of(proxy=settings.proxy, trust_env=settings.trust_env, ca_file=settings.ca_file)


def refuse_untrusted_ca_file(settings: Configuration, address: str) -> None:
    """Refuse a certificate authority from a configuration file that was only found in the working folder.

    Together with a proxy from the same file, its author could read everything that is sent.

    Raises:
        CommandError: There is such an authority; names how to confirm it.
    """
    authority = settings.untrusted_ca_file
    if authority is None or is_loopback(urlsplit(address).hostname or ""):
        return
    message = _(
        "{source} in this folder sets the certificates of {file} as trusted; that is not done unasked",
        source=source_for_people(settings.found["ca_file"].source),
        file=authority,
    )
    hint = _("If you trust it, name the file: --config {file}; or set SMARTKASA_CA_FILE", file=settings.path)
    raise CommandError(message, hint=hint)


def source_for_people(source: str) -> str:
    """Translate the source of a setting; names of files and variables stay as they are."""
    return {"default": _("default"), "flag": _("command line")}.get(source, source)


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _no_key(settings: Configuration, access: Access) -> CommandError:
    if access.other_address is not None:
        message = _(
            "The stored credentials of the profile {profile} are for {kept}, and {source} sets {address}",
            profile=settings.profile,
            kept=access.other_address,
            source=source_for_people(access.sources["base_url"]),
            address=access.base_url,
        )
        return CommandError(message, hint=_("Log in there too, under another profile: smartkasa login --profile NAME"))
    message = _("There is no API key for the profile {profile}", profile=settings.profile)
    return CommandError(message, hint=_("Log in: smartkasa login; or set SMARTKASA_API_KEY"))
