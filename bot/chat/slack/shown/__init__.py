"""What people see: cards, answers, plain words and App Home as Block Kit."""
