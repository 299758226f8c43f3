"""A month of a store for accountants: one workbook of nine sheets, or the same tables as files.

Reconciliation, compliance and margins are those of the other reports; nothing is judged twice. `forms` says what each
sheet has, `queries` read the sums, `tables` and `taxes` make typed rows of them, `workbook` and `files` write these.
"""

__all__: list[str] = []
