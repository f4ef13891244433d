"""The MCP servers behind the gateway: how they are reached, and how little of them is believed."""
