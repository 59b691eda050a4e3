"""GoogleSQL: parse it, lint it, translate it into DuckDB's SQL, and run it read-only on a DuckDB file."""
