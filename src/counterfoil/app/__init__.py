"""Wiring: commands that parse, call and hand to show."""
