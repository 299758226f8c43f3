"""The commands, a module for each group: thin functions over the library, whose docstrings are their help.

What they use:

- `run: ThisRun`, the last and keyword-only argument of each: `run.settings`, `run.output`, and `run.resume`, the advice
  printed on Ctrl-C (`smartkasa_async.cli.running`);
- `opened_client(run.settings)` and `opened_store(run.settings)`, async context managers (`cli.access`);
- `run.output`: `table` and `translated` for people, `document` and `record` for JSON, `note` for remarks,
  `progress` (`cli.output`);
- `_`, `n_` for every text that a user sees (`cli.messages`);
- `CommandError` for what the user has to fix, `Exit` for how it ended; errors of the library need no handling
  (`cli.errors`).

A module here has no `from __future__ import annotations`, since the parser reads the types. What is slow to import, and
all of the library's optional parts, is imported inside the function.
"""

__all__: list[str] = []
