"""Opens the client and the store that the configuration describes."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import msgspec

from smartkasa_async import SmartKasa
from smartkasa_async._support.files import replace_file
from smartkasa_async._support.network import Network, is_loopback
from smartkasa_async.cli.configuration import SETTINGS
from smartkasa_async.cli.credentials import state_folder, token_store, vaults
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from smartkasa_async import TokenStore
    from smartkasa_async.cli.configuration import Configuration
    from smartkasa_async.cli.credentials import Credentials
    from smartkasa_async.settings import WireForm, WireSetting
    from smartkasa_async.stores import Store


@dataclass(frozen=True, slots=True)
class Access:
    """What a client is given besides its limits; secrets stay out of the repr.

    Attributes:
        base_url: Address of the service.
        api_key: Key of the integration, or None.
        phone_number: Phone number to log in with, or None.
        password: Password to log in with, or None.
        tokens: Where tokens are kept between runs; None for credentials that no login has kept.
        sources: Who says each of these, by name.
        foreign: Address that the kept credentials are for, where it is another one, so that they are not used.
    """

    base_url: str
    api_key: str | None = field(repr=False)
    phone_number: str | None = field(repr=False)
    password: str | None = field(repr=False)
    tokens: TokenStore | None
    sources: Mapping[str, str]
    foreign: str | None


def access_of(settings: Configuration, *, needs_kept: bool = True) -> Access:
    """Bring together the configuration, the environment's secrets and what the profile's login has kept.

    Kept credentials go to the address that they were kept for and nowhere else, and those of the environment to none
    that a configuration file says which happens to lie in the working folder.

    Args:
        settings: The settings of this run.
        needs_kept: Whether it is an error that what is kept cannot be read; it is none where the settings and the
            environment say all.

    Raises:
        CommandError: Such a file would send the environment's secrets away, or what is kept cannot be read.
    """
    key, secret = os.environ.get("SMARTKASA_API_KEY"), os.environ.get("SMARTKASA_PASSWORD")
    try:
        kept, place = _kept(settings)
    except (CommandError, OSError):
        if needs_kept and not (key and settings.phone_number and secret):
            raise
        kept, place = None, "default"
    base_url, source = settings.base_url, settings.found["base_url"].source
    if kept is not None and not settings.is_said("base_url"):
        base_url, source = kept.base_url, place
    foreign = kept.base_url if kept is not None and not _same(kept.base_url, base_url) else None
    if foreign is not None:
        kept = None
    if kept is None and (key or secret):
        refuse_stray_address(settings)
    sources = {"base_url": source}

    def choose(name: str, said: str | None, who: str, own: str | None) -> str | None:
        sources[name] = who if said else place if own else "default"
        return said or own or None

    api_key = choose("api_key", key, "SMARTKASA_API_KEY", kept.api_key if kept else None)
    phone_source = settings.found["phone_number"].source
    phone = choose("phone_number", settings.phone_number, phone_source, kept.phone_number if kept else None)
    own_password = kept.password if kept is not None and kept.phone_number == phone else None
    password = choose("password", secret, "SMARTKASA_PASSWORD", own_password)
    is_kept = kept is not None and (kept.api_key, kept.phone_number) == (api_key, phone)
    tokens = token_store(settings.profile) if is_kept else None
    return Access(base_url, api_key, phone, password, tokens, sources, foreign)


def make_client(settings: Configuration, access: Access) -> SmartKasa:
    """Make a client.

    Args:
        settings: The settings of this run.
        access: Address, key and credentials.

    Raises:
        CommandError: There is no key, or a file in the working folder says whom to trust.
        ConfigurationError: A setting is wrong.
    """
    if not access.api_key:
        raise _no_key(settings, access)
    refuse_stray_authority(settings, access.base_url)
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

    Write `async with opened_client(run.settings) as kasa:`. The client logs in on first need, keeps its tokens in the
    profile's file where a login has kept credentials, and is closed at the end.

    Args:
        settings: The settings of this run.

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

    Write `async with opened_store(run.settings) as store:`.

    Args:
        settings: The settings of this run.
        to_read: Refuse a file that is not there, instead of making it.

    Raises:
        CommandError: The file is not there.
        ConfigurationError: The address cannot be used, or the extra `stores` is missing.
        StoreError: The database cannot be opened.
    """
    from smartkasa_async.stores import open_store  # noqa: PLC0415  (an extra, and most commands need none)

    if to_read:
        _require_file(settings.store)
    async with open_store(settings.store) as store:
        yield store


def store_file(store: Store) -> Path | None:
    """Return the file of a store; None where it is none."""
    url = store.engine.url
    is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(str(url.database)) if is_file else None


def _require_file(address: str) -> None:
    if "://" not in address and not Path(address).exists():
        raise CommandError(_("There is no store {file}", file=address), hint=sync_hint())


def sync_hint() -> str:
    """Say how receipts are brought into a store in which there is nothing."""
    return _(
        "Bring receipts into it, with the same --store and --profile: smartkasa receipts sync --month last;"
        " or name another store"
    )


def _kept(settings: Configuration) -> tuple[Credentials | None, str]:
    """Return what a login has kept of the profile, and where."""
    for vault in vaults(settings.secrets):
        credentials = vault.read(settings.profile)
        if credentials is not None:
            return credentials, vault.name
    return None, "default"


def refuse_stray_address(settings: Configuration) -> None:
    """Refuse an address for secrets that do not belong to it, where a file that nobody named says it.

    Raises:
        CommandError: Says how to confirm the address.
    """
    address = settings.stray_address
    if address is None or _same(address, str(SETTINGS["base_url"].default)):
        return
    message = _(
        "{source} in this folder says the address {address}; your key and password are not sent there unasked",
        source=source_for_people(settings.found["base_url"].source),
        address=address,
    )
    hint = _("If you trust it, name the file: --config {file}; or set SMARTKASA_BASE_URL", file=settings.path)
    raise CommandError(message, hint=hint)


def network_of(settings: Configuration, address: str) -> Network:
    """Read how connections are made, for what no client makes.

    Args:
        settings: The settings of this run.
        address: Address of the service.

    Raises:
        CommandError: A file in the working folder says whom to trust.
        ConfigurationError: A setting is wrong.
    """
    refuse_stray_authority(settings, address)
    return Network.of(proxy=settings.proxy, trust_env=settings.trust_env, ca_file=settings.ca_file)


def refuse_stray_authority(settings: Configuration, address: str) -> None:
    """Refuse an authority that a file says which happens to lie in the working folder.

    With a proxy that the same file says, whoever put it there could read all that is sent.

    Args:
        settings: The settings of this run.
        address: Address of the service.

    Raises:
        CommandError: Says how to confirm it.
    """
    authority = settings.stray_ca_file
    if authority is None or is_loopback(urlsplit(address).hostname or ""):
        return
    message = _(
        "{source} in this folder says to trust the certificates of {file}; that is not done unasked",
        source=source_for_people(settings.found["ca_file"].source),
        file=authority,
    )
    hint = _("If you trust it, name the file: --config {file}; or set SMARTKASA_CA_FILE", file=settings.path)
    raise CommandError(message, hint=hint)


def source_for_people(source: str) -> str:
    """Say who says a setting: names of files and variables stay as they are."""
    return {"default": _("default"), "flag": _("command line")}.get(source, source)


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _no_key(settings: Configuration, access: Access) -> CommandError:
    if access.foreign is not None:
        message = _(
            "What is kept for the profile {profile} is for {kept}, and {source} says {address}",
            profile=settings.profile,
            kept=access.foreign,
            source=source_for_people(access.sources["base_url"]),
            address=access.base_url,
        )
        return CommandError(message, hint=_("Log in there too, under another profile: smartkasa login --profile NAME"))
    message = _("There is no API key for the profile {profile}", profile=settings.profile)
    return CommandError(message, hint=_("Log in: smartkasa login; or set SMARTKASA_API_KEY"))


class _Kept(msgspec.Struct, frozen=True):
    base_url: str
    wire: Literal["flat", "enveloped"]


def wire_of(settings: Configuration, base_url: str) -> tuple[WireSetting, str]:
    """Choose the form of request bodies: what is set, else what was found out, and say who says so.

    Args:
        settings: The settings of this run.
        base_url: Address of the service.
    """
    found = settings.found["wire"]
    if settings.wire == "auto":
        path = _path(settings)
        with suppress(OSError, msgspec.DecodeError):
            kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
            if kept.base_url == base_url:
                return kept.wire, str(path)
    return settings.wire, found.source


def keep_wire(settings: Configuration, base_url: str, wire: WireForm) -> None:
    """Keep the form that was found, for the next commands of the profile; nothing where the settings say one.

    Args:
        settings: The settings of this run.
        base_url: Address of the service.
        wire: The form in which its client sends bodies.
    """
    if settings.wire != "auto" or wire == wire_of(settings, base_url)[0]:
        return
    if wire == "flat":  # what a client begins with
        forget_wire(settings)
        return
    path = _path(settings)
    with suppress(OSError):  # it is found out anew with the next command
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, msgspec.json.encode(_Kept(base_url, wire)))


def forget_wire(settings: Configuration) -> None:
    """Forget what was found out for the profile."""
    with suppress(OSError):
        _path(settings).unlink(missing_ok=True)


def _path(settings: Configuration) -> Path:
    return state_folder() / "wire" / f"{settings.profile}.json"
