"""MCP servers that somebody else wrote: how they are reached, and how little of them is believed."""
