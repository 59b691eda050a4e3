"""GoogleSQL: parsing, linting, and its translation into DuckDB's SQL."""
