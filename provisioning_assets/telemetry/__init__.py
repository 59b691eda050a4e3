"""What an operator sees of runs and stages beside Dagster's pages: log lines, figures, and spans of OpenTelemetry."""
