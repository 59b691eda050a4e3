"""Turns a customer profile into a demo plan and a data model. Each industry is a YAML file in ``blueprints/``."""
