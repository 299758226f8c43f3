"""The tools, each a thin question to a report, the store or the client."""

__all__: list[str] = []
