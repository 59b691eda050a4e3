"""Log lines and spans."""
