"""The organisation's directory: what it says stays with the keys, and what counts of it goes to the lake."""
