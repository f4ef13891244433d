"""Telemetry on its way in: who sends, what is read of it, and that it is durable before the answer."""
