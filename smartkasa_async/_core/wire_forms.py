"""Which form bodies have: what is set, what the service has shown, and how its answers show it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._core.error_bodies import read_reasons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async._base.operation import Operation
    from smartkasa_async._core.answers import Reply
    from smartkasa_async._core.requests import Request
    from smartkasa_async.errors import FieldRefusal
    from smartkasa_async.settings import WireForm, WireSetting

_CODES = frozenset(
    {"blank", "empty", "filled?", "key?", "missing", "missing_key", "missing_field", "param_missing", "required"}
)
_MALFORMED = frozenset({400, 422})
_NOUN = r"(?:param(?:eter)?s?|keys?|fields?|property|properties|object|attribute|параметр\w*|ключ\w*|пол[еяіь]\w*)"
_ABSENT = r"відсутн\w+|отсутству\w+|обов.?язков\w+|обязател\w+|не (?:вказан|задан|передан|надан|указан|предоставлен)\w*"
_LACKS = (
    r"(?:(?:is|was) )?(?:missing|required|empty|blank|absent|not present|not given)(?: or (?:the value is )?\w+)*"
    r"|(?:can't|cannot|can not|must not|may not) be (?:blank|empty|missing|null)"
    r"|must be (?:present|given|filled|provided)"
    rf"|(?:є )?(?:{_ABSENT})|не (?:може бути|может быть) (?:порожн|пуст)\w+"
)
_LACKS_ALONE = re.compile(rf"(?:{_LACKS})(?: {_NOUN})?\W*", re.IGNORECASE)
_MISSING = (
    rf"(?:(?:missing|required|не вистачає|бракує|не хватает|{_ABSENT})(?: or (?:the value is )?\w+)*"
    r"|key not found|(?:instance )?requires property)"
)
_NAMES_KEY = (
    rf"(?:{_NOUN} )?(?:is |are )?{_MISSING}(?: required)?(?: {_NOUN})?(?: missing)?:? \W?%s\W*",  # as Rails does
    rf"(?:the )?(?:required )?(?:{_NOUN} )?\W?%s\W?(?: {_NOUN})? (?:{_LACKS})(?: in hash input)?\W*",
    rf"required {_NOUN} (?:is |are )?missing: \W?%s\W*",
    r"nil \(NilClass\) has invalid type for \W?%s\b.*",
)
_RAISED = re.compile(r"(?:#<)?(?:\[[\w:.]+\]|[A-Z]\w*(?:::\w+)+:) ")
"""The class that a program writes before its message."""


class WireMemory:
    """The form in which a client sends bodies, for all its event loops.

    Args:
        setting: `flat`, `enveloped`, or `auto`: flat until the service has shown that it takes enveloped ones only.

    Attributes:
        form: The form of the next body.
    """

    def __init__(self, setting: WireSetting) -> None:
        self.form: WireForm = "enveloped" if setting == "enveloped" else "flat"
        self._is_open = setting == "auto"

    def may_wrap(self, operation: Operation[Any]) -> bool:
        """Return whether a body of this operation goes out flat, and may go out enveloped once that is refused."""
        return self._is_open and operation.envelope is not None and self.form == "flat"

    def keep_enveloped(self) -> bool:
        """Send all bodies enveloped from now on; return whether that is new."""
        is_new = self.form == "flat"
        self.form = "enveloped"
        return is_new


def in_envelope(operation: Operation[Any], request: Request) -> Request:
    """Put the body of a flat request below the operation's key."""
    body = b'{"%b":%b}' % (str(operation.envelope).encode(), request.body or b"{}")
    return msgspec.structs.replace(request, body=body)


def lacks_envelope(operation: Operation[Any], reply: Reply) -> bool:
    """Return whether the service refuses a body because the key of its envelope is missing, and so did nothing.

    Only a refusal that names the key and reports of it alone that it is missing counts: every other may mean what
    stands in the body, and may come from somebody on the way.
    """
    if reply.status not in _MALFORMED or operation.envelope is None:
        return False
    refusals, statements = read_reasons(reply.body)
    if refusals:
        return len(refusals) == 1 and _refuses_key(refusals[0], operation.envelope)
    return _is_named(statements, operation.envelope)


def _refuses_key(refusal: FieldRefusal, key: str) -> bool:
    code, message = (refusal.code or "").lower(), refusal.message or ""
    if refusal.field != key:
        is_named = _is_named([message, code], key) or (code in _CODES and message == key)
        return refusal.field == "base" and is_named
    if code:
        return code in _CODES
    return _LACKS_ALONE.fullmatch(message.strip()) is not None or _is_named([message], key)


def _is_named(texts: Sequence[str], key: str) -> bool:
    """Return whether a text reports a key as missing; Rails adds lines of its own below that."""
    forms = [form % re.escape(key) for form in _NAMES_KEY]
    lines = [text.strip().partition("\n")[0] for text in texts]
    lines = [_RAISED.sub("", line, 1) if _RAISED.match(line) else line for line in lines]
    return any(re.fullmatch(form, line, re.IGNORECASE) for line in lines for form in forms)
