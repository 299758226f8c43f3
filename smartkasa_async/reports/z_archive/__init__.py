"""An archive of Z-reports as files: each as JSON and as a page to print, indexes, and a seal that shows changes."""

__all__: list[str] = []
