"""Results as tables of Markdown, in English and Ukrainian."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.results import NOISE, UVLOOP, meets_goal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Words", "render"]

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
    "not met": "не досягнуто",
    "more is better": "більше — краще",
    "less is better": "менше — краще",
    "receipts into SQLite, CPU": "чеки у SQLite, CPU",
    "receipts into SQLite by dlt, CPU": "чеки у SQLite через dlt, CPU",
    "receipts into PostgreSQL, time": "чеки у PostgreSQL, час",
    "Parquet": "Parquet",
    "CSV": "CSV",
    "reconciliation": "звірка",
    "report page": "сторінка звіту",
    "receipts": "чеків",
    NOISE: ", удруге",
    UVLOOP: " з uvloop",
    "import": "імпорт пакета",
    "client": "клієнт",
    "aiohttp, msgspec": "aiohttp, msgspec",
    "rows of CSV, journal on": "рядків CSV, із журналом",
    "rows per second": "рядків за секунду",
    "µs per row": "мкс на рядок",
    "seconds": "секунд",
    "peak memory": "найбільше пам'яті",
    "stage": "етап",
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
    "receipts of the month": "чеків за місяць",
    "CPU seconds": "секунд CPU",
    "size": "розмір",
    "opens in": "відкривається за",
    "read": "читання",
    "check": "перевірка",
    "find categories": "пошук категорій",
    "plan and journal": "план і журнал",
    "send": "надсилання",
    "resolve": "з'ясування",
    "outcomes": "результати",
    "pipeline": "конвеєр",
    "event loop": "цикл подій",
    "other": "решта",
    "processor time": "процесорний час",
    "a processor core does in an hour": "ядро процесора робить за годину",
    "pass over today": "прохід за сьогодні",
    "first pass of an account": "перший прохід облікового запису",
    "pass at night, with its judgement": "нічний прохід з оцінкою бази",
    "dispatch, 10,000 accounts, queues full": "розподіл, 10\N{NO-BREAK SPACE}000 записів, черги повні",
    "dispatch, 10,000 accounts, 128 jobs queued": "розподіл, 10\N{NO-BREAK SPACE}000 записів, 128 робіт у чергу",
    "fetch of a job, 100,000 in the queue": "отримання роботи, 100\N{NO-BREAK SPACE}000 у черзі",
    "µs": "мкс",
    "MiB": "МіБ",
    "MB": "МБ",
    "ms": "мс",
    "s": "с",
}

_CONTENDERS = {
    "aiohttp + msgspec by hand": "aiohttp + msgspec вручну",
    "aiohttp, msgspec, sqlite3 by hand": "aiohttp, msgspec, sqlite3 вручну",
    "aiohttp, msgspec, asyncpg by hand": "aiohttp, msgspec, asyncpg вручну",
    "sqlite3 and pyarrow by hand": "sqlite3 і pyarrow вручну",
    "sqlite3 and csv by hand": "sqlite3 і csv вручну",
    "dlt's source of REST APIs": "джерело REST API з dlt",
    "plain SQL": "самий SQL",
}
"""Contenders whose names have words in them."""


class Words(NamedTuple):
    """Words and numbers of a language."""

    language: str

    def say(self, text: str) -> str:
        """Give a text in the language."""
        return text if self.language == "en" else _UKRAINIAN[text]

    def work(self, text: str) -> str:
        """Give the name of work; a number of receipts may follow it."""
        name, _, receipts = text.partition(", ")
        if not receipts[:1].isdigit():
            return self.say(text)
        return f"{self.say(name)}, {self.number(int(receipts.replace(',', '')), ',')} {self.say('receipts')}"

    def contender(self, name: str) -> str:
        """Give the name of a contender."""
        for suffix in (NOISE, UVLOOP):
            if name.endswith(suffix):
                return self.contender(name.removesuffix(suffix)) + self.say(suffix)
        return _CONTENDERS.get(name, name) if self.language == "uk" else name

    def head(self, first: str, *texts: str, is_said: bool = False) -> str:
        """Write the row of headers; the first is in the language already where `is_said`."""
        said = [text if text.startswith("`") else self.say(text) for text in texts]
        return f"| {' | '.join([first if is_said or first.startswith('`') else self.say(first), *said])} |"

    def number(self, value: float, form: str, unit: str = "") -> str:
        """Write a number, such as `5,366` or `0.93 ms`, with its unit."""
        text = f"{value:{form}}"
        if self.language == "uk":
            text = text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
        return f"{text} {self.say(unit)}" if unit else text

    def goal(self, text: str, *, is_met: bool) -> str:
        """Write a goal, and that it was not met."""
        return text if is_met else f"{text}, {self.say('not met')}"


def render(name: str, result: dict[str, Any], language: str = "en") -> str:
    """Write the tables of a result.

    Args:
        name: Name of the result: `calls`, `catalogue`, `receipts`, `stores`, `exports`, `reports`, `start`, `page`,
            `fleet`.
        result: Its numbers.
        language: `"en"` or `"uk"`.
    """
    return "\n".join(_TABLES[name](result, Words(language)))


def _calls(result: dict[str, Any], words: Words) -> Iterator[str]:
    number = words.number
    yield from _ratios(result, words, "CPU of a call", lambda seconds: number(seconds * 1e6, ",.0f", "µs"))
    yield words.head("import", "client", "aiohttp, msgspec", "ratio", "goal")
    yield "| --- | ---: | ---: | ---: | ---: |"
    imports = result["import"]
    ours, theirs = imports["client"], imports["by_hand"]
    times = f"{number(ours * 1000, '.0f', 'ms')} | {number(theirs * 1000, '.0f', 'ms')}"
    goal = words.goal(f"≤ {number(imports['goal'], '.2f')}", is_met=ours <= theirs * imports["goal"])
    yield f"| | {times} | {number(ours / theirs, '.2f')} | {goal} |"


def _ratios(
    result: dict[str, Any], words: Words, cost: str, show: Callable[[float], str], *, memory: bool = False
) -> Iterator[str]:
    """Write a table of the ratios of each work."""
    number = words.number
    for work, ratios in groupby(result["ratios"], itemgetter("work")):
        more = ("peak memory",) if memory else ()
        yield words.head(words.work(work), cost, "by hand", "ratio", "quartiles", "goal", *more, is_said=True)
        yield f"| --- |{' ---: |' * (5 + len(more))}"
        for one in ratios:
            name = words.contender(one["contender"])
            times = " | ".join(map(show, one["seconds"]))
            spread = "–".join(number(each, ".2f") for each in one["quartiles"])
            row = f"| {name} | {times} | {number(one['median'], '.2f')} | {spread} | {_goal(one, words)} |"
            yield f"{row} {_memory(one, words)} |" if memory else row
        yield ""


def _goal(one: dict[str, Any], words: Words) -> str:
    if one["goal"] is None:
        return ""
    sign = "≤" if one.get("is_cost") else "≥"
    return words.goal(f"{sign} {words.number(one['goal'], '.2f')}", is_met=meets_goal(one))


def _memory(one: dict[str, Any], words: Words) -> str:
    taken, most = one["peak_bytes"][0], one["memory_goal"]
    shown = words.number(taken / 1e6, ",.0f", "MB")
    if most is None:
        return shown
    goal = words.goal(f"≤ {words.number(most / 1e6, '.0f', 'MB')}", is_met=taken <= most)
    return f"{shown} ({goal})"


def _stores(result: dict[str, Any], words: Words) -> Iterator[str]:
    yield from _ratios(result, words, "seconds", lambda seconds: words.number(seconds, ".2f"), memory=True)


def _catalogue(result: dict[str, Any], words: Words) -> Iterator[str]:
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
        goal = words.goal(f"≥ {number(by_hand['goal'], '.2f')}", is_met=by_hand["ratio"] >= by_hand["goal"])
        yield f"| {number(by_hand['ratio'], '.2f')} | {goal} |"
    yield from ("", words.head("stage", "share of CPU time"), "| --- | ---: |")
    yield from (f"| {words.say(stage)} | {share:.0%} |" for stage, share in result["stages"].items())


def _receipts(result: dict[str, Any], words: Words) -> Iterator[str]:
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


def _start(result: dict[str, Any], words: Words) -> Iterator[str]:
    yield words.head("`smartkasa --help`", "`python -c pass`", "more", "goal")
    yield "| ---: | ---: | ---: | ---: |"
    ours, theirs = result["command"], result["interpreter"]
    *times, most = [words.number(each * 1000, ".0f", "ms") for each in (ours, theirs, ours - theirs, result["goal"])]
    goal = words.goal(f"< {most}", is_met=ours - theirs < result["goal"])
    yield f"| {' | '.join(times)} | {goal} |"


def _page(result: dict[str, Any], words: Words) -> Iterator[str]:
    number = words.number
    yield words.head("receipts behind the page", "seconds", "peak memory", "size", "opens in")
    yield "| ---: | ---: | ---: | ---: | ---: |"
    for run in result["runs"]:
        memory, size = number(run["peak_bytes"] / _MIB, ".0f", "MiB"), number(run["size"] / 1e6, ".1f", "MB")
        seconds, opening = number(run["seconds"], ".0f"), number(run["opening"], ".1f", "s")
        yield f"| {number(run['receipts'], ',')} | {seconds} | {memory} | {size} | {opening} |"


def _month(result: dict[str, Any], words: Words) -> Iterator[str]:
    number = words.number
    goals = result["goals"]
    most_seconds = number(goals["seconds"], ".0f", "s")
    most_memory = number(goals["peak_bytes"] / 1e6, ".0f", "MB")
    yield words.head("receipts of the month", "seconds", "goal", "CPU seconds", "peak memory", "goal", "size")
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for run in result["runs"]:
        cells = (
            number(run["receipts"], ","),
            number(run["seconds"], ".1f"),
            words.goal(f"< {most_seconds}", is_met=run["seconds"] < goals["seconds"]),
            number(run["cpu_seconds"], ".1f"),
            number(run["peak_bytes"] / 1e6, ".0f", "MB"),
            words.goal(f"< {most_memory}", is_met=run["peak_bytes"] < goals["peak_bytes"]),
            number(run["size"] / 1e6, ".1f", "MB"),
        )
        yield f"| {' | '.join(cells)} |"


def _fleet(result: dict[str, Any], words: Words) -> Iterator[str]:
    yield words.head("processor time", "ms", "a processor core does in an hour")
    yield "| --- | ---: | ---: |"
    for name, key in (
        ("pass over today", "today"),
        ("first pass of an account", "first"),
        ("pass at night, with its judgement", "night"),
        ("dispatch, 10,000 accounts, queues full", "dispatch"),
        ("dispatch, 10,000 accounts, 128 jobs queued", "filling"),
        ("fetch of a job, 100,000 in the queue", "fetch"),
    ):
        seconds = result[key]
        yield f"| {words.say(name)} | {words.number(1000 * seconds, ',.1f')} | {words.number(3600 / seconds, ',.0f')} |"


_TABLES: dict[str, Callable[[dict[str, Any], Words], Iterator[str]]] = {
    "calls": _calls,
    "catalogue": _catalogue,
    "receipts": _receipts,
    "stores": _stores,
    "exports": _stores,
    "reports": _stores,
    "start": _start,
    "page": _page,
    "month": _month,
    "fleet": _fleet,
}
