"""Write docs/benchmarks.md and docs/uk/benchmarks.md from the results in benchmarks/results/.

python -m tests.docs.benchmarks_page
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.results import load
from benchmarks.tables import render as render_table
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PAGES", "render"]

PAGES = {"en": PROJECT / "docs" / "benchmarks.md", "uk": PROJECT / "docs" / "uk" / "benchmarks.md"}
"""The pages by their language."""

_HEADS = {
    "en": """\
# Benchmarks

What the package costs, measured against canned servers in other processes, over loopback without TLS. The service
itself was never measured. `make bench` measures again and prints these tables; `python -m benchmarks --save` also keeps
the results as JSON in `benchmarks/results/`, from which `python -m tests.docs.benchmarks_page` writes this page.

In Ukrainian: [Виміри швидкості](uk/benchmarks.md).
""",
    "uk": """\
# Виміри швидкості

Скільки часу й пам'яті потребує пакет. Вимірювали на серверах із готовими відповідями в інших процесах, через loopback
без TLS; самого сервісу ніколи не вимірювали. `make bench` вимірює знову й виводить ці таблиці;
`python -m benchmarks --save` ще й зберігає результати як JSON у `benchmarks/results/`, з яких
`python -m tests.docs.benchmarks_page` записує цю сторінку.

Англійською: [Benchmarks](../benchmarks.md).
""",
}

_SECTIONS = {
    "en": {
        "calls": """\
## Calls

One call with its decoding, 16 at once, beside the same call by hand: aiohttp and msgspec as an engineer writes it in an
evening, with a default session, ids as UUIDs and plain structs. Each contender has a process of its own on one core,
the canned server is on the other; they are measured in turns, and the times are CPU times of the contender's process. A
ratio above 1 means less CPU than by hand. "A second time" is the same contender once more: what it differs by is noise.
The batch creates 100 products and is checked before it is sent, which nothing by hand does.
""",
        "start": """\
## Start

How long a command takes that does nothing, beside the interpreter.
""",
        "catalogue": """\
## Price lists

From a CSV file to the last outcome, with the journal on, on one core, the canned server on the other. Every row
becomes a product. The goal is 20,000 rows per second at a million rows, below 150 MiB of memory.
""",
        "receipts": """\
## Receipts

Receipts with 5 items and 2 payments each, from the service's pages of 100 to committed rows in SQLite with their JSON,
on one core, the canned server on the other. The goal is 2,500 receipts per second, with memory that does not grow.
The second table reads the 28,000 receipts of ten shops from a server that takes 50 ms for each answer; the goal is to
be 8 times as fast as one page after another.
""",
        "page": """\
## Report page

A month of shops as one HTML page: how long writing it takes, and opening it in Chromium. The goals are less than 5 MB
and less than 2 seconds to open.
""",
    },
    "uk": {
        "calls": """\
## Виклики

Один виклик разом із розбором відповіді, 16 водночас, поруч із тим самим, написаним вручну за вечір: aiohttp і msgspec,
зі звичайною сесією, ідентифікаторами UUID і простими структурами. Кожен учасник працює у власному процесі на одному
ядрі, сервер із готовими відповідями — на другому; вимірюють їх по черзі, а час — це час процесора в процесі учасника.
Відношення понад 1 означає, що процесорного часу витрачено менше, ніж вручну. «Удруге» — той самий учасник ще раз: його
відхилення — це похибка. Пакетний виклик створює 100 товарів і перед надсиланням перевіряється, чого розв'язки, написані
вручну, не роблять.
""",
        "start": """\
## Запуск

Скільки триває команда, яка нічого не робить, поруч із самим інтерпретатором.
""",
        "catalogue": """\
## Прайс-листи

Від файлу CSV до останнього результату, з увімкненим журналом, на одному ядрі, сервер із готовими відповідями на
другому. Кожен рядок стає товаром. Мета — 20 000 рядків за секунду на мільйоні рядків, менше ніж 150 МіБ пам'яті.
""",
        "receipts": """\
## Чеки

Чеки з 5 позиціями і 2 оплатами кожен, від сторінок сервісу по 100 до записаних рядків у SQLite разом з JSON, на одному
ядрі, сервер із готовими відповідями на другому. Мета — 2 500 чеків за секунду, а пам'ять не росте. Друга таблиця читає
28 000 чеків десяти магазинів із сервера, якому на кожну відповідь треба 50 мс; мета — у 8 разів швидше, ніж сторінка за
сторінкою.
""",
        "page": """\
## Сторінка звіту

Місяць магазинів однією сторінкою HTML: скільки її записувати й скільки вона відкривається в Chromium. Мета — менше ніж
5 МБ і менше ніж 2 секунди на відкриття.
""",
    },
}

_MEASURED = {
    "en": "Measured on {day}: {versions}, {cores} cores, load before the run {load}.",
    "uk": "Виміряно {day}: {versions}, ядер: {cores}, навантаження перед запуском {load}.",
}
_NOT_RECORDED = {"en": "not recorded", "uk": "не записано"}
_LOADS = {
    "en": "A load above 0.5 before a run means that other programs used a part of the cores; times are worse then.",
    "uk": "Навантаження понад 0,5 перед запуском означає, що частину ядер займали інші програми; тоді час гірший.",
}


def render(language: str) -> str:
    """Write the page in a language."""
    return "\n".join([_HEADS[language], _LOADS[language] + "\n", *_sections(language)])


def _sections(language: str) -> Iterator[str]:
    for name, text in _SECTIONS[language].items():
        found = load(name)
        yield f"{text}\n{render_table(name, found['result'], language)}\n\n{_measured(found['machine'], language)}\n"


def _measured(machine: dict[str, Any], language: str) -> str:
    versions = ", ".join(
        f"{name} {version}" for name, version in {"Python": machine["python"], **machine["packages"]}.items()
    )
    load = machine["load_before"]
    shown = _NOT_RECORDED[language] if load is None else str(load).replace(".", "." if language == "en" else ",")
    return _MEASURED[language].format(day=machine["day"], versions=versions, cores=machine["cores"], load=shown)


if __name__ == "__main__":
    for language, page in PAGES.items():
        page.write_text(render(language), encoding="utf-8")
