"""Credentials of accounts, encrypted in the fleet's database, and their master key's rotation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.fleet.errors import FleetKeyError
from smartkasa_async.fleet.secrets import EncryptedSecret

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import DictRow

    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.secrets import KeyRing

CREDENTIALS = "credentials"
TOKENS = "tokens"
_ROWS_AT_ONCE = 200

_STALE: dict[str, LiteralString] = {
    CREDENTIALS: "SELECT account_id, key_id, wrapped_key, content FROM credentials WHERE key_id <> %s"
    " ORDER BY account_id LIMIT %s FOR UPDATE",
    TOKENS: "SELECT account_id, key_id, wrapped_key, content FROM tokens WHERE key_id <> %s"
    " ORDER BY account_id LIMIT %s FOR UPDATE",
}
_REWRAP: dict[str, LiteralString] = {
    CREDENTIALS: "UPDATE credentials SET key_id = %s, wrapped_key = %s WHERE account_id = %s",
    TOKENS: "UPDATE tokens SET key_id = %s, wrapped_key = %s WHERE account_id = %s",
}


class Credentials(msgspec.Struct, frozen=True):
    """What an account logs in with; the repr shows nothing of it.

    Attributes:
        api_key: Key of the integration.
        phone_number: Phone number of the user.
        password: Password of the user.
    """

    api_key: str
    phone_number: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(***)"

    __str__ = __repr__


class CredentialStore:
    """Credentials of all accounts, encrypted.

    Args:
        database: The fleet's database.
        keys: The master keys.
    """

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self.keys = keys

    async def write(self, connection: AsyncConnection[DictRow], account_id: int, credentials: Credentials) -> None:
        """Keep an account's credentials in a transaction; tokens of others that were kept are forgotten."""
        encrypted = self.keys.encrypt(account_id, CREDENTIALS, msgspec.json.encode(credentials))
        await connection.execute(
            """
            INSERT INTO credentials (account_id, key_id, wrapped_key, content) VALUES (%s, %s, %s, %s)
            ON CONFLICT (account_id) DO UPDATE
            SET key_id = excluded.key_id, wrapped_key = excluded.wrapped_key, content = excluded.content
            """,
            [account_id, encrypted.key_id, encrypted.wrapped_key, encrypted.content],
        )
        await connection.execute(
            "INSERT INTO tokens (account_id) VALUES (%s) ON CONFLICT (account_id) DO UPDATE"
            " SET key_id = NULL, wrapped_key = NULL, content = NULL",
            [account_id],
        )

    async def read(self, account_id: int) -> Credentials:
        """Return an account's credentials.

        Raises:
            FleetKeyError: There are none, or they do not open.
        """
        row = await self._database.row(
            "SELECT key_id, wrapped_key, content FROM credentials WHERE account_id = %s", [account_id]
        )
        if row is None:
            raise FleetKeyError(msg("Account {account} has no credentials; add it anew", account=account_id))
        content = self.keys.decrypt(account_id, CREDENTIALS, encrypted_secret_of(row))
        return msgspec.json.decode(content, type=Credentials)

    async def rotate(self) -> int:
        """Wrap all data keys by the first master key; workers that have both keys go on meanwhile.

        Returns:
            How many rows were wrapped anew.

        Raises:
            FleetKeyError: A row does not open, or its key is not in the ring; the rows before it are done.
        """
        return sum([await self._rotate(purpose) for purpose in (CREDENTIALS, TOKENS)])

    async def _rotate(self, purpose: str) -> int:
        count = 0
        while True:
            async with self._database.transaction() as connection:
                cursor = await connection.execute(_STALE[purpose], [self.keys.current, _ROWS_AT_ONCE])
                rows = await cursor.fetchall()
                for row in rows:
                    encrypted = self.keys.rewrap(row["account_id"], purpose, encrypted_secret_of(row))
                    await connection.execute(
                        _REWRAP[purpose], [encrypted.key_id, encrypted.wrapped_key, row["account_id"]]
                    )
            count += len(rows)
            if not rows:
                return count


def encrypted_secret_of(row: dict[str, Any]) -> EncryptedSecret:
    """Read what is encrypted in a row."""
    return EncryptedSecret(row["key_id"], bytes(row["wrapped_key"]), bytes(row["content"]))
