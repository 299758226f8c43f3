"""Text whose letters some program has read in another encoding than they were written in: «РљР°РІР°» for «Кава»."""

from __future__ import annotations

import re

from smartkasa_async.catalog.sources.encodings import LEGACY, one_byte_letters
from smartkasa_async.catalog.sources.letters import cost_of, fair_cost, is_plain_text

_SUSPECT = re.compile(
    "[\u0080-\u009f\u00c0-\u00ff\u0402\u0403\u0405\u0408-\u040f\u0452\u0453\u0455\u0458-\u045f\u201a\u201e\u2020\u2021"
    "\u2022\u2030\u2039\u203a\u2122\u040e\u045e\u00a7\u00ac\u00b1\u00b6\u00b7\u2500-\u25ff\u00a4\u00a6\u00b5?]"
)
"""Signs that reading in a wrong encoding brings; other text may have one, too, and is looked at more closely then."""
_CONTROL = re.compile("[\u0080-\u0084\u0086-\u009f]")
"""What no text has, but a wrong encoding makes of the quotes and dashes of Windows."""
_CLEAR = 20.0
_CLEAR_OF_UTF_8 = 8.0
"""Bits of gain that leave no doubt. Only few bytes are UTF-8 by chance, so less is enough there."""
_FEWEST_LETTERS = 3
_LOST = re.compile(r"\?{2,}")
_LETTER = re.compile(r"[^\W\d_]")


def is_garbled(text: str) -> bool:
    """Tell whether a text is certainly garbled; what is in doubt is not.

    Args:
        text: A cell, or a line.
    """
    if is_plain_text(text):
        return "??" in text and _is_lost(text)
    if _SUSPECT.search(text) is None:
        return False
    return _CONTROL.search(text) is not None or _is_lost(text) or repaired(text) is not None


def _is_lost(text: str) -> bool:
    """Tell whether question marks stand for the letters of most words."""
    lost = sum(map(len, _LOST.findall(text)))
    return lost > 3 and lost > len(_LETTER.findall(text))  # noqa: PLR2004  (fewer are punctuation)


def repaired(text: str) -> str | None:
    """Give what a garbled text was most likely; None for a text that is likely as it is.

    Args:
        text: A cell, or a line.
    """
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
    """Give what words become if they are read in the right encoding, if that is far more likely."""
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
