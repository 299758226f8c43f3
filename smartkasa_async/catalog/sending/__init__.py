"""From checked products to the service: what each needs, sent in batches, and settled where an answer was lost.

`catalog.pipeline` puts them together; nothing is re-exported.
"""

from __future__ import annotations

__all__: list[str] = []
