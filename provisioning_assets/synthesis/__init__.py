"""Data model -> synthetic tables."""
