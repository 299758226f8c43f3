"""Receipts, Z-reports, product sales and reference data of SmartKasa, points of sale in Ukraine.

Made by `python -m codegen`; do not edit it.
"""

from smartkasa_async.dlt_source import smartkasa

__all__ = ["smartkasa"]
