"""Price lists that are fetched from a link into a temporary file."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeGuard
from urllib.parse import unquote, urljoin, urlsplit

from anyio import to_thread

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support.network import Network, basic, is_loopback
from smartkasa_async._version import __version__
from smartkasa_async.catalog.errors import LinkError, SourceError
from smartkasa_async.catalog.sources.archives import MOST_BYTES, PackedError, is_packed, unpack, unpacked_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

    from smartkasa_async._i18n.message import Message

MOST_SECONDS = 600.0
"""Longest time that fetching one may take."""

_SILENT_SECONDS = 60.0
_MOST_REDIRECTS = 5
_CHUNK = 1 << 18
_LONGEST_NAME = 100
_LINK = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")  # two letters at least: `C:/` is a drive
_PAGE = (b"<!doctype html", b"<html")
_NO_CONTENT = 204

_EXAMPLE = "https://shop.example/feed.xml"


def is_link(source: object) -> TypeGuard[str | os.PathLike[str]]:
    """Return whether a source is the address of a file, and not its path."""
    return isinstance(source, str | os.PathLike) and _LINK.match(os.fsdecode(source)) is not None


def name_of_link(link: str) -> str:
    """Return the name of the file behind a link, as far as the link has one."""
    return _plain_name(PurePosixPath(unquote(urlsplit(link).path)).name) or "feed"


def shown_link(link: str) -> str:
    """Write a link for people, without user, password and query, which often hold a key.

    Raises:
        SourceError: It is none that can be fetched.
    """
    return _Hop.of(link).shown


@asynccontextmanager
async def fetched(link: str | os.PathLike[str], network: Network) -> AsyncIterator[Path]:
    """Fetch a price list, and delete it in the end.

    Nothing of the client goes along: neither key nor tokens, nor cookies. Redirects are followed a few times, and never
    from https to http. What is packed by gzip is unpacked.

    Args:
        link: Address of the file: https, or http on loopback; `user:password@` before the host are given to that host.
        network: How connections are made.

    Raises:
        LinkError: It could not be fetched; later it may.
        SourceError: It is no address of a price list.
    """
    if not isinstance(link, str):
        raise SourceError(msg("The source is a link in a Path, which spoils it; give it as a text (str)"))
    first = _Hop.of(link)
    with tempfile.TemporaryDirectory(prefix="smartkasa-", ignore_cleanup_errors=True) as folder:
        packed = Path(folder, "fetched")
        name = await _Fetch(network).into(packed, first)
        yield await to_thread.run_sync(partial(_named, packed, name, first.shown))


@dataclass(frozen=True, slots=True)
class _Hop:
    """One address on the way to a file.

    Attributes:
        url: What is asked for, without user and password.
        shown: What messages name, without the query too, which often holds a key.
        origin: Scheme, host and port.
        login: Header's value for user and password; None where there are none.
    """

    url: str
    shown: str
    origin: tuple[str, str, int | None]
    login: str | None

    @classmethod
    def of(cls, link: str) -> _Hop:
        try:
            parts = urlsplit(link)
            host, port = parts.hostname or "", parts.port
            host.encode("idna")
        except ValueError:
            host, port, parts = "", None, urlsplit("")
        scheme = parts.scheme.lower()
        authority = f"{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
        shown = visible(f"{scheme}://{authority}{parts.path}")
        if scheme not in {"", "http", "https"}:
            raise SourceError(
                msg("{link} is an address that cannot be fetched; download the file and give its path", link=shown)
            )
        if not host or not link.isprintable() or " " in link:
            raise SourceError(msg("The source is no whole link; give one such as {example}", example=_EXAMPLE))
        if scheme == "http" and not is_loopback(host):
            raise SourceError(
                msg(
                    "{link} is not encrypted, so that anybody on the way could change the prices; give a link with"
                    " https, or download the file and give its path",
                    link=shown,
                )
            )
        login = None
        if parts.username is not None:
            login = basic(unquote(parts.username), unquote(parts.password or ""))
        url = parts._replace(scheme=scheme, netloc=authority, fragment="").geturl()
        return cls(url, shown, (scheme, host, port), login)

    def follow(self, location: str) -> _Hop:
        """Return the address that a redirect leads to; user and password go to no other host."""
        hop = _Hop.of(urljoin(self.url, location))
        if self.origin[0] == "https" and hop.origin[0] != "https":
            raise SourceError(
                msg("{link} leads on to an address that is not encrypted; download the file", link=self.shown)
            )
        return _Hop(hop.url, hop.shown, hop.origin, self.login if hop.origin == self.origin else None)


class _Fetch:
    def __init__(self, network: Network) -> None:
        self._network = network

    async def into(self, path: Path, hop: _Hop) -> str:
        """Fetch into a file, and return the name that the server gives it."""
        import aiohttp  # noqa: PLC0415  (most price lists are files)

        from smartkasa_async._core.connections import NotOpenedError, open_connector  # noqa: PLC0415

        self._network.check_for(hop.url)
        shown = hop.shown
        try:
            async with aiohttp.ClientSession(
                connector=open_connector(self._network, connections=1),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": f"smartkasa-async/{__version__}", "Accept-Encoding": "gzip, deflate"},
                timeout=aiohttp.ClientTimeout(total=MOST_SECONDS, sock_connect=10.0, sock_read=_SILENT_SECONDS),
            ) as session:
                return await self._follow(session, path, hop)
        except NotOpenedError as error:
            status = error.proxy_status
            reason = (
                msg("the proxy answers {status}", status=status) if status else external_message(error.reason or error)
            )
        except TimeoutError:
            reason = msg("it took too long")
        except aiohttp.ClientConnectorError as error:
            reason = external_message(getattr(error, "certificate_error", error.os_error))
        except (aiohttp.ClientError, OSError) as error:
            reason = external_message(error)
        raise _unfetched(shown, reason)

    async def _follow(self, session: aiohttp.ClientSession, path: Path, hop: _Hop) -> str:
        for _ in range(_MOST_REDIRECTS + 1):
            async with self._ask(session, hop) as response:
                location = response.headers.get("Location")
                if not (300 <= response.status < 400 and location):  # noqa: PLR2004
                    _require_file(response, hop)
                    await _save(response, path, hop)
                    named = response.content_disposition.filename if response.content_disposition else None
                    return _plain_name(named or "") or name_of_link(hop.url)
            hop = hop.follow(location)
        raise SourceError(msg("{link} leads on and on; give the link of the file itself", link=hop.shown))

    def _ask(self, session: aiohttp.ClientSession, hop: _Hop) -> aiohttp.client._RequestContextManager:
        proxy = self._network.proxy_for(hop.url)
        known = proxy is not None and proxy.authorization
        return session.get(
            hop.url,
            allow_redirects=False,
            headers=None if hop.login is None else {"Authorization": hop.login},
            ssl=self._network.ssl_context or True,
            proxy=None if proxy is None else proxy.url,
            proxy_headers={"Proxy-Authorization": known} if known else None,
        )


def _require_file(response: aiohttp.ClientResponse, hop: _Hop) -> None:
    status = response.status
    if status in {401, 403}:
        raise SourceError(
            msg(
                "{link} asks for a login ({status}); download the file and give its path",
                link=hop.shown,
                status=status,
            )
        )
    if status in {404, 410}:
        raise SourceError(msg("There is no file at {link} ({status}); check the link", link=hop.shown, status=status))
    if not 200 <= status < 300 or status == _NO_CONTENT:  # noqa: PLR2004
        raise _unfetched(hop.shown, msg("it answers with status {status}", status=status))


async def _save(response: aiohttp.ClientResponse, path: Path, hop: _Hop) -> None:
    if (response.content_length or 0) > MOST_BYTES:
        raise _too_large(hop.shown)
    size = 0
    file = await to_thread.run_sync(path.open, "wb")
    try:
        async for chunk in response.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise _too_large(hop.shown)
            await to_thread.run_sync(file.write, chunk)
    finally:
        await to_thread.run_sync(file.close)


def _named(packed: Path, name: str, shown: str) -> Path:
    """Unpack what was fetched, if it is packed, and give it its name."""
    if is_packed(packed):
        path = packed.with_name(unpacked_name(name))
        try:
            unpack(packed, path, most=MOST_BYTES)
        except PackedError as error:
            if error.is_too_large:
                raise _too_large(shown) from error
            raise _unfetched(shown, msg("its gzip archive is damaged or cut off")) from error
        packed.unlink()
    else:
        path = packed.rename(packed.with_name(name))
    with path.open("rb") as file:
        beginning = file.read(_CHUNK)
    if beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_PAGE):
        raise SourceError(
            msg(
                "{link} gives a web page and no price list; give the link of the file itself (of a Google sheet: File,"
                " Share, Publish to web, CSV), or download the file and give its path",
                link=shown,
            )
        )
    return path


def _plain_name(name: str) -> str:
    """Make a name of what a server or a link gives, which may be anything."""
    name = re.split(r"[/\\]", name)[-1].strip(". ")
    name = visible(re.sub(r'[\x00-\x1f\x7f<>:"|?*]', "_", name)).replace("\\", "_")
    return name if len(name) <= _LONGEST_NAME else name[-_LONGEST_NAME:].lstrip(". ")


def _unfetched(shown: str, reason: Message) -> LinkError:
    return LinkError(
        msg(
            "The price list could not be fetched from {link}: {reason}; try later, or download the file and give its"
            " path",
            link=shown,
            reason=reason,
        )
    )


def _too_large(shown: str) -> SourceError:
    return SourceError(
        msg(
            "The file at {link} is larger than {count} MiB; download it and give its path",
            link=shown,
            count=MOST_BYTES >> 20,
        )
    )
