"""Addresses of stores for people to read, without their passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support.extras import naming_extras

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_SECRET = frozenset({"password", "passfile", "sslpassword", "sslkey"})
"""Parts of an address's query that are nobody's business."""


def shown(url: URL) -> str:
    """Write an address for people to read, without its password."""
    if "@" in (url.host or ""):  # the end of a password that was not quoted
        return f"{url.drivername}://***"
    hidden = {name: "***" for name in url.query if name.lower() in _SECRET}
    # A file's name need not be UTF-8, and is shown as it is in any other message then.
    readable = url.update_query_dict(hidden).set(database=url.database and visible(url.database))
    return readable.render_as_string(hide_password=True).replace("%2A", "*").replace("%5C", "\\")


def shown_address(address: str) -> str:
    """Write a store's address for people to read, as it was given; one that cannot be read is hidden."""
    if "://" not in address:
        return "***" if is_of_a_server(address) else address
    with naming_extras():
        from sqlalchemy.engine import make_url  # noqa: PLC0415  (paths of files need none of it)
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return f"{address.partition('://')[0]}://***"
    return shown(url)


def is_of_a_server(path: str) -> bool:
    """Return whether a path is the address of a server without its slashes; it may have a password."""
    return "@" in path and path.startswith("postgres")
