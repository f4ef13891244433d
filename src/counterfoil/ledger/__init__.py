"""The tamper-evident log: who read what, and which rules held; anybody concerned can verify it."""
