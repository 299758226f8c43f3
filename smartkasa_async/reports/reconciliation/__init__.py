"""Receipts, payments, Z-reports and product sales compared shift by shift, to the kopeck.

`comparing` reads the `ledger` of each shop by `queries`, shift by shift, and checks receipts, shifts and registrars;
each cause becomes one of the `differences`, with all that it entails, in the `result`.
"""

__all__: list[str] = []
