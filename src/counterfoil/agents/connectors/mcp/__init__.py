"""Any MCP server as a system for agents without code: what its tools do stands in a file of the operator."""
