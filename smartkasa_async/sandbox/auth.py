"""Sessions: login, rotation of the token pair, logout, expiry."""

from __future__ import annotations

import base64
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.schema import TABLES
from smartkasa_async.sandbox.storage import Storage, Where
from smartkasa_async.sandbox.validation import Refused, written_phone
from smartkasa_async.sandbox.wire import encode_json, kyiv_time, stored_time

if TYPE_CHECKING:
    from collections.abc import Mapping

OWNER_ID = 1
"""The user whom the sandbox's account belongs to."""

_SESSIONS = TABLES["sessions"]


@dataclass(frozen=True)
class Account:
    """The account of one merchant."""

    api_key: str
    phone_number: str
    password: str

    @classmethod
    def make(cls, api_key: str | None, phone_number: str, password: str | None) -> Account:
        """Make an account; secrets that are not given are unguessable."""
        return cls(api_key or secrets.token_hex(16), written_phone(phone_number), password or secrets.token_urlsafe(12))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(phone_number={self.phone_number!r})"


@dataclass(frozen=True)
class Lifetimes:
    """How long tokens are good for."""

    access: timedelta = timedelta(hours=24)
    refreshed_access: timedelta = timedelta(days=30)
    refresh: timedelta = timedelta(days=30)


def refuse_unauthorized() -> Refused:
    """Make the 401 of a missing, wrong, spent or expired key or token."""
    return Refused(401, {"message": "Unauthorized"})


def read_token(headers: Mapping[str, str], token_form: str) -> str:
    """Return the user token of a request: `Authorization: Bearer x` (bearer) or `Authorization: x` (bare)."""
    value = headers.get("Authorization", "").strip()
    scheme, _, token = value.partition(" ")
    if scheme.lower() == "bearer" and token:
        return "" if token_form == "bare" else token.strip()  # noqa: S105  (a form, no secret)
    return "" if token_form == "bearer" else value  # noqa: S105  (a form, no secret)


def read_refresh_token(headers: Mapping[str, str], wire: str, token_form: str) -> str:
    """Return the refresh token of a request, from `X-Refresh-Token` (enveloped) or `Authorization` (flat)."""
    if wire != "flat" and (token := headers.get("X-Refresh-Token")):
        return token.strip()
    return "" if wire == "enveloped" else read_token(headers, token_form)


class Sessions:
    """The sessions in the database."""

    def __init__(self, storage: Storage, account: Account, lifetimes: Lifetimes) -> None:
        self._storage = storage
        self._account = account
        self._lifetimes = lifetimes

    def login(self, phone_number: str, password: str) -> dict[str, Any]:
        """Open a session and return its token pair, or raise the recorded 422."""
        known = hmac.compare_digest(phone_number.encode(), self._account.phone_number.encode())
        if not (hmac.compare_digest(password.encode(), self._account.password.encode()) and known):
            raise Refused(422, {"errors": {"base": [{"error": "phone_number_or_password_invalid"}]}})
        session = {"id": str(uuid.uuid4()), **self._pair(self._lifetimes.access)}
        self._storage.insert(_SESSIONS, session)
        return _shown(session)

    def refresh(self, token: str) -> dict[str, Any]:
        """Replace the pair of the session whose refresh token this is; both old tokens are spent."""
        session = self._find("refresh", token)
        pair = self._pair(self._lifetimes.refreshed_access)
        self._storage.update(_SESSIONS, session["id"], pair)
        return _shown(pair)

    def logout(self, token: str) -> str:
        """Close the session whose access token this is and return its id."""
        session = self._find("access", token)
        self._storage.delete(_SESSIONS, session["id"])
        return str(session["id"])

    def check(self, token: str) -> None:
        """Raise the 401 unless this is a good access token."""
        sql = "SELECT 1 FROM sessions WHERE access = ? AND access_expires_at > ?"
        if not token.isascii() or not self._storage.query(sql, (token, stored_time(datetime.now(UTC)))):
            raise refuse_unauthorized()

    def expire(self, *columns: str) -> None:
        """Let tokens of all sessions expire now.

        Args:
            columns: `access_expires_at`, `refresh_expires_at`.
        """
        now = datetime.now(UTC)
        with self._storage.transaction():
            for session in self._storage.rows(_SESSIONS):
                self._storage.update(_SESSIONS, session["id"], dict.fromkeys(columns, now))

    def _find(self, column: str, token: str) -> dict[str, Any]:
        where = Where()
        where.add(f"{column} = ? AND {column}_expires_at > ?", token, stored_time(datetime.now(UTC)))
        for session in self._storage.rows(_SESSIONS, where) if token.isascii() else ():
            return session
        raise refuse_unauthorized()

    def _pair(self, access_lifetime: timedelta) -> dict[str, Any]:
        now = datetime.now(UTC)
        access_expires_at, refresh_expires_at = now + access_lifetime, now + self._lifetimes.refresh
        return {
            "access": _token(now, access_expires_at, user_type_id=1, owner_id=OWNER_ID, role_id=None),
            "access_expires_at": access_expires_at,
            "refresh": _token(now, refresh_expires_at),
            "refresh_expires_at": refresh_expires_at,
        }


def _shown(pair: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": None,
        "access": pair["access"],
        "access_expires_at": kyiv_time(stored_time(pair["access_expires_at"])),
        "csrf": base64.b64encode(secrets.token_bytes(64)).decode(),
        "refresh": pair["refresh"],
        "refresh_expires_at": kyiv_time(stored_time(pair["refresh_expires_at"])),
    }


def _token(issued_at: datetime, expires_at: datetime, **claims: Any) -> str:
    """Make a token that looks like the service's: it carries `exp` twice, the first time without meaning."""
    claims |= {"session_token": str(uuid.uuid4()), "user_id": OWNER_ID, "uid": str(uuid.uuid4())}
    body = encode_json(claims)[1:-1]
    payload = b'{"exp":%d,%b,"exp":%d}' % (issued_at.timestamp(), body, expires_at.timestamp())
    parts = (b'{"alg":"HS256"}', payload, secrets.token_bytes(32))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
