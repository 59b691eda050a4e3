"""Checks every blueprint over seeds, sizes and days: ``make sweep``."""
