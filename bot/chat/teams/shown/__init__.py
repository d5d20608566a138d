"""What people see: cards, answers and plain words as Adaptive Cards."""
