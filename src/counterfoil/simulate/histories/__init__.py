"""Invented histories: scenes that alter invented code, become commits, and leave the logs of their sessions."""
