"""Agents of employees: what they may touch is granted, recorded first, and followed to its outcome."""
