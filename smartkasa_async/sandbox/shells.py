"""Lines that set environment variables, for the shells that people have."""

from __future__ import annotations

SHELLS = ("bash", "powershell", "cmd")


def setting_line(shell: str, name: str, value: str) -> str:
    """Write the line that sets a variable, whatever signs its value holds.

    Args:
        shell: One of `SHELLS`; `bash` stands for zsh and fish too.
        name: The variable.
        value: Its value.
    """
    match shell:
        case "powershell":
            quoted = value.replace("'", "''")
            return f"$env:{name} = '{quoted}'"
        case "cmd":
            return f'set "{name}={value}"'
        case _:
            quoted = value.replace("'", "'\\''")
            return f"export {name}='{quoted}'"
