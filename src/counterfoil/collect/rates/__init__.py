"""Prices of tokens: a dated list, and a file of one's own rates before it."""
