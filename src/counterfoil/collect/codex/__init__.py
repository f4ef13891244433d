"""Reads the rollouts of Codex: requests from its counters, written lines from its patches."""

from counterfoil.collect.codex.logs import Codex

__all__ = ["Codex"]
