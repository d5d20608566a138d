"""Files that people write by hand: YAML read with its line numbers, and every problem in it at once."""
