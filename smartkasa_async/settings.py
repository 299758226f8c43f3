"""What a client is given once: address, key, credentials, limits; checked before anything is sent."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, get_args
from urllib.parse import urlsplit

from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async._support.nearest import mistyped_variables
from smartkasa_async._support.network import Network, is_loopback
from smartkasa_async._support.phones import PhoneNumberError, phone_digits
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.retry import RetryPolicy

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    import aiohttp

    from smartkasa_async._i18n.message import Message

__all__ = [
    "DEFAULT_BASE_URL",
    "Settings",
    "SharedPace",
    "TokenForm",
    "WireForm",
    "WireSetting",
    "check_number",
    "check_retry",
]

WireForm = Literal["flat", "enveloped"]
WireSetting = Literal["auto", "flat", "enveloped"]
TokenForm = Literal["bearer", "bare"]

DEFAULT_BASE_URL = "https://core.smartkasa.ua"


class SharedPace(Protocol):
    """A rate of calls that several clients share; write one of your own for a database or a server of limits."""

    async def reserve(self) -> float:
        """Take the next slot for a request.

        Returns:
            Seconds to wait for it; 0 for at once.
        """


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one client; keys and passwords stay out of the repr.

    Args:
        api_key: Key of the integration; from SMARTKASA_API_KEY where None.
        phone_number: The user's phone number, written in any way: +380 97 123 45 67, 0971234567; from
            SMARTKASA_PHONE_NUMBER where None.
        password: The user's password; from SMARTKASA_PASSWORD where None.
        base_url: Address of the service; from SMARTKASA_BASE_URL where None, else the live service.
        wire: Form of bodies: `auto`, `flat` or `enveloped`.
        token_form: Form of tokens: `bearer` or `bare`.
        timeout: Seconds that one call may take, retries and waits included.
        retry: How often and how long failed calls are retried.
        concurrency: Maximum number of concurrent requests.
        calls_per_second: Maximum number of requests per second; None for no limit.
        max_answer_bytes: Largest answer that is accepted, bytes.
        proxy: Address of a proxy; from SMARTKASA_PROXY where None, else from the environment.
        trust_env: Whether HTTPS_PROXY, ALL_PROXY and NO_PROXY are used; from SMARTKASA_TRUST_ENV where None.
        ca_file: Certificates to trust besides the system's; from SMARTKASA_CA_FILE where None.
        ssl_context: Context that checks certificates, instead of `ca_file`.
        connector_factory: Makes aiohttp's connector in each event loop.

    Raises:
        ConfigurationError: A setting is missing or wrong; names it, without the value of a secret.
    """

    api_key: str | None = field(default=None, repr=False)
    phone_number: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    base_url: str | None = None
    wire: WireSetting = "auto"
    token_form: TokenForm = "bearer"  # noqa: S105  (a form, no secret)
    timeout: float = 60.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    concurrency: int = 16
    calls_per_second: float | None = None
    max_answer_bytes: int = 64 * 1024 * 1024
    proxy: str | None = field(default=None, repr=False)
    trust_env: bool | None = None
    ca_file: str | os.PathLike[str] | None = None
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)
    connector_factory: Callable[[], aiohttp.BaseConnector] | None = field(default=None, repr=False)
    network: Network = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("api_key", "phone_number", "password", "base_url"):
            value = getattr(self, name)
            if value is None:
                object.__setattr__(self, name, os.environ.get(f"SMARTKASA_{name.upper()}") or None)
            elif not isinstance(value, str):
                kind = type(value).__name__
                raise ConfigurationError(msg("{field} is of type {type}; give a text", field=name, type=kind))
        _check_key(self.api_key)
        _check_credentials(self.phone_number, self.password)
        if self.phone_number is not None:
            object.__setattr__(self, "phone_number", _phone(self.phone_number))
        object.__setattr__(self, "base_url", _checked_url(self.base_url or DEFAULT_BASE_URL))
        if self.wire not in get_args(WireSetting):
            raise ConfigurationError(msg("wire is {value!r}; give 'auto', 'flat' or 'enveloped'", value=self.wire))
        if self.token_form not in get_args(TokenForm):
            raise ConfigurationError(msg("token_form is {value!r}; give 'bearer' or 'bare'", value=self.token_form))
        check_number("timeout", self.timeout, (int, float))
        check_number("concurrency", self.concurrency, (int,))
        check_number("max_answer_bytes", self.max_answer_bytes, (int,))
        if self.calls_per_second is not None:
            check_number("calls_per_second", self.calls_per_second, (int, float))
        check_retry(self.retry)
        network = Network.of(
            proxy=self.proxy,
            trust_env=self.trust_env,
            ca_file=self.ca_file,
            ssl_context=self.ssl_context,
            connector_factory=self.connector_factory,
        )
        network.check_for(self.address)  # now, and not by the first call
        object.__setattr__(self, "network", network)

    @property
    def key(self) -> str:
        """The API key, which is never missing after the checks."""
        return self.api_key or ""

    @property
    def address(self) -> str:
        """Address of the service, without a slash at the end."""
        return self.base_url or DEFAULT_BASE_URL


def _check_key(key: str | None) -> None:
    if not key:
        message = msg("The API key is missing; give api_key or set SMARTKASA_API_KEY")
        raise ConfigurationError(_with_mistyped(message, "api_key"))
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            msg("api_key holds a space, a line break or a letter that no header can hold; check it")
        )


def _check_credentials(phone_number: str | None, password: str | None) -> None:
    if (phone_number is None) != (password is None):
        missing = "password" if password is None else "phone_number"
        message = msg("{field} is missing; a login takes phone_number and password together", field=missing)
        raise ConfigurationError(_with_mistyped(message, missing))


def _with_mistyped(message: Message, setting: str) -> Message:
    """Name the variable that seems to be meant for a setting that is missing, where there is one."""
    for variable, meant in mistyped_variables([setting]):
        seems = msg("{variable} is set, and nothing reads it: did you mean {meant}?", variable=variable, meant=meant)
        return join_messages([message, seems], ". ")
    return message


def _phone(text: str) -> str:
    try:
        return phone_digits(text)
    except PhoneNumberError as error:
        raise ConfigurationError(msg("phone_number cannot be used: {reason}", reason=error.reason)) from None


def check_number(name: str, value: object, kinds: tuple[type[int | float], ...]) -> None:
    """Refuse what is not a finite number above 0.

    Args:
        name: Name of the setting.
        value: Its value.
        kinds: Types that it may have.

    Raises:
        ConfigurationError: It cannot be used.
    """
    if not isinstance(value, kinds) or isinstance(value, bool) or not 0 < value < float("inf"):
        if float in kinds:
            raise ConfigurationError(msg("{field} is {value!r}; give a finite number above 0", field=name, value=value))
        raise ConfigurationError(msg("{field} is {value!r}; give a whole number above 0", field=name, value=value))


def check_retry(retry: object) -> None:
    """Refuse what is not a `RetryPolicy`.

    Raises:
        ConfigurationError: It is something else.
    """
    if not isinstance(retry, RetryPolicy):
        raise ConfigurationError(msg("retry is of type {type}; give a RetryPolicy", type=type(retry).__name__))


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or not url.isprintable() or " " in url:
        raise ConfigurationError(msg("base_url is not an address such as {example}", example=DEFAULT_BASE_URL))
    if set("@?#") & set(url):
        raise ConfigurationError(msg("base_url may hold a scheme, a host, a port and a path, nothing else"))
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(
            msg("base_url is http://{host}; use https, since the key and the tokens would go unencrypted", host=host)
        )
    return url.rstrip("/")
