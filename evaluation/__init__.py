"""Measurements of what the project claims, on inputs that no rule was made for. They are run by hand and print figures."""
