"""Systems whose tools can be called: MCP servers over stdio and streamable HTTP, and their schemas."""
