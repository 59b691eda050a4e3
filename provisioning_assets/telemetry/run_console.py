"""The logger of runs: what stages say through Dagster becomes log lines of the project."""

import logging

import dagster as dg

from provisioning_assets.telemetry.log_lines import dagster_console


@dg.logger(
    description="Writes what stages say as log lines of the project (PROVISIONING_LOG_FORMAT, PROVISIONING_LOG_LEVEL).",
    # What Dagster's own console logger takes, so that a run's configuration fits both. The level is that of the settings.
    config_schema={
        "log_level": dg.Field(str, is_required=False, default_value="INFO"),
        "name": dg.Field(str, is_required=False, default_value="dagster"),
    },
)
def run_console(_context: dg.InitLoggerContext) -> logging.Logger:
    """Return the logger."""
    return dagster_console()
