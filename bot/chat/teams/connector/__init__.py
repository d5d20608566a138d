"""The way out to the Bot Connector, and the only home of Microsoft's SDK."""
