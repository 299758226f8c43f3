"""Programs to read and to run; each works as `python -m examples.NAME`."""
