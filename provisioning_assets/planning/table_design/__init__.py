"""Turns a filled blueprint's tables into the data model's tables, and decides everything that an author left out."""
