"""What the library costs beside the same work by hand; run as `python -m benchmarks`."""
