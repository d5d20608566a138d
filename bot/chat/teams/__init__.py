"""Microsoft Teams: cards, messages and dialogs through the Bot Connector."""
