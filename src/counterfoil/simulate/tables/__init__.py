"""Writes an invented company down as the tables that a real one's systems would export."""
