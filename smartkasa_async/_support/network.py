"""How a client gets out of its network: through which proxy, trusting which authorities, by which connector."""

from __future__ import annotations

import os
import re
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from smartkasa_async._i18n.external import external_message, reason_of
from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

YES_AND_NO = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
"""Words for yes and no in the environment."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy; its user and password are in no repr and in no address.

    Attributes:
        url: Its address without user and password.
        shown: Its host and port, for messages.
        authorization: Value of the header Proxy-Authorization; None where the proxy asks for nothing.
        password: What is hidden wherever it would be quoted.
    """

    url: str
    shown: str
    authorization: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str, name: str) -> Self:
        """Read the address of a proxy.

        Args:
            text: `http://host:port` or `https://host:port`, with `user:password@` before the host where the proxy asks
                for them; http where it names no scheme.
            name: Where it comes from: a setting or a variable.

        Raises:
            ConfigurationError: It is no such address; nothing of it is quoted, since it may hold a password.
        """
        text = text.strip()
        scheme, mark, _ = text.partition("://")
        try:
            parts = urlsplit(text if mark else f"http://{text}")
            host, port = parts.hostname, parts.port
            (host or "").encode("idna")
        except ValueError:
            host = port = None
        if mark and scheme.isalnum() and scheme.lower() not in _PORTS:
            raise ConfigurationError(
                msg(
                    "{field} names a {scheme} proxy; give an http:// or https:// one",
                    field=name,
                    scheme=scheme,
                )
            )
        is_known = not mark or scheme.lower() in _PORTS
        if (
            not is_known
            or not host
            or port == 0
            or parts.path.strip("/")
            or parts.query
            or parts.fragment
            or not _is_plain(text)
        ):
            raise ConfigurationError(
                msg(
                    "{field} is not an address such as {example}; in a user or a password write %40 for @, %3A for :"
                    " and %2F for /",
                    field=name,
                    example="http://user:password@proxy.example:3128",
                )
            )
        shown = f"{f'[{host}]' if ':' in host else host}:{port or _PORTS[parts.scheme]}"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        authorization = basic(user, password) if user or password else None
        return cls(f"{parts.scheme}://{shown}", shown, authorization, password or None)


@dataclass(frozen=True, slots=True)
class Network:
    """How connections are made, whatever they are for.

    Attributes:
        proxy: The proxy that all goes through; None for the environment's.
        trusts_environment: Whether HTTPS_PROXY, ALL_PROXY and NO_PROXY are used, and the system's own settings.
        ssl_context: By what certificates are checked; None for the system's authorities.
        connector_factory: Makes aiohttp's connector in each event loop; None for the client's own.
    """

    proxy: Proxy | None = None
    trusts_environment: bool = False
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)
    connector_factory: Callable[[], aiohttp.BaseConnector] | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        *,
        proxy: str | None = None,
        trust_env: bool | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        connector_factory: Callable[[], aiohttp.BaseConnector] | None = None,
    ) -> Self:
        """Read the settings of a client, and for those that are None the environment; the names are the client's.

        Raises:
            ConfigurationError: One of them is wrong.
        """
        if ca_file is not None and ssl_context is not None:
            raise ConfigurationError(msg("ca_file and ssl_context are both given; give one of them"))
        for name, value, is_right, wanted in (
            ("proxy", proxy, isinstance(proxy, str), msg("a text")),
            ("ssl_context", ssl_context, isinstance(ssl_context, ssl.SSLContext), msg("an ssl.SSLContext")),
            ("connector_factory", connector_factory, callable(connector_factory), msg("a function that makes one")),
        ):
            if value is not None and not is_right:
                kind = type(value).__name__
                raise ConfigurationError(
                    msg("{field} is of type {type}; give {wanted}", field=name, type=kind, wanted=wanted)
                )
        if ssl_context is None:
            ca_file = os.environ.get("SMARTKASA_CA_FILE") or None if ca_file is None else ca_file
            ssl_context = None if ca_file is None else _trusting(ca_file)
        value, name = (os.environ.get("SMARTKASA_PROXY"), "SMARTKASA_PROXY") if proxy is None else (proxy, "proxy")
        chosen = None if not value and proxy is None else Proxy.parse(value or "", name)
        return cls(chosen, _trusts_environment(trust_env), ssl_context, connector_factory)

    def check_for(self, url: str) -> None:
        """Refuse what would fail, or give secrets away, when an address is connected to.

        Raises:
            ConfigurationError: The environment names a proxy that cannot be used, or no certificate would be checked.
        """
        self.proxy_for(url)
        context = self.ssl_context
        if context and context.verify_mode is not ssl.CERT_REQUIRED and not is_loopback(urlsplit(url).hostname or ""):
            raise ConfigurationError(
                msg(
                    "ssl_context does not check certificates, so that anybody on the way could read the key and the"
                    " tokens; name the authority that is missing by ca_file"
                )
            )

    def proxy_for(self, url: str) -> Proxy | None:
        """Choose the proxy for an address; None for https that goes directly, and for all http.

        What goes to a proxy by https, it passes on unread (CONNECT). By http it would read all, so http goes directly;
        the library takes it on loopback alone.

        Args:
            url: Where to connect.

        Raises:
            ConfigurationError: The environment names a proxy that cannot be used.
        """
        parts = urlsplit(url)
        if parts.scheme.lower() != "https":
            return None
        if self.proxy is not None or not self.trusts_environment:
            return self.proxy
        found = getproxies()
        name, text = next(((key, found[key]) for key in ("https", "all") if found.get(key)), ("", ""))
        host = (parts.hostname or "").rstrip(".")
        if not text or is_excepted(host, parts.port or 443, found.get("no", "")) or proxy_bypass(host):
            return None
        return Proxy.parse(text, f"{name.upper()}_PROXY")


def basic(user: str, password: str) -> str:
    """Write a header's value for a user and a password."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def is_excepted(host: str, port: int, exceptions: str) -> bool:
    """Return whether NO_PROXY names a host.

    Args:
        host: Name or address, small letters.
        port: Its port.
        exceptions: Names (each with all below it, also as `.name` and `*.name`), addresses, networks (`10.0.0.0/8`),
            each with a port or without; `*` for all; separated by commas or spaces.
    """
    return any(_excepts(entry, host, port) for entry in re.split(r"[,\s]+", exceptions.lower()) if entry)


def _excepts(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    name, colon, its_port = entry.rpartition(":")
    if colon and its_port.isdecimal() and (":" not in name or name.endswith("]")):
        if int(its_port) != port:
            return False
        entry = name
    try:
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:  # one of them is a name
        name = entry.removeprefix("*").strip(".")
        return bool(name) and f".{host}".endswith(f".{name}")


def is_loopback(host: str) -> bool:
    """Return whether a name or an address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shown_proxy(text: str) -> str:
    """Write an address of a proxy without its user and password, whether it can be read or not."""
    scheme, mark, rest = text.rpartition("://")
    known, at, host = rest.rpartition("@")
    return f"{scheme}{mark}***@{host}" if at and known else text


def _trusts_environment(given: bool | None) -> bool:  # noqa: FBT001  (a setting's value)
    value: object = given
    if given is None:
        text = os.environ.get("SMARTKASA_TRUST_ENV") or "true"
        value = YES_AND_NO.get(text.lower(), text)
    if not isinstance(value, bool):
        raise ConfigurationError(msg("{field} is {value!r}; give true or false", field="trust_env", value=value))
    return value


def _trusting(ca_file: str | os.PathLike[str]) -> ssl.SSLContext:
    """Trust the authorities of a file besides the system's."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_verify_locations(ca_file)
    except ssl.SSLError:
        raise ConfigurationError(
            msg("ca_file {file} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", file=str(ca_file))
        ) from None
    except OSError as error:
        raise ConfigurationError(
            msg("ca_file {file} cannot be read: {reason}", file=str(ca_file), reason=reason_of(error))
        ) from None
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            msg("ca_file {file} cannot be read: {reason}", file=repr(ca_file), reason=external_message(error))
        ) from None
    return context


def _is_plain(text: str) -> bool:
    return text.isprintable() and " " not in text
