"""Sources that are read: one folder each, `fetch` opens and `parse` is pure."""
