"""Running a command: what it is given, how its line is parsed, and how it ends."""

import asyncio
import inspect
import logging
import re
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from cyclopts import App, CycloptsError, Parameter

from smartkasa_async._i18n.message import arguments_named
from smartkasa_async._support import event_loops
from smartkasa_async.cli.command_table import TAKES_VALUE, build_app
from smartkasa_async.cli.configuration import Configuration, read_configuration, unknown_variables
from smartkasa_async.cli.errors import CommandError, Exit, cli_error_of, option_of, usage_error
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.output import Output
from smartkasa_async.cli.streams import wrapped
from smartkasa_async.errors import PageSizeClampedWarning

if TYPE_CHECKING:
    StoreAddress = str
else:  # a text, for which shells offer files
    StoreAddress = str | Path


@dataclass
class Run:
    """One run of a command.

    Attributes:
        output: Where results, notes and progress go.
        flags: Settings from the command line, by name.
        profile: Value of `--profile`.
        file: Value of `--config`.
        resume: Advice on how to continue after Ctrl-C, in the user's language; set it before long work. None: to run
            the same command again.
    """

    output: Output
    flags: dict[str, str] = field(default_factory=dict)
    profile: str | None = None
    file: str | None = None
    resume: str | None = None

    @cached_property
    def settings(self) -> Configuration:
        """The settings, read when they are first asked for.

        Raises:
            CommandError: A setting is unknown or wrong.
        """
        for variable, meant in unknown_variables():
            text = _(
                "Note: {variable} is set, and nothing reads it. Did you mean {meant}?", variable=variable, meant=meant
            )
            self.output.note(text)
        return read_configuration(self.flags, profile=self.profile, file=self.file)

    def late_write_window(self, given: float | None) -> float:
        """Return the seconds of `--late-write-window`; the setting where it is not given."""
        return self.settings.late_write_window if given is None else given


ThisRun = Annotated[Run, Parameter(parse=False)]
"""Type of the argument `run`, the last of every command; it is no option."""


def run_tokens(arguments: list[str]) -> int:
    """Run one command line.

    Args:
        arguments: The words after the program's name.

    Returns:
        The exit status.
    """
    output = Output(json="--json" in arguments)  # for what goes wrong before the options are read
    started = Launcher(build_app())
    app = _app_of_global_options(started.launch)
    with _warnings_as_notes(output), arguments_named(option_of):
        try:
            _refuse_empty_options(arguments)
            code: int = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
            sys.stdout.flush()
        except KeyboardInterrupt:
            threading.excepthook = _ignore  # a thread of the database may find that nobody waits for it
            warnings.simplefilter("ignore", RuntimeWarning)  # the command may not have taken its first step
            resume = started.run.resume if started.run is not None else None
            sys.stderr.write("\n" + _("Interrupted.") + "\n")
            advice = resume or _("To go on, run the same command again.")
            sys.stderr.write(wrapped(advice, sys.stderr) + "\n")
            return Exit.INTERRUPTED
        except CycloptsError as error:
            output.error(usage_error(error))
            return Exit.USAGE
        except Exception as error:
            cli_error = cli_error_of(error)
            if cli_error is None:
                raise  # also where nobody reads the output any more
            output.error(cli_error)
            return cli_error.exit
    return code


def _refuse_empty_options(arguments: list[str]) -> None:
    """Refuse an option of every command with an empty value, which Cyclopts would take for the command's own."""
    for word, following in pairwise([*arguments, "-"]):
        name, sign, value = word.partition("=")
        if word == "--":
            return
        if TAKES_VALUE.get(name) and not (value if sign else following):
            raise CommandError(_("{option} is empty; give it a value, or leave it out", option=name))


def _ignore(_arguments: object) -> None:
    """Ignore errors of threads that were interrupted."""


def _app_of_global_options(launch: Callable[..., int]) -> App:
    """Make a parser of the global options alone: one that knows the commands too reads their signatures once more.

    No command has an option of the same name.
    """
    return App(
        name="smartkasa",
        help_flags=(),
        version_flags=(),
        default_parameter=Parameter(negative=(), negative_iterable=()),
        default_command=launch,
        end_of_options_delimiter="",
        suppress_keyboard_interrupt=False,
    )


class Launcher:
    """Parses the command behind the global options, and runs it.

    Args:
        app: The tree of commands.

    Attributes:
        run: What the command was given, once the options are read.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self.run: Run | None = None

    def launch(
        self,
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        config: Path | None = None,
        profile: str | None = None,
        base_url: str | None = None,
        store: StoreAddress | None = None,
        set_: Annotated[list[str] | None, Parameter(name="--set")] = None,
        lang: Literal["uk", "en"] | None = None,
        json: bool = False,
        quiet: Annotated[bool, Parameter(name=["--quiet", "-q"])] = False,
    ) -> int:
        """Run a command under the global options."""
        flags = {"base_url": base_url, "store": store, "lang": lang}
        given = {name: value for name, value in flags.items() if value is not None}
        for pair in set_ or []:
            name, _sign, value = pair.partition("=")
            if not value:
                name = re.split(r"\W", pair, maxsplit=1)[0]  # what follows may be a secret
                raise CommandError(_("--set {name} has no value; write --set NAME=VALUE", name=name))
            given[name.replace("-", "_")] = value
        self.run = Run(Output(json=json, quiet=quiet), given, profile, None if config is None else str(config))
        command, bound, ours = self._app.parse_args(list(tokens), exit_on_error=False, print_error=False)
        result = command(*bound.args, **bound.kwargs, **dict.fromkeys(ours, self.run))
        if inspect.iscoroutine(result):
            result = _run_to_end(result)
        return int(result or Exit.DONE)


def _run_to_end(work: Coroutine[Any, Any, int | None]) -> int | None:
    """Run a command to its end; SIGTERM cancels it as Ctrl-C does."""
    # SQLAlchemy would log each connection whose closing is cut off, on standard error where no log is set up.
    logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())
    if threading.current_thread() is not threading.main_thread():
        return event_loops.run(work)
    before = signal.getsignal(signal.SIGTERM)
    try:
        return event_loops.run(_until_terminated(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGTERM, before)


async def _until_terminated(work: Coroutine[Any, Any, int | None]) -> int | None:
    """Cancel the work on SIGTERM, also where SIGINT is ignored, as in the background of a shell script."""
    loop, task = asyncio.get_running_loop(), cast("asyncio.Task[Any]", asyncio.current_task())
    signal.signal(signal.SIGTERM, lambda *_received: loop.call_soon_threadsafe(task.cancel))
    return await work


@contextmanager
def _warnings_as_notes(output: Output) -> Iterator[None]:
    """Print the library's warnings as notes, without their location in the code."""

    def show_as_note(message: Warning | str, category: type[Warning], *_location: object) -> None:
        if issubclass(category, PageSizeClampedWarning):
            output.note(_("Note: {message}", message=message.args[0] if isinstance(message, Warning) else message))
        else:
            shown(message, category, *_location)  # type: ignore[arg-type]

    with warnings.catch_warnings():
        shown, warnings.showwarning = warnings.showwarning, show_as_note  # type: ignore[assignment]
        warnings.filterwarnings("once", category=PageSizeClampedWarning)
        yield
