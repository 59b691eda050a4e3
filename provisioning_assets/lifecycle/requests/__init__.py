"""Requests for demos that arrive as files in the store: read, checked, and handed to Dagster by one sensor."""
