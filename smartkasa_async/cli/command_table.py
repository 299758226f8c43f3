"""The table of commands and global options; a command is imported when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import N_
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from cyclopts import App

_HERE = "smartkasa_async.cli.commands"

COMMANDS: dict[str, tuple[str, str]] = {
    "login": (f"{_HERE}.session:login", N_("Log in, and store key, credentials and tokens for the next commands.")),
    "logout": (f"{_HERE}.session:logout", N_("End the session, and forget its tokens.")),
    "whoami": (f"{_HERE}.session:whoami", N_("Show profile, address and user, and where each setting comes from.")),
    "doctor": (f"{_HERE}.doctor:doctor", N_("Check address, key, credentials and behaviour of the service.")),
    "shops list": (f"{_HERE}.lists:shops", N_("List the shops.")),
    "terminals list": (f"{_HERE}.lists:terminals", N_("List the terminals.")),
    "employees list": (f"{_HERE}.lists:employees", N_("List the employees.")),
    "categories list": (f"{_HERE}.lists:categories", N_("List the product categories.")),
    "units list": (f"{_HERE}.lists:units", N_("List the units of measurement.")),
    "products list": (f"{_HERE}.products:products", N_("List the products.")),
    "products import": (
        f"{_HERE}.products:import_",
        N_("Import products from a price list: CSV, XLSX, XLS, ODS, JSONL or YML."),
    ),
    "products export": (
        f"{_HERE}.products:export",
        N_("Write the service's catalogue as a price list, which import reads back unchanged."),
    ),
    "products stock": (
        f"{_HERE}.products:stock",
        N_("Set the stock cards of a shop to the counts of a price list or stock report, or undo that."),
    ),
    "plan prices": (
        f"{_HERE}.plans:prices",
        N_("Plan new prices from a price list, into a file to be approved; nothing is changed."),
    ),
    "plan stock": (
        f"{_HERE}.plans:stock",
        N_("Plan new counts of a shop's stock cards, into a file to be approved; nothing is changed."),
    ),
    "plan catalog": (
        f"{_HERE}.plans:catalog",
        N_("Plan new titles, categories, codes, taxes and units, into a file to be approved; nothing is changed."),
    ),
    "apply": (f"{_HERE}.plans:apply", N_("Apply a plan, once, after its code is given.")),
    "undo": (
        f"{_HERE}.plans:undo",
        N_("Set products and cards back to what they had before a plan was applied, once the code for it is given."),
    ),
    "receipts sync": (
        f"{_HERE}.receipts:sync",
        N_("Sync receipts into the store, with the shops, terminals, employees, shifts and products they refer to."),
    ),
    "receipts verify": (
        f"{_HERE}.verify:verify",
        N_("Compare the receipts of the store with those of the service by id, time of change and total."),
    ),
    "receipts push": (
        f"{_HERE}.receipts:push",
        N_("Push receipts that were made elsewhere into the service, each exactly once."),
    ),
    "receipts watch": (
        f"{_HERE}.receipts:watch",
        N_("Print receipts as they are created, changed and deleted, until Ctrl-C."),
    ),
    "receipts export": (
        f"{_HERE}.receipts:export",
        N_("Export tables and views of the store to files, one for each month."),
    ),
    "watch": (
        f"{_HERE}.relay:watch",
        N_("Send what happens at the tills to an address of your own or to Telegram, until Ctrl-C."),
    ),
    "relay dead": (f"{_HERE}.relay:dead", N_("List the messages of watch that were given up.")),
    "relay resend": (f"{_HERE}.relay:resend", N_("Send messages once more that were given up.")),
    "relay token": (f"{_HERE}.relay:token", N_("Store the token of a Telegram bot for watch.")),
    "reports z": (f"{_HERE}.reports:z", N_("Sync Z-reports into the store, and show them.")),
    "reports sales": (
        f"{_HERE}.reports:sales",
        N_("Sync product sales into the store, and show the best sellers."),
    ),
    "reports reconcile": (
        f"{_HERE}.reports:reconcile",
        N_("Compare receipts, payments, Z-reports and product sales of the store, shift by shift."),
    ),
    "reports compliance": (
        f"{_HERE}.reports:compliance",
        N_("Check the store for breaches of the fiscal rules, and for those that are imminent."),
    ),
    "reports html": (
        f"{_HERE}.reports:html",
        N_("Write sales, reconciliation and compliance findings of the store as one page for a browser."),
    ),
    "reports month": (
        f"{_HERE}.reports:month",
        N_("Write a month of the store as a workbook for accountants, or its tables as files."),
    ),
    "fleet init": (
        f"{_HERE}.fleet:init",
        N_("Create the fleet's tables in the store's database, or bring them up to date, and make a master key."),
    ),
    "fleet add": (
        f"{_HERE}.fleet:add",
        N_("Add an account to the fleet, or replace its settings and credentials."),
    ),
    "fleet import": (
        f"{_HERE}.fleet:import_",
        N_("Add accounts from a CSV file with the columns name, api_key, phone_number and password."),
    ),
    "fleet list": (
        f"{_HERE}.fleet:list_",
        N_("List the accounts of the fleet."),
    ),
    "fleet show": (
        f"{_HERE}.fleet:show",
        N_("Show an account: its state, what is scheduled, and its last runs."),
    ),
    "fleet pause": (
        f"{_HERE}.fleet:pause",
        N_("Pause an account: nothing is begun for it, and what runs can store nothing more."),
    ),
    "fleet resume": (
        f"{_HERE}.fleet:resume",
        N_("Let a paused account go on."),
    ),
    "fleet retry": (
        f"{_HERE}.fleet:retry",
        N_("Let an account go on at once: its failures are forgotten, and what failed is due now."),
    ),
    "fleet remove": (
        f"{_HERE}.fleet:remove",
        N_("Remove an account with its credentials, tokens, schedule and runs."),
    ),
    "fleet run": (
        f"{_HERE}.fleet:run_",
        N_("Make a task of an account due now; a worker carries it out."),
    ),
    "fleet backfill": (
        f"{_HERE}.fleet:backfill",
        N_("Read months of the past, the newest first, behind all other work."),
    ),
    "fleet worker": (
        f"{_HERE}.fleet:worker",
        N_("Work for the fleet until a signal: take due tasks from the queues and carry them out."),
    ),
    "fleet status": (
        f"{_HERE}.fleet:status",
        N_("Show how the fleet is: lag, what is due, throughput, paused accounts, queues and workers."),
    ),
    "fleet rotate-key": (
        f"{_HERE}.fleet:rotate_key",
        N_("Encrypt the secrets of all accounts with the first master key."),
    ),
    "fleet demo": (
        f"{_HERE}.fleet_demo:demo",
        N_("Run a fleet on this machine, kill one of its workers, and compare every store with the sandbox."),
    ),
    "mcp": (
        f"{_HERE}.mcp:mcp",
        N_(
            "Serve the store to agents by MCP: sales, receipts, checks, stock; changes as far as you allow and approve."
        ),
    ),
    "call": (f"{_HERE}.call:call", N_("Call any operation of the API, JSON in and JSON out.")),
    "sandbox": (f"{_HERE}.sandbox:sandbox", N_("Serve the SmartKasa API on this machine, with a simulated business.")),
    "completion": (f"{_HERE}.completion:completion", N_("Print the completion script of a shell.")),
}
"""Commands by the words that call them: import path, and the first sentence of the function's docstring.

A new command is a line here and a function there: keyword-only options with type hints, positional ones before them,
`run: ThisRun` last, async or not, giving an `Exit` or None; its docstring is its help.
"""

GLOBAL_OPTIONS: tuple[tuple[str, str], ...] = (
    ("--config FILE", N_("Configuration file; else ./smartkasa.toml, then the one in the user's folder.")),
    ("--profile NAME", N_("Profile of the configuration file and of the stored credentials.")),
    ("--base-url URL", N_("Address of the service.")),
    ("--store ADDRESS", N_("Database of synced receipts: a file, or a SQLAlchemy URL.")),
    ("--set NAME=VALUE", N_("Any setting of the configuration file; may be repeated.")),
    ("--lang uk|en", N_("Language of messages.")),
    ("--json", N_("Results as JSON: a document, or a line for each record of a list.")),
    ("--quiet, -q", N_("No notes and no progress.")),
    ("--help, -h", N_("Show this help.")),
    ("--version", N_("Show the version.")),
)
"""Options of every command, before its name or after it."""


TAKES_VALUE = {
    name: "," not in names and " " in names
    for names, _text in GLOBAL_OPTIONS
    for name in names.replace(",", "").split()
    if name.startswith("-")
}
"""The options of every command, and whether they take a value."""


def find_command(words: list[str]) -> str:
    """Find the command or the group that words call.

    Returns:
        Words of a command or of a group; empty for neither.
    """
    path = ""
    for word in words:
        longer = f"{path} {word}".strip()
        if longer in COMMANDS or commands_below(longer):
            path = longer
        elif path in COMMANDS:
            break
    return path


def commands_below(group: str) -> list[str]:
    """List the commands of a group, all for an empty one."""
    return [path for path in COMMANDS if not group or path.startswith(f"{group} ")]


def build_app() -> App:
    """Make the tree of commands, each by its import path."""
    from cyclopts import App, Parameter  # noqa: PLC0415  (the overview needs no parser)

    from smartkasa_async.cli.numbers import check_numbers  # noqa: PLC0415  (likewise)

    app = App(
        name="smartkasa",
        help_format="plaintext",
        version_flags=(),
        default_parameter=Parameter(negative=(), negative_iterable=()),
        config=(check_numbers,),
        result_action="return_value",
    )
    groups = {"": app}
    for path, (target, text) in COMMANDS.items():
        group, _space, name = path.rpartition(" ")
        if group not in groups:
            groups[group] = App(name=group, version_flags=())
            app.command(groups[group])
        groups[group].command(target, name=name, help=_(text))
    return app
