"""What people can command from a chat: one file per command, and the table of them all."""
