"""Keeping secrets out of what errors quote: by the names of fields, by the form of tokens, and by value.

A service, or a gateway before it, may repeat what it was sent: the key, the password, a token. It may do so in any
form: with the escapes of JSON, of URLs or of HTML, of several of them one upon the other, in base64 or in hexadecimal
digits. `Secrets` undoes the escapes, looks for the values, and hides what they were found in.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from smartkasa_async._i18n.message import MessageError

_HIDDEN = "***"
_NAMES = "access|refresh|csrf|password|pin_code"
_SECRET_NAMES = frozenset(_NAMES.split("|"))
_VALUE = re.compile(rf"""("(?:{_NAMES})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s,}}\]]+)""")
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?")
_REFUSED_SECRET = re.compile(rf" for :(?:{_NAMES})\b")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SENT = re.compile(rb'"(?:password|pin_code|phone_number)"\s*:\s*("(?:[^"\\]|\\.)*")')


def hide_secrets(text: str) -> str:
    """Hide what may be a secret in a text of the service.

    Args:
        text: JSON, whole or cut off, or a sentence; a refusal such as `"…" (String) has invalid type for :pin_code`
            quotes the value that was refused.

    Returns:
        The text with `***` for tokens wherever they stand, and for the values of secret fields.
    """
    text = _TOKEN.sub(_HIDDEN, _VALUE.sub(rf'\1"{_HIDDEN}"', text))
    return _QUOTED.sub(f'"{_HIDDEN}"', text) if _REFUSED_SECRET.search(text) else text


def is_secret_name(name: str) -> bool:
    """Return whether a field of this name holds a secret."""
    return name in _SECRET_NAMES


def hide_in_error(error: MessageError, hide: Callable[[str], str]) -> None:
    """Hide secrets in the words of an error, such as the address of a redirect.

    Args:
        error: An error of the library.
        hide: Hides secrets in a text.
    """
    error.translatable = hide_in_message(error.translatable, hide)
    error.message = str(error.translatable)
    error.args = (error.translatable,)


def hide_in_message(message: str, hide: Callable[[str], str]) -> str:
    """Hide secrets in a message, which can still be translated afterwards.

    Args:
        message: A message or a plain text.
        hide: Hides secrets in a text.
    """
    if not isinstance(message, Message):
        return hide(message)
    values = {
        name: hide_in_message(each, hide) if isinstance(each, str) else each for name, each in message.values.items()
    }
    return Message.of(message.template, values, message.many)


_LEAST = 4
_FREE = 8
"""A value that is shorter is hidden only where it stands as a word of its own: `1234` is a password and a price."""
_LEAST_CORE = 5
_NATIONAL_DIGITS = 9
_MOST_LEARNED = 16


class Secrets:
    """The secrets of one client, to be hidden by value in texts of the service.

    A value of 8 letters or more is hidden wherever it stands and in whatever form; one of 4 to 7 where it is a word of
    its own; a shorter one is not, since it could not be distinguished from other words. Upper and lower case are the
    same.

    Args:
        values: The key, the password and the like; None where there is none.
    """

    def __init__(self, *values: str | None) -> None:
        self._values = tuple(value for value in values if value)
        self._learned: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return "Secrets()"

    def learn(self, *values: str | None) -> None:
        """Hide further values from now on, such as tokens; of many, the latest."""
        for value in values:
            if value and value not in self._learned:
                self._learned[value] = None
                self._pattern = None
                if len(self._learned) > _MOST_LEARNED:
                    del self._learned[next(iter(self._learned))]

    def sent_in(self, body: bytes | None, headers: Iterable[str] = ()) -> Secrets:
        """Return the secrets together with those that a request holds: a password, a PIN, the caller's own headers.

        Args:
            body: The request's JSON.
            headers: Values of headers that the caller gave.
        """
        found = _SENT.findall(body) if body and (b'"password"' in body or b'"pin_code"' in body) else ()
        held = [*map(json.loads, found), *headers]
        return Secrets(*self._values, *self._learned, *held) if held else self

    def hide(self, text: str) -> str:
        """Write `***` for each secret in a text, and for what looks like one.

        Args:
            text: A text of the service.
        """
        if self._pattern is None:
            self._pattern = _pattern_of({*self._values, *self._learned})
        text = _hide_found(self._pattern, text, range(len(text) + 1), text)
        if _ESCAPE.search(text) is not None:
            text = _hide_found(self._pattern, *_without_escapes(text), text)
        return hide_secrets(text)


def _hide_found(pattern: re.Pattern[str], letters: str, starts: Sequence[int], text: str) -> str:
    """Hide in a text what is found in its letters, each of which begins at its start."""
    made, done = [], 0
    for match in pattern.finditer(letters):
        start, end = match.span()
        if match["encoded"]:  # what stands around it in one word is of the same encoding
            while start and letters[start - 1] in _ENCODED_LETTERS:
                start -= 1
            while end < len(letters) and letters[end] in _ENCODED_LETTERS:
                end += 1
        if starts[start] >= done:
            made += [text[done : starts[start]], _HIDDEN]
        done = max(done, starts[end])
    return "".join([*made, text[done:]])


# --- the forms of a value --------------------------------------------------------------------------------------------

_ENCODED_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_SEPARATORS = r"[\s().-]{0,3}"


def _pattern_of(values: set[str]) -> re.Pattern[str]:
    plain = {form for value in values for form in _forms(value) if len(form) >= _LEAST}
    free = [re.escape(form) for form in plain if len(form) >= _FREE]
    words = [rf"(?<!\w){re.escape(form)}(?!\w)" for form in plain if len(form) < _FREE]
    phones = [_phone(value) for value in values if value.isdecimal() and len(value) > _NATIONAL_DIGITS]
    encoded = {core for value in values if len(value) >= _LEAST for core in _encoded(value)}
    shown = "|".join(sorted([*free, *words, *phones], key=len, reverse=True))
    hidden = "|".join(sorted(encoded, key=len, reverse=True))
    return re.compile(f"(?P<encoded>{hidden or '(?!)'})|(?i:{shown or '(?!)'})")


def _forms(value: str) -> set[str]:
    """List how a value may stand in a text whose escapes are undone."""
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    return {form for each in (value, value.replace(" ", "+")) for form in (each, _without_escapes(each)[0])} | {
        _without_escapes(escaped)[0]
    }


def _phone(number: str) -> str:
    """Write a number with and without its country code, with whatever separates its digits."""
    code, national = number[:-_NATIONAL_DIGITS], number[-_NATIONAL_DIGITS:]
    lead = "".join(f"(?:{digit}{_SEPARATORS})?" for digit in code)
    return rf"(?<!\d){lead}{_SEPARATORS.join(national)}(?!\d)"


def _encoded(value: str) -> Iterator[str]:
    """Write a value in base64, wherever it begins among other bytes, and in hexadecimal digits."""
    content = value.encode(errors="surrogatepass")
    for shift, others in enumerate((0, 2, 3)):
        whole = b64encode(bytes(shift) + content).decode()
        core = whole[others:] if not whole.endswith("=") else whole.rstrip("=")[others:-1]
        if len(core) >= _LEAST_CORE:
            yield re.escape(core).replace(r"\+", "[+-]").replace("/", "[/_]")
    if len(value) >= _FREE:
        yield f"(?i:{content.hex()})"


# --- escapes ---------------------------------------------------------------------------------------------------------

_ESCAPE = re.compile(
    r"(?P<units>(?:\\+u[0-9A-Fa-f]{4})+)"
    r"|\\+u\{(?P<point>[0-9A-Fa-f]{1,6})\}"
    r"|(?P<bytes>(?:(?:\\+x|%)[0-9A-Fa-f]{2})+)"
    r"|(?P<entity>&(?:[A-Za-z]{2,8}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});)"
    r"|(?P<slashes>\\+)"
)
_UNIT = re.compile(r"\\+u([0-9A-Fa-f]{4})")
_BYTE = re.compile(r"(?:\\+x|%)([0-9A-Fa-f]{2})")
_MOST_LAYERS = 8


def _without_escapes(text: str) -> tuple[str, list[int]]:
    """Undo the escapes of JSON, URLs and HTML until there are none.

    Returns:
        The letters, and where in the text each of them begins; the text's own end comes last.
    """
    starts = list(range(len(text) + 1))
    for _ in range(_MOST_LAYERS):
        if _ESCAPE.search(text) is None:
            break
        text, starts = _without_layer(text, starts)
    return text, starts


def _without_layer(text: str, starts: list[int]) -> tuple[str, list[int]]:
    letters: list[str] = []
    origins: list[int] = []
    done = 0
    pending = None  # where a run of backslashes began, which belongs to the letter behind it
    for match in _ESCAPE.finditer(text):
        start, end = match.span()
        if start > done:
            letters.append(text[done:start])
            origins += starts[done:start]
            if pending is not None:
                origins[-(start - done)] = pending
                pending = None
        found = list(_meant(match))
        if found:
            letters += [letter for letter, _ in found]
            origins += [starts[start + offset] for _, offset in found]
            if pending is not None:
                origins[-len(found)] = pending
                pending = None
        elif pending is None:
            pending = starts[start]
        done = end
    rest = starts[done:]
    if pending is not None:
        rest[0] = pending if done < len(text) else rest[0]
    return "".join([*letters, text[done:]]), [*origins, *rest]


def _meant(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    """Yield the letters that an escape means, each with its position in the escape; none for backslashes."""
    whole = match[0]
    match match.lastgroup:
        case "units":
            units = list(_UNIT.finditer(whole))
            content = b"".join(bytes.fromhex(unit[1]) for unit in units)
            index = 0
            for letter in content.decode("utf-16-be", "surrogatepass"):
                yield letter, units[index].start()
                index += 2 if ord(letter) > 0xFFFF else 1  # noqa: PLR2004  (a pair of surrogates)
        case "bytes":
            steps = list(_BYTE.finditer(whole))
            content = bytes.fromhex("".join(step[1] for step in steps))
            index = 0
            for letter in content.decode(errors="surrogateescape"):
                yield letter, steps[index].start()
                index += len(letter.encode(errors="surrogateescape"))
        case "point" | "entity":
            meant = html.unescape(f"&#x{match['point']};" if match["point"] else whole)
            yield meant if len(meant) == 1 else "\ufffd", 0
