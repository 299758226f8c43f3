"""The rules that the tax law sets for registrars, checked over what was synced.

`check` reads the facts of a store by `queries`; `rules` are pure functions over these `facts`, and give `findings`.
"""

__all__: list[str] = []
