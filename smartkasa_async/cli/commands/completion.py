"""Completion in the shell."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

from smartkasa_async.cli.command_table import COMMANDS, GLOBAL_OPTIONS, build_app
from smartkasa_async.cli.messages import Help, _, help_of
from smartkasa_async.cli.running import Launcher, ThisRun

# The script defines a function only. zsh runs the file itself where it finds it in $fpath, and whoever sources it has
# to register the function.
_ZSH_ENDING = """
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _smartkasa "$@"
else
  compdef _smartkasa smartkasa
fi
"""


# The library's own line breaks names of files at their spaces.
_BASH_FILES = 'COMPREPLY=( $(compgen -f -- "${cur}") )'
_BASH_FILES_BY_LINE = (
    'COMPREPLY=(); while IFS= read -r _x; do COMPREPLY+=("$_x"); done < <(compgen -f -- "${cur}")'
    "; compopt -o filenames 2>/dev/null"
)


def completion(shell: Literal["bash", "zsh", "fish"], /, *, run: ThisRun) -> None:  # noqa: ARG001  (like all commands)
    """Print the completion script of a shell.

    For bash: smartkasa completion bash > ~/.local/share/bash-completion/completions/smartkasa. For zsh: write it as
    _smartkasa into a folder of $fpath. For fish: ~/.config/fish/completions/smartkasa.fish.

    Args:
        shell: The shell.
    """
    app = build_app()
    app.meta.default_parameter = app.default_parameter
    app.meta.default(Launcher(app).launch)
    with ExitStack() as stack:
        stack.enter_context(_documented(Launcher.launch, _global_help()))
        for path in COMMANDS:
            command: Any = app
            for word in path.split():
                command = command[word]
            function = command.default_command
            stack.enter_context(_documented(function, help_of(function.__doc__)))
        sys.stdout.write(_ours(app.generate_completion(shell=shell), shell))


def _ours(script: str, shell: str) -> str:
    """Translate the description of `--help`, and fix what shells stumble over."""
    script = script.replace("Display this message and exit.", _("Show this help."))
    if shell == "bash":
        script = script.replace(_BASH_FILES, _BASH_FILES_BY_LINE)
    if shell == "zsh":
        script = script.replace("_cyclopts_smartkasa", "_smartkasa") + _ZSH_ENDING
    return script


@contextmanager
def _documented(function: Callable[..., object], found: Help) -> Iterator[None]:
    """Replace a function's docstring with the translated help, from which the script takes its descriptions."""
    before = function.__doc__
    arguments = [f"    {name}: {text}" for name, text in found.arguments.items()]
    function.__doc__ = "\n\n".join([*found.paragraphs, "\n".join(["Args:", *arguments])])
    try:
        yield
    finally:
        function.__doc__ = before


def _global_help() -> Help:
    found = Help("Run a command.")
    for names, text in GLOBAL_OPTIONS:
        name = names.split()[0].strip("-,").replace("-", "_")
        found.arguments[{"set": "set_"}.get(name, name)] = _(text)
    return found
