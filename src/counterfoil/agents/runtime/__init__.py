"""Runs of agents: pydantic-ai on a durable engine, every call through the gate."""
