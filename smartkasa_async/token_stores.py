"""Where the tokens of a session are kept between runs."""

from __future__ import annotations

import os
import threading
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from copy import copy
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

import msgspec

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.arguments import check_path
from smartkasa_async._support.files import read_file, replace_file
from smartkasa_async._support.locks import locked_file, locked_thread
from smartkasa_async.errors import TokenStoreError
from smartkasa_async.models import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

__all__ = ["FileTokenStore", "LockingTokenStore", "MemoryTokenStore", "TokenStore"]


class TokenStore(Protocol):
    """Keeps the tokens of one session; write one of your own for a database or a secret service."""

    async def load(self) -> Session | None:
        """Return the kept session, or None."""

    async def save(self, session: Session) -> None:
        """Keep a session; when this returns, it must survive a crash."""

    async def clear(self) -> None:
        """Forget the session."""


@runtime_checkable
class LockingTokenStore(TokenStore, Protocol):
    """A store that several processes or event loops share: one of them renews the tokens, the others wait for it."""

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Hold the session alone while the block runs: tokens are then loaded, renewed and saved.

        It waits as long as another holds it; the client cancels the wait when its time is over. A lock must end with
        the process or the connection that holds it, and must not keep the holder's own `load`, `save` and `clear` out.
        """


class _Account(msgspec.Struct, omit_defaults=True):
    """Whose tokens a file keeps, as far as that is known."""

    account_base_url: str | None = None
    account_digest: str | None = None

    def may_be(self, other: _Account) -> bool:
        """Return whether they may be one account."""
        addresses = {self.account_base_url, other.account_base_url} - {None}
        digests = {self.account_digest, other.account_digest} - {None}
        return len(addresses) <= 1 and len(digests) <= 1


class MemoryTokenStore:
    """Keeps the tokens as long as the process lives.

    Args:
        session: Tokens to begin with.
    """

    def __init__(self, session: Session | None = None) -> None:
        self._session = session
        self._lock = threading.Lock()

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Hold the session alone, before the event loops of other threads too."""
        return locked_thread(self._lock)

    async def load(self) -> Session | None:
        """Return the kept session, or None."""
        return self._session

    async def save(self, session: Session) -> None:
        """Keep a session."""
        self._session = session

    async def clear(self) -> None:
        """Forget the session."""
        self._session = None


class FileTokenStore:
    """Keeps the tokens in a file that only its owner can read, replaced as a whole.

    Several processes may share it: one renews the tokens and the others wait for it, by a lock of the operating system
    on a file beside it, `<path>.lock`, which is empty and stays. The lock ends with the process that holds it.

    Args:
        path: The file; its folder must exist. Where it is a symbolic link, the file that it names is replaced.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        check_path("path", path)
        self._path = Path(path)
        self._account = _Account()

    def for_account(self, base_url: str, phone_number: str | None) -> Self:
        """Make a store on the same file that notes whose tokens it keeps, and refuses those of another account.

        Args:
            base_url: Address of the service.
            phone_number: Who logs in, of which a digest is noted; None where that is not known.
        """
        store = copy(self)  # which may be of a subclass
        digest = None if phone_number is None else blake2b(phone_number.encode(), digest_size=12).hexdigest()
        store._account = _Account(base_url, digest)  # noqa: SLF001
        return store

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self._path)!r})"

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Hold the session alone, before other processes, threads and event loops.

        Raises:
            TokenStoreError: The file beside cannot be written, or its file system has no locks.
        """
        target = self._target()
        file = target.with_name(f"{target.name}.lock")
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(locked_file(file))
            except OSError as error:
                message = msg("{file} cannot be locked: {reason}", file=file, reason=reason_of(error))
                raise TokenStoreError(message) from error
            yield

    async def load(self) -> Session | None:
        """Return the kept session, or None where there is no file.

        Raises:
            TokenStoreError: The file cannot be read, is not one of this store, or is of another account.
        """
        from anyio import to_thread  # noqa: PLC0415  (costs an import that most clients never need)

        try:
            content = await to_thread.run_sync(read_file, self._path)
        except FileNotFoundError:
            return None
        except OSError as error:
            message = msg("{file} cannot be read: {reason}", file=self._path, reason=reason_of(error))
            raise TokenStoreError(message) from error
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if not self._account.may_be(msgspec.json.decode(content, type=_Account)):
                message = msg(
                    "{file} holds tokens of another address or phone number; give each account a file of its own",
                    file=self._path,
                )
                raise TokenStoreError(message)
            return msgspec.json.decode(content, type=Session)
        # The decoder's error is no part of this one: it may hold what the file does.
        raise TokenStoreError(msg("{file} does not hold tokens; delete it and log in again", file=self._path))

    async def save(self, session: Session) -> None:
        """Replace the file, safely against a crash at any moment.

        Raises:
            TokenStoreError: The file cannot be written.
        """
        from anyio import to_thread  # noqa: PLC0415

        content = msgspec.json.encode(msgspec.to_builtins(self._account) | msgspec.to_builtins(session))
        try:
            await to_thread.run_sync(lambda: replace_file(self._target(), content))
        except OSError as error:
            message = msg("{file} cannot be written: {reason}", file=self._path, reason=reason_of(error))
            raise TokenStoreError(message) from error

    async def clear(self) -> None:
        """Delete the file.

        Raises:
            TokenStoreError: The file cannot be deleted.
        """
        from anyio import to_thread  # noqa: PLC0415

        try:
            await to_thread.run_sync(lambda: self._target().unlink(missing_ok=True))
        except OSError as error:
            message = msg("{file} cannot be deleted: {reason}", file=self._path, reason=reason_of(error))
            raise TokenStoreError(message) from error

    def _target(self) -> Path:
        """The file itself, where the path is a link to it."""
        return Path(os.path.realpath(self._path))
