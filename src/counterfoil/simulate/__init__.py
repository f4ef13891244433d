"""Invented people, work and logs with planted answers, in real formats."""
