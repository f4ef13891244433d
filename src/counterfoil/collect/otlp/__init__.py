"""Reads OpenTelemetry as agents and instrumented programs export it, over OTLP 1.9."""
