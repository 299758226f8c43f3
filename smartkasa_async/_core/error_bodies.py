"""Why a call was refused, from a body of any shape: the service's own, another JSON, a gateway's page, plain text."""

from __future__ import annotations

import codecs
import html
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from smartkasa_async._i18n.secrets import is_secret_name
from smartkasa_async.errors import FieldRefusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EXCERPT_LENGTH = 1000
_REASON_LENGTH = 500
_LOOKED_THROUGH = 65_536
_DEEPEST = 8


class ErrorBody(NamedTuple):
    """What the body of an error answer contains, secrets hidden.

    Attributes:
        refusals: What the service objects to in single fields, in the service's own form.
        reason: All its texts, as one; empty where there are none.
        excerpt: The beginning of the body.
    """

    refusals: tuple[FieldRefusal, ...]
    reason: str
    excerpt: str


def is_own_form(body: bytes) -> bool:
    """Return whether a body gives a reason in the service's own form: `errors` by field or as a text, or a `message`.

    Nothing else counts, whatever can be read in it: a gateway's page does not prove that the service did nothing.
    """
    document = _json(body)
    if not isinstance(document, dict):
        return False
    is_refused = isinstance(document.get("errors"), (dict, str)) and any(_refusals(document))
    return is_refused or (isinstance(document.get("message"), str) and document["message"] != "")


def read_reasons(body: bytes) -> tuple[list[FieldRefusal], list[str]]:
    """Read the objections of a JSON object to single fields, and its other texts, unhidden."""
    document = _json(body)
    if not isinstance(document, dict):
        return [], []
    return list(_refusals(document)), list(_statements(document, _DEEPEST))


def read_error_body(body: bytes, content_type: str | None, hide: Callable[[str], str]) -> ErrorBody:
    """Read why a call was refused.

    Args:
        body: The body, of any form.
        content_type: Value of the header; None where there is none.
        hide: Hides secrets in a text.
    """
    # Hidden before anything is cut off or put together: what is left of a secret would not be known.
    text = hide(_decoded(body, content_type)).strip()
    document = _json(body)
    if document is _NO_JSON:
        document = _json(text)
    refusals = tuple(_without_secrets(refusal, hide) for refusal in _refusals(document))
    if document is _NO_JSON:
        texts = [_text_of_page(text) if text.startswith("<") else _plain(text)]
    else:
        texts = [*map(str, refusals), *_statements(document, _DEEPEST)]
        if not any(texts) and _has_text(document, _DEEPEST):
            texts = [_one_space(text)]
    reason = "; ".join(dict.fromkeys(_shortened(hide(each), _REASON_LENGTH) for each in texts if each))
    return ErrorBody(refusals, _shortened(reason, _EXCERPT_LENGTH), _shortened(text, _EXCERPT_LENGTH))


def charset_of(content_type: str | None, body: bytes) -> str | None:
    """Find the charset in the value of a Content-Type header, or by the mark that a body begins with."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    found = _CHARSET.search(content_type or "")
    return None if found is None else found[1].lower()


# --- JSON ------------------------------------------------------------------------------------------------------------

_NO_JSON = msgspec.UNSET
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_NAMED_FIELD = re.compile(r" for :(\w+)")
_MESSAGES = ("messages", "message", "detail")
_TEXT_KEYS = ("message", "messages", "msg", "error", "error_description", "detail", "details", "reason", "exception")
_AROUND = ("meta", "data")


def _json(body: bytes | str) -> Any:
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _NO_JSON


def _refusals(document: Any) -> Iterator[FieldRefusal]:
    found = document.get("errors") if isinstance(document, dict) else None
    if isinstance(found, str):
        named = _NAMED_FIELD.search(found)
        if found:
            yield FieldRefusal(named[1] if named else "base", message=found)
    elif isinstance(found, dict):
        for field, items in found.items():
            yield from _refusals_of(str(field), items, _DEEPEST)
    elif found:
        yield from _refusals_of("base", found, _DEEPEST)


def _refusals_of(field: str, items: Any, depth: int) -> Iterator[FieldRefusal]:
    """Read the objections to one field; those to a part of it are named as in `address.zip_code`."""
    for item in items if isinstance(items, list) else [items]:
        if not isinstance(item, dict) or not depth:
            yield FieldRefusal(field, message=_text(item))
        elif any(name in item for name in ("error", *_MESSAGES)):
            yield _refusal(field, item)
        else:
            for part, inner in item.items():
                yield from _refusals_of(f"{field}.{part}", inner, depth - 1)


def _refusal(field: str, item: dict[str, Any]) -> FieldRefusal:
    code = item.get("error", item.get("code"))
    within: dict[str, Any] = code if isinstance(code, dict) else {}
    code = within.get("code") if within else code
    named = item.get("field", item.get("attribute")) or _pointed_at(item.get("source"))
    messages = filter(None, (_text(each.get(name)) for each in (item, within) for name in _MESSAGES))
    return FieldRefusal(
        named if field == "base" and isinstance(named, str) else field,
        _text(code),
        "; ".join(dict.fromkeys(messages)) or None,
        count=_scalar(item.get("count")),
        value=_scalar(item.get("value")),
    )


def _pointed_at(source: Any) -> str | None:
    """Read the field that JSON:API points at, as in `/data/attributes/title`."""
    pointer = source.get("pointer") or source.get("parameter") if isinstance(source, dict) else None
    return pointer.rpartition("/")[2] or None if isinstance(pointer, str) else None


def _statements(value: Any, depth: int) -> Iterator[str]:
    """Find the reasons, but for `errors`: texts below the usual names, and texts that stand alone."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth:
        for item in value:
            yield from _statements(item, depth - 1)
    elif isinstance(value, dict) and depth:
        names = (*_TEXT_KEYS, "title") if "status" in value or "detail" in value else _TEXT_KEYS
        for name in names:
            yield from _statements(value.get(name), depth - 1)
        for name in _AROUND:
            if isinstance(value.get(name), dict):
                yield from _statements(value[name], depth - 1)


def _has_text(value: Any, depth: int) -> bool:
    if isinstance(value, (dict, list)) and depth:
        return any(_has_text(item, depth - 1) for item in (value.values() if isinstance(value, dict) else value))
    return value not in (None, "", [], {})


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return "; ".join(text for text in map(_text, value) if text is not None)
    return value if value is None or isinstance(value, str) else _encoder.encode(value).decode()


def _scalar(value: Any) -> str | int | Decimal | None:
    return _text(value) if isinstance(value, (list, dict)) else value


def _without_secrets(refusal: FieldRefusal, hide: Callable[[str], str]) -> FieldRefusal:
    code, message = (
        None if text is None else _shortened(hide(text), _REASON_LENGTH) for text in (refusal.code, refusal.message)
    )
    count, value = (_shown(refusal.field, each, hide) for each in (refusal.count, refusal.value))
    return FieldRefusal(_shortened(hide(refusal.field), _REASON_LENGTH), code, message, count=count, value=value)


def _shown(field: str, value: Any, hide: Callable[[str], str]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    text = str(value)
    hidden = "***" if is_secret_name(field.rpartition(".")[2]) and isinstance(value, str) else hide(text)
    return value if hidden == text else _shortened(hidden, _REASON_LENGTH)


# --- other text ------------------------------------------------------------------------------------------------------

_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_USUAL_CHARSET = re.compile(r"utf-?(8|16|32)|windows-|cp\d|iso-8859|koi8|latin|us-ascii", re.IGNORECASE)
# Each of these ends at the end of the page at the latest, so that none is looked for more than once.
_TITLE = re.compile(r"<(title|h1)\b[^<>]{0,500}>(.*?)(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
_MOST_UNREADABLE = 0.1


def _decoded(body: bytes, content_type: str | None) -> str:
    charset = charset_of(content_type, body) or charset_of(body[:1024].decode("latin-1"), b"")
    begin, is_whole = body[:_LOOKED_THROUGH], len(body) <= _LOOKED_THROUGH
    for name in ("utf-8", charset):
        if name is not None and _USUAL_CHARSET.match(name):
            try:
                return codecs.getincrementaldecoder(name)().decode(begin, final=is_whole).removeprefix("\ufeff")
            except (LookupError, UnicodeError):
                continue
    return begin.decode("utf-8", "replace")


def _text_of_page(page: str) -> str:
    """Return the title and the first heading of a page, or all its text where it has neither."""
    found: dict[str, str] = {}
    for match in _TITLE.finditer(page):
        found.setdefault(match[1].lower(), _words_of(match[2]))
    title, heading = found.get("title", ""), found.get("h1", "")
    parts = [title, "" if heading in title else heading]
    return ": ".join(part for part in parts if part) or _words_of(page)


def _words_of(markup: str) -> str:
    return _one_space(html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", markup))))


def _plain(text: str) -> str:
    unreadable = _NO_TEXT.search(text) is not None or text.count("\ufffd") > _MOST_UNREADABLE * len(text)
    return "" if unreadable else _one_space(text)


def _one_space(text: str) -> str:
    return " ".join(text.split())


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + "…"
