"""Write docs/settings.md and docs/uk/settings.md: every setting of the library, the sandbox and the command line.

python -m tests.docs.settings_page
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.catalog import Layout, import_products
from smartkasa_async.cli.configuration import SETTINGS
from smartkasa_async.export import export_tables
from smartkasa_async.push import push_receipts
from smartkasa_async.reports import check_compliance, reconcile
from smartkasa_async.sandbox import Fault, Sandbox, Simulation
from smartkasa_async.stock import sync_stock, undo_stock
from smartkasa_async.stores import open_store
from smartkasa_async.sync import sync_product_sales, sync_receipts, sync_reference_data, sync_z_reports, watch_receipts
from tests.docs import settings_uk
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["COMMAND_LINE", "PAGES", "render"]

PAGES = {"en": PROJECT / "docs" / "settings.md", "uk": PROJECT / "docs" / "uk" / "settings.md"}
"""The pages by their language."""

_HEAD = """\
# Settings

Everything that can be set, with what it is where nobody sets it. This page is written by
`python -m tests.docs.settings_page` from the signatures and docstrings.

In Ukrainian: [Налаштування](uk/settings.md).

## Environment

| variable | meaning |
| --- | --- |
| `SMARTKASA_API_KEY` | key of the integration |
| `SMARTKASA_PHONE_NUMBER` | phone number to log in with |
| `SMARTKASA_PASSWORD` | password to log in with |
| `SMARTKASA_BASE_URL` | address of the service; http is taken on loopback only |
| `SMARTKASA_PROXY` | proxy that https goes through, `http://user:password@host:port` |
| `SMARTKASA_TRUST_ENV` | `false`: heed none of the next line |
| `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` | likewise a proxy, and which addresses need none; small letters do too |
| `SMARTKASA_CA_FILE` | certificates (PEM) to trust besides the system's |
| `SSL_CERT_FILE`, `SSL_CERT_DIR` | where OpenSSL finds the system's certificates |

The client reads them where the argument of the same name is not given. The sandbox, served from a shell, takes the
first three for its own where they are set.
"""

SECTIONS: dict[str, tuple[Callable[..., Any], ...]] = {
    "The client": (SmartKasa, RetryPolicy),
    "Price lists and counts": (import_products, Layout, sync_stock, undo_stock),
    "Receipts": (sync_reference_data, sync_receipts, watch_receipts, push_receipts),
    "Reports": (sync_z_reports, sync_product_sales, reconcile, check_compliance),
    "The store": (open_store, export_tables),
    "The sandbox": (Sandbox, Simulation, Fault),
}
"""What has settings, by the part of the library."""

COMMAND_LINE = {
    "base_url": "address of the service",
    "phone_number": "phone number to log in with",
    "wire": "form of request bodies: `flat`, `enveloped`, or `auto`, which begins with flat ones and keeps with the"
    " profile what the service asks for; `smartkasa doctor` says which one it takes, `smartkasa doctor --write` writes"
    " it here",
    "token_form": "form of tokens: `bearer`, or `bare` without the word Bearer; `smartkasa doctor` likewise",
    "timeout": "seconds that one call may take in all",
    "concurrency": "most requests on their way at once",
    "calls_per_second": "most requests in a second; no limit where it is not set",
    "proxy": "proxy that https goes through, `http://host:port`; one that asks for a user and a password is given by"
    " SMARTKASA_PROXY alone",
    "trust_env": "whether HTTPS_PROXY, ALL_PROXY and NO_PROXY are heeded: `true` or `false`",
    "ca_file": "certificates (PEM) to trust besides the system's",
    "late_write_window": "seconds in which the service may still carry out and list what it was sent, for imports, "
    "stock syncs and pushes; `smartkasa doctor --write-test` measures how late its lists are",
    "store": "database of synced receipts: the path of an SQLite file, or an address of SQLAlchemy; "
    "`smartkasa-NAME.sqlite` for another profile than `default`. Give each account a store of its own: what an account "
    "does not list is marked as deleted",
    "secrets": "where `smartkasa login` keeps secrets: `file`, `keyring` (any that the package `keyring` finds), or"
    " `auto`, the one that it recommends, else a file",
    "lang": "language of messages: `uk` or `en`; the locale's where it is not set",
}
"""What the settings of the command line mean."""

_COMMAND_LINE_HEAD = """\
## The command line

From the strongest to the weakest: flags (`--set NAME=VALUE`; some have a flag of their own), the environment
(`SMARTKASA_` and the name in capitals), the profile's table in the configuration file, the file's top, what
`smartkasa login` has kept, and the default. The file is what `--config` or `SMARTKASA_CONFIG` names, else
`smartkasa.toml` in the working folder, else the one in the user's folder. `--profile` or `SMARTKASA_PROFILE` chooses
`[profiles.NAME]`. An unknown name is an error, and so is a key or a password in the file. An empty variable counts as
one that is not set; an empty flag or an empty text in the file is an error.
Key and password of the environment go to no address that a `smartkasa.toml` of the working folder says, unless
`--config` or `SMARTKASA_CONFIG` names that file; nor is its `ca_file` trusted.

<!-- file: smartkasa.toml -->
```toml
store = "receipts.sqlite"
calls_per_second = 10

[profiles.second]
store = "second.sqlite"
lang = "uk"
```

The user's folder of configuration is `~/.config/smartkasa`. Credentials and tokens that `smartkasa login` keeps,
journals and positions are in `~/.local/state/smartkasa`, which only the user can read. On macOS both are
`~/Library/Application Support/smartkasa`, on Windows `%LOCALAPPDATA%\\smartkasa`.

Heeded are also `NO_COLOR` (no colours), `COLUMNS` (width where there is no terminal), `TERM=dumb` (no moving bars), and
`LC_ALL`, `LC_MESSAGES`, `LANG` (Ukrainian where they begin with `uk`).

`smartkasa whoami` shows each setting and where it comes from:

```sh
smartkasa whoami --profile second
```
"""

_ARGUMENT = re.compile(r"^    (\w+): (.*(?:\n {8,}.*)*)", re.MULTILINE)


class _Words(NamedTuple):
    """What one language has for the parts of the page."""

    head: str
    titles: dict[str, str]
    columns: str
    needed: str
    meanings: dict[str, str] | None
    command_line_head: str
    command_line: dict[str, str]


_WORDS = {
    "en": _Words(
        _HEAD,
        {title: title for title in SECTIONS},
        "| setting | default | meaning |",
        "needed",
        None,
        _COMMAND_LINE_HEAD,
        COMMAND_LINE,
    ),
    "uk": _Words(
        settings_uk.HEAD,
        settings_uk.TITLES,
        "| налаштування | типово | значення |",
        "обов'язково",
        settings_uk.MEANINGS,
        settings_uk.COMMAND_LINE_HEAD,
        settings_uk.COMMAND_LINE,
    ),
}


def render(language: str) -> str:
    """Write the page in a language."""
    words = _WORDS[language]
    return "\n".join([words.head, *_sections(words), *_command_line(words)]) + "\n"


def _sections(words: _Words) -> Iterator[str]:
    for title, parts in SECTIONS.items():
        yield from (f"## {words.titles[title]}", "")
        for part in parts:
            yield from (f"### {part.__name__}", "", words.columns, "| --- | --- | --- |")
            yield from _rows(part, words)
            yield ""


def _rows(part: Callable[..., Any], words: _Words) -> Iterator[str]:
    meanings = {name: " ".join(text.split()) for name, text in _ARGUMENT.findall(_documentation(part))}
    for parameter in inspect.signature(part).parameters.values():
        if parameter.name != "kasa":
            meaning = meanings[parameter.name]
            said = words.meanings.get(meaning) if words.meanings else meaning
            assert said, f"say it in Ukrainian in tests/docs/settings_uk.json: {meaning}"
            yield "| `{}` | {} | {} |".format(parameter.name, _default(parameter, words), said.replace("|", "\\|"))


def _documentation(part: Callable[..., Any]) -> str:
    return "\n".join(
        filter(None, (inspect.getdoc(part), inspect.getdoc(part.__init__ if inspect.isclass(part) else None)))
    )


def _default(parameter: inspect.Parameter, words: _Words) -> str:
    if parameter.default is parameter.empty:
        return words.needed
    text = re.sub(r"\bdatetime\.(?=\w)|<(?=\w+\.)|: \d+>", "", repr(parameter.default)).replace("'", '"')
    return f"`{text}`"


def _command_line(words: _Words) -> Iterator[str]:
    yield from (words.command_line_head, words.columns, "| --- | --- | --- |")
    for name, setting in SETTINGS.items():
        default = "" if setting.default is None else f"`{setting.default}`"
        yield f"| `{name}` | {default} | {words.command_line[name]} |"


if __name__ == "__main__":
    for language, page in PAGES.items():
        page.write_text(render(language), encoding="utf-8")
