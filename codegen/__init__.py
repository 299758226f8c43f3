"""From the hand-maintained OpenAPI files to one merged document and the generated Python.

Run as `python -m codegen`; `--check` fails when what is on disk is not what would be written.
"""
