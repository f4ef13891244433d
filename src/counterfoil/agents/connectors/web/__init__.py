"""The web: one page fetched, and nothing sent but its address."""
