"""Structs, operations and area methods.

Generated from openapi/ by `python -m codegen`; edit the YAML there, not this file.
"""
