"""What admins want, worked out against what holds: each a function from the rulebook to edits."""
