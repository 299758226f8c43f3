"""Ratios of a result as bars: SVG, in English and Ukrainian."""

from __future__ import annotations

from html import escape
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from benchmarks.results import NOISE, meets_goal
from benchmarks.tables import Words
from benchmarks.turns import CLIENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["draw"]

_WIDTH, _BARS_AT, _LONGEST, _ROW, _BAR = 920, 300, 420, 26, 14
_TEXT = "font-family='Helvetica,Arial,sans-serif'"
_CLIENT, _OTHER, _NOISE, _GOAL = "#1565c0", "#90a4ae", "#cfd8dc", "#c62828"


def draw(result: dict[str, Any], language: str = "en") -> str:
    """Draw the ratios of a result: a group for each work, the way that all are beside a line at 1, the goal a red one.

    Args:
        result: Its numbers, with `ratios`.
        language: `"en"` or `"uk"`.
    """
    words = Words(language)
    shapes: list[str] = []
    top = 12
    for work, found in groupby(result["ratios"], itemgetter("work")):
        ratios = list(found)
        shapes += _group(words, words.work(work), ratios, top)
        top += _ROW * (len(ratios) + 1) + 22
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {top}' role='img'>"
        f"<rect width='{_WIDTH}' height='{top}' rx='8' fill='#ffffff'/>"
    )
    return "\n".join([head, *shapes, "</svg>"]) + "\n"


def _group(words: Words, title: str, ratios: Sequence[dict[str, Any]], top: int) -> Iterator[str]:
    most: float = max(1.0, *(one["quartiles"][1] for one in ratios), *(one["goal"] or 0 for one in ratios))

    def x(ratio: float) -> float:
        return round(_BARS_AT + _LONGEST * min(ratio, most) / most, 1)

    said = words.say("less is better" if ratios[0].get("is_cost") else "more is better")
    first, last = top + _ROW, top + _ROW * (len(ratios) + 1)
    yield (
        f"<text x='16' y='{top + 14}' {_TEXT} font-size='14' font-weight='bold' fill='#1a237e'>{escape(title)}</text>"
        f"<text x='{_BARS_AT}' y='{top + 14}' {_TEXT} font-size='11.5' fill='#616161'>"
        f"1 = {escape(words.contender(ratios[0]['beside']))}; {escape(said)}</text>"
    )
    for number, one in enumerate(ratios):
        yield from _bar(words, one, first + _ROW * number, x)
    yield f"<path d='M{x(1)} {first - 2}V{last - 4}' stroke='#424242' stroke-dasharray='4 3'/>"
    for one in ratios:
        if one["goal"] is not None:
            y = first + _ROW * ratios.index(one)
            yield f"<path d='M{x(one['goal'])} {y - 1}v{_BAR + 6}' stroke='{_GOAL}' stroke-width='3'/>"


def _bar(words: Words, one: dict[str, Any], y: int, x: Callable[[float], float]) -> Iterator[str]:
    name = one["contender"]
    colour = _CLIENT if name.startswith(CLIENT) else _NOISE if name.endswith(NOISE) else _OTHER
    middle, (low, high) = y + _BAR // 2 + 2, one["quartiles"]
    width = x(one["median"]) - _BARS_AT
    yield _said(16, middle, words.contender(name))
    yield f"<rect x='{_BARS_AT}' y='{y + 2}' width='{width:.1f}' height='{_BAR}' fill='{colour}'/>"
    yield f"<path d='M{x(low)} {middle}H{x(high)}' stroke='#212121'/>"
    label = words.number(one["median"], ".2f")
    if one["goal"] is not None:
        goal = f"{words.say('goal')} {'≤' if one.get('is_cost') else '≥'} {words.number(one['goal'], '.2f')}"
        label += f" ({goal}{'' if meets_goal(one) else ', ' + words.say('not met')})"
    yield _said(max(x(high), _BARS_AT + width, x(one["goal"] or 0)) + 6, middle, label)


def _said(x: float, middle: int, text: str) -> str:
    return f"<text x='{x}' y='{middle + 4}' {_TEXT} font-size='12.5' fill='#333333'>{escape(text)}</text>"
