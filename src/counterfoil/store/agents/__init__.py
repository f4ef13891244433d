"""The agents' own database: effects, approvals, rules, switches, money, secrets."""
