"""Results as tables of Markdown, in English and Ukrainian."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.results import NOISE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["render"]

_MIB = 1024**2
_UKRAINIAN = {
    "small GET": "малий GET",
    "page of 100 receipts": "сторінка на 100 чеків",
    "batch of 100 products": "пакет на 100 товарів",
    "CPU of a call": "CPU на виклик",
    "by hand": "вручну",
    "ratio": "відношення",
    "quartiles": "квартилі",
    "goal": "мета",
    NOISE: ", удруге",
    "import": "імпорт пакета",
    "client": "клієнт",
    "aiohttp, msgspec": "aiohttp, msgspec",
    "rows of CSV, journal on": "рядків CSV, із журналом",
    "rows per second": "рядків за секунду",
    "µs per row": "мкс на рядок",
    "seconds": "секунд",
    "peak memory": "найбільше пам'яті",
    "stage": "стадія",
    "share of CPU time": "частка часу CPU",
    "the same rows by hand, unchecked: ratio of CPU": "ті самі рядки вручну, без перевірок: відношення за CPU",
    "receipts into SQLite": "чеків у SQLite",
    "receipts per second": "чеків за секунду",
    "ten shops, 50 ms until each answer": "десять магазинів, 50 мс до кожної відповіді",
    "times as fast": "у скільки разів швидше",
    "one page after another, kept nowhere": "сторінка за сторінкою, без збереження",
    "concurrently, kept nowhere": "паралельно, без збереження",
    "concurrently, into SQLite": "паралельно, у SQLite",
    "more": "різниця",
    "receipts behind the page": "чеків за сторінкою",
    "size": "розмір",
    "opens in": "відкривається за",
    "read": "читання",
    "check": "перевірка",
    "find categories": "пошук категорій",
    "plan and journal": "план і журнал",
    "send": "надсилання",
    "resolve": "пошук сумнівних",
    "outcomes": "результати",
    "pipeline": "конвеєр",
    "event loop": "цикл подій",
    "other": "решта",
    "µs": "мкс",
    "MiB": "МіБ",
    "MB": "МБ",
    "ms": "мс",
    "s": "с",
}


class _Words(NamedTuple):
    """Words and numbers of a language."""

    language: str

    def say(self, text: str) -> str:
        """Give a text in the language."""
        return text if self.language == "en" else _UKRAINIAN[text]

    def head(self, *texts: str) -> str:
        """Write the row of headers."""
        return f"| {' | '.join(text if text.startswith('`') else self.say(text) for text in texts)} |"

    def number(self, value: float, form: str, unit: str = "") -> str:
        """Write a number, such as `5,366` or `0.93 ms`, with its unit."""
        text = f"{value:{form}}"
        if self.language == "uk":
            text = text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
        return f"{text} {self.say(unit)}" if unit else text


def render(name: str, result: dict[str, Any], language: str = "en") -> str:
    """Write the tables of a result.

    Args:
        name: Name of the result: `calls`, `catalogue`, `receipts`, `start`, `page`.
        result: Its numbers.
        language: `"en"` or `"uk"`.
    """
    return "\n".join(_TABLES[name](result, _Words(language)))


def _calls(result: dict[str, Any], words: _Words) -> Iterator[str]:
    number = words.number
    for work, ratios in groupby(result["ratios"], itemgetter("work")):
        yield words.head(work, "CPU of a call", "by hand", "ratio", "quartiles", "goal")
        yield "| --- | ---: | ---: | ---: | ---: | ---: |"
        for one in ratios:
            name = one["contender"].replace(NOISE, words.say(NOISE))
            times = " | ".join(number(seconds * 1e6, ",.0f", "µs") for seconds in one["seconds"])
            spread = "–".join(number(each, ".2f") for each in one["quartiles"])
            goal = "" if one["goal"] is None else f"≥ {number(one['goal'], '.2f')}"
            yield f"| {name} | {times} | {number(one['median'], '.2f')} | {spread} | {goal} |"
        yield ""
    yield words.head("import", "client", "aiohttp, msgspec", "ratio", "goal")
    yield "| --- | ---: | ---: | ---: | ---: |"
    imports = result["import"]
    ours, theirs = imports["client"], imports["by_hand"]
    times = f"{number(ours * 1000, '.0f', 'ms')} | {number(theirs * 1000, '.0f', 'ms')}"
    yield f"| | {times} | {number(ours / theirs, '.2f')} | ≤ {number(imports['goal'], '.2f')} |"


def _catalogue(result: dict[str, Any], words: _Words) -> Iterator[str]:
    number = words.number
    yield words.head("rows of CSV, journal on", "seconds", "rows per second", "µs per row", "peak memory")
    yield "| ---: | ---: | ---: | ---: | ---: |"
    for run in result["runs"]:
        rows, seconds = run["rows"], run["seconds"]
        rate = f"{number(rows / seconds, ',.0f')} | {number(seconds / rows * 1e6, '.1f')}"
        memory = number(run["peak_bytes"] / _MIB, ".0f", "MiB")
        yield f"| {number(rows, ',')} | {number(seconds, '.2f')} | {rate} | {memory} |"
    if (by_hand := result.get("by_hand")) is not None:
        yield from ("", words.head("the same rows by hand, unchecked: ratio of CPU", "goal"), "| ---: | ---: |")
        yield f"| {number(by_hand['ratio'], '.2f')} | ≥ {number(by_hand['goal'], '.2f')} |"
    yield from ("", words.head("stage", "share of CPU time"), "| --- | ---: |")
    yield from (f"| {words.say(stage)} | {share:.0%} |" for stage, share in result["stages"].items())


def _receipts(result: dict[str, Any], words: _Words) -> Iterator[str]:
    number = words.number
    yield words.head("receipts into SQLite", "seconds", "receipts per second", "peak memory")
    yield "| ---: | ---: | ---: | ---: |"
    for run in result["runs"]:
        rate, memory = run["receipts"] / run["seconds"], number(run["peak_bytes"] / _MIB, ".0f", "MiB")
        seconds = number(run["seconds"], ".2f")
        yield f"| {number(run['receipts'], ',')} | {seconds} | {number(rate, ',.0f')} | {memory} |"
    yield from (
        "",
        words.head("ten shops, 50 ms until each answer", "seconds", "times as fast"),
        "| --- | ---: | ---: |",
    )
    slowest = max(result["far"].values())
    for name, seconds in result["far"].items():
        yield f"| {words.say(name)} | {number(seconds, '.2f')} | {number(slowest / seconds, '.1f')} |"


def _start(result: dict[str, Any], words: _Words) -> Iterator[str]:
    yield words.head("`smartkasa --help`", "`python -c pass`", "more", "goal")
    yield "| ---: | ---: | ---: | ---: |"
    ours, theirs = result["command"], result["interpreter"]
    times = [words.number(each * 1000, ".0f", "ms") for each in (ours, theirs, ours - theirs, result["goal"])]
    yield f"| {times[0]} | {times[1]} | {times[2]} | < {times[3]} |"


def _page(result: dict[str, Any], words: _Words) -> Iterator[str]:
    number = words.number
    yield words.head("receipts behind the page", "seconds", "peak memory", "size", "opens in")
    yield "| ---: | ---: | ---: | ---: | ---: |"
    for run in result["runs"]:
        memory, size = number(run["peak_bytes"] / _MIB, ".0f", "MiB"), number(run["size"] / 1e6, ".1f", "MB")
        seconds, opening = number(run["seconds"], ".0f"), number(run["opening"], ".1f", "s")
        yield f"| {number(run['receipts'], ',')} | {seconds} | {memory} | {size} | {opening} |"


_TABLES: dict[str, Callable[[dict[str, Any], _Words], Iterator[str]]] = {
    "calls": _calls,
    "catalogue": _catalogue,
    "receipts": _receipts,
    "start": _start,
    "page": _page,
}
