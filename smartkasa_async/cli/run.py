"""What a command is given: the settings, the output, and what to say when it is interrupted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from smartkasa_async.cli.configuration import Configuration, read_configuration, strange_variables
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from smartkasa_async.cli.output import Output


@dataclass
class Run:
    """One run of a command.

    Attributes:
        output: Where results, notes and progress go.
        flags: Settings from the command line, by name.
        profile: What `--profile` says.
        file: What `--config` says.
        resume: What to say on Ctrl-C about going on, in the user's language; set it before long work. None says that
            the same command may be run again.
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
        for variable, meant in strange_variables():
            text = _(
                "Note: {variable} is set, and nothing reads it. Did you mean {meant}?", variable=variable, meant=meant
            )
            self.output.note(text)
        return read_configuration(self.flags, profile=self.profile, file=self.file)


ThisRun = Annotated[Run, Parameter(parse=False)]
"""Type of the argument `run`, the last and keyword-only one of every command; the command line does not show it."""
