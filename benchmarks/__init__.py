"""Measures what the project promises: ``make bench``. Ratios and medians, each measurement in a process of its own."""
