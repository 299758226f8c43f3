"""Thousands of merchants on many machines: procrastinate's queue on PostgreSQL, and the library's own doors.

Needs the extra `smartkasa-async[fleet]`. A fleet lives in the store's database, in a schema of its own. Workers
(`worker`) take jobs from the queue (`queue`) and carry them out (`runs`, `tasks`); once a minute one of them fills
the queue from the schedule (`dispatch`). Rules that decide are pure: `timing`, `room`, `breaker`, `verdicts`.
"""
