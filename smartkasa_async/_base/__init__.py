"""Bases of generated code: structs, operations, areas."""
