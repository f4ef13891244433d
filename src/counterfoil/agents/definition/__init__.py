"""Agents without code: what an owner writes of one, read and checked."""
