"""Checks of rows, as pure rules: a row becomes a product to create, or a list of problems.

`check` applies them; nothing is re-exported.
"""

from __future__ import annotations

__all__: list[str] = []
