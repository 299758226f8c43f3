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
from smartkasa_async.relay import TelegramReceiver, WebhookReceiver, relay_events
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

Settings and their defaults: of the environment, the client, the imports, syncs and reports, the store, the sandbox and
the command line. The arguments of all other functions are in the [reference](README.md#reference). This page is written
by `python -m tests.docs.settings_page` from the signatures and docstrings.

In Ukrainian: [Налаштування](uk/settings.md).

## Environment

| variable | meaning |
| --- | --- |
| `SMARTKASA_API_KEY` | key of the integration |
| `SMARTKASA_PHONE_NUMBER` | phone number to log in with |
| `SMARTKASA_PASSWORD` | password to log in with |
| `SMARTKASA_BASE_URL` | address of the service; http is allowed on loopback only |
| `SMARTKASA_PROXY` | proxy for https, `http://user:password@host:port` |
| `SMARTKASA_TRUST_ENV` | `false`: ignore the next line |
| `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` | proxy, and addresses that need none; lower case works too |
| `SMARTKASA_CA_FILE` | certificates (PEM) to trust besides the system's |
| `SSL_CERT_FILE`, `SSL_CERT_DIR` | where OpenSSL finds the system's certificates |

The client reads them when the argument of the same name is not passed. A sandbox started from a shell uses the first
three as its own credentials if they are set.
"""

SECTIONS: dict[str, tuple[Callable[..., Any], ...]] = {
    "The client": (SmartKasa, RetryPolicy),
    "Price lists and counts": (import_products, Layout, sync_stock, undo_stock),
    "Receipts": (sync_reference_data, sync_receipts, watch_receipts, push_receipts),
    "Reports": (sync_z_reports, sync_product_sales, reconcile, check_compliance),
    "The relay": (relay_events, WebhookReceiver, TelegramReceiver),
    "The store": (open_store, export_tables),
    "The sandbox": (Sandbox, Simulation, Fault),
}
"""What has settings, by the part of the library."""

COMMAND_LINE = {
    "base_url": "address of the service",
    "phone_number": "phone number to log in with",
    "wire": "form of request bodies: `flat`, `enveloped`, or `auto`, which begins with flat ones and keeps in the"
    " profile what the service asks for; `smartkasa doctor` says which one it accepts, `smartkasa doctor --write`"
    " writes it here",
    "token_form": "form of tokens: `bearer`, or `bare` without the word Bearer; `smartkasa doctor` likewise",
    "timeout": "total timeout per call, in seconds",
    "concurrency": "maximum number of concurrent requests",
    "calls_per_second": "maximum number of requests per second; no limit by default",
    "proxy": "proxy for https, `http://host:port`; a proxy with a user and a password can only be set by"
    " SMARTKASA_PROXY",
    "trust_env": "whether HTTPS_PROXY, ALL_PROXY and NO_PROXY are used: `true` or `false`",
    "ca_file": "certificates (PEM) to trust besides the system's",
    "late_write_window": "seconds within which the service may still carry out and list what it was sent, for imports, "
    "stock syncs and pushes; `smartkasa doctor --write-test` measures how late its lists are",
    "store": "database of synced receipts: the path of an SQLite file, or an address of SQLAlchemy; "
    "`smartkasa-NAME.sqlite` for another profile than `default`. Give each account a store of its own: what an account "
    "does not list is marked as deleted",
    "fleet_key_file": "file of a fleet's master keys, which only its owner can read; by default `fleet.keys`"
    " in the user's configuration folder. SMARTKASA_FLEET_KEYS, with the keys themselves, goes before it",
    "secrets": "where `smartkasa login` keeps secrets: `file`, `keyring` (any that the package `keyring` finds), or"
    " `auto`: the one that it recommends, otherwise a file",
    "lang": "language of messages: `uk` or `en`; by default the locale's",
}
"""What the settings of the command line mean."""

_COMMAND_LINE_HEAD = """\
## The command line

In order of precedence: flags (`--set NAME=VALUE`; some have a flag of their own), the environment (`SMARTKASA_` and the
name in capitals), the profile's table in the configuration file, the top level of the file, what `smartkasa login` has
stored, and the default. The file is the one that `--config` or `SMARTKASA_CONFIG` names, otherwise `smartkasa.toml` in
the working folder, otherwise the one in the user's folder. `--profile` or `SMARTKASA_PROFILE` chooses
`[profiles.NAME]`. An unknown name is an error, and so is a key or a password in the file. An empty variable counts as
not set; an empty flag or an empty text in the file is an error.

Key and password from the environment are not sent to an address from a `smartkasa.toml` of the working folder, unless
`--config` or `SMARTKASA_CONFIG` names that file; nor is its `ca_file` trusted.

<!-- file: smartkasa.toml -->
```toml
store = "receipts.sqlite"
calls_per_second = 10

[profiles.second]
store = "second.sqlite"
lang = "uk"
```

The user's configuration folder is `~/.config/smartkasa`. Credentials and tokens of `smartkasa login`, journals and
checkpoints are in `~/.local/state/smartkasa`, which only the user can read. On macOS both are
`~/Library/Application Support/smartkasa`, on Windows `%LOCALAPPDATA%\\smartkasa`.

`SMARTKASA_TELEGRAM_TOKEN` is the token of the bot of `smartkasa watch --to telegram`; it goes before the one that
`smartkasa relay token` has stored.

`NO_COLOR` (no colours), `COLUMNS` (width without a terminal), `TERM=dumb` (no progress bars), and `LC_ALL`,
`LC_MESSAGES`, `LANG` (Ukrainian if they begin with `uk`) are respected, too.

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
