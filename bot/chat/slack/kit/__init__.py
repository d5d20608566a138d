"""What Block Kit messages and modals are built from, and how much Slack takes."""
