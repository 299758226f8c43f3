"""Encodings of text, detected by its bytes whatever is declared, and the repair of text decoded as another encoding.

UTF-8 proves itself by its form. Single-byte encodings do not: they are weighed by the letters, and pairs of letters,
that they make of all the words. Where two make different words that are about as likely, nothing is chosen.
"""

from __future__ import annotations

import codecs
import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async.catalog.sources.letters import CYRILLIC, cost_of, fair_cost, fair_sign, is_plain_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

BLOCK = 64 * 1024
"""Bytes that are looked at together."""

LEGACY = ("cp1251", "cp866", "cp1125", "koi8-u", "iso8859-5", "mac-cyrillic", "cp1252", "cp1250")
"""Windows, DOS as in Russia and as in Ukraine (РСТ 2018-91), Unix, ISO, Macintosh; Western and Middle European."""

_WITHOUT_I = "cp866"

# The longer mark first: a UTF-32 one begins like a UTF-16 one.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TOKEN = re.compile(rb"[0-9A-Za-z'\x80-\xff]*[\x80-\xff][0-9A-Za-z'\x80-\xff]*")
_LONGEST_TOKEN = 40
_MOST_TOKENS = 400
_TOKENS_OF_BLOCK = 150
_TOKENS_OF_LATER_BLOCK = 10
_MARGIN = 12.0
"""Bits by which the best set must be better than any other one that reads differently; 12 are odds of 4,000 to 1."""
_MOST_CHOICES = 4
_CLEAR_MARGIN = 24.0
_CERTAIN_GAIN = 40.0
_MOST_ODD_TOKENS = 20_000
_SHARE_OF_HIGH_BYTES = 0.8
_LEAST_WIDE = 4
_PLAIN_WIDE = re.compile("[\t\r\n -~\u00a0-\u024f\u0400-\u04ff\u2000-\u22ff\ufeff]")

_SUSPECT = re.compile(
    "[\u0080-\u009f\u00c0-\u00ff\u0402\u0403\u0405\u0408-\u040f\u0452\u0453\u0455\u0458-\u045f\u201a\u201e\u2020\u2021"
    "\u2022\u2030\u2039\u203a\u2122\u040e\u045e\u00a7\u00ac\u00b1\u00b6\u00b7\u2500-\u25ff\u00a4\u00a6\u00b5?]"
)
"""Signs that reading in a wrong encoding brings; other text may have one, too, and is looked at more closely then."""
_CONTROL = re.compile("[\u0080-\u0084\u0086-\u009f]")
"""What no text has, but a wrong encoding makes of the quotes and dashes of Windows."""
_CLEAR = 20.0
_CLEAR_OF_UTF_8 = 8.0
"""Bits of gain that leave no doubt. Only few bytes are UTF-8 by accident, so less is enough there."""
_FEWEST_LETTERS = 3
_LOST = re.compile(r"\?{2,}")
_LETTER = re.compile(r"[^\W\d_]")


class Mark(NamedTuple):
    """A byte order mark at the beginning of a text.

    Attributes:
        encoding: The encoding that it stands for; empty where the bytes behind it contradict that.
        size: Its bytes.
    """

    encoding: str
    size: int


class Weighed(NamedTuple):
    """What the words of a text show.

    Attributes:
        encoding: The encoding that fits best.
        choices: It and others that may be right, the best first; one where there is no doubt.
    """

    encoding: str
    choices: tuple[str, ...]


@cache
def one_byte_letters(encoding: str) -> dict[str, int]:
    """Return the byte of each letter of a set, in their order; bytes without one stand for controls, as elsewhere."""
    letters = bytes(range(256)).decode(encoding, "replace")
    return {chr(number) if letter == "\ufffd" else letter: number for number, letter in enumerate(letters)}


def canonical(encoding: str) -> str | None:
    """Return the one name that Python has for an encoding; None where it has none."""
    try:
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError):
        return None


def byte_order_mark(head: bytes) -> Mark | None:
    """Find a byte order mark.

    Args:
        head: The first bytes of a file.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            is_believed = encoding == "utf-8-sig" or _is_plain(head, encoding)
            return Mark(encoding if is_believed else "", len(mark))
    return None


def _is_plain(head: bytes, encoding: str) -> bool:
    text = head.decode(encoding, "replace")
    return len(_PLAIN_WIDE.findall(text)) >= _SHARE_OF_HIGH_BYTES * len(text)


def wide_encoding(head: bytes) -> str | None:
    """Recognise UTF-16 and UTF-32 without a mark, whose high bytes are 0 for ASCII and 4 for Cyrillic letters.

    Args:
        head: The first bytes of a file.
    """
    if len(head) < _LEAST_WIDE or (b"\0" not in head and b"\4" not in head):
        return None
    for width, little, big in ((4, "utf-32-le", "utf-32-be"), (2, "utf-16-le", "utf-16-be")):
        count = len(head) // width
        high = [sum(head[offset::width].count(byte) for byte in (0, 4)) / count for offset in range(width)]
        if min(high[1:]) >= _SHARE_OF_HIGH_BYTES > high[0] and _is_plain(head, little):
            return little
        if min(high[:-1]) >= _SHARE_OF_HIGH_BYTES > high[-1] and _is_plain(head, big):
            return big
    return None


def pick_tokens(blocks: Iterable[bytes]) -> list[bytes]:
    """Take words that are not ASCII from all over a text, each once."""
    found: dict[bytes, None] = {}
    for lines in _whole_lines(blocks):
        most = len(found) + (_TOKENS_OF_LATER_BLOCK if found else _TOKENS_OF_BLOCK)
        for token in islice(_tokens(lines), _MOST_TOKENS):
            found[token] = None
            if len(found) >= most:
                break
        if len(found) >= _MOST_TOKENS:
            break
    return list(found)


def odd_tokens(blocks: Iterable[bytes], encoding: str) -> list[bytes]:
    """Take words of a text that an encoding of one byte a letter may make nonsense of, and some others all over it."""
    kinds = _kinds_of_bytes(encoding)
    found: dict[bytes, None] = {}
    for lines in _whole_lines(blocks):
        found.update(dict.fromkeys(islice(_tokens(lines), _TOKENS_OF_LATER_BLOCK)))
        if _is_odd(lines.translate(kinds)):
            for line in lines.split(b"\n"):
                if _is_odd(line.translate(kinds)):
                    found.update(dict.fromkeys(_tokens(line)))
        if len(found) > _MOST_ODD_TOKENS:
            break
    return list(found)


def _is_odd(kinds: bytes) -> bool:
    return b"W" in kinds or b"lU" in kinds


def _kinds_of_bytes(encoding: str) -> bytes:
    """Return the table that turns bytes into kinds: `l` a lower-case letter, `U` an upper-case one, `W` an odd sign."""
    kinds = []
    for number in range(256):
        character = bytes([number]).decode(encoding, "replace")
        if character.isascii() or fair_sign(character):
            kinds.append(".")
        elif character in CYRILLIC:
            kinds.append("l" if character.islower() else "U")
        else:
            kinds.append("W")
    return "".join(kinds).encode()


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        whole, end, rest = (rest + block).rpartition(b"\n")
        if end:
            yield whole
        elif len(rest) > BLOCK:
            yield rest
            rest = b""
    yield rest


def _tokens(text: bytes) -> Iterator[bytes]:
    for match in _TOKEN.finditer(text):
        yield match[0][:_LONGEST_TOKEN]


def weigh(tokens: Collection[bytes], *, declared: str | None = None) -> Weighed:
    """Find the encoding that makes the most likely words.

    Args:
        tokens: Words that are not ASCII.
        declared: What the text declares. It is believed where the words leave a doubt, and nowhere else; where
            they are no usual words, and far less so by what is declared, that is a doubt too.
    """
    candidates = dict.fromkeys(("utf-8", *LEGACY))
    if declared is not None:
        candidates[declared] = None
    texts = {encoding: [token.decode(encoding, "replace") for token in tokens] for encoding in candidates}
    costs = {
        encoding: sum(cost_of(text, has_i=encoding != _WITHOUT_I) for text in read) for encoding, read in texts.items()
    }
    best = min(costs, key=costs.__getitem__)
    ranked = sorted(costs, key=costs.__getitem__)
    differing = [encoding for encoding in ranked[1:] if texts[encoding] != texts[best]]
    is_fair = costs[best] <= sum(map(fair_cost, texts[best]))
    near = [encoding for encoding in differing if costs[encoding] < costs[best] + _MARGIN]
    if declared is not None and not _has_unreadable(texts[declared]):
        margin = _MARGIN if is_fair else _CLEAR_MARGIN
        if texts[declared] == texts[best] or costs[declared] < costs[best] + margin:
            return Weighed(declared, (declared,))
    return Weighed(best, (best, *(near if is_fair else differing))[:_MOST_CHOICES])


def _has_unreadable(texts: Iterable[str]) -> bool:
    return any("\ufffd" in text for text in texts)


def best_encoding(content: bytes) -> str:
    """Choose the encoding that fits best, for a text that shows by its contents whether it was chosen right.

    Args:
        content: The whole text.
    """
    mark = byte_order_mark(content)
    if mark and mark.encoding:
        return mark.encoding
    return wide_encoding(content[:BLOCK]) or weigh(pick_tokens([content])).encoding


def find_contradiction(encoding: str, tokens: Iterable[bytes]) -> tuple[str, list[bytes]] | None:
    """Find words that an encoding makes nonsense of, and another one does not.

    Returns:
        The other encoding, and the words; None where there are no more than accident may bring.
    """
    against: dict[str, list[bytes]] = {}
    gains: dict[str, float] = {}
    for token in tokens:
        text = token.decode(encoding, "replace")
        cost = cost_of(text)
        if cost <= fair_cost(text):
            continue
        others = [(cost_of(other), name) for name in ("utf-8", *LEGACY) if (other := _decoded(token, name))]
        least, name = min(others, default=(cost, ""))
        if least + _CLEAR_MARGIN < cost:
            against.setdefault(name, []).append(token)
            gains[name] = gains.get(name, 0.0) + cost - least
    most = max(gains, key=gains.__getitem__, default="")
    return (most, against[most]) if gains.get(most, 0.0) > _CERTAIN_GAIN else None


def _decoded(token: bytes, encoding: str) -> str | None:
    """Decode a word whose letters follow the rules then; None for any other one."""
    text = token.decode(encoding, "replace")
    return text if "\ufffd" not in text and cost_of(text) <= fair_cost(text) else None


def is_garbled(text: str) -> bool:
    """Return whether a text is certainly garbled; what is in doubt is not."""
    if is_plain_text(text):
        return "??" in text and _is_lost(text)
    if _SUSPECT.search(text) is None:
        return False
    return _CONTROL.search(text) is not None or _is_lost(text) or repaired(text) is not None


def _is_lost(text: str) -> bool:
    """Return whether question marks stand for the letters of most words."""
    lost = sum(map(len, _LOST.findall(text)))
    return lost > 3 and lost > len(_LETTER.findall(text))  # noqa: PLR2004  (fewer are punctuation)


def repaired(text: str) -> str | None:
    """Return what a garbled text was most likely; None for a text that is likely as it is."""
    odd = [token for token in text.split(" ") if not token.isascii() and cost_of(token) > fair_cost(token)]
    found: list[tuple[float, str]] = []
    for wrong in ("latin-1", *LEGACY) if odd else ():
        table = one_byte_letters(wrong)
        raws = [bytes(map(table.__getitem__, token)) for token in odd if table.keys() >= set(token)]
        for right in ("utf-8", *LEGACY):
            if right != wrong:
                found += _better(raws, wrong, right)
    return min(found)[1] if found else None


def _better(raws: list[bytes], wrong: str, right: str) -> list[tuple[float, str]]:
    """Return what words become if they are read in the right encoding, if that is far more likely."""
    gain = 0.0
    texts: list[str] = []
    for raw in raws:
        text = raw.decode(right, "replace")
        cost = cost_of(text)
        if "\ufffd" not in text and cost <= fair_cost(text):
            gain += cost_of(_text_of(raw, wrong)) - cost
            texts.append(text)
    is_clear = gain > (_CLEAR_OF_UTF_8 if right == "utf-8" else _CLEAR)
    repaired = " ".join(texts)
    return [(-gain, repaired)] if is_clear and len(_LETTER.findall(repaired)) >= _FEWEST_LETTERS else []


def _text_of(raw: bytes, encoding: str) -> str:
    return "".join(map([*one_byte_letters(encoding)].__getitem__, raw))
