"""Keeping secrets out of what errors quote."""

from __future__ import annotations

import re

__all__ = ["hide_secrets"]

_NAMES = "access|refresh|csrf|password|pin_code"
_VALUE = re.compile(rf"""("(?:{_NAMES})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s,}}\]]+)""")
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?")
_REFUSED_SECRET = re.compile(rf" for :(?:{_NAMES})\b")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def hide_secrets(text: str) -> str:
    """Hide what may be a secret in a text of the service.

    Args:
        text: JSON, whole or cut off, or a sentence; a refusal such as `"…" (String) has invalid type for :pin_code`
            quotes the value that was refused.

    Returns:
        The text with `***` for tokens wherever they stand, and for the values of secret fields.
    """
    text = _TOKEN.sub("***", _VALUE.sub(r'\1"***"', text))
    return _QUOTED.sub('"***"', text) if _REFUSED_SECRET.search(text) else text
