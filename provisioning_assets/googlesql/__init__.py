"""GoogleSQL: parsing, linting, its translation into DuckDB's SQL, and running it read-only on a DuckDB file."""
