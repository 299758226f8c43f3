"""Who may call over HTTP: tokens in a file that has their digests alone."""

from __future__ import annotations

import hmac
import re
import secrets
import tomllib
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from mcp.server.auth.provider import AccessToken

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.arguments import check_whole
from smartkasa_async._support.files import replace_file
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.stores.store import LARGEST_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

SCOPES = ("read", "write")
ACCOUNT_CLAIM = "account_id"
"""Name of what a verified token states about whose rows it is for."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Token:
    """A token, as its file has it.

    Attributes:
        name: Who it was made for.
        sha256: The digest of its text, hexadecimal.
        scopes: What it may do: `read`, `write`.
        account_id: Whose rows of the store it is for; None for those of the account that the server was started for.
    """

    name: str
    sha256: str = field(repr=False)
    scopes: tuple[str, ...]
    account_id: int | None = None


class TokenFile:
    """Verifies tokens by a file; what was taken out of it is refused from then on.

    The file is TOML, a table for each token: `[tokens.bookkeeper]` with `sha256` and `scopes`, and
    `account_id` where the store has several accounts.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Token]:
        """Read the tokens.

        Raises:
            ConfigurationError: The file cannot be read, or is no such file.
        """
        try:
            content = tomllib.loads(self._path.read_text("utf-8"))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            message = msg("{file} cannot be read: {reason}", file=self._path, reason=external_message(error))
            raise ConfigurationError(message) from error
        tables = content.get("tokens")
        if not isinstance(tables, dict):
            raise ConfigurationError(msg("{file} has no table [tokens.NAME]", file=self._path))
        return [self._token(name, table) for name, table in tables.items()]

    def _token(self, name: str, table: object) -> Token:
        fields = table if isinstance(table, dict) else {}
        digest, scopes = fields.get("sha256"), fields.get("scopes")
        if not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
            message = msg("{file}: {name} needs sha256, 64 hexadecimal digits", file=self._path, name=f"tokens.{name}")
            raise ConfigurationError(message)
        if not (isinstance(scopes, list) and scopes and all(scope in SCOPES for scope in scopes)):
            message = msg("{file}: {name} needs scopes, of read and write", file=self._path, name=f"tokens.{name}")
            raise ConfigurationError(message)
        account_id = fields.get("account_id")
        if account_id is not None and not (type(account_id) is int and 0 <= account_id <= LARGEST_ACCOUNT):
            message = msg("{file}: {name} needs a whole number as account_id", file=self._path, name=f"tokens.{name}")
            raise ConfigurationError(message)
        return Token(name, digest, tuple(scopes), account_id)

    def add(self, name: str, scopes: Collection[str], account_id: int | None = None) -> str:
        """Make a token, and add its digest to the file, which is created if it does not exist.

        Args:
            name: Who it is for: letters, digits, dots, hyphens and underscores.
            scopes: What it may do.
            account_id: Whose rows of the store it is for; None for those of the account that the server is started for.

        Returns:
            The token's text, which is stored nowhere.

        Raises:
            ConfigurationError: The name cannot be used, or the file has it already.
            InvalidRequestError: The account's id cannot be one.
            OSError: The file cannot be written.
        """
        if not _NAME.fullmatch(name):
            message = msg(
                "{name!r} is no name of a token; use Latin letters, digits, dots and hyphens", name=name[:100]
            )
            raise ConfigurationError(message)
        if account_id is not None:
            check_whole("account_id", account_id, least=0, most=LARGEST_ACCOUNT)
        known = self.read() if self._path.exists() else []
        if any(one.name == name for one in known):
            raise ConfigurationError(msg("{file} has {name} already; take it out first", file=self._path, name=name))
        text = secrets.token_urlsafe(_BYTES)
        digest = sha256(text.encode()).hexdigest()
        tokens = [*known, Token(name, digest, tuple(scopes), account_id)]
        parts = [_written(one) for one in tokens]
        replace_file(self._path, "\n".join(parts).encode())
        return text

    async def verify_token(self, token: str) -> AccessToken | None:
        """Verify a token, as the SDK asks for it; None where no line of the file is its own."""
        digest = sha256(token.encode(errors="replace")).hexdigest()
        found = [one for one in self.read() if hmac.compare_digest(one.sha256, digest)]
        if not found:
            return None
        known = found[0]
        claims = None if known.account_id is None else {ACCOUNT_CLAIM: known.account_id}
        return AccessToken(token=digest, client_id=known.name, scopes=list(known.scopes), claims=claims)


def _written(token: Token) -> str:
    scopes = ", ".join(f'"{scope}"' for scope in token.scopes)
    account = "" if token.account_id is None else f"account_id = {token.account_id}\n"
    return f'[tokens."{token.name}"]\nsha256 = "{token.sha256}"\nscopes = [{scopes}]\n{account}'
