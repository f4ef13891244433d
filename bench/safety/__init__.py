"""Attacks on agents replayed with no model: `python -m bench.safety`, told in docs/agent-safety.md."""
