"""What people fill in: dialogs and forms as modals, and how they are read."""
