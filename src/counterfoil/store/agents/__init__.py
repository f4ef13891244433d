"""The agents' own database: effects, approvals, rules, switches, money, secrets, runs, notes."""

from counterfoil.store.agents import run_tables

__all__ = ["run_tables"]
