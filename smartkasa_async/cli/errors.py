"""Exit statuses, and errors as the command line prints them: messages, hints, names of options, likely meanings."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from smartkasa_async import errors as library
from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import N_, Argument, Message
from smartkasa_async.cli.command_table import TAKES_VALUE
from smartkasa_async.cli.messages import _, language, translated
from smartkasa_async.cli.streams import is_lost_output
from smartkasa_async.cli.suggestions import did_you_mean, hint_of, likely_commands, likely_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts import CycloptsError

    from smartkasa_async.catalog import Choice, Doubt


class Exit(IntEnum):
    """Exit statuses of `smartkasa`."""

    DONE = 0
    INCOMPLETE = 1
    """Some rows were rejected, differences were found, or not all of the work could be done."""
    USAGE = 2
    """The command line, the configuration or a file is wrong; nothing was sent."""
    UNREACHABLE = 3
    """The service or the database is temporarily unavailable; retry later."""
    FORBIDDEN = 4
    """The service or the database refuses the key, the credentials, or the user's permissions."""
    NOT_READ = 5
    """Nothing wrong was found, but some of the days were never read into the store."""
    INTERRUPTED = 130
    """Ctrl-C or a signal."""


class CommandError(Exception):
    """A command cannot continue.

    Args:
        message: What is wrong and where, in the user's language.
        hint: What to do.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class CliError:
    """An error as it is printed.

    Attributes:
        message: What is wrong, in the user's language; texts of the service stay as they are.
        hint: What to do; None if the message contains it.
        exit: The exit status.
        kind: The error's class, for machines.
    """

    message: str
    hint: str | None
    exit: Exit
    kind: str


def cli_error_of(error: BaseException) -> CliError | None:
    """Describe an error for the user.

    Args:
        error: The error that a command raised.

    Returns:
        Message, hint and exit status; None for a bug of the program itself.
    """
    if isinstance(error, BaseExceptionGroup):  # tasks that failed together: the first that can be described
        return next((known for each in error.exceptions if (known := cli_error_of(each)) is not None), None)
    if isinstance(error, CommandError):
        return CliError(error.message, error.hint, Exit.USAGE, "CommandError")
    if isinstance(error, library.SmartKasaError):
        return library_error(error)
    kind = type(error).__name__
    if isinstance(error, OSError) and error.filename is not None:
        message = _("{file} cannot be used: {reason}", file=error.filename, reason=reason_of(error))
        return CliError(message, None, Exit.USAGE, kind)
    if isinstance(error, OSError) and not is_lost_output(error):
        return CliError(str(translated(reason_of(error)) if error.strerror else error), None, Exit.USAGE, kind)
    return None


def library_error(error: library.SmartKasaError) -> CliError:
    """Describe an error of the library for the user."""
    if doubts := getattr(error, "doubts", ()):
        return _questions(doubts)
    lead, hint, exit_code = _rule_for(error)
    message = f"{_(lead)}: {translated(error)}" if lead else str(translated(error))
    return CliError(message, _(hint) if hint else None, exit_code, type(error).__name__)


def _questions(doubts: Sequence[Doubt]) -> CliError:
    """List the questions of the library, each with the options that answer it."""
    lines = [
        "\n".join([doubt.question(language()), *(f"  {options_of(choice)}  →  {choice}" for choice in doubt.choices)])
        for doubt in doubts
    ]
    message = _("The price list can be read in several ways, so nothing was sent; choose one:")
    return CliError("\n".join([message, *lines]), None, Exit.USAGE, "SourceDoubtfulError")


_Rule = tuple[tuple[type[library.SmartKasaError], ...], str, str | None, Exit]

_TRY_LATER = N_("Try later, or find out why: smartkasa doctor")

_NOT_PERMITTED = (
    N_("The service does not permit this"),
    N_("Check the key and the user: smartkasa doctor"),
    Exit.FORBIDDEN,
)

_RULES: tuple[_Rule, ...] = (
    ((library.ConfigurationError, library.InvalidRequestError), "", None, Exit.USAGE),
    ((library.TokenStoreError,), N_("The tokens cannot be stored"), None, Exit.USAGE),
    ((library.SessionError,), N_("There is no session"), N_("Log in: smartkasa login"), Exit.FORBIDDEN),
    (
        (library.RedirectRefusedError, library.CertificateError),
        N_("The address cannot be trusted"),
        N_("Check base_url: smartkasa doctor"),
        Exit.UNREACHABLE,
    ),
    (
        (library.ProxyRefusedError,),
        "",
        N_("Check the proxy: --set proxy=…, SMARTKASA_PROXY or HTTPS_PROXY; NO_PROXY names what needs none"),
        Exit.UNREACHABLE,
    ),
    ((library.NotConnectedError,), "", _TRY_LATER, Exit.UNREACHABLE),  # its own text names the missing connection
    ((library.TransportError,), N_("The service cannot be reached"), _TRY_LATER, Exit.UNREACHABLE),
    (
        (library.OutcomeUnknownError,),
        N_("It is not known whether this was done"),
        N_("Check whether it was done before you repeat it"),
        Exit.INCOMPLETE,
    ),
    (
        (library.RateLimitedError, library.ServerError),
        N_("The service cannot answer now"),
        N_("Try later"),
        Exit.UNREACHABLE,
    ),
    ((library.UnauthorizedError, library.ForbiddenError), *_NOT_PERMITTED),
    ((library.ApiError,), N_("The service refuses this"), None, Exit.INCOMPLETE),
    (
        (library.ClockSkewError,),
        "",
        N_("See: smartkasa doctor; if this machine's clock is right: --accept-clock-skew"),
        Exit.USAGE,
    ),
    (
        (library.UnreadableAnswerError, library.PaginationError),
        N_("The answer is not what it should be"),
        None,
        Exit.INCOMPLETE,
    ),
)
"""Lead, hint and exit status of the client's errors; subclasses before their bases."""

_LAYOUT = frozenset({"header_row", "mapping", "currency"})
"""Arguments that explain a price list which is not understood."""

_OPTIONS_OF_LAYOUT = N_(
    "Describe the price list with --header-row, --column FIELD=HEADER and other options: see --help"
)

_BAD_CREDENTIALS = (
    N_("The service does not accept the credentials"),
    N_("Check phone number and password: smartkasa login"),
    Exit.FORBIDDEN,
)

_DOUBTFUL_LOGIN = (N_("The login is refused"), N_("See: smartkasa doctor"), Exit.FORBIDDEN)


def _rule_for(error: library.SmartKasaError) -> tuple[str, str | None, Exit]:
    if isinstance(error, library.LoginRefusedError):
        if error.is_form_doubtful:
            return _DOUBTFUL_LOGIN
        is_about_credentials = isinstance(error.__cause__, library.ValidationError)
        return _BAD_CREDENTIALS if is_about_credentials else _NOT_PERMITTED
    for classes, lead, hint, exit_code in _RULES:
        if isinstance(error, classes):
            return lead, hint, exit_code
    for classes, hint, exit_code in _rules_of_parts():
        if isinstance(error, classes):
            is_fitting = hint != _OPTIONS_OF_LAYOUT or _names_layout(error.translatable)
            return "", hint if is_fitting else None, exit_code
    if isinstance(error.__cause__, library.SmartKasaError):  # a job that stopped: its cause has the reason
        return "", *_rule_for(error.__cause__)[1:]
    return "", None, Exit.INCOMPLETE


def _rules_of_parts() -> tuple[tuple[tuple[type[library.SmartKasaError], ...], str | None, Exit], ...]:
    """List the rules for errors of parts that few commands use, which are imported only for an error of a part."""
    from smartkasa_async.catalog import LinkError, SourceChangedError, SourceError  # noqa: PLC0415
    from smartkasa_async.fleet.errors import FleetDatabaseError, FleetError, FleetKeyError  # noqa: PLC0415
    from smartkasa_async.jobs import JobRunningError, JournalError  # noqa: PLC0415
    from smartkasa_async.plans import PlanError, PlanOutdatedError  # noqa: PLC0415
    from smartkasa_async.relay import RelayError  # noqa: PLC0415
    from smartkasa_async.stores import StoreError, StoreForbiddenError, StoreUnreachableError  # noqa: PLC0415
    from smartkasa_async.stores.errors import UnfitValueError  # noqa: PLC0415
    from smartkasa_async.sync import CheckpointError  # noqa: PLC0415

    return (
        ((SourceChangedError, UnfitValueError), None, Exit.INCOMPLETE),
        ((JobRunningError, JournalError, CheckpointError), None, Exit.USAGE),
        ((PlanOutdatedError,), None, Exit.INCOMPLETE),
        ((PlanError,), None, Exit.USAGE),
        ((LinkError,), None, Exit.UNREACHABLE),
        (
            (FleetDatabaseError,),
            N_("Check that the database is running and that --store is right"),
            Exit.UNREACHABLE,
        ),
        ((FleetKeyError,), None, Exit.FORBIDDEN),
        ((FleetError,), None, Exit.USAGE),
        ((RelayError,), None, Exit.USAGE),
        ((SourceError,), _OPTIONS_OF_LAYOUT, Exit.USAGE),
        (
            (StoreUnreachableError,),
            N_("Check that the database is running and that --store is right"),
            Exit.UNREACHABLE,
        ),
        (
            (StoreForbiddenError,),
            N_("Check the user and the password in --store, and the user's rights"),
            Exit.FORBIDDEN,
        ),
        ((StoreError,), None, Exit.USAGE),
    )


def _names_layout(text: object) -> bool:
    """Return whether a message names an argument of the layout."""
    if isinstance(text, Argument):
        return text.name in _LAYOUT
    return isinstance(text, Message) and any(map(_names_layout, text.values.values()))


def usage_error(error: CycloptsError) -> CliError:
    """Describe a command line that cannot be parsed."""
    import cyclopts  # noqa: PLC0415  (known to be there, since it raised the error)

    path = " ".join(error.command_chain or ())
    hint: str | None = _("See: {command}", command=" ".join(["smartkasa", *(error.command_chain or ()), "--help"]))
    match error:
        case cyclopts.UnknownCommandError():
            message, hint = _unknown_word(path, error.unused_tokens or [""], hint)
        case cyclopts.UnknownOptionError():
            option = (error.token.keyword or error.token.value).partition("=")[0]
            message = _("There is no option {option}", option=option)
            names = [name for each in error.argument_collection if each.parse for name in each.names]
            hint = hint_of(likely_options(option, [*names, *TAKES_VALUE, "--help"]), hint)
        case cyclopts.UnusedCliTokensError():
            message = _("Too many arguments: {words}", words=" ".join(error.unused_tokens or ()))
        case cyclopts.MissingArgumentError(argument=argument) if argument is not None:
            message = _("{name} is missing or has no value", name=_name(argument.names))
        case cyclopts.RepeatArgumentError():
            message = _("{name} is given twice", name=error.token.keyword or error.token.value)
        case cyclopts.CoercionError(token=token) if token is not None:
            name = token.keyword or (_name(error.argument.names) if error.argument is not None else "")
            message = _("{value} is not a value for {name}", value=repr(token.value), name=name)
            choices = error.argument.get_choices(force=True) if error.argument is not None else None
            if choices:
                hint = _("Give one of: {choices}", choices=", ".join(choices))
        case cyclopts.ValidationError(exception_message=reason) if reason:
            message = reason
        case _:
            message = str(error).strip()
    return CliError(message, hint, Exit.USAGE, type(error).__name__)


def _name(names: tuple[str, ...]) -> str:
    return names[0] if len(names) != 1 or names[0].startswith("-") else _(names[0].upper())


def _unknown_word(path: str, words: list[str], hint: str | None) -> tuple[str, str | None]:
    """Describe a word that is no command, and suggest likely ones."""
    word = words[0]
    if word.startswith("-"):
        option = word.partition("=")[0]
        meant = did_you_mean(option, [*TAKES_VALUE, "--help", "--version"])
        return _("There is no option {option}", option=option), hint_of(meant, hint)
    message = _("There is no command {word}", word=f"{path} {word}".strip())
    return message, hint_of(likely_commands(path, words), hint)


_OPTIONS = {
    "api_url": "--telegram-api",
    "events": "--event",
    "layout": "--column",
    "mapping": "--column",
    "minima": "--min-stock",
    "minimum_stock": "--min-stock",
    "secret": "--secret-file",
    "shop_id": "--shop",
    "shops": "--shop",
    "sync_stock": "smartkasa products stock --undo",
    "token": "smartkasa relay token",
    "units": "--unit",
    "url": "--to",
    "watch_receipts": "smartkasa receipts watch",
}


def option_of(name: str) -> str:
    """Return the option that stands for an argument of the library."""
    return _OPTIONS.get(name) or f"--{name.replace('_', '-')}"


def options_of(choice: Choice) -> str:
    """Write a choice as options of the command line."""
    from smartkasa_async.catalog.sources.fields import name_of_field  # noqa: PLC0415  (known to be there, since it asked)

    words: list[str] = []
    for name, value in choice.layout.items():
        if name == "mapping":
            for field, target in value.items():
                words += ["--column", f"{name_of_field(field, language())}={target}"]
        else:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join(words)
