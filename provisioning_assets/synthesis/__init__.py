"""Generates synthetic tables from a data model."""
