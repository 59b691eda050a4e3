"""Dagster's partitions: one for each customer, whose key ``customers`` explains."""

import dagster as dg

customers = dg.DynamicPartitionsDefinition(name="customers")
