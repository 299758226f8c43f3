"""Write docs/benchmarks.md, docs/uk/benchmarks.md and their charts from the results in benchmarks/results/.

python -m tests.docs.benchmarks_page
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.charts import draw
from benchmarks.results import FOLDER, load
from benchmarks.tables import render as render_table
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["PAGES", "charts", "render"]

PAGES = {"en": PROJECT / "docs" / "benchmarks.md", "uk": PROJECT / "docs" / "uk" / "benchmarks.md"}
"""The pages by their language."""

_HEADS = {
    "en": """\
# Benchmarks

What the package costs, measured against canned servers in other processes, over loopback without TLS. The service
itself was never measured. `make bench` measures again, keeps the results as JSON in `benchmarks/results/` and writes
this page from them; `python -m benchmarks stores` measures one table and only prints it.

Ways are compared within one run, in turns. "A second time" is the way by hand once more: what it differs by is noise.
In the charts bars are medians, thin lines go from the first quartile to the third, the dashed line is the way by hand
and the red one the goal. A goal that is not met says so.

In Ukrainian: [Виміри швидкості](uk/benchmarks.md).
""",
    "uk": """\
# Виміри швидкості

Скільки часу й пам'яті потребує пакет. Вимірювали на серверах із готовими відповідями в інших процесах, через loopback
без TLS; самого сервісу ніколи не вимірювали. `make bench` вимірює знову, зберігає результати як JSON у
`benchmarks/results/` і записує з них цю сторінку; `python -m benchmarks stores` вимірює одну таблицю й лише виводить
її.

Способи порівнюють у межах одного запуску, по черзі. «Удруге» — спосіб вручну ще раз: його відхилення — це похибка. На
діаграмах смуги — медіани, тонкі лінії — від першого квартиля до третього, пунктир — спосіб вручну, червона риска —
мета. Якщо мети не досягнуто, про це написано.

Англійською: [Benchmarks](../benchmarks.md).
""",
}

_SECTIONS = {
    "en": {
        "calls": """\
## Calls

One call with its decoding, 16 at once, beside the same call by hand: aiohttp and msgspec as an engineer writes it in an
evening, with a default session, ids as UUIDs and plain structs. Each contender has a process of its own on one core,
the canned server is on the other; the times are CPU times of the contender's process. A ratio above 1 means less CPU
than by hand. The batch creates 100 products and is checked before it is sent, which nothing by hand does.
""",
        "start": """\
## Start

How long a command takes that does nothing, beside the interpreter.
""",
        "catalogue": """\
## Price lists

From a CSV file to the last outcome, with the journal on, on one core, the canned server on the other. Every row
becomes a product. The goal is 20,000 rows per second at a million rows, below 150 MiB of memory. Both ways run on
uvloop, as commands do; the stages were measured on asyncio's event loop.
""",
        "receipts": """\
## Receipts

Receipts with 5 items and 2 payments each, from the service's pages of 100 to committed rows in SQLite with their JSON,
on one core, the canned server on the other. The goal is 2,500 receipts per second, with memory that does not grow.
The second table reads the 28,000 receipts of ten shops from a server that takes 50 ms for each answer; the goal is to
be 8 times as fast as one page after another.
""",
        "stores": """\
## Receipts beside the same by hand

The same receipts into the same tables: by hand with aiohttp, msgspec and the database's own driver, one transaction a
page. By hand there is no quarantine, nothing is noted of what was read, and nothing is deleted that the service no
longer lists. Of SQLite the processor time of the process is compared, of PostgreSQL the time that passes, since the
server works as well; its server is on the same machine. A ratio above 1 means faster than by hand.
""",
        "exports": """\
## Exports

Receipts, items, payments and Z-reports of a month of 30 shops, 577,506 rows, as Parquet and as CSV for Excel, beside
sqlite3 with pyarrow or with the csv module. The ratio is how many times as much processor time the export takes.
""",
        "reports": """\
## Reports

A month of 10, 30 and 280 shops: reconciliation, and the report page, beside plain SQL that sums up the same and neither
judges nor explains. The ratio is how many times as much processor time the report takes.
""",
        "page": """\
## Report page

A month of shops as one HTML page: how long writing it takes, and opening it in Chromium. The goals are less than 5 MB
and less than 2 seconds to open.
""",
        "month": """\
## Month

A month of shops as a workbook for accountants, by the command `smartkasa reports month`: sums, formulas, differences
and fiscal findings of nine sheets. The goals are those of a million receipts.
""",
        "fleet": """\
## Fleet

What a worker's parts cost, for merchants of one shop with 60 receipts a day: processor time of the worker, and for
dispatches and the fetch that of PostgreSQL too. What follows for a fleet's size is in
[A fleet of merchants](fleet.md#how-much-it-takes).
""",
    },
    "uk": {
        "calls": """\
## Виклики

Один виклик разом із розбором відповіді, 16 водночас, поруч із тим самим, написаним вручну за вечір: aiohttp і msgspec,
зі звичайною сесією, ідентифікаторами UUID і простими структурами. Кожен учасник працює у власному процесі на одному
ядрі, сервер із готовими відповідями — на другому; час — це час процесора в процесі учасника. Відношення понад 1
означає, що процесорного часу витрачено менше, ніж вручну. Пакетний виклик створює 100 товарів і перед надсиланням
перевіряється, чого розв'язки, написані вручну, не роблять.
""",
        "start": """\
## Запуск

Скільки триває команда, яка нічого не робить, поруч із самим інтерпретатором.
""",
        "catalogue": """\
## Прайс-листи

Від файлу CSV до останнього результату, з увімкненим журналом, на одному ядрі, сервер із готовими відповідями на
другому. Кожен рядок стає товаром. Мета — 20 000 рядків за секунду на мільйоні рядків, менше ніж 150 МіБ пам'яті. Обидва
способи працюють на uvloop, як і команди; етапи виміряно на циклі подій asyncio.
""",
        "receipts": """\
## Чеки

Чеки з 5 позиціями і 2 оплатами кожен, від сторінок сервісу по 100 до записаних рядків у SQLite разом з JSON, на одному
ядрі, сервер із готовими відповідями на другому. Мета — 2 500 чеків за секунду, а пам'ять не росте. Друга таблиця читає
28 000 чеків десяти магазинів із сервера, якому на кожну відповідь треба 50 мс; мета — у 8 разів швидше, ніж сторінка за
сторінкою.
""",
        "stores": """\
## Чеки поруч із тим самим вручну

Ті самі чеки в ті самі таблиці: вручну — aiohttp, msgspec і власний драйвер бази, одна транзакція на сторінку. Вручну
немає карантину, не записується, що прочитано, і не видаляється те, чого сервіс більше не показує. Для SQLite порівняно
час процесора в процесі, для PostgreSQL — час, що минув, бо працює й сервер; він на тій самій машині. Відношення понад 1
означає швидше, ніж вручну.
""",
        "exports": """\
## Експорт

Чеки, позиції, оплати й Z-звіти 30 магазинів за місяць, 577 506 рядків, як Parquet і як CSV для Excel, поруч із sqlite3
та pyarrow або модулем csv. Відношення — у скільки разів більше часу процесора бере експорт.
""",
        "reports": """\
## Звіти

Місяць 10, 30 і 280 магазинів: звірка і сторінка звіту, поруч із самим SQL, який підсумовує те саме, але не судить і
не пояснює. Відношення — у скільки разів більше часу процесора бере звіт.
""",
        "page": """\
## Сторінка звіту

Місяць магазинів однією сторінкою HTML: скільки її записувати й скільки вона відкривається в Chromium. Мета — менше ніж
5 МБ і менше ніж 2 секунди на відкриття.
""",
        "month": """\
## Місяць

Місяць магазинів як книга для бухгалтера, командою `smartkasa reports month`: суми, формули, розбіжності й фіскальні
зауваження на дев'яти аркушах. Мета — для мільйона чеків.
""",
        "fleet": """\
## Флот

Скільки коштують частини роботи виконавця для торговців з одним магазином і 60 чеками на день: процесорний час
виконавця, а для розподілу й отримання роботи — також PostgreSQL. Що з цього випливає для розміру флоту, — на сторінці
[Флот: багато торговців](fleet.md#скільки-це-потребує).
""",
    },
}

_DRAWN = {"calls", "stores", "exports", "reports"}
"""Sections whose results are ratios."""

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


def charts(language: str) -> dict[Path, str]:
    """Draw the charts of the page in a language, by their files."""
    return {
        PAGES[language].parent / _chart(name): draw(load(name)["result"], language)
        for name in _measured_sections(language)
        if name in _DRAWN
    }


def _chart(name: str) -> str:
    return f"images/benchmarks-{name}.svg"


def _measured_sections(language: str) -> list[str]:
    return [name for name in _SECTIONS[language] if (FOLDER / f"{name}.json").exists()]


def _sections(language: str) -> Iterator[str]:
    for name in _measured_sections(language):
        text, found = _SECTIONS[language][name], load(name)
        chart = f"![{text.splitlines()[0].removeprefix('## ')}]({_chart(name)})\n\n" if name in _DRAWN else ""
        table = render_table(name, found["result"], language).strip()
        yield f"{text}\n{chart}{table}\n\n{_measured(found['machine'], language)}\n"


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
        for path, chart in charts(language).items():
            path.write_text(chart, encoding="utf-8")
