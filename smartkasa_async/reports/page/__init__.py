"""The report page: sales, reconciliation and compliance of a store as one HTML file that needs no network.

`writing` reads figures by `queries` into `time_buckets`, makes the `data` of the page of them and of what was found,
and writes the `document`: template, scripts and styles of `assets` around that data.
"""

__all__: list[str] = []
