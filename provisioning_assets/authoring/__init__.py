"""What the author of a blueprint works with: a new file, its check, and the format's schema. It composes the rooms."""
