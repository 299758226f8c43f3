"""Write the picture of docs/architecture.md: the layers of `pyproject.toml`, and what four kinds of work pass through.

python -m tests.docs.house_picture
"""

from __future__ import annotations

import re
import tomllib
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CAPTIONS", "PAGES", "layers", "render"]

PAGES = {
    "en": PROJECT / "docs" / "images" / "architecture.svg",
    "uk": PROJECT / "docs" / "uk" / "images" / "architecture.svg",
}
"""The pictures by their language."""

CAPTIONS = {
    "cli": ("the command smartkasa", "команда smartkasa"),
    "fleet": ("many accounts on many machines", "багато облікових записів на багатьох машинах"),
    "blocking": ("the client for code without an event loop", "клієнт для коду без циклу подій"),
    "mcp": ("the server for agents", "сервер для агентів"),
    "dlt_source": ("the source of dlt", "джерело для dlt"),
    "plans": ("changes that someone approves", "зміни, які хтось схвалює"),
    "stock": ("stock counts", "залишки в картках"),
    "catalog": ("price lists: read, check, plan, send", "прайс-листи: прочитати, перевірити, спланувати, надіслати"),
    "push": ("receipts made elsewhere", "чеки, створені деінде"),
    "relay": ("what happens, told to a webhook or a messenger", "події — на вебхук або в месенджер"),
    "sync": ("receipts, Z-reports, reference data, watching", "чеки, Z-звіти, довідники, стеження"),
    "reports": ("reconciliation, compliance, report page", "звірка, вимоги закону, сторінка звіту"),
    "export": ("tables as files", "таблиці у файлах"),
    "stores": ("tables, views, what was read", "таблиці, подання, що вже прочитано"),
    "jobs": ("outcomes, journals, batches", "результати, журнали, пакети"),
    "records": ("batches of records, business days, sinks", "пакети записів, дні за Києвом, приймачі"),
    "client": ("SmartKasa", "SmartKasa"),
    "_core": ("the pipe of a call: pace, send, judge, retry", "шлях виклику: темп, надсилання, оцінка, повтор"),
    "token_stores": ("where tokens are kept", "де зберігаються токени"),
    "operations": ("operations as data", "операції як дані"),
    "models": ("structs and enums", "структури й переліки"),
    "_generated": (
        "structs, operations and areas, made from openapi/",
        "структури, операції й розділи, створені з openapi/",
    ),
    "_base": ("what generated code stands on", "основа згенерованого коду"),
    "pagination": ("lists that check themselves", "списки, що перевіряють себе"),
    "settings": ("all settings", "усі налаштування"),
    "retry": ("whether and when to send again", "чи й коли надсилати ще раз"),
    "events": ("what on_event receives", "що отримує on_event"),
    "_support": ("files, locks, clocks, networks", "файли, блокування, годинник, мережа"),
    "errors": ("the tree of errors", "дерево помилок"),
    "_i18n": ("messages in both languages", "повідомлення обома мовами"),
}
"""What each module is for, in English and in Ukrainian."""

_SANDBOX = ("the service itself; shares _generated with the client", "сам сервіс; спільне з клієнтом — лише _generated")


class _Line(NamedTuple):
    """One kind of work, drawn through the modules that it enters."""

    names: tuple[str, str]
    colour: str
    enters: frozenset[str]


_LINES = [
    _Line(
        ("a call", "виклик"),
        "#c62828",
        frozenset(
            {"client", "_core", "token_stores", "operations", "models", "_generated", "_base", "retry", "errors"}
        ),
    ),
    _Line(
        ("a row of a price list", "рядок прайс-листа"),
        "#1565c0",
        frozenset({"catalog", "jobs", "client", "_core", "models", "_generated"}),
    ),
    _Line(
        ("a page of receipts", "сторінка чеків"),
        "#2e7d32",
        frozenset({"sync", "stores", "records", "client", "_core", "models", "_generated", "pagination"}),
    ),
    _Line(("a report", "звіт"), "#6a1b9a", frozenset({"reports", "stores", "records", "_i18n"})),
]
_FILLS = ("#eef2fb", "#f8fafd")
_WIDTH, _ROW, _GAP, _TOP = 920, 24, 7, 44
_LINES_AT, _BETWEEN = 640, 74
_TEXT = "font-family='Helvetica,Arial,sans-serif' font-size='12.5'"
_CODE = "font-family='Menlo,Consolas,monospace' font-size='13' font-weight='bold' fill='#1a237e'"


def layers() -> list[list[str]]:
    """Read the layers of the package, the highest first."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (contract,) = (each for each in settings["contracts"] if each["type"] == "layers")
    return [re.split(r" [:|] ", layer) for layer in contract["layers"]]


def render(language: str) -> str:
    """Draw the picture in a language."""
    which = list(PAGES).index(language)
    shapes, centres, bottom = _rows(which)
    height = bottom + _ROW + 2 * _GAP
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {height}' role='img'>"
        f"<rect width='{_WIDTH}' height='{height}' rx='8' fill='#ffffff'/>"
    )
    return "\n".join([head, *shapes, *_paths(which, centres), *_sandbox(which, bottom), "</svg>"]) + "\n"


def _rows(which: int) -> tuple[list[str], dict[str, int], int]:
    """Draw the layers; give the height of each module's middle, and where the last layer ends."""
    shapes, centres, top = [], {}, _TOP
    for number, layer in enumerate(layers()):
        height = _ROW * len(layer)
        shapes.append(
            f"<rect x='16' y='{top}' width='{_WIDTH - 32}' height='{height}' rx='5' fill='{_FILLS[number % 2]}'"
            " stroke='#c5cae9'/>"
        )
        for place, name in enumerate(layer):
            centres[name] = top + _ROW * place + _ROW // 2
            shapes.append(f"<text x='30' y='{centres[name] + 5}' {_CODE}>{name}</text>")
            caption = escape(CAPTIONS[name][which])
            shapes.append(f"<text x='160' y='{centres[name] + 5}' {_TEXT} fill='#333333'>{caption}</text>")
        top += height + _GAP
    return shapes, centres, top


def _paths(which: int, centres: dict[str, int]) -> Iterator[str]:
    for number, line in enumerate(_LINES):
        x = _LINES_AT + _BETWEEN * number
        entered = [centres[name] for name in centres if name in line.enters]
        yield f"<path d='M{x} {min(entered)}V{max(entered)}' stroke='{line.colour}' stroke-width='3'/>"
        yield from (
            f"<circle cx='{x}' cy='{y}' r='6' fill='#ffffff' stroke='{line.colour}' stroke-width='3'/>" for y in entered
        )
        words = _in_two(line.names[which])
        for place, part in enumerate(words):
            y = _TOP - 10 - 15 * (len(words) - 1 - place)
            yield f"<text x='{x}' y='{y}' {_TEXT} fill='{line.colour}' text-anchor='middle'>{part}</text>"


def _in_two(name: str) -> list[str]:
    """Break a name that is too long for one line at its middle space."""
    words = name.split()
    half = (len(words) + 1) // 2
    return [name] if len(name) <= 10 else [" ".join(words[:half]), " ".join(words[half:])]


def _sandbox(which: int, top: int) -> Iterator[str]:
    yield (
        f"<rect x='16' y='{top + _GAP}' width='{_WIDTH - 32}' height='{_ROW}' rx='5' fill='#fff8e1' stroke='#ffb300'"
        " stroke-dasharray='5 3'/>"
    )
    y = top + _GAP + _ROW // 2 + 5
    yield f"<text x='30' y='{y}' {_CODE}>sandbox</text>"
    yield f"<text x='160' y='{y}' {_TEXT} fill='#333333'>{escape(_SANDBOX[which])}</text>"


if __name__ == "__main__":
    for language, page in PAGES.items():
        page.parent.mkdir(exist_ok=True)
        page.write_text(render(language), encoding="utf-8")
