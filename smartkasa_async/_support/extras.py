"""Optional packages: which extra brings each, and the text where one is missing."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._i18n.message import N_, msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Package(NamedTuple):
    """An optional package.

    Attributes:
        name: The name that it is installed by.
        extra: The extra that brings it.
    """

    name: str
    extra: str


PACKAGES = {
    "stdnum": Package("python-stdnum", "catalog"),
    "python_calamine": Package("python-calamine", "sheets"),
    "xlsxwriter": Package("xlsxwriter", "workbook"),
    "defusedxml": Package("defusedxml", "feeds"),
    "sqlalchemy": Package("sqlalchemy", "stores"),
    "greenlet": Package("greenlet", "stores"),
    "aiosqlite": Package("aiosqlite", "stores"),
    "asyncpg": Package("asyncpg", "postgresql"),
    "pyarrow": Package("pyarrow", "parquet"),
    "duckdb": Package("duckdb", "duckdb"),
    "cyclopts": Package("cyclopts", "cli"),
    "rich": Package("rich", "cli"),
    "platformdirs": Package("platformdirs", "cli"),
    "keyring": Package("keyring", "keyring"),
    "cryptography": Package("cryptography", "fleet"),
    "procrastinate": Package("procrastinate", "fleet"),
    "psycopg": Package("psycopg", "fleet"),
    "psycopg_binary": Package("psycopg-binary", "fleet"),
    "psycopg_pool": Package("psycopg-pool", "fleet"),
    "prometheus_client": Package("prometheus-client", "fleet"),
    "mcp": Package("mcp", "mcp"),
    "mcp_types": Package("mcp", "mcp"),
    "dlt": Package("dlt", "dlt"),
}
"""Optional packages by the name that they are imported by."""

_NEEDS = {
    "catalog": N_("Price lists need the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "workbook": N_("Workbooks need the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "sheets": N_("Workbooks need the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "feeds": N_("Feeds need the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "stores": N_("Stores need the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "postgresql": N_("PostgreSQL needs the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "mcp": N_("The MCP server needs the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "parquet": N_("Parquet files need the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "duckdb": N_("Files of DuckDB need the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "dlt": N_("The source of dlt needs the package {package}: pip install 'smartkasa-async[{extra}]'"),
    "fleet": N_("A fleet needs the package {package}: pip install 'smartkasa-async[{extra}]'"),
}
"""Text where a package of an extra is missing; the command line names its own."""


@contextmanager
def naming_extras() -> Iterator[None]:
    """Name the extra to install where an import fails for want of an optional package.

    Raises:
        ConfigurationError: Such a package is missing; any other that is missing is reported as Python does.
    """
    try:
        yield
    except ImportError as error:
        package = _absent(error)
        if package is None:
            raise
        from smartkasa_async.errors import ConfigurationError  # noqa: PLC0415  (the overview of commands does without)

        message = msg(_NEEDS[package.extra], package=package.name, extra=package.extra)
        raise ConfigurationError(message) from error


def import_name(facade: str, modules: Mapping[str, str], name: str) -> object:
    """Import what a facade gives on its first use; its `__getattr__` calls this.

    Args:
        facade: The facade's own name.
        modules: The module below the facade that each such name stands in.
        name: The name that is asked for.

    Raises:
        AttributeError: The facade has no such name.
        ConfigurationError: An optional package is missing.
    """
    if name not in modules:
        raise AttributeError(f"module {facade!r} has no attribute {name!r}")
    with naming_extras():
        module = import_module(f"{facade}.{modules[name]}")
    return getattr(module, name)


def _absent(error: BaseException | None) -> Package | None:
    """Return the package for want of which an import failed, where it is one of ours."""
    while error is not None:
        found = PACKAGES.get((error.name or "").partition(".")[0]) if isinstance(error, ModuleNotFoundError) else None
        if found is not None and found.extra in _NEEDS:
            return found
        error = error.__cause__  # SQLAlchemy has an error of its own where greenlet is missing
    return None
