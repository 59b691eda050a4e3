"""Reads a customer profile from the pages of a website."""
