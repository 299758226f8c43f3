"""A service that repeats what it was sent, in any form, in whatever it answers."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from tests.support.service import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.service import Arrived

__all__ = ["ACCESS", "FORMS", "KEY", "PASSWORD", "PHONE", "REFRESH", "SHAPES", "echo", "log_in", "shown_secrets"]

KEY = 'sk-"live"/a+b%41c=d&e'
PASSWORD = 'Pa"\\w <пароль> 😀 u0041'
PHONE = "380501234567"
ACCESS = "acc:ess~token|0123456789"
REFRESH = "ref:resh~token|9876543210"

FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "json": lambda text: json.dumps(text, ensure_ascii=False),
    "json escapes": json.dumps,
    "json in json": lambda text: json.dumps(json.dumps({"sent": json.dumps(text)})),
    "unicode escapes": lambda text: "".join(
        f"\\u{ord(letter):04X}" if ord(letter) < 0x10000 else letter for letter in text
    ),
    "point escapes": lambda text: "".join(f"\\u{{{ord(letter):x}}}" for letter in text),
    "url": quote,
    "url, every letter": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "url, lower case": lambda text: quote(text, safe="").lower(),
    "url, a form's": quote_plus,
    "url in url": lambda text: quote(f"https://x/?next={quote(text)}"),
    "html": html.escape,
    "html numbers": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "html in json": lambda text: json.dumps(html.escape(html.escape(text))),
    "json in a url": lambda text: quote(json.dumps(text)),
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 behind a letter": lambda text: b64encode(f"x{text}".encode()).decode(),
    "base64 behind two": lambda text: urlsafe_b64encode(f"xy{text}z".encode()).decode(),
    "base64 in a url": lambda text: quote(b64encode(text.encode()).decode()),
    "hexadecimal": lambda text: text.encode().hex(),
    "python's bytes": lambda text: repr(text.encode()),
    "capitals": str.upper,
    "bearer": lambda text: f"Bearer {text}",
}
"""How a secret may be written."""

SHAPES: dict[str, Callable[[str], tuple[Any, tuple[str, ...]]]] = {
    "message": lambda words: ({"message": words}, ()),
    "errors": lambda words: ({"errors": {"base": [{"error": "denied", "messages": words}]}}, ()),
    "many": lambda words: ({"errors": {"base": [{"error": "denied", "messages": ["x", words]}]}}, ()),
    "code": lambda words: ({"errors": {"base": [{"error": words}]}}, ()),
    "field": lambda words: ({"errors": {words: ["denied"]}}, ()),
    "part": lambda words: ({"errors": {"base": [{"part": [{"error": "denied", "messages": [{"sent": words}]}]}]}}, ()),
    "text": lambda words: ({"errors": f"[Shops::Form.new] {words}"}, ()),
    "data": lambda words: ({"data": words, "meta": {}}, ()),
    "no json": lambda words: (words.encode(errors="replace"), ()),
    "bad utf-8": lambda words: (b'{"message": "\xff' + words.encode() + b'"}', ()),
    "request id": lambda words: ({"message": "denied"}, (f"X-Request-Id: {quote(words, safe=' ')}",)),
}
"""Where in an answer the words may stand, with further headers."""


def log_in(request: Arrived) -> bytes | None:
    """Answer a login with the tokens; None for any other request."""
    if request.method == "POST" and request.target.endswith("/auth/sessions"):
        times = {"access_expires_at": "2100-01-01T00:00:00Z", "refresh_expires_at": "2100-01-01T00:00:00Z"}
        return answer({"data": {"access": ACCESS, "refresh": REFRESH, "csrf": "csrf", **times}, "meta": {}}, 201)
    return None


def echo(request: Arrived, form: str, shape: str, status: int) -> bytes:
    """Answer with all that the request held."""
    headers = [value for name, value in request.headers.items() if name in {"X-API-KEY", "Authorization"}]
    session = (request.json or {}).get("session", request.json or {}) if request.target.endswith("/sessions") else {}
    secrets = [*headers, *(text for text in session.values() if isinstance(text, str))]
    write = FORMS[form]
    words = f"You sent {' and '.join(map(write, secrets))}, which gives no access"
    body, further = SHAPES[shape](words)
    return answer(body, status, *further)


def shown_secrets(text: str) -> list[str]:
    """List which secrets a text shows, in any of the forms, and how."""
    secrets = (KEY, PASSWORD, PHONE, ACCESS, REFRESH)
    return [f"{form}: {write(secret)}" for secret in secrets for form, write in FORMS.items() if write(secret) in text]
