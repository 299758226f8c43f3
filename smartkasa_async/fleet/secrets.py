"""Secrets of accounts, encrypted: AES-256-GCM, a data key for each row, wrapped by a master key.

What a row has is bound to the account and to its purpose: moved to another row, it cannot be decrypted. Master keys are
known by an id that is made of them; the first key of a ring encrypts, all decrypt, so a new key is put before the old
one, rows are encrypted anew (`smartkasa fleet rotate-key`), and the old one is removed.
"""

from __future__ import annotations

import os
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.extras import naming_extras
from smartkasa_async._support.files import read_file, replace_file
from smartkasa_async.fleet.errors import FleetKeyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class EncryptedSecret:
    """A secret as it is kept.

    Attributes:
        key_id: Id of the master key that wraps the data key.
        wrapped_key: The data key, encrypted by the master key.
        content: The secret, encrypted by the data key.
    """

    key_id: str
    wrapped_key: bytes = field(repr=False)
    content: bytes = field(repr=False)


class KeyRing:
    """Master keys, the one that encrypts first.

    Args:
        keys: Keys of 32 bytes.

    Raises:
        FleetKeyError: There is none, or one has another length.
    """

    def __init__(self, *keys: bytes) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise FleetKeyError(msg("A master key is not 32 bytes in base64; make one: smartkasa fleet init"))
        self._keys = {_key_id(key): key for key in keys}
        self.current = _key_id(keys[0])

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._keys)})"

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read keys: one a line in base64, the one that encrypts first; empty lines and those with # do not count.

        Raises:
            FleetKeyError: A line is no key; its number is named, and nothing of it.
        """
        keys = []
        for number, line in enumerate(text.splitlines(), 1):
            if not (stripped := line.strip()) or stripped.startswith("#"):
                continue
            try:
                key = b64decode(stripped, validate=True)
            except ValueError:
                key = b""
            if len(key) != _KEY_BYTES:
                raise FleetKeyError(
                    msg("Line {line} of the master keys is not 32 bytes in base64; correct or remove it", line=number)
                )
            keys.append(key)
        return cls(*keys)

    def encrypt(self, account_id: int, purpose: str, secret: bytes) -> EncryptedSecret:
        """Encrypt a secret of an account under a new data key.

        Args:
            account_id: The account, without which it cannot be decrypted.
            purpose: What it is, for example `credentials`; likewise.
            secret: The secret.
        """
        data_key = os.urandom(_KEY_BYTES)
        bound = _bound(account_id, purpose)
        wrapped = _encrypt_by(self._keys[self.current], data_key, bound)
        return EncryptedSecret(self.current, wrapped, _encrypt_by(data_key, secret, bound))

    def decrypt(self, account_id: int, purpose: str, encrypted: EncryptedSecret) -> bytes:
        """Decrypt what was encrypted for an account.

        Raises:
            FleetKeyError: Its key is not in the ring, or the row was changed or belongs to another account.
        """
        bound = _bound(account_id, purpose)
        data_key = _decrypt_by(self._key(account_id, encrypted.key_id), encrypted.wrapped_key, bound, account_id)
        return _decrypt_by(data_key, encrypted.content, bound, account_id)

    def rewrap(self, account_id: int, purpose: str, encrypted: EncryptedSecret) -> EncryptedSecret:
        """Wrap the data key by the ring's first key; the encrypted secret stays as it is.

        Raises:
            FleetKeyError: Likewise.
        """
        bound = _bound(account_id, purpose)
        data_key = _decrypt_by(self._key(account_id, encrypted.key_id), encrypted.wrapped_key, bound, account_id)
        return EncryptedSecret(self.current, _encrypt_by(self._keys[self.current], data_key, bound), encrypted.content)

    def _key(self, account_id: int, key_id: str) -> bytes:
        if key_id not in self._keys:
            raise FleetKeyError(
                msg(
                    "The secrets of account {account} are encrypted with the master key {key}, which is not among those"
                    " given; add its line to the file of keys",
                    account=account_id,
                    key=key_id,
                )
            )
        return self._keys[key_id]


def read_key_file(path: str | os.PathLike[str]) -> KeyRing:
    """Read master keys from a file that only its owner can read.

    Raises:
        FleetKeyError: The file cannot be read, others can read it, or it holds no keys.
    """
    file = Path(path)
    try:
        mode = file.stat().st_mode
        content = read_file(file)
    except OSError as error:
        raise FleetKeyError(
            msg("The master keys cannot be read from {file}: {reason}", file=file, reason=reason_of(error))
        ) from error
    if os.name == "posix" and mode & _OTHERS:
        raise FleetKeyError(
            msg("Others than its owner can read {file}, which has the master keys: chmod 600 {file}", file=file)
        )
    try:
        return KeyRing.parse(content.decode())
    except UnicodeDecodeError:
        raise FleetKeyError(
            msg("{file} does not hold master keys; make some: smartkasa fleet init", file=file)
        ) from None


def new_key() -> str:
    """Make a master key, in base64."""
    return b64encode(os.urandom(_KEY_BYTES)).decode()


def add_key(path: str | os.PathLike[str]) -> str:
    """Put a new master key before those of a file, which is made where it does not exist, for its owner alone.

    Returns:
        Id of the new key.

    Raises:
        FleetKeyError: The file cannot be written.
    """
    file = Path(path)
    key = new_key()
    try:
        before = read_file(file).decode() if file.exists() else ""
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(file, f"{key}\n{before}".encode())
    except OSError as error:
        raise FleetKeyError(
            msg("The master keys cannot be written to {file}: {reason}", file=file, reason=reason_of(error))
        ) from error
    return _key_id(b64decode(key))


def _key_id(key: bytes) -> str:
    return sha256(b"smartkasa-fleet master key" + key).hexdigest()[:12]


def _bound(account_id: int, purpose: str) -> bytes:
    return f"smartkasa-fleet/{purpose}/{account_id}".encode()


def _cipher(key: bytes) -> AESGCM:
    with naming_extras():
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  (of the extra)

    return AESGCM(key)


def _encrypt_by(key: bytes, secret: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, secret, bound)


def _decrypt_by(key: bytes, content: bytes, bound: bytes, account_id: int) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  (of the extra)

    try:
        return _cipher(key).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        raise FleetKeyError(
            msg(
                "The secrets of account {account} do not open: the row was changed, or is another account's;"
                " add the account's credentials anew",
                account=account_id,
            )
        ) from None
