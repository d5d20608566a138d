"""What people do in Slack, each kind of it in a file of its own."""
