"""Pages, tables and exports of what the guard released."""
