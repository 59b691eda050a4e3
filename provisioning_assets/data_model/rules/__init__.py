"""All rules about a data model, by subject; ``model_rules`` calls them all."""
