"""Makes demos again with the day's date, the oldest first, within a budget."""
