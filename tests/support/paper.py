"""What stands on which sheet of a PDF that Chromium prints."""

from __future__ import annotations

import re
import zlib

__all__ = ["sheets"]

_OBJECT = re.compile(rb"(?ms)^(\d+) 0 obj\n(.*?)\nendobj")
_TEXT = re.compile(rb"/(\w+) [\d.]+ Tf|<([0-9A-F]+)> Tj")
_MAPPED = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>(?: <([0-9A-F]+)>)?")


def sheets(pdf: bytes) -> list[str]:
    """Give the text of each sheet in the order of drawing, without spaces."""
    objects = {int(number): content for number, content in _OBJECT.findall(pdf)}
    return [_text(objects, page) for page in objects.values() if b"/Type /Page\n" in page]


def _text(objects: dict[int, bytes], page: bytes) -> str:
    fonts = {name: _letters(objects, int(number)) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", page)}
    letters: dict[bytes, str] = {}
    found = []
    for font, glyphs in _TEXT.findall(_stream(objects[_reference(page, b"Contents")])):
        if font:
            letters = fonts[font]
        found += [letters.get(glyphs[at : at + 4], "") for at in range(0, len(glyphs), 4)]
    return re.sub(r"\s", "", "".join(found))


def _letters(objects: dict[int, bytes], font: int) -> dict[bytes, str]:
    """Read which letters the glyphs of a font stand for."""
    if b"/ToUnicode" not in objects[font]:
        return {}
    mapping = _stream(objects[_reference(objects[font], b"ToUnicode")])
    letters = {}
    for part in re.findall(rb"(?s)beginbf(?:char|range)\n(.*?)endbf", mapping):
        for first, second, third in _MAPPED.findall(part):
            last, text = (int(second, 16), third) if third else (int(first, 16), second)
            for place in range(int(first, 16), last + 1):
                code = int(text, 16) + place - int(first, 16)
                letters[b"%04X" % place] = code.to_bytes(len(text) // 2, "big").decode("utf-16-be")
    return letters


def _reference(content: bytes, key: bytes) -> int:
    found = re.search(rb"/%s (\d+) 0 R" % key, content)
    assert found
    return int(found[1])


def _stream(content: bytes) -> bytes:
    return zlib.decompress(content.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0])
