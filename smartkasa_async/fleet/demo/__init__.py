"""`smartkasa fleet demo`: a fleet on this machine that needs nothing, one of whose workers is killed.

`running` says how it goes, `postgresql` runs the database, `workers` the processes, `comparison` compares each store
with its merchant.
"""

from __future__ import annotations

from smartkasa_async.fleet.demo.running import DemoOptions, run_demo

__all__ = ["DemoOptions", "run_demo"]
