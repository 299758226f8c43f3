"""Which form bodies have: what is set, what the service has shown, and how its answers show it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from smartkasa_async._error_bodies import read_reasons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async._operation import Operation
    from smartkasa_async.errors import FieldRefusal
    from smartkasa_async.protocol import Reply, Request, WireForm, WireSetting

__all__ = ["WireMemory", "in_envelope", "lacks_envelope"]

_CODES = frozenset({"blank", "empty", "missing", "missing_key", "missing_field", "param_missing", "required"})
_MALFORMED = frozenset({400, 422})
_NOUN = r"(?:param|parameter|key|field|property|object|attribute)"
_LACKS = (
    r"(?:(?:is|was) )?(?:missing|required|empty|blank|absent|not present|not given)(?: or (?:the value is )?\w+)*"
    r"|(?:can't|cannot|can not|must not|may not) be (?:blank|empty|missing|null)"
    r"|must be (?:present|given|filled|provided)"
    r"|(?:є )?обов.?язков\w+|відсутн\w+|не може бути (?:порожн\w+|пуст\w+)"
)
_LACKS_ALONE = re.compile(rf"(?:{_LACKS})\W*", re.IGNORECASE)
_MISSING = r"(?:missing|required|не вистачає|бракує|відсутн\w+)(?: or (?:the value is )?\w+)*"
_NAMES_KEY = (
    rf"(?:{_NOUN}s? )?(?:is |are )?{_MISSING}(?: required)?(?: {_NOUN}s?)?(?: missing)?:? \W?%s\W*",  # as Rails does
    rf"(?:the )?(?:required )?(?:{_NOUN} )?\W?%s\W?(?: {_NOUN})? (?:{_LACKS})\W*",
    rf"required {_NOUN}s? (?:is |are )?missing: \W?%s\W*",
)


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
        """Tell whether a body of this operation goes out flat, and may go out enveloped once that is refused."""
        return self._is_open and operation.envelope is not None and self.form == "flat"

    def keep_enveloped(self) -> bool:
        """Send all bodies enveloped from now on; tell whether that is new."""
        is_new = self.form == "flat"
        self.form = "enveloped"
        return is_new


def in_envelope(operation: Operation[Any], request: Request) -> Request:
    """Put the body of a flat request below the operation's key."""
    return request._replace(body=b'{"%b":%b}' % (str(operation.envelope).encode(), request.body or b"{}"))


def lacks_envelope(operation: Operation[Any], reply: Reply) -> bool:
    """Tell whether the service refuses a body because the key of its envelope is missing, and so did nothing.

    Only a refusal that names the key and says of it alone that it is missing counts: every other may mean what stands
    in the body, and may come from somebody on the way.
    """
    if reply.status not in _MALFORMED or operation.envelope is None:
        return False
    refusals, statements = read_reasons(reply.body)
    if refusals:
        return len(refusals) == 1 and _refuses_key(refusals[0], operation.envelope)
    return _is_named(statements, operation.envelope)


def _refuses_key(refusal: FieldRefusal, key: str) -> bool:
    if refusal.field != key:
        return refusal.field == "base" and _is_named([refusal.message or ""], key)
    if refusal.code is not None:
        return refusal.code.lower() in _CODES
    message = refusal.message or ""
    return _LACKS_ALONE.fullmatch(message.strip()) is not None or _is_named([message], key)


def _is_named(texts: Sequence[str], key: str) -> bool:
    """Tell whether a text says of a key that it is missing; Rails adds lines of its own below that."""
    forms = [form % re.escape(key) for form in _NAMES_KEY]
    lines = [text.strip().partition("\n")[0] for text in texts]
    return any(re.fullmatch(form, line, re.IGNORECASE) for line in lines for form in forms)
