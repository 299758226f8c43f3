"""Tokens of an account in the fleet's database: a refresh token is spent by one worker, and the others wait for it."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import TokenStoreError
from smartkasa_async.fleet.credentials import TOKENS, encrypted_secret_of
from smartkasa_async.fleet.errors import FleetDatabaseError, FleetKeyError
from smartkasa_async.models import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from psycopg import AsyncConnection
    from psycopg.rows import DictRow

    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.secrets import KeyRing


class DatabaseTokenStore:
    """Keeps the tokens of an account, encrypted; it implements `LockingTokenStore` by a lock on the account's row.

    Args:
        database: The fleet's database.
        keys: The master keys.
        account_id: The account.
    """

    def __init__(self, database: Database, keys: KeyRing, account_id: int) -> None:
        self._database = database
        self._keys = keys
        self._account_id = account_id
        self._locked: AsyncConnection[DictRow] | None = None

    def __repr__(self) -> str:
        return f"DatabaseTokenStore(account_id={self._account_id})"

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Hold the account's tokens alone; what was saved meanwhile is kept, however the block ends.

        Raises:
            TokenStoreError: The database was lost.
        """
        with _reporting():
            async with self._database.transaction() as connection:
                await self._take(connection)
                self._locked = connection
                try:
                    yield
                finally:
                    self._locked = None

    async def load(self) -> Session | None:
        """Return the kept session, or None.

        Raises:
            TokenStoreError: The database was lost, or the tokens do not open.
        """
        with _reporting():
            async with self._connection() as connection:
                cursor = await connection.execute(
                    "SELECT key_id, wrapped_key, content FROM tokens WHERE account_id = %s AND content IS NOT NULL",
                    [self._account_id],
                )
                row = await cursor.fetchone()
            if row is None:
                return None
            content = self._keys.decrypt(self._account_id, TOKENS, encrypted_secret_of(row))
            return msgspec.json.decode(content, type=Session)

    async def save(self, session: Session) -> None:
        """Keep a session; it is committed when this returns.

        Raises:
            TokenStoreError: The database was lost, or the account was removed.
        """
        encrypted = self._keys.encrypt(self._account_id, TOKENS, msgspec.json.encode(session))
        await self._write(encrypted.key_id, encrypted.wrapped_key, encrypted.content)

    async def clear(self) -> None:
        """Forget the session.

        Raises:
            TokenStoreError: The database was lost.
        """
        await self._write(None, None, None)

    async def _write(self, key_id: str | None, wrapped_key: bytes | None, content: bytes | None) -> None:
        with _reporting():
            async with self._connection() as connection:
                cursor = await connection.execute(
                    "UPDATE tokens SET key_id = %s, wrapped_key = %s, content = %s WHERE account_id = %s",
                    [key_id, wrapped_key, content, self._account_id],
                )
                if not cursor.rowcount and content is not None:
                    raise TokenStoreError(msg("Account {account} was removed", account=self._account_id))
                if connection is self._locked:
                    await connection.commit()
                    await self._take(connection)

    async def _take(self, connection: AsyncConnection[DictRow]) -> None:
        await connection.execute("SELECT FROM tokens WHERE account_id = %s FOR UPDATE", [self._account_id])

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        """The connection that holds the lock where this store does: others would wait for it."""
        if self._locked is not None:
            yield self._locked
            return
        async with self._database.transaction() as connection:
            yield connection


@contextmanager
def _reporting() -> Iterator[None]:
    try:
        yield
    except (FleetDatabaseError, FleetKeyError) as error:
        raise TokenStoreError(error.translatable) from error
