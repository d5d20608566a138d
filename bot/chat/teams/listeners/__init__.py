"""What people do in Teams, each kind of it in a file of its own."""
