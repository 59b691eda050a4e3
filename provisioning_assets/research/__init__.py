"""Reads a customer's website and makes a customer profile from its pages."""
