"""What the command line calls the arguments of the library."""

from __future__ import annotations

_OTHERWISE = {
    "layout": "--column",
    "mapping": "--column",
    "shops": "--shop",
    "sync_stock": "smartkasa products stock --undo",
    "units": "--unit",
    "watch_receipts": "smartkasa receipts watch",
}


def option_of(name: str) -> str:
    """Name the option that stands for an argument of the library."""
    return _OTHERWISE.get(name) or f"--{name.replace('_', '-')}"
