"""Stores for credentials and tokens: the system's keyring, else files that only their owner can read.

Key, phone number and password of a profile are one entry of the keyring if the package `keyring` finds a real one, else
a file. Tokens are always in a file, since several processes renew them and must replace them as a whole.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from smartkasa_async._support.files import replace_file
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _
from smartkasa_async.token_stores import FileTokenStore

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

_SERVICE = "smartkasa-async"
TELEGRAM = "telegram"
"""Name of the secret that is the token of a Telegram bot."""
_STAND_INS = {"keyring.backends.fail", "keyring.backends.null"}


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """Credentials of one profile; the repr has no secrets.

    Attributes:
        base_url: The only address that they are sent to.
        api_key: Key of the integration.
        phone_number: Phone number to log in with.
        password: Password to log in with.
    """

    base_url: str
    api_key: str
    phone_number: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(base_url={self.base_url!r})"


class CredentialStore(Protocol):
    """Stores the credentials of profiles."""

    @property
    def name(self) -> str:
        """Where it is, for the user."""

    def read(self, profile: str) -> Credentials | None:
        """Return the credentials of a profile, or None."""

    def write(self, profile: str, credentials: Credentials) -> None:
        """Store credentials, replacing earlier ones."""

    def delete(self, profile: str) -> None:
        """Delete the credentials of a profile, if there are any."""

    def read_secret(self, profile: str, name: str) -> str | None:
        """Return another secret of a profile, or None."""

    def write_secret(self, profile: str, name: str, value: str) -> None:
        """Store another secret of a profile, replacing an earlier one."""

    def delete_secret(self, profile: str, name: str) -> None:
        """Delete another secret of a profile, if there is one."""


class FileCredentialStore:
    """Stores credentials in a file for each profile, mode 0600.

    Args:
        folder: Folder of the files; created when the first is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """The folder of the files."""
        return str(self._folder)

    def read(self, profile: str) -> Credentials | None:
        """Return the credentials of a profile, or None.

        Raises:
            CommandError: The file cannot be read, or others than its owner can read it.
        """
        content = self._read(profile)
        return None if content is None else _decoded(content, str(self._path(profile)))

    def _read(self, entry: str) -> bytes | None:
        path = self._path(entry)
        try:
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                content = file.read()
        except FileNotFoundError:
            return None
        if os.name == "posix" and mode & 0o077:
            message = _("{file} can be read by others (mode {mode})", file=path, mode=f"{mode:o}")
            raise CommandError(message, hint=_("Take it back: chmod 600 '{file}'; then change the password", file=path))
        return content

    def write(self, profile: str, credentials: Credentials) -> None:
        """Store credentials, replacing earlier ones."""
        self._write(profile, msgspec.json.encode(credentials))

    def _write(self, entry: str, content: bytes) -> None:
        _make_folder(self._folder)
        replace_file(self._path(entry), content)

    def delete(self, profile: str) -> None:
        """Delete the credentials of a profile, if there are any."""
        self._path(profile).unlink(missing_ok=True)

    def read_secret(self, profile: str, name: str) -> str | None:
        """Return another secret of a profile, or None.

        Raises:
            CommandError: The file cannot be read, or others than its owner can read it.
        """
        content = self._read(_entry(profile, name))
        return None if content is None else content.decode()

    def write_secret(self, profile: str, name: str, value: str) -> None:
        """Store another secret of a profile, replacing an earlier one."""
        self._write(_entry(profile, name), value.encode())

    def delete_secret(self, profile: str, name: str) -> None:
        """Delete another secret of a profile, if there is one."""
        self.delete(_entry(profile, name))

    def _path(self, entry: str) -> Path:
        return self._folder / f"{entry}.json"


class KeyringCredentialStore:
    """Stores credentials in the system's keyring, an entry for each profile.

    Args:
        keyring: The package `keyring`.
    """

    def __init__(self, keyring: ModuleType) -> None:
        self._keyring: Any = keyring

    @property
    def name(self) -> str:
        """The keyring's own name."""
        return str(self._keyring.get_keyring().name)

    def read(self, profile: str) -> Credentials | None:
        """Return the credentials of a profile, or None.

        Raises:
            CommandError: The keyring is locked or broken.
        """
        content = self._call(self._keyring.get_password, profile)
        return None if content is None else _decoded(content.encode(), f"{self.name}: {profile}")

    def write(self, profile: str, credentials: Credentials) -> None:
        """Store credentials, replacing earlier ones."""
        self._call(self._keyring.set_password, profile, msgspec.json.encode(credentials).decode())

    def delete(self, profile: str) -> None:
        """Delete the credentials of a profile, if there are any."""
        if self._call(self._keyring.get_password, profile) is not None:
            self._call(self._keyring.delete_password, profile)

    def read_secret(self, profile: str, name: str) -> str | None:
        """Return another secret of a profile, or None.

        Raises:
            CommandError: The keyring is locked or broken.
        """
        content: str | None = self._call(self._keyring.get_password, _entry(profile, name))
        return content

    def write_secret(self, profile: str, name: str, value: str) -> None:
        """Store another secret of a profile, replacing an earlier one."""
        self._call(self._keyring.set_password, _entry(profile, name), value)

    def delete_secret(self, profile: str, name: str) -> None:
        """Delete another secret of a profile, if there is one."""
        self.delete(_entry(profile, name))

    def _call(self, function: Any, *arguments: str) -> Any:
        try:
            return function(_SERVICE, *arguments)
        except Exception as error:  # noqa: BLE001  (backends raise what their systems raise)
            message = _("The keyring {name} cannot be used: {reason}", name=self.name, reason=type(error).__name__)
            raise CommandError(message, hint=_('Unlock it, or keep secrets in a file: secrets = "file"')) from None


def _entry(profile: str, name: str) -> str:
    """Name the entry of a secret; no profile has a plus in its name."""
    return f"{profile}+{name}"


def credential_stores(secrets: Literal["auto", "keyring", "file"]) -> list[CredentialStore]:
    """List the stores of credentials: the first is written to, all are read.

    Args:
        secrets: The setting of this name: `auto` for the keyring that the package `keyring` recommends, if any;
            `keyring` for any that it finds.

    Raises:
        CommandError: A keyring is required, and there is none.
    """
    found: list[CredentialStore] = [FileCredentialStore(state_folder() / "secrets")]
    if secrets == "file":
        return found
    keyring = _keyring(by_name=secrets == "keyring")
    return found if keyring is None else [KeyringCredentialStore(keyring), *found]


def token_store(profile: str) -> FileTokenStore:
    """Return the store of a profile's tokens, a file of mode 0600, with an empty file beside it for its lock."""
    folder = state_folder() / "tokens"
    _make_folder(folder)
    return FileTokenStore(folder / f"{profile}.json")


def state_folder() -> Path:
    """Return the user's folder for the state of programs."""
    from platformdirs import user_state_path  # noqa: PLC0415  (only commands that need secrets pay for it)

    return user_state_path("smartkasa", appauthor=False)


def masked(phone_number: str) -> str:
    """Hide the middle of a phone number."""
    return f"{phone_number[:5]}…{phone_number[-2:]}" if len(phone_number) > 8 else "…"  # noqa: PLR2004


def _keyring(*, by_name: bool) -> ModuleType | None:
    """Return the package if it finds a keyring; one that the setting asks for must exist."""
    try:
        import keyring  # noqa: PLC0415
        import keyring.core  # noqa: PLC0415
    except ImportError:
        if not by_name:
            return None
        hint = _("Install it: pip install 'smartkasa-async[keyring]'; or keep secrets in a file: secrets = \"file\"")
        raise CommandError(_("The package keyring is not installed"), hint=hint) from None
    try:
        backend = keyring.get_keyring()
        if _is_real(backend) if by_name else keyring.core.recommended(backend):
            return keyring
    except Exception:  # noqa: BLE001, S110  (a backend that is configured and cannot be loaded)
        pass
    if not by_name:
        return None
    hint = _(
        "See what there is: python -m keyring --list-backends; start or install one, such as GNOME Keyring or KWallet;"
        ' or keep secrets in a file: secrets = "file"'
    )
    raise CommandError(_("The package keyring finds no keyring on this system that works"), hint=hint)


def _is_real(backend: Any) -> bool:
    """Return whether a backend stores anything: it is no stand-in, nor a chain of none."""
    return type(backend).__module__ not in _STAND_INS and bool(getattr(backend, "backends", True))


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _decoded(content: bytes, source: str) -> Credentials:
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(content, type=Credentials)
    # Without the decoder's error, which may quote what was read.
    raise CommandError(_("{source} does not contain credentials", source=source), hint=_("Log in: smartkasa login"))
