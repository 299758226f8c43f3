"""A page as one document: its data, scripts and styles put into the template, and nothing else allowed in.

The policy that stands in the page lets run what has the right digest alone, and lets nothing be fetched.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.message import PluralText
from smartkasa_async._i18n.safe_text import visible_json
from smartkasa_async._i18n.translate import LANGUAGES, Language, forms_in_language, in_language
from smartkasa_async.reports.page.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

CHARTIST = "1.5.0"
"""Version of the charting library, whose files lie in `assets/chartist` as its makers published them."""

_ASSETS = files("smartkasa_async.reports.page") / "assets"
_STYLES = ("colours", "layout", "parts", "charts", "media")
_SCRIPTS = ("data", "read", "language", "compare", "dom", "charts", "tiles", "sales", "findings", "page")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_SOURCE_MAP = re.compile(r"\n?(?://|/\*)# sourceMappingURL=[^\n]*")
# What could end the element of the data, or begin another one.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def render(data: dict[str, Any], language: Language) -> Iterator[str]:
    """Return the document in pieces."""
    style = "\n".join([_library("chartist.css"), *(_asset(f"{name}.css") for name in _STYLES)])
    chartist, script = _library("chartist.umd.js"), "\n".join(_asset(f"{name}.js") for name in _SCRIPTS)
    values = {
        "language": language,
        "title": escape(in_language(str(TEXTS["title"]), language)),
        "noscript": escape(in_language(str(TEXTS["noscript"]), language)),
        "policy": _policy([style], [chartist, script]),
        "style": style,
        "chartist": chartist,
        "script": script,
        "data": _safe({**data, "texts": page_texts(), "language": language}),
    }
    for position, piece in enumerate(_PLACEHOLDER.split(_asset("page.html"))):
        yield values[piece] if position % 2 else piece


def page_texts() -> dict[str, list[str | list[str]]]:
    """Return the texts of the page by key, in both languages; a text that depends on a number in three forms."""
    return {
        key: [
            forms_in_language(text, language) if isinstance(text, PluralText) else in_language(text, language)
            for language in LANGUAGES
        ]
        for key, text in TEXTS.items()
    }


def _policy(styles: list[str], scripts: list[str]) -> str:
    sources = {"script-src": scripts, "style-src": styles}
    allowed = (f"{kind} {' '.join(map(_digest, contents))}" for kind, contents in sources.items())
    return "; ".join(["default-src 'none'", *allowed, "img-src data:", "base-uri 'none'", "form-action 'none'"])


def _digest(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _safe(data: dict[str, Any]) -> str:
    """Write JSON that no element of HTML can be hidden in, nor what turns the letters around it."""
    return visible_json(msgspec.json.encode(data).decode()).translate(_ESCAPES)


def _library(name: str) -> str:
    """Read a file of the charting library, with its licence in front, and without a map that is not there."""
    licence = _asset("chartist/LICENSE-MIT").strip()
    return f"/* Chartist {CHARTIST}\n\n{licence}\n*/\n{_SOURCE_MAP.sub('', _asset(f'chartist/{name}'))}"


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text("utf-8")
