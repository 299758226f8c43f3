"""Sending of checked products: each row is planned, sent in a batch, and resolved where its answer was lost.

`catalog.pipeline` puts the steps together; nothing is re-exported.
"""

from __future__ import annotations

__all__: list[str] = []
