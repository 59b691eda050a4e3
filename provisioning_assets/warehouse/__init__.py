"""Synthetic tables -> the demo data set; DuckDB and BigQuery behind one small interface."""
