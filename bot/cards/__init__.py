"""What people see, written once, as plain data; each surface renders it in its own shapes."""
