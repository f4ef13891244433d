"""Reads what an organisation's directory sends over SCIM 2.0; it keeps nothing and knows nobody.

Written against RFC 7643 and RFC 7644 (read 2026-11-23) and scim2-models 0.12.
"""
