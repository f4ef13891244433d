"""The agents' own database: effects, approvals, rules, switches, money, secrets."""

from counterfoil.store.agents import followed

__all__ = ["followed"]
