"""A demo company, Acme: its people, and a real MCP server of its IT tools."""
