"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# A law is about results; how long an example takes depends on the machine.
settings.register_profile("default", deadline=None)
settings.load_profile("default")
