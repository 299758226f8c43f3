"""The same work in other ways: by hand, and by other packages."""
