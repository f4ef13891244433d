"""An MCP server in front of MCP servers, so that any agent with MCP gets the same posture."""
