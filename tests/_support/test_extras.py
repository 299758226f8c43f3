"""Whatever needs a package that the core leaves out says which extra to install, in both languages.

Each package is taken away in a process of its own, which goes through all doors that need it.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import re
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from smartkasa_async._support.extras import PACKAGES, naming_extras
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.stores import open_store
from tests.support.processes import finished
from tests.support.stored import SHOP, batch

PROJECT = Path(__file__).parents[2]
EXTRAS: dict[str, list[str]] = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
NOT_FOR_USERS = {"all", "bench", "codegen", "dev", "docs", "typing"}
REQUIREMENT = re.compile(r"(?P<name>[\w-]+)(?:\[(?P<extras>[\w,-]+)\])?")

CATALOG = ["import smartkasa_async.catalog", "from smartkasa_async.stock import sync_stock"]
OPEN = "from smartkasa_async.stores import open_store; entered(open_store({address!r}))"
READ = "from smartkasa_async.catalog import import_products; read(lambda kasa: import_products(kasa, {path!r}))"
COUNT = "from smartkasa_async.stock import sync_stock; read(lambda kasa: sync_stock(kasa, {path!r}, shop_id=1))"
EXPORT = """
from smartkasa_async.export import export_tables
from smartkasa_async.stores import open_store
async def export():
    async with open_store('sqlite+aiosqlite://') as store:
        await export_tables(store, '.', format={format!r})
run(export())
"""
POSTGRESQL = "postgresql+asyncpg://user:word@127.0.0.1:1/kasa"
DATABASE = f"from smartkasa_async.fleet import Database; Database({POSTGRESQL!r})"
FLEET = f"fleet list --store {POSTGRESQL}"
AGENTS = [f"from smartkasa_async.mcp import {name}" for name in ("make_server", "TokenFile", "http_app")]
SYNC = "receipts sync --days 2"
OF_STORES = [
    *(f"reports {words} --days 2" for words in ("z", "sales", "reconcile", "compliance", "html a.html")),
    "reports month a.json --month last --format json",
    "receipts export folder --format csv",
]

DOORS: dict[str, list[str]] = {
    "stdnum": CATALOG,
    "python_calamine": [reads.format(path=path) for reads in (READ, COUNT) for path in ("a.xlsx", "a.xls", "a.ods")],
    "xlsxwriter": [
        "from smartkasa_async.catalog import RejectedFile; RejectedFile('a.xlsx')",
        EXPORT.format(format="xlsx"),
    ],
    "defusedxml": [READ.format(path=path) for path in ("a.yml", "a.xml")],
    "sqlalchemy": [
        *(f"from smartkasa_async.stores import {name}" for name in ("open_store", "Store")),
        *(f"from smartkasa_async.reports import {name}" for name in ("reconcile", "write_report_page", "export_month")),
        "from smartkasa_async.export import export_tables",
        "import smartkasa_async.stores.schema",
        "from smartkasa_async.stores.addresses import shown_address; shown_address('sqlite://')",
    ],
    "greenlet": [OPEN.format(address="kasa.sqlite")],
    "aiosqlite": [OPEN.format(address=address) for address in ("kasa.sqlite", "sqlite+aiosqlite://")],
    "asyncpg": [OPEN.format(address=POSTGRESQL)],
    "pyarrow": [EXPORT.format(format="parquet"), EXPORT.format(format="duckdb")],
    "duckdb": [EXPORT.format(format="duckdb")],
    "cyclopts": [],
    "rich": [],
    "platformdirs": [],
    "keyring": [],
    "cryptography": ["from smartkasa_async.fleet import KeyRing; KeyRing(bytes(32)).encrypt(1, 'x', b'y')"],
    "procrastinate": ["from smartkasa_async.fleet.queue import Queue; Queue(None)"],
    "psycopg": [DATABASE],
    "psycopg_binary": [DATABASE],
    "psycopg_pool": [DATABASE],
    "prometheus_client": ["from smartkasa_async.fleet import Metrics; Metrics(None, None)"],
    "dlt": ["import smartkasa_async.dlt_source"],
    "mcp": AGENTS,
    "mcp_types": AGENTS,
}
"""What needs each package, as statements."""

COMMANDS: dict[str, list[str]] = {
    "stdnum": [
        "products import a.csv",
        "products import a.csv --dry-run",
        "products stock a.csv --shop 1",
    ],
    "python_calamine": ["products import a.xlsx", "products import a.ods --dry-run", "products stock a.xls --shop 1"],
    "xlsxwriter": ["receipts export folder --format xlsx", "reports month october.xlsx --month last"],
    "defusedxml": ["products import a.yml", "products import a.xml --dry-run"],
    "sqlalchemy": [*OF_STORES, SYNC, f"whoami --store {POSTGRESQL}"],
    "greenlet": [*OF_STORES, SYNC],
    "aiosqlite": [*OF_STORES, SYNC],
    "asyncpg": [f"{words} --store {POSTGRESQL}" for words in [*OF_STORES, SYNC]],
    "pyarrow": ["receipts export folder --format parquet", "reports month folder --month last --format parquet"],
    "duckdb": ["receipts export folder --format duckdb"],
    "cyclopts": ["--help", "shops list", "doctor"],
    "rich": ["--help", "shops list", "doctor"],
    "platformdirs": ["--help", "shops list", "whoami"],
    "keyring": ["whoami --set secrets=keyring", "logout --set secrets=keyring"],
    "cryptography": [],
    "procrastinate": [],
    "psycopg": [FLEET],
    "psycopg_binary": [FLEET],
    "psycopg_pool": [FLEET],
    "prometheus_client": [],
    "dlt": [],
    "mcp": ["mcp", "mcp --offline"],
    "mcp_types": ["mcp", "mcp --offline"],
}
"""The same, as command lines."""

CREDENTIALS = {
    "SMARTKASA_API_KEY": "key",
    "SMARTKASA_PHONE_NUMBER": "380971234567",
    "SMARTKASA_PASSWORD": "word",
}

PROGRAM = """
import asyncio, contextlib, io, json, shlex, sys
from pathlib import Path

package, statements, commands = json.loads(sys.argv[1])
assert package not in sys.modules
sys.modules[package] = None


def run(awaitable):
    async def await_it():
        return await awaitable

    return asyncio.run(await_it())


def entered(manager):
    run(manager.__aenter__())


def read(job):
    from smartkasa_async import SmartKasa

    async def read_all():
        async with SmartKasa() as kasa:
            async for _ in job(kasa):
                pass

    asyncio.run(read_all())


def told(statement):
    try:
        exec(statement, {"run": run, "entered": entered, "read": read})
    except BaseException as error:
        from smartkasa_async._i18n.translate import in_ukrainian

        kind = type(error).__name__
        return [kind, str(error), in_ukrainian(error) if kind == "ConfigurationError" else ""]
    return ["", "", ""]


def printed(words, language):
    from smartkasa_async.cli import main

    with contextlib.redirect_stderr(io.StringIO()) as errors, contextlib.redirect_stdout(io.StringIO()):
        code = main([*shlex.split(words), *(["--lang", language] if language else [])])
    return [code, errors.getvalue()]


results = {statement: told(statement) for statement in statements}
results |= {words: [*printed(words, "en"), *printed(words, "uk")] for words in commands}
print(json.dumps(results))
"""


def answers(package: str, folder: Path) -> dict[str, list[Any]]:
    """Go through the doors of a package without it, in a folder with a store; what a service would be asked is not."""
    asyncio.run(make_store(folder / "smartkasa.sqlite"))
    for name in ("a.xlsx", "a.ods"):
        with ZipFile(folder / name, "w") as file:
            file.writestr("content.xml", "<content/>")
    (folder / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    for name in ("a.yml", "a.xml"):
        (folder / name).write_text("<yml_catalog></yml_catalog>", "utf-8")
    (folder / "a.csv").write_text("Штрихкод;Назва;Ціна\n4820000000017;Чай;10,00\n", "utf-8")
    given = msgspec.json.encode([package, DOORS[package], COMMANDS[package]]).decode()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SMARTKASA_")},
        **({} if package == "keyring" else CREDENTIALS),
        "SMARTKASA_BASE_URL": "http://127.0.0.1:1",
        "SMARTKASA_SECRETS": "file",
        "HOME": str(folder),
        "PYTHONPATH": str(PROJECT),
        "PYTHONUTF8": "1",
    }
    done = finished([sys.executable, "-W", "error", "-c", PROGRAM, given], cwd=folder, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, list[Any]] = msgspec.json.decode(done.stdout)
    return found


async def make_store(file: Path) -> None:
    async with open_store(file) as store:
        await store.write(batch(RecordKind.SHOPS, SHOP))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_door_names_the_extra(package: str, tmp_path: Path) -> None:
    install = f"pip install 'smartkasa-async[{PACKAGES[package].extra}]'"
    found = answers(package, tmp_path)
    silent = {}
    for door in DOORS[package]:
        kind, english, ukrainian = found[door]
        if (kind, install in english, install in ukrainian, english == ukrainian) != (
            "ConfigurationError",
            True,
            True,
            False,
        ):
            silent[door] = found[door]
    for command in COMMANDS[package]:
        code, english, code_again, ukrainian = found[command]
        right = code == code_again == 2 and install in english and install in ukrainian
        if not right or english == ukrainian or "Traceback" in english + ukrainian:
            silent[command] = found[command]
    assert silent == {}


def further(package: str, extras: str | None) -> set[str]:
    """Name the packages that extras of a package bring."""
    lines = requires(package) or []
    marks = [f'extra == "{extra}"' for extra in (extras or "").split(",")]
    return {line.partition(">")[0].partition(";")[0] for line in lines if line.replace("'", '"').endswith(tuple(marks))}


def test_every_package_has_doors_and_stands_with_its_extra() -> None:
    """The packages of `pyproject.toml`, and those that an extra of theirs brings."""
    wanted: set[tuple[str, str]] = set()
    for extra in EXTRAS.keys() - NOT_FOR_USERS:
        for requirement in EXTRAS[extra]:
            match = REQUIREMENT.match(requirement)
            assert match is not None
            if match["name"] in {"smartkasa-async", "uvloop"}:  # without that one commands do as well, but slower
                continue
            wanted.add((match["name"], extra))
            for further in (match["extras"] or "").split(","):
                marked = [
                    line
                    for line in requires(match["name"]) or []
                    if further and f"extra == '{further}'" in line.replace('"', "'")
                ]
                wanted |= {(found[0], extra) for line in marked if (found := REQUIREMENT.match(line))}

    assert {(package.name, package.extra) for package in PACKAGES.values()} == wanted
    assert DOORS.keys() == COMMANDS.keys() == PACKAGES.keys()
    assert [package for package in PACKAGES if not DOORS[package] + COMMANDS[package]] == []


def test_a_module_that_no_extra_brings_is_told_as_python_tells_it() -> None:
    with pytest.raises(ModuleNotFoundError, match="misspelt"), naming_extras():
        importlib.import_module("smartkasa_async.misspelt")
