"""What generated code stands on: structs, operations, areas."""
