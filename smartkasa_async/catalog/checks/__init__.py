"""From a row to a product to create, or to what is wrong with it: pure rules, a module for each subject.

`check` puts them together; nothing is re-exported.
"""

from __future__ import annotations

__all__: list[str] = []
