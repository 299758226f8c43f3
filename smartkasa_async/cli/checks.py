"""Checks of `doctor`, each with a result and advice."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlsplit

from smartkasa_async._generated import operations
from smartkasa_async._i18n.external import external_message, reason_of
from smartkasa_async._support.clock import in_words
from smartkasa_async._support.network import Network
from smartkasa_async.cli.access import source_for_people
from smartkasa_async.cli.api_probe import ApiProbe, ConnectionInfo, probe_connection
from smartkasa_async.cli.errors import Exit, library_error
from smartkasa_async.cli.messages import _, n_, translated
from smartkasa_async.errors import (
    CertificateError,
    ConfigurationError,
    ForbiddenError,
    NotConnectedError,
    NotFoundError,
    SmartKasaError,
    UnauthorizedError,
    UnreadableAnswerError,
    UnreadableRecordsError,
    ValidationError,
)
from smartkasa_async.records.days import business_day
from smartkasa_async.settings import DEFAULT_BASE_URL, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from smartkasa_async.cli.access import Access
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.models import Session
    from smartkasa_async.settings import TokenForm, WireForm, WireSetting

Status = Literal["ok", "warn", "fail", "unknown"]
FormT = TypeVar("FormT", bound=str)

_FORMS: tuple[WireForm, ...] = ("flat", "enveloped")
_TOKEN_FORMS: tuple[TokenForm, ...] = ("bearer", "bare")
_DIRECT = Network()
_SKEW_NOTED, _SKEW_HARMFUL = 30.0, 300.0
_CERTIFICATE_DAYS = 14
_LARGE_PAGE = 1000
_LONG_AGO = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Check:
    """Result of one check.

    Attributes:
        name: Its name, for JSON.
        status: How it went; `unknown` if it could not be determined.
        message: What was found.
        hint: What to do, or None.
        exit: The exit status that it calls for.
        settings: Settings that fit the service, by name.
    """

    name: str
    status: Status
    message: str
    hint: str | None = None
    exit: Exit = Exit.DONE
    settings: Mapping[str, str] = field(default_factory=dict)


def _now() -> datetime:
    return datetime.now(UTC)


async def checks_of(
    access: Access,
    wire: WireSetting,
    token_form: TokenForm,
    *,
    network: Network = _DIRECT,
    now: Callable[[], datetime] = _now,
) -> AsyncIterator[Check]:
    """Check the service, one thing after another, until one makes the others impossible.

    It sends nothing that writes besides logins and a refresh.

    Args:
        access: Address, key and credentials.
        wire: The form of bodies that the settings choose.
        token_form: The form of tokens that they choose.
        network: How connections are made.
        now: The local clock.
    """
    connection = await _address(access, network)
    yield connection if isinstance(connection, Check) else _reached(access, connection)
    if isinstance(connection, Check):
        return
    yield _tls(access, connection, now())
    if not access.api_key:
        yield _no_key(access)
        return
    if reason := _refused(api_key=access.api_key):
        hint = _("It comes from: {source}.", source=source_for_people(access.sources["api_key"]))
        yield Check("key", "fail", reason, hint, Exit.USAGE)
        return
    async with ApiProbe(access.base_url, access.api_key, now, network) as probe:
        logins = await _logins(probe, access)
        yield _clock(probe.skew)
        for check in _key_and_credentials(logins, access):
            yield check
        if logins.session is None:
            return
        token = logins.session.access
        styles = await _token_styles(probe, token)
        yield _wire(wire, token_form, logins, styles, works_alone=probe.asks_for_envelope)
        if styles.are_all_refused:
            return
        form = _chosen(token_form, styles.taken) if styles.taken else token_form
        yield await _unless_failed("page_size", _page_size(probe, form, token))
        yield await _unless_failed("receipt_dates", _receipt_dates(probe, form, token))
        yield await _unless_failed("refresh", _refresh(probe, logins.accepted[-1], form, logins.session.refresh))
        if probe.unreadable:
            yield _unreadable(list(probe.unreadable.values()))


def _no_key(access: Access) -> Check:
    if access.other_address is None:
        return Check("key", "fail", _("There is no API key."), _("Log in: smartkasa login"), Exit.USAGE)
    message = _("There is no API key for this address; the stored one is for {address}.", address=access.other_address)
    hint = _("Log in there too, under another profile: smartkasa login --profile NAME")
    return Check("key", "fail", message, hint, Exit.USAGE)


# --- connection ---


async def _address(access: Access, network: Network) -> Check | ConnectionInfo:
    source = source_for_people(access.sources["base_url"])
    if reason := _refused(base_url=access.base_url):
        return Check(
            "address",
            "fail",
            reason,
            _("Set another base_url; this one comes from: {source}.", source=source),
            Exit.USAGE,
        )
    host = urlsplit(access.base_url).hostname or access.base_url
    try:
        return await probe_connection(access.base_url, network)
    except NotConnectedError as error:
        name = "tls" if isinstance(error, CertificateError) else "address"
        cli_error = library_error(error)
        return Check(name, "fail", str(translated(error)), cli_error.hint, cli_error.exit)
    except socket.gaierror:
        message = _("The name {host} is not known.", host=host)
        hint = _("Check base_url and the network; the address comes from: {source}.", source=source)
    except ssl.SSLCertVerificationError as error:
        reason = external_message(error)
        message = _("The certificate of {host} is not accepted: {reason}.", host=host, reason=reason)
        hint = _(
            "Check the clock of this machine, and whether there is a proxy in between; name the certificate of your own"
            " network's proxy by ca_file."
        )
        return Check("tls", "fail", message, hint, Exit.UNREACHABLE)
    except ssl.SSLError as error:
        message = _("{host} does not speak TLS as it should: {reason}.", host=host, reason=external_message(error))
        hint = _("Check base_url: https, and the port.")
        return Check("tls", "fail", message, hint, Exit.UNREACHABLE)
    except (OSError, ValueError) as error:
        code = error.errno if isinstance(error, OSError) else None
        reason = reason_of(OSError(code, os.strerror(code))) if code and code > 0 else type(error).__name__
        message = _("{host} does not answer: {reason}.", host=host, reason=reason)
        hint = _("Check base_url, the network and the firewall.")
    return Check("address", "fail", message, hint, Exit.UNREACHABLE)


def _refused(*, base_url: str | None = None, api_key: str = "-") -> str | None:
    """Return why an address or a key cannot be used by any client."""
    try:
        Settings(api_key=api_key, phone_number="1", password="-", base_url=base_url or DEFAULT_BASE_URL)  # noqa: S106
    except ConfigurationError as error:
        return str(translated(error))
    return None


def _reached(access: Access, connection: ConnectionInfo) -> Check:
    if connection.by_proxy:
        message = _("{address} answers through the proxy {proxy}.", address=access.base_url, proxy=connection.address)
        return Check("address", "ok", message)
    return Check("address", "ok", _("{address} answers from {ip}.", address=access.base_url, ip=connection.address))


def _tls(access: Access, connection: ConnectionInfo, now: datetime) -> Check:
    if urlsplit(access.base_url).scheme != "https":
        return Check("tls", "ok", _("http, not encrypted; allowed for this machine only."))
    if connection.certificate_until is None:
        return Check("tls", "ok", _("The certificate is accepted."))
    days = (connection.certificate_until - now).days
    message = n_(
        "The certificate is accepted; it ends in {count} day.",
        "The certificate is accepted; it ends in {count} days.",
        days,
    )
    if days < _CERTIFICATE_DAYS:
        return Check("tls", "warn", message, _("Nothing to do here; the vendor has to renew it."), Exit.INCOMPLETE)
    return Check("tls", "ok", message)


def _clock(skew: float | None) -> Check:
    if skew is None:
        return Check("clock", "unknown", _("The answers of the service have no time."))
    seconds = round(abs(skew))
    if seconds <= _SKEW_NOTED:
        return Check("clock", "ok", _("The clocks agree within {limit} seconds.", limit=int(_SKEW_NOTED)))
    message = (
        _("This machine's clock is {time} ahead.", time=translated(in_words(skew)))
        if skew > 0
        else _("This machine's clock is {time} behind.", time=translated(in_words(skew)))
    )
    hint = _("Synchronise the system clock by NTP: tokens are renewed by it.")
    if seconds > _SKEW_HARMFUL:
        return Check("clock", "fail", message, hint, Exit.USAGE)
    return Check("clock", "warn", message, hint, Exit.INCOMPLETE)


# --- login ---


@dataclass(slots=True)
class _Logins:
    """Results of logins with both forms of bodies, and the last session."""

    session: Session | None
    accepted: list[WireForm]
    refusals: list[SmartKasaError]


async def _logins(probe: ApiProbe, access: Access) -> _Logins:
    logins = _Logins(None, [], [])
    if not (access.phone_number and access.password):
        return logins
    for form in _FORMS:
        try:
            session = await probe.login(form, access.phone_number, access.password)
        except SmartKasaError as error:
            logins.refusals.append(error)
        else:
            logins.accepted.append(form)
            logins.session = session
    return logins


def _key_and_credentials(logins: _Logins, access: Access) -> list[Check]:
    source = source_for_people(access.sources["api_key"])
    if logins.accepted:
        return [
            Check("key", "ok", _("The API key is accepted.")),
            Check("credentials", "ok", _("Phone number and password are accepted.")),
        ]
    if not logins.refusals:
        hint = _("Log in: smartkasa login")
        message = _("There are no phone number and password to log in with.")
        return [Check("credentials", "fail", message, hint, Exit.USAGE)]
    if all(isinstance(error, UnauthorizedError) for error in logins.refusals):
        hint = _("Give the key of your integration: smartkasa login; this one comes from: {source}.", source=source)
        return [Check("key", "fail", _("The API key is not accepted."), hint, Exit.FORBIDDEN)]
    if any(isinstance(error, ValidationError) for error in logins.refusals):
        hint = _("Give them anew: smartkasa login; the phone number as +380 97 123 45 67 or 0971234567.")
        return [
            Check("key", "ok", _("The API key is accepted.")),
            Check("credentials", "fail", _("Phone number or password is not accepted."), hint, Exit.FORBIDDEN),
        ]
    return [failed("credentials", logins.refusals[0])]


# --- service behaviour ---


@dataclass(slots=True)
class _Styles:
    """Results of reading with both forms of tokens."""

    taken: list[TokenForm]
    refusals: list[SmartKasaError]

    @property
    def are_all_refused(self) -> bool:
        """Whether the service refuses the token itself, in any form."""
        return not self.taken and all(isinstance(error, UnauthorizedError) for error in self.refusals)


async def _token_styles(probe: ApiProbe, token: str) -> _Styles:
    styles = _Styles([], [])
    for form in _TOKEN_FORMS:
        try:
            await probe.read(operations.LIST_SHOPS, form, token, {"per_page": 1})
        except SmartKasaError as error:
            styles.refusals.append(error)
        else:
            styles.taken.append(form)
    return styles


def _wire(wire: WireSetting, token_form: TokenForm, logins: _Logins, styles: _Styles, *, works_alone: bool) -> Check:
    """Compare the two settings with the forms that the service accepts.

    Args:
        wire: The form of bodies that the settings choose.
        token_form: The form of tokens that they choose.
        logins: The forms of bodies that were tried.
        styles: The forms of tokens that were tried.
        works_alone: Whether the service asks for envelopes in a way that `auto` follows.
    """
    if styles.are_all_refused:
        message = _("The service refuses the token of the login that it has just accepted.")
        hint = _("Check whether a proxy removes the header Authorization; else ask the vendor.")
        return Check("wire", "fail", message, hint, Exit.FORBIDDEN)
    if not styles.taken:
        message = _("The wire form of the service cannot be determined, since the shops cannot be read.")
        return Check("wire", "unknown", message)
    body, token = _chosen("flat" if wire == "auto" else wire, logins.accepted), _chosen(token_form, styles.taken)
    message = _("The service takes {bodies}, {tokens}.", bodies=_bodies(logins.accepted), tokens=_tokens(styles.taken))
    hint = _('Settings that fit: wire = "{wire}", token_form = "{token_form}".', wire=body, token_form=token)
    settings = {"wire": body, "token_form": token}
    is_right = wire == body or (wire == "auto" and (body == "flat" or works_alone))
    if is_right and token == token_form:
        return Check("wire", "ok", message, hint, settings=settings)
    current = _('The settings are wire = "{wire}", token_form = "{token_form}".', wire=wire, token_form=token_form)
    hint = _('Set wire = "{wire}" and token_form = "{token_form}": smartkasa doctor --write', **settings)
    return Check("wire", "fail", f"{message} {current}", hint, Exit.USAGE, settings)


def _chosen(wanted: FormT, taken: Sequence[FormT]) -> FormT:
    """Choose the form that is set, if the service takes it."""
    return wanted if wanted in taken else taken[0]


def _bodies(taken: Sequence[WireForm]) -> str:
    names = {"flat": _("flat bodies"), "enveloped": _("enveloped bodies")}
    return names[taken[0]] if len(taken) == 1 else _("flat and enveloped bodies")


def _tokens(taken: Sequence[TokenForm]) -> str:
    names = {"bearer": _("Bearer tokens"), "bare": _("bare tokens")}
    return names[taken[0]] if len(taken) == 1 else _("Bearer and bare tokens")


async def _refresh(probe: ApiProbe, wire: WireForm, token_form: TokenForm, token: str) -> Check:
    """Renew the session of the last login, which ends its tokens."""
    try:
        session = await probe.refresh(wire, token_form, token)
        await probe.read(operations.LIST_SHOPS, token_form, session.access, {"per_page": 1})
    except (UnauthorizedError, NotFoundError, ValidationError) as error:
        message = _("The service does not renew a session: {reason}", reason=translated(error))
        hint = _("Give programs phone number and password, so that they log in when their tokens end; ask the vendor.")
        return Check("refresh", "warn", message, hint, Exit.INCOMPLETE)
    return Check("refresh", "ok", _("The session is renewed with its refresh token."))


async def _page_size(probe: ApiProbe, form: TokenForm, token: str) -> Check:
    answer = await probe.read(operations.LIST_SHOPS, form, token, {"per_page": _LARGE_PAGE})
    size = answer.meta.limit_value
    if size < _LARGE_PAGE:
        message = _(
            "Pages have at most {size} records, whatever is asked for; lists are complete all the same.", size=size
        )
        return Check("page_size", "ok", message, _("Ask for at most {size} records a page.", size=size))
    return Check("page_size", "ok", _("Pages of {size} records are possible.", size=_LARGE_PAGE))


async def _receipt_dates(probe: ApiProbe, form: TokenForm, token: str) -> Check:
    """Compare days without receipts and a day with some."""

    async def count(start: date, end: date) -> int:
        query = {"date_start": start, "date_end": end, "per_page": 1}
        return (await probe.read(operations.LIST_RECEIPTS, form, token, query)).meta.total_count

    newest = await probe.read(operations.LIST_RECEIPTS, form, token)
    if not newest.data:
        return Check("receipt_dates", "unknown", _("There are no readable receipts to try date filters with."))
    day = business_day(newest.data[0].created_at)
    empty, full = await count(_LONG_AGO, _LONG_AGO), await count(day, day)
    if empty:
        message = n_(
            "Date filters of receipts are ignored: {count} receipt on {day}.",
            "Date filters of receipts are ignored: {count} receipts on {day}.",
            empty,
            day=_LONG_AGO,
        )
        hint = _("Syncs still give the right receipts, but read all of them each time.")
        return Check("receipt_dates", "warn", message, hint, Exit.INCOMPLETE)
    if not full:
        message = _("The list of {day} is empty, though there is a receipt on that day.", day=day)
        hint = _("Ask the vendor by which time receipts are filtered; until then reconcile with care.")
        return Check("receipt_dates", "warn", message, hint, Exit.INCOMPLETE)
    return Check("receipt_dates", "ok", _("Date filters of receipts are honoured."))


def _unreadable(records: Sequence[UnreadableRecord]) -> Check:
    error = UnreadableRecordsError(records)
    hint = _("Lists return all other records and name these; report the field to the developers.")
    return Check("records", "warn", str(translated(error)), hint, Exit.INCOMPLETE)


async def _unless_failed(name: str, check: Awaitable[Check]) -> Check:
    try:
        return await check
    except SmartKasaError as error:
        return failed(name, error)


def failed(name: str, error: SmartKasaError) -> Check:
    """Make the result of a check that failed with an error."""
    cli_error = library_error(error)
    hint = cli_error.hint
    if isinstance(error, ForbiddenError):
        hint = _("Give this user the right to it in the vendor's cabinet.")
    elif isinstance(error, (NotFoundError, UnreadableAnswerError)):
        hint = _("Check base_url: this may be the address of something else.")
    elif hint is not None and "smartkasa doctor" in hint:  # this is the doctor
        hint = None
    return Check(name, "fail", cli_error.message, hint, cli_error.exit)
