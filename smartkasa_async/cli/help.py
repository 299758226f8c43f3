"""Help pages, as plain text that fits the terminal.

The overview is made from the table of commands alone, so that it answers at once; only the page of one command imports
that command.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from smartkasa_async._i18n.message import N_
from smartkasa_async.cli.command_table import COMMANDS, GLOBAL_OPTIONS, build_app, commands_below
from smartkasa_async.cli.messages import _, help_of
from smartkasa_async.cli.streams import terminal_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts import Argument

_WIDEST = 100
_NARROWEST = 40

_WORDS = (
    *(N_("ADDRESS"), N_("BODY"), N_("COMMAND"), N_("DATE"), N_("DAY"), N_("EVENTS"), N_("FIELD"), N_("FILE")),
    *(N_("FOLDER"), N_("HEADER"), N_("KIND"), N_("MONTH"), N_("NAME"), N_("NUMBER"), N_("OPERATION"), N_("OPTIONS")),
    *(N_("SHELL"), N_("TEXT"), N_("VALUE")),
)
"""Words that stand for values, named here so that they get translations; ID, URL and JSON are the same everywhere."""


def print_help(path: str) -> None:
    """Print the help of a command, of a group, or of all.

    Args:
        path: Words of a command or of a group; empty for all.
    """
    page = _Page()
    if path in COMMANDS:
        _command(page, path)
    else:
        below = commands_below(path)
        page.usage(f"smartkasa {path} COMMAND".replace("  ", " "))
        if not path:
            page.paragraph(_("All that smartkasa-async does, for people and for cron."))
        page.section(_("Commands"), [(name, _(COMMANDS[name][1])) for name in below])
        _options_of_all(page, short=bool(path))
    sys.stdout.write(page.text)


class _Page:
    """A page of text, wrapped to the terminal's width."""

    def __init__(self) -> None:
        self.text = ""
        self._width = max(_NARROWEST, min(_WIDEST, terminal_columns()))
        is_coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._bold = "\x1b[1m{}\x1b[0m" if is_coloured and os.name == "posix" else "{}"

    def usage(self, line: str) -> None:
        lead = _("Usage:")
        text = textwrap.fill(f"{lead} {_translated(line)}", self._width, subsequent_indent="  ", break_on_hyphens=False)
        self.text += self._bold.format(lead) + text.removeprefix(lead) + "\n\n"

    def paragraph(self, text: str) -> None:
        self.text += textwrap.fill(text, self._width, break_on_hyphens=False) + "\n\n"

    def section(self, heading: str, rows: Sequence[tuple[str, str]]) -> None:
        rows = [(_translated(name), text) for name, text in rows]
        widest = min(max(len(name) for name, _text in rows), self._width // 3)
        self.text += self._bold.format(f"{heading}:") + "\n"
        for name, text in rows:
            lines = textwrap.wrap(text, self._width - widest - 4, break_on_hyphens=False) or [""]
            if len(name) > widest:
                self.text += _broken(name, self._width) + "\n"
                name = ""  # noqa: PLW2901  (a long name has a line of its own)
            for line in lines:
                self.text += f"  {name:<{widest}}  {line}".rstrip() + "\n"
                name = ""  # noqa: PLW2901  (only the first line has it)
        self.text += "\n"


def _command(page: _Page, path: str) -> None:
    root: Any = build_app()
    app = root
    for word in path.split():
        app = app[word]
    collected = app.assemble_argument_collection(default_parameter=root.default_parameter)
    arguments = [each for each in collected if each.parse and each.show]
    found = help_of(app.default_command.__doc__)
    positional = [each for each in arguments if not each.names[0].startswith("-") or _is_positional(each)]
    options = [each for each in arguments if each not in positional]
    words = " ".join(_placeholder(each) for each in positional)
    page.usage(" ".join(["smartkasa", path, *([words] if words else []), *(["[OPTIONS]"] if options else [])]))
    for text in found.paragraphs:
        page.paragraph(text)
    for heading, rows in ((_("Arguments"), positional), (_("Options"), options)):
        if rows:
            page.section(heading, [(_label(each, heading), _text_of(each, found.arguments)) for each in rows])
    _options_of_all(page, short=True)


def _options_of_all(page: _Page, *, short: bool) -> None:
    if short:
        page.paragraph(_("Options of every command: smartkasa --help"))
    else:
        page.section(_("Options of every command"), [(name, _(text)) for name, text in GLOBAL_OPTIONS])


def _is_positional(argument: Argument) -> bool:
    return argument.field_info.kind is not argument.field_info.KEYWORD_ONLY


def _placeholder(argument: Argument) -> str:
    name = argument.field_info.name.upper()
    shown = f"{name}…" if argument.field_info.kind is argument.field_info.VAR_POSITIONAL else name
    return shown if argument.required else f"[{shown}]"


def _label(argument: Argument, heading: str) -> str:
    if heading == _("Arguments"):
        return str(argument.field_info.name).upper()
    names = ", ".join(argument.names)
    if argument.hint is bool:
        return names
    choices = argument.get_choices()
    return f"{names} {'|'.join(choices) if choices else _metavar(argument)}"


def _metavar(argument: Argument) -> str:
    if argument.parameter.metavar:
        return str(argument.parameter.metavar)
    kinds = {"int": "NUMBER", "float": "NUMBER", "Decimal": "NUMBER", "date": "DATE", "Path": "FILE"}
    return next((word for kind, word in kinds.items() if kind in str(argument.hint)), "TEXT")


def _text_of(argument: Argument, found: dict[str, str]) -> str:
    text = found.get(argument.field_info.name) or _(argument.parameter.help or "")
    default = argument.field_info.default
    if argument.required and not _is_positional(argument):
        return f"{text} [{_('required')}]"
    if default in (None, argument.field_info.empty) or default is False:
        return text
    return f"{text} [{default}]"


def _broken(name: str, width: int) -> str:
    """Break an option with its values between these where it is wider than a line."""
    lines = textwrap.wrap(
        name.replace("|", "| "), width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )
    return "\n".join(lines).replace("| ", "|")


def _translated(text: str) -> str:
    """Translate the placeholders in capitals; the rest of a usage line or an option stays as it is."""
    return re.sub(r"[A-Z]{3,}", lambda word: _(word[0]), text)
