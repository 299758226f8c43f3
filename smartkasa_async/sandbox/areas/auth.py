"""Login, refresh, logout."""

from __future__ import annotations

from smartkasa_async.sandbox.calls import Answer, Call, Endpoint
from smartkasa_async.sandbox.validation import Refused


def _login(call: Call) -> Answer:
    fields = call.fields("session")
    phone_number, password = fields.get("phone_number"), fields.get("password")
    texts = (value if isinstance(value, str) else "" for value in (phone_number, password))
    return Answer(call.service.sessions.login(*texts), status=201)


def _refresh(call: Call) -> Answer:
    if call.body not in (None, {}):
        raise Refused(400, {"message": "Bad Request"})
    return Answer(call.service.sessions.refresh(call.token), status=201)


def _logout(call: Call) -> Answer:
    return Answer({"id": call.service.sessions.logout(call.token)})


ENDPOINTS = (
    Endpoint("POST", "/api/v1/auth/sessions", _login, auth="key", envelope="session"),
    Endpoint("POST", "/api/v1/auth/refresh", _refresh, auth="refresh"),
    Endpoint("DELETE", "/api/v1/auth/sessions/logout", _logout),
)
