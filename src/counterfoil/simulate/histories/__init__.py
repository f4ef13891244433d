"""Invented histories: scenes that alter code, become commits, and leave the logs of their sessions."""
